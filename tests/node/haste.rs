//! Who calls often, and what for (HAND-62).

use std::net::{IpAddr, SocketAddr};

use filbert::base::limits::{
    ADMIT_TIMES, BAN_HASTE_S, FILE_CALLS_AN_ATTEMPT, GREETING_FROM_ADDRESS_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Ending, Question, Refusal, Role};
use filbert::node::{Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy};

use crate::support::agreements::capable;

const NOW: Time = Time::from_millis(1_000);

fn ultrapeer() -> Node {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.dials = false;
    Node::new(config, 1, NOW)
}

fn hand_in(node: &mut Node, input: Input) -> Vec<Output> {
    node.handle(input, NOW);
    std::iter::from_fn(|| node.poll()).collect()
}

/// One host connects; false where it is turned away at once.
fn connect(node: &mut Node, link: u64) -> bool {
    let address = SocketAddr::new([5, 5, 5, 5].into(), 40_000 + u16::try_from(link).unwrap());
    let direction = Direction::Incoming;
    let said = hand_in(node, Input::Connected { link: LinkId(link), address, direction });
    !said.iter().any(|one| matches!(one, Output::Close { .. }))
}

/// It wants a link: the code with which it is refused, none where it gets one.
fn ask(node: &mut Node, link: u64) -> Option<u16> {
    let question = Question {
        role: Role::Ultrapeer,
        peer_role: Some(Role::Leaf),
        guidance: None,
        is_crawler: false,
        peer: capable(),
    };
    let said = hand_in(node, Input::Asked { link: LinkId(link), question: Box::new(question) });
    said.iter().find_map(|one| match one {
        Output::Decide { decision: Decision::Refuse(refusal), .. } => Some(refusal.code),
        Output::Close { code, .. } => Some(*code),
        _ => None,
    })
}

/// HAND-62: gtk-gnutella opens one connection for each file, all within a millisecond.
#[test]
fn connections_for_files_may_come_at_once() {
    let mut node = ultrapeer();
    let at_once = u64::try_from(GREETING_FROM_ADDRESS_MAX).unwrap();
    // Of an album, all before any of them has asked.
    assert!(at_once > 20);
    assert!((0..at_once).all(|link| connect(&mut node, link)));
    for link in 0..at_once {
        hand_in(&mut node, Input::HandedOn { link: LinkId(link) });
    }
    assert!(connect(&mut node, at_once));
    assert_eq!(ask(&mut node, at_once), None, "a link besides");
}

/// HAND-62: whoever has asked for too many links is let in for files, and for no further link.
#[test]
fn in_which_order_links_and_files_are_asked_for_makes_no_difference() {
    let mut node = ultrapeer();
    let links = 0..u64::from(ADMIT_TIMES) + 1;
    assert!(links.clone().all(|link| connect(&mut node, link)));
    let refused = links.filter_map(|link| ask(&mut node, link)).count();
    assert_eq!(refused, 1, "it is banned");
    for link in 10..30 {
        assert!(connect(&mut node, link), "{link}");
        hand_in(&mut node, Input::HandedOn { link: LinkId(link) });
    }
    assert!(connect(&mut node, 30));
    assert_eq!(ask(&mut node, 30), Some(Refusal::TOO_MANY));
}

/// HAND-62: a ban for haste is told like any other, once, and so is each who is turned away.
#[test]
fn a_ban_for_haste_is_told_and_counted() {
    let mut node = ultrapeer();
    let (mut banned, mut turned_away) = (Vec::new(), 0);
    for number in 0..70 {
        let link = LinkId(number);
        let address = SocketAddr::new([5, 5, 5, 5].into(), 40_000);
        let direction = Direction::Incoming;
        let mut said = hand_in(&mut node, Input::Connected { link, address, direction });
        said.extend(hand_in(&mut node, Input::HandedOn { link }));
        for output in said {
            match output {
                Output::Event(Event::Banned { address, until, why }) => {
                    banned.push((address, until.since(NOW).as_secs(), why));
                }
                Output::Event(Event::TurnedAway { address }) => {
                    assert_eq!(address, IpAddr::from([5, 5, 5, 5]));
                    turned_away += 1;
                }
                _ => {}
            }
        }
    }
    let why = "it opens too many connections (HAND-62)".to_owned();
    assert_eq!(banned, [([5, 5, 5, 5].into(), u64::from(BAN_HASTE_S), why)]);
    assert_eq!(turned_away, 10);
}

/// HAND-62
#[test]
fn so_many_connections_for_files_are_taken_in_a_minute() {
    let mut node = ultrapeer();
    let most = u64::from(ADMIT_TIMES * FILE_CALLS_AN_ATTEMPT);
    for link in 0..most {
        assert!(connect(&mut node, link), "{link}");
        hand_in(&mut node, Input::HandedOn { link: LinkId(link) });
    }
    assert_eq!(most, 60);
    assert!(!connect(&mut node, most), "one more");
}

/// HAND-62: what counts is what is asked for, not who stands in the door.
#[test]
fn the_third_that_wants_a_link_is_refused_with_a_word_and_the_next_without() {
    let mut node = ultrapeer();
    let links = 0..u64::from(ADMIT_TIMES) + 1;
    assert!(links.clone().all(|link| connect(&mut node, link)));
    let codes: Vec<_> = links.map(|link| ask(&mut node, link)).collect();
    assert_eq!(codes, [None, None, Some(Refusal::TOO_MANY)]);
    assert!(connect(&mut node, 9), "who knows what it wants");
    assert_eq!(ask(&mut node, 9), Some(Refusal::TOO_MANY), "it is banned");
}

/// HAND-62: whoever connects and goes without a word has tried.
#[test]
fn whoever_says_nothing_counts_like_one_that_wants_a_link() {
    let mut node = ultrapeer();
    for link in 0..=u64::from(ADMIT_TIMES) {
        assert!(connect(&mut node, link));
        hand_in(&mut node, Input::Closed { link: LinkId(link), ending: Ending::Closed });
    }
    assert!(connect(&mut node, 9));
    assert_eq!(ask(&mut node, 9), Some(Refusal::TOO_MANY));
}
