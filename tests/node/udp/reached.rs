//! Whether a node says in its pongs that it can be called.

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Function, Pong};
use filbert::node::{Config, Direction, Input, LinkId, Node, RolePolicy};

use super::{frame, guid, send, sent};
use crate::support::net::{Net, address};

const NOWHERE: &str = "0.0.0.0:0";

/// The address in the pong that a stranger gets, another stranger each time.
fn told(net: &mut Net, at: usize, number: u8) -> String {
    let (before, from) = (net.places[at].lost.len(), ([9, number, 1, 1], 6346).into());
    let ping = frame(guid(u32::from(number)), Function::PING, 1, bytes::Bytes::new());
    send(net, at, from, &ping);
    let [(_, pong)] = &sent(net, at, before)[..] else { panic!("one pong") };
    let Pong { address, port, .. } = Pong::decode(&pong.payload).unwrap();
    format!("{address}:{port}")
}

/// VMSG-54, VMSG-58: the word of a user counts at once, and not against what was seen.
#[test]
fn whom_its_user_vouches_for_says_where_it_is_until_nobody_comes_through() {
    let mut net = Net::new();
    let role = RolePolicy::Always(Role::Ultrapeer);
    let plain = net.add_with(role, |config| config.dials = false);
    assert_eq!(told(&mut net, plain, 1), NOWHERE);
    let vouched =
        net.add_with(role, |config| (config.dials, config.is_vouched_for) = (false, true));
    assert_eq!(told(&mut net, vouched, 2), address(vouched).to_string());

    net.places[vouched].is_reachable = false;
    for _ in 0..3 {
        let helper = net.add(Role::Ultrapeer);
        net.connect(vouched, helper);
    }
    let tcp = |net: &Net| net.places[vouched].node.servent().reached_by().0;
    let minutes = (0..30).take_while(|_| {
        net.run(60);
        tcp(&net).is_none()
    });
    assert!(minutes.count() < 30, "those who were asked never failed");
    assert_eq!(tcp(&net), Some(false));
    assert_eq!(told(&mut net, vouched, 3), NOWHERE);
}

/// VMSG-54: a connection of the same machine shows nothing, unless the whole overlay is there.
#[test]
fn a_connection_from_inside_counts_in_a_laboratory_only() {
    for (allow_private, from, is_proof) in [
        (false, "127.0.0.1:40001", false),
        (false, "192.168.1.7:40001", false),
        (false, "9.9.9.9:40001", true),
        (true, "127.0.0.1:40001", true),
        (true, "192.168.1.7:40001", true),
    ] {
        let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
        (config.listen, config.allow_private) = (Some(address(1)), allow_private);
        let now = filbert::base::time::Time::ZERO;
        let mut node = Node::new(config, 1, now);
        let (link, direction) = (LinkId(1), Direction::Incoming);
        node.handle(Input::Connected { link, address: from.parse().unwrap(), direction }, now);
        let proven = node.servent().reached_by().0 == Some(true);
        assert_eq!(proven, is_proof, "{from}, {allow_private}");
    }
}
