//! What handshakes say about how many ultrapeers are needed.

use std::sync::Arc;

use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Capabilities, Decision, Question, Role};
use filbert::node::{Command, Config, Direction, Input, LinkId, Node, Output, RolePolicy};
use filbert::promotion::{Observation, Protocol, Thresholds};

use crate::support::agreements::capable;

fn node(thresholds: Thresholds) -> Node {
    let mut config = Config::new(RolePolicy::Auto);
    (config.dials, config.thresholds) = (false, Arc::new(thresholds));
    Node::new(config, 1, Time::ZERO)
}

fn hand_in(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

/// Calls an ultrapeer.
fn call(node: &mut Node, number: u8, now: Time) -> LinkId {
    let (link, address) = (LinkId(number.into()), ([80, 1, number, 1], 6_346).into());
    hand_in(node, Input::Connected { link, address, direction: Direction::Outgoing }, now);
    link
}

/// Calls an ultrapeer that agrees to a link and says this in its head.
fn connect(node: &mut Node, number: u8, peer: Capabilities, now: Time) {
    let link = call(node, number, now);
    let agreement = Agreement::plain(node.role(), Role::Ultrapeer, peer);
    hand_in(node, Input::Opened { link, agreement: Box::new(agreement) }, now);
    assert!(node.slot(link).is_some());
}

/// HAND-24: who takes us as its leaf has had room for one, unless it says that more are needed.
#[test]
fn a_leaf_knows_from_handshakes_who_has_room() {
    let mut thresholds = Thresholds::filbert();
    (thresholds.uptime.run_min, thresholds.bandwidth.upload_min) = Default::default();
    (thresholds.reach.udp_needed, thresholds.reach.public_needed) = (false, false);
    let (mut node, now) = (node(thresholds), Time::from_millis(60_000));
    let (protocol, from) = (Protocol::Tcp, [81, 1, 1, 1].into());
    hand_in(&mut node, Input::Observed(Observation::Reached { protocol, from }), now);
    for (number, ultrapeer_needed) in [(1, None), (2, None), (3, Some(true))] {
        connect(&mut node, number, Capabilities { ultrapeer_needed, ..capable() }, now);
    }
    let expected = "not promoted: no supernode is needed, 1 of 3 are full";
    assert_eq!(node.explain_role(now), expected);
}

/// What was measured does not matter to a node that is what it is because the user wants that.
#[test]
fn a_role_that_is_configured_is_explained_by_that() {
    let (mut node, now) = (node(Thresholds::filbert()), Time::ZERO);
    assert!(!node.is_eligible(now), "it has just started");
    for (role, sentence) in
        [(Role::Ultrapeer, "ultrapeer, as configured"), (Role::Leaf, "leaf, as configured")]
    {
        hand_in(&mut node, Input::Command(Command::BeRole(RolePolicy::Always(role))), now);
        assert_eq!(node.explain_role(now), sentence);
        assert_eq!(node.is_eligible(now), role == Role::Ultrapeer);
    }
    hand_in(&mut node, Input::Command(Command::BeRole(RolePolicy::Auto)), now);
    assert!(!node.is_eligible(now));
}

/// HAND-24: its neighbours of before, more than a leaf may have, leave room for whoever asks it to be
/// a leaf.
#[test]
fn an_ultrapeer_that_follows_guidance_has_room_for_its_guide() {
    let (mut node, now) = (node(Thresholds::gtk_gnutella()), Time::from_millis(3_600_000));
    for policy in [RolePolicy::Always(Role::Ultrapeer), RolePolicy::Auto] {
        hand_in(&mut node, Input::Command(Command::BeRole(policy)), Time::ZERO);
    }
    for number in 1..=5 {
        connect(&mut node, number, capable(), Time::ZERO);
    }
    assert_eq!(node.role(), Role::Ultrapeer);
    let link = call(&mut node, 9, now);
    let question = Question {
        role: Role::Ultrapeer,
        peer_role: Some(Role::Ultrapeer),
        guidance: Some(Role::Leaf),
        is_crawler: false,
        peer: Capabilities { uptime: Some(1_000_000), ..capable() },
    };
    let said = hand_in(&mut node, Input::Answered { link, question: Box::new(question) }, now);
    let decided = said.into_iter().find_map(|one| match one {
        Output::Decide { link: of, decision } if of == link => Some(decision),
        _ => None,
    });
    assert_eq!((node.role(), decided), (Role::Leaf, Some(Decision::accept(Role::Leaf))));
}
