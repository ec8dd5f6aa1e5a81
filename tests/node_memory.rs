//! What a node holds when it is idle, and with neighbours.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise")]

mod support;

use filbert::gnutella::link::Role;
use support::net::Net;

#[test]
fn sizes() {
    println!("node {}", size_of::<filbert::node::Node>());
    println!("servent {}", size_of::<filbert::gnutella::servent::Servent>());
    println!("promotion {}", size_of::<filbert::promotion::Promotion>());
    println!("slots {}", size_of::<filbert::promotion::slots::SlotPolicy>());
    println!("router {}", size_of::<filbert::gnutella::router::Router>());
    println!("pinging {}", size_of::<filbert::gnutella::pinging::Pinging>());
    println!("tables {}", size_of::<filbert::gnutella::query_routing::QueryTables>());
    println!("senders {}", size_of::<filbert::gnutella::query_routing::TableSenders>());
    println!("dq {}", size_of::<filbert::gnutella::dynamic_query::DynamicQueries>());
    println!("queues {}", size_of::<filbert::gnutella::flow::SendQueues>());
    println!("admission {}", size_of::<filbert::gnutella::flow::Admission>());
    println!("announced {}", size_of::<filbert::gnutella::announced::Announced>());
    println!("reach {}", size_of::<filbert::gnutella::connect_back::Reachability>());
    println!("neighbour {}", size_of::<filbert::gnutella::servent::Neighbour>());
    println!("hosts {}", size_of::<filbert::node::host_cache::HostCache>());
    let mut net = Net::new();
    net.add(Role::Leaf);
}
