//! Pushes of ours, and those that others ask us for over HTTP.

use std::net::SocketAddr;

use filbert::base::limits::OWN_PUSH_PROXIES_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::push_proxy::Requested;
use filbert::gnutella::wire::{Datagram, Function, Guid, Push};
use filbert::node::{Command, Event, RolePolicy};

use crate::support::net::{Net, address};

fn push(net: &mut Net, at: usize, servent: Guid, proxies: Vec<SocketAddr>) -> usize {
    let request = net.places[at].events.len() as u64;
    net.command(at, Command::Push { request, servent, index: 5, proxies });
    let last = net.places[at].events.iter().rev().find_map(|event| match event {
        Event::PushSent { request: of, ways } if *of == request => Some(*ways),
        _ => None,
    });
    last.unwrap()
}

/// PUSH-17, PUSH-09: a push finds its way along the hits.
#[test]
fn a_servent_is_pushed_by_the_way_of_its_hits() {
    let mut net = Net::new();
    // Hits that come by UDP leave no way behind.
    let by_links = |net: &mut Net, role| {
        net.add_with(RolePolicy::Always(role), |config| {
            (config.dials, config.out_of_band) = (false, false);
        })
    };
    let chain = [(); 3].map(|()| by_links(&mut net, Role::Ultrapeer));
    let leaf = by_links(&mut net, Role::Leaf);
    net.share(leaf, &["winter.ogg"]);
    chain.windows(2).for_each(|pair| net.connect(pair[0], pair[1]));
    net.connect(leaf, chain[2]);
    net.run(40);
    let servent = net.places[leaf].node.guid();
    assert_eq!(push(&mut net, chain[0], servent, Vec::new()), 0, "nobody has heard of it");
    let search = net.search(chain[0], "winter");
    net.run(60);
    assert_eq!(net.hits(chain[0], search).len(), 1);
    assert_eq!(push(&mut net, chain[0], servent, Vec::new()), 1);
    net.run(1);
    let pushed = net.places[leaf].events.iter().find_map(|event| match event {
        Event::Pushed(push) => Some((**push).clone()),
        _ => None,
    });
    let Push { servent: of, index, address: ip, port, .. } = pushed.unwrap();
    assert_eq!((of, index), (servent, 5));
    assert_eq!(SocketAddr::new(ip.into(), port), address(chain[0]));
}

/// PUSH-17, PUSH-08
#[test]
fn push_proxies_are_sent_datagrams() {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    let proxies: Vec<SocketAddr> = (20..40).map(address).collect();
    assert_eq!(push(&mut net, at, Guid([8; 16]), proxies[..OWN_PUSH_PROXIES_MAX].to_vec()), 8);
    assert_eq!(push(&mut net, at, Guid([9; 16]), proxies), OWN_PUSH_PROXIES_MAX);
    let (to, bytes) = &net.places[at].lost[0];
    let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { panic!("a frame") };
    assert_eq!((*to, frame.function, frame.ttl), (address(20), Function::PUSH, 1));
    let unfit = ["10.0.0.1:6346", "9.9.9.9:80"].map(|at| at.parse().unwrap()).to_vec();
    assert_eq!(push(&mut net, at, Guid([7; 16]), unfit), 0);
}

/// PUSH-18
#[test]
fn a_proxy_pushes_a_leaf_for_whoever_asks_over_http() {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let leaf = net.add(Role::Leaf);
    net.places[leaf].is_reachable = false;
    net.connect(leaf, parent);
    net.run(300);
    let servent = net.places[leaf].node.guid();
    let asker: SocketAddr = "9.9.9.9:6346".parse().unwrap();
    let private: SocketAddr = "10.0.0.1:6346".parse().unwrap();
    for (from, servent, to, outcome, pushed) in [
        (asker, servent, asker, Requested::Passed, 1),
        (address(50), servent, asker, Requested::Unfit, 1),
        (asker, servent, SocketAddr::new(asker.ip(), 80), Requested::Unfit, 1),
        (private, servent, private, Requested::Unfit, 1),
        (asker, Guid([8; 16]), asker, Requested::Gone, 1),
        (asker, servent, asker, Requested::Passed, 2),
        (asker, servent, asker, Requested::Passed, 3),
        (asker, servent, asker, Requested::Passed, 4),
        (asker, servent, asker, Requested::TooMany, 4),
    ] {
        let from = from.ip();
        net.command(parent, Command::PushFor { request: 3, from, servent, to, index: 5 });
        let Some(Event::PushRequested { request: 3, outcome: told }) =
            net.places[parent].events.last()
        else {
            panic!("{:?}", net.places[parent].events.last());
        };
        assert_eq!((*told, net.received(leaf, Function::PUSH)), (outcome, pushed));
    }
    // The leaf itself calls once a minute (PUSH-12).
    assert_eq!(net.pushed(leaf), 1);
}
