//! What a node passes on for others: how much of it, and what it keeps meanwhile.

use std::sync::Arc;

use bytes::Bytes;
use filbert::base::limits::{
    COPIED_PAYLOAD_LEN_MAX, FORWARDED_BURST, FORWARDED_EVERY_MS, ROUTES_OF_LEAF_MAX,
};
use filbert::gnutella::link::Role;
use filbert::gnutella::push_proxy::Callback;
use filbert::gnutella::router::TtlRules;
use filbert::gnutella::servent::Mode;
use filbert::gnutella::wire::{Frame, Function, Guid};
use filbert::node::{Command, Input, Node, RolePolicy};

use crate::support::messages::{self, SERVENT, frame, guid, hit, query};
use crate::support::net::Net;

/// A hit with one result, whose name is so long.
fn hit_len(guid: Guid, name_len: usize) -> Frame {
    hit(guid, 1, &"w".repeat(name_len))
}

/// A push for this servent, that wants a connection to the host with this number.
fn push(guid: Guid, servent: Guid, host: u8) -> Frame {
    messages::push(guid, servent, [80, 1, host, 1].into())
}

/// A relay between the first and the second node, and somebody who floods it.
fn row(flood_mode: bool) -> (Net, [usize; 4]) {
    let mut net = Net::new();
    let nodes = [(); 4].map(|()| {
        net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
            config.dials = false;
            if flood_mode {
                (config.mode, config.ttl) = (Mode::Flood, TtlRules::FLOOD);
                config.work_per_second = u32::MAX;
            }
        })
    });
    let [asker, relay, far, flooder] = nodes;
    for neighbour in [asker, far, flooder] {
        net.connect(neighbour, relay);
    }
    net.run(60);
    (net, nodes)
}

/// TTL-23: the far one remembers all that the relay brings in the relay's name.
#[test]
fn a_flood_behind_a_relay_takes_no_answers_from_others() {
    let (mut net, [asker, relay, far, flooder]) = row(false);
    net.forge(asker, relay, query(guid(1), 4, "winter"));
    for number in 0..9_000 {
        net.forge(flooder, relay, query(guid(1_000 + number), 4, &format!("nothing{number}")));
        if number % 1_000 == 0 {
            net.run(1);
        }
    }
    let sustained = u32::try_from(9_000 / FORWARDED_EVERY_MS).unwrap() + 1;
    let passed_on = u32::try_from(net.received(far, Function::QUERY)).unwrap();
    assert!(
        (FORWARDED_BURST..=FORWARDED_BURST + sustained + 1).contains(&passed_on),
        "{passed_on}"
    );
    net.forge(far, relay, hit(guid(1), 1, "winter"));
    assert_eq!(net.received(asker, Function::QUERY_HIT), 1);
    // Others are served as before.
    net.forge(asker, relay, query(guid(2), 4, "summer"));
    assert_eq!(u32::try_from(net.received(far, Function::QUERY)).unwrap(), passed_on + 1);
}

/// DQ-20: what a neighbour has brought counts while it is there.
#[test]
fn a_neighbour_that_has_gone_leaves_its_share_to_others() {
    let (mut net, [asker, relay, far, other]) = row(false);
    net.forge(asker, relay, query(guid(1), 4, "winter"));
    let mut brought = |from| {
        let before = net.received(asker, Function::QUERY_HIT);
        for _ in 0..100 {
            net.forge(from, relay, hit(guid(1), 5, "winter"));
        }
        let carried = net.received(asker, Function::QUERY_HIT) - before;
        let link = net.link_between(relay, from).unwrap();
        net.command(relay, Command::Disconnect(link));
        net.run(1);
        carried
    };
    let [first, second] = [far, other].map(&mut brought);
    assert!((1..100).contains(&first) && first == second, "{first} {second}");
}

/// The laboratory wants to see what a flood does.
#[test]
fn a_flood_in_the_laboratory_goes_on_as_it_comes() {
    let (mut net, [_, relay, far, flooder]) = row(true);
    for number in 0..3_000 {
        net.forge(flooder, relay, query(guid(1_000 + number), 4, "nothing"));
    }
    net.run(1);
    assert_eq!(net.received(far, Function::QUERY), 3_000);
}

/// TTL-12: what comes again under the GUID of a query must be a query too.
#[test]
fn what_comes_again_is_looked_at_again() {
    let (mut net, [asker, relay, far, _]) = row(false);
    net.forge(asker, relay, query(guid(1), 3, "winter"));
    assert_eq!(net.received(far, Function::QUERY), 1);
    let broken = frame(guid(1), Function::QUERY, 4, Bytes::from_static(b"\0\0winter"));
    net.forge(asker, relay, broken);
    assert_eq!(net.received(far, Function::QUERY), 1);
}

/// PUSH-10, TTL-22: a leaf cannot make its ultrapeer forget what it has passed on.
#[test]
fn a_leaf_does_not_make_its_ultrapeer_repeat_pushes() {
    let mut net = Net::new();
    let [relay, target] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    net.connect(target, relay);
    net.connect(leaf, relay);
    net.run(60);
    net.forge(leaf, relay, query(guid(1), 1, "winter"));
    net.forge(target, relay, hit(guid(1), 1, "winter"));
    for _ in 0..2 {
        for number in 0..ROUTES_OF_LEAF_MAX + 50 {
            if net.link_between(relay, leaf).is_some() {
                net.forge(leaf, relay, push(guid(1_000 + number), SERVENT, 1));
            }
        }
        net.run(2);
    }
    let pushes = net.frames(target, Function::PUSH).into_iter();
    let mut guids: Vec<Guid> = pushes.map(|frame| frame.guid).collect();
    let pushes = guids.len();
    guids.sort_unstable();
    guids.dedup();
    assert!(pushes > 200, "{pushes}");
    assert_eq!(guids.len(), pushes, "each once");
}

/// PUSH-10, TTL-04: a push for ourselves is checked like any other.
#[test]
fn a_push_for_us_is_acted_upon_once() {
    let mut net = Net::new();
    let [target, one, other] = [(); 3].map(|()| net.add(Role::Ultrapeer));
    net.connect(one, target);
    net.connect(other, target);
    net.run(2);
    let own = net.places[target].node.guid();
    net.forge(one, target, push(guid(1), own, 1));
    // Another host, so that it is not for the host that it is called once only.
    net.forge(one, target, push(guid(1), own, 2));
    net.forge(other, target, push(guid(1), own, 3));
    net.forge(other, target, push(Guid::ZERO, own, 4));
    assert_eq!(net.pushed(target), 1);
    net.forge(other, target, push(guid(2), own, 5));
    assert_eq!(net.pushed(target), 2);
}

/// PUSH-12: the driver says where nobody was.
#[test]
fn a_host_that_was_not_there_is_not_called_for_five_minutes() {
    let mut net = Net::new();
    let [target, asker] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(asker, target);
    net.run(2);
    let own = net.places[target].node.guid();
    net.forge(asker, target, push(guid(1), own, 1));
    let address = "80.1.1.1:6346".parse().unwrap();
    net.hand_in(target, Input::CallbackEnded { address, how: Callback::Absent });
    let start = net.now;
    let mut called = Vec::new();
    for number in 2..12 {
        net.run(61);
        let before = net.pushed(target);
        net.forge(asker, target, push(guid(number), own, 1));
        if net.pushed(target) > before {
            called.push(net.now.since(start).as_secs());
        }
    }
    assert_eq!(called, [305, 366, 427, 488, 549, 610]);
}

/// PUSH-12: whoever brings many pushes leaves room for those that come another way.
#[test]
fn pushes_of_one_neighbour_leave_room_for_those_of_others() {
    let mut net = Net::new();
    let [target, liar, honest] = [(); 3].map(|()| net.add(Role::Ultrapeer));
    net.connect(liar, target);
    net.connect(honest, target);
    net.run(2);
    let own = net.places[target].node.guid();
    for number in 0..250 {
        net.forge(liar, target, push(guid(number), own, u8::try_from(number).unwrap()));
    }
    let before = net.pushed(target);
    net.forge(honest, target, push(guid(1_000), own, 251));
    assert_eq!(net.pushed(target), before + 1);
}

/// What is received, as one piece of memory.
struct Received(Vec<u8>, #[allow(dead_code, reason = "it is counted")] Arc<()>);

impl AsRef<[u8]> for Received {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Hands a message in whose payload is a part of something larger, and takes nothing out. Whether what
/// it came in is still kept.
fn keeps_it(net: &mut Net, from: usize, to: usize, mut frame: Frame) -> bool {
    let alive = Arc::new(());
    let received = Bytes::from_owner(Received(frame.payload.to_vec(), Arc::clone(&alive)));
    frame.payload = received;
    let link = net.link_between(to, from).unwrap();
    let node = &mut net.places[to].node;
    let what_waits = |node: &Node| -> usize {
        let waits = ["bytes that wait", "dynamic queries"];
        let holdings = node.holdings().filter(|holding| waits.contains(&holding.what));
        holdings.map(|holding| holding.count).sum()
    };
    let before = what_waits(node);
    node.handle(Input::Frame { link, frame }, net.now);
    while node.poll().is_some() {}
    assert!(what_waits(node) > before, "something waits");
    Arc::strong_count(&alive) > 1
}

/// What waits for a slow reader, and what a search takes with it, holds no memory but its own.
#[test]
fn small_messages_that_wait_do_not_hold_what_they_came_in() {
    let (mut net, [asker, relay, far, _]) = row(false);
    let own = net.places[relay].node.guid();
    assert!(!keeps_it(&mut net, asker, relay, query(guid(1), 4, "winter")));
    assert!(!keeps_it(&mut net, far, relay, hit(guid(1), 1, "winter")));
    let len = |name_len| hit_len(guid(1), name_len).payload.len();
    let longest = COPIED_PAYLOAD_LEN_MAX - len(0);
    for (name_len, is_kept) in [(longest, false), (longest + 1, true)] {
        // Each in a queue of its own, which would copy if it were long.
        let (mut net, [asker, relay, far, _]) = row(false);
        net.forge(asker, relay, query(guid(1), 4, "winter"));
        let hit = hit_len(guid(1), name_len);
        assert_eq!(keeps_it(&mut net, far, relay, hit), is_kept, "{name_len}");
    }
    assert!(!keeps_it(&mut net, asker, relay, push(guid(2), SERVENT, 1)));
    assert_ne!(own, SERVENT);
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, relay);
    net.run(2);
    assert!(!keeps_it(&mut net, leaf, relay, query(guid(3), 4, "summer")));
}
