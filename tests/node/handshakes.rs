//! What is asked once more when a link opens, and whose name a caller may bear.

use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Capabilities, Ending, Role};
use filbert::gnutella::wire::vendor::{Body, MessageId};
use filbert::gnutella::wire::{Function, Guid, Vendor};
use filbert::node::{Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy};

use crate::support::messages::{broken_table, push};
use crate::support::net::Net;

/// An ultrapeer that calls nobody.
fn ultrapeer() -> Node {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.dials = false;
    Node::new(config, 1, Time::ZERO)
}

fn hand_in(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

fn connect(node: &mut Node, link: u64, from: &str, direction: Direction, now: Time) {
    let (link, address) = (LinkId(link), from.parse().unwrap());
    let said = hand_in(node, Input::Connected { link, address, direction }, now);
    assert!(!said.iter().any(|one| matches!(one, Output::Close { .. })), "{said:?}");
}

/// Lets the handshake end: the code with which the link is closed, none where it opens.
fn open(node: &mut Node, link: u64, guid: Option<Guid>, now: Time) -> Option<u16> {
    let link = LinkId(link);
    let peer = Capabilities { guid, ..Capabilities::default() };
    let agreement =
        Agreement { vendor_messages: false, ..Agreement::plain(Role::Ultrapeer, Role::Leaf, peer) };
    let said = hand_in(node, Input::Opened { link, agreement: Box::new(agreement) }, now);
    let is_open = |one: &Output| matches!(one, Output::Event(Event::Opened { .. }));
    let code = said.iter().find_map(|one| match one {
        Output::Close { code, .. } => Some(*code),
        _ => None,
    });
    assert_ne!(code.is_some(), said.iter().any(is_open), "{said:?}");
    code
}

fn break_a_rule(node: &mut Node, link: u64, now: Time) -> bool {
    let (link, frame) = (LinkId(link), broken_table());
    let said = hand_in(node, Input::Frame { link, frame }, now);
    said.iter().any(|one| matches!(one, Output::Event(Event::Banned { .. })))
}

/// LINK-17: who was banned while its handshake ran is no neighbour.
#[test]
fn who_was_banned_during_its_handshake_is_turned_away_at_its_end() {
    for direction in [Direction::Incoming, Direction::Outgoing] {
        let (mut node, now) = (ultrapeer(), Time::from_millis(1_000));
        connect(&mut node, 1, "5.5.5.5:40001", Direction::Incoming, now);
        assert_eq!(open(&mut node, 1, None, now), None);
        assert!(!break_a_rule(&mut node, 1, now));
        let now = now.after_ms(61_000);
        connect(&mut node, 2, "5.5.5.5:40002", Direction::Incoming, now);
        connect(&mut node, 3, "5.5.5.5:40003", direction, now);
        connect(&mut node, 4, "5.5.6.5:40004", Direction::Incoming, now);
        assert_eq!(open(&mut node, 2, None, now), None);
        assert!(break_a_rule(&mut node, 2, now));
        assert_eq!(open(&mut node, 3, None, now), Some(550));
        assert_eq!(open(&mut node, 4, None, now), None);
    }
}

/// HAND-42: the GUIDs of others stand in every hit, so that one from another host keeps nobody out.
#[test]
fn nobody_is_kept_out_by_another_host_that_bears_its_guid() {
    let (guid, now) = (Some(Guid([7; 16])), Time::from_millis(1_000));
    let mut node = ultrapeer();
    connect(&mut node, 1, "5.5.5.5:40001", Direction::Incoming, now);
    assert_eq!(open(&mut node, 1, guid, now), None);
    for (link, from, code) in [
        // The same host by another port, and, as far as anybody can tell, by IPv6.
        (2, "5.5.5.5:40002", Some(409)),
        (3, "[2a01:4f8::5]:40003", Some(409)),
        (4, "[::ffff:5.5.5.5]:40004", Some(409)),
        // Somebody else, whichever of both is the true one.
        (5, "5.5.6.5:40005", None),
        // Now one of each family is there.
        (6, "5.5.6.5:40006", Some(409)),
    ] {
        let now = now.after_ms(link * 60_000);
        connect(&mut node, link, from, Direction::Incoming, now);
        assert_eq!(open(&mut node, link, guid, now), code, "{from}");
    }
}

/// A node hears of its own calls, and not of all who knock.
#[test]
fn nobody_is_told_of_those_who_were_turned_away() {
    let (guid, now) = (Some(Guid([7; 16])), Time::from_millis(1_000));
    for (direction, is_told) in [(Direction::Incoming, false), (Direction::Outgoing, true)] {
        let mut node = ultrapeer();
        connect(&mut node, 1, "5.5.5.5:40001", Direction::Incoming, now);
        assert_eq!(open(&mut node, 1, guid, now), None);
        connect(&mut node, 2, "5.5.5.5:40002", direction, now);
        assert_eq!(open(&mut node, 2, guid, now), Some(409));
        let (code, reason, fault) = (409, String::new(), None);
        let ending = Ending::Dismissed { code, reason, fault };
        let said = hand_in(&mut node, Input::Closed { link: LinkId(2), ending }, now);
        let mut said = said.iter();
        let told = said.any(|one| matches!(one, Output::Event(Event::Closed { .. })));
        assert_eq!(told, is_told, "{direction:?}");
    }
}

/// VMSG-56: of two leaves that bear one GUID, the first one has its pushes.
#[test]
fn a_leaf_with_the_guid_of_another_does_not_get_its_pushes() {
    let mut net = Net::new();
    let guid = Guid([7; 16]);
    let mut leaf = || {
        net.add_with(RolePolicy::Always(Role::Leaf), |config| {
            (config.dials, config.guid) = (false, Some(guid));
        })
    };
    let leaves = [leaf(), leaf()];
    let [parent, other] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.connect(other, parent);
    net.run(70);
    let ask = Vendor::new(MessageId::PUSH_PROXY_REQUEST_V1, Body::PushProxyRequest);
    for leaf in leaves {
        net.connect(leaf, parent);
        net.run(1);
        net.forge(leaf, parent, ask.clone().into_frame(guid));
        net.run(61);
    }
    assert_eq!(net.neighbours(parent).iter().filter(|one| one.is_leaf()).count(), 2);
    net.forge(other, parent, push(Guid([8; 16]), guid, [9, 8, 7, 6].into()));
    assert_eq!(leaves.map(|leaf| net.received(leaf, Function::PUSH)), [1, 0]);
}
