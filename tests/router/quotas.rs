//! What a router remembers for whom: each limit and one past it, and attackers that want more.

use filbert::base::limits::{
    ROUTE_LIFE_SECONDS, ROUTES_OF_LEAF_MAX, ROUTES_OF_ULTRAPEER_MAX, ROUTES_ORPHANED_MAX,
    ROUTES_OWN_MAX, ROUTES_TIDY_MS, SERVENTS_OF_LEAF_MAX, SERVENTS_OF_ULTRAPEER_MAX,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::router::{Answer, Dropped, Verdict};

use crate::routers::{DUPLICATE, Node, lost, new_query, to};

/// Fills an account, and shows that one message more costs the oldest of them and nothing else.
fn assert_quota(node: &mut Node, from: Slot, quota: u32) {
    let other = node.ultrapeer();
    for number in 1..=quota {
        assert_eq!(node.query(number, from), new_query());
    }
    assert_eq!(node.hit(1, other), to(from));
    assert_eq!(node.query(quota + 1, from), new_query());
    assert_eq!(node.hit(1, other), lost(Dropped::NoRoute));
    assert_eq!(node.hit(2, other), to(from));
    assert_eq!(node.hit(quota + 1, other), to(from));
    assert_eq!(node.router.messages_len(), quota as usize);
}

#[test]
fn an_ultrapeer_has_as_many_routes_as_its_quota() {
    let mut node = Node::new();
    let ultrapeer = node.ultrapeer();
    assert_quota(&mut node, ultrapeer, ROUTES_OF_ULTRAPEER_MAX);
}

/// TTL-22: unlike an ultrapeer, which speaks for many, a leaf that asks more is not heard until its oldest
/// messages have outlived their time.
#[test]
fn a_leaf_has_as_many_routes_as_its_quota() {
    let mut node = Node::new();
    let (leaf, other) = (node.leaf(), node.ultrapeer());
    node.query(1, leaf);
    node.wait_ms(1_000);
    for number in 2..=ROUTES_OF_LEAF_MAX {
        assert_eq!(node.query(number, leaf), new_query());
    }
    node.learn(5, other);
    node.wait_ms((u64::from(ROUTE_LIFE_SECONDS) - 1) * 1_000);
    let over = Verdict::Drop { why: Dropped::OverQuota, fault: None };
    for number in 1_000..1_100 {
        assert_eq!(node.query(number, leaf), over);
        assert_eq!(node.push(number, 5, leaf), Err(Dropped::OverQuota));
    }
    assert_eq!(node.hit(1, other), to(leaf));
    assert_eq!(node.hit(1_000, other), lost(Dropped::NoRoute));
    assert_eq!(node.query(2, leaf), DUPLICATE);
    // One second more, and there is room for one.
    node.wait_ms(1_000);
    assert_eq!(node.query(1_000, leaf), new_query());
    assert_eq!(node.query(1_001, leaf), over);
    assert_eq!(node.hit(2, other), to(leaf));
    // What others send has nothing to do with it.
    assert_eq!(node.query(1_001, other), new_query());
    assert_eq!(node.router.messages_len(), ROUTES_OF_LEAF_MAX as usize + 1);
}

#[test]
fn we_have_as_many_routes_as_our_quota() {
    let mut node = Node::new();
    let other = node.ultrapeer();
    (1..=ROUTES_OWN_MAX).for_each(|number| node.originate(number));
    assert_eq!(node.hit(1, other), Answer::Own);
    node.originate(ROUTES_OWN_MAX + 1);
    assert_eq!(node.hit(1, other), lost(Dropped::NoRoute));
    assert_eq!(node.hit(2, other), Answer::Own);
    assert_eq!(node.hit(ROUTES_OWN_MAX + 1, other), Answer::Own);
}

/// TTL-13, attack A13: whatever one neighbour sends, the routes of others stay.
#[test]
fn a_flooding_neighbour_evicts_nobody_elses_routes() {
    let mut node = Node::new();
    let (honest, leaf, flooder) = (node.ultrapeer(), node.leaf(), node.ultrapeer());
    node.query(1, honest);
    node.query(2, leaf);
    node.originate(3);
    node.learn(4, honest);
    for number in 0..10 * ROUTES_OF_ULTRAPEER_MAX {
        node.query(1_000 + number, flooder);
        node.learn(1_000 + number, flooder);
    }
    assert_eq!(node.hit(1, flooder), to(honest));
    assert_eq!(node.hit(2, flooder), to(leaf));
    assert_eq!(node.hit(3, flooder), Answer::Own);
    assert_eq!(node.push(5, 4, flooder), Ok(vec![honest]));
    // The three, and those of the flooder, of which the push is one.
    assert_eq!(node.router.messages_len(), ROUTES_OF_ULTRAPEER_MAX as usize + 3);
    assert_eq!(node.router.servents_len(), SERVENTS_OF_ULTRAPEER_MAX as usize + 1);
}

/// Attack A13: somebody who answers all old queries of a neighbour does not push out its new ones.
#[test]
fn answers_do_not_decide_which_route_goes_first() {
    let mut node = Node::new();
    let (asker, answerer) = (node.ultrapeer(), node.ultrapeer());
    for number in 1..=ROUTES_OF_ULTRAPEER_MAX {
        node.query(number, asker);
    }
    for number in 1..ROUTES_OF_ULTRAPEER_MAX {
        assert_eq!(node.hit(number, answerer), to(asker));
    }
    node.query(ROUTES_OF_ULTRAPEER_MAX + 1, asker);
    assert_eq!(node.hit(1, answerer), lost(Dropped::NoRoute));
    assert_eq!(node.hit(ROUTES_OF_ULTRAPEER_MAX, answerer), to(asker));
}

/// Attack A13: an attacker that comes again and again fills what is kept for the gone, and nothing else.
#[test]
fn a_neighbour_that_reconnects_evicts_orphans_only() {
    let mut node = Node::new();
    let (honest, gone) = (node.ultrapeer(), node.ultrapeer());
    node.query(1, honest);
    node.query(2, gone);
    node.close(gone);
    assert_eq!(node.hit(2, honest), lost(Dropped::RouteLost));
    let mut number = 1_000;
    for _ in 0..5 {
        let attacker = node.ultrapeer();
        for _ in 0..ROUTES_OF_ULTRAPEER_MAX {
            number += 1;
            node.query(number, attacker);
        }
        node.close(attacker);
        assert!(node.router.messages_len() <= ROUTES_ORPHANED_MAX as usize + 1);
    }
    let other = node.ultrapeer();
    assert_eq!(node.hit(1, other), to(honest));
    assert_eq!(node.query(1, other), DUPLICATE);
    assert_eq!(node.query(2, other), new_query());
    assert_eq!(node.query(number, other), DUPLICATE);
}

/// Of those who have gone, the first one's messages go first, and of these the oldest.
#[test]
fn as_many_messages_of_the_gone_are_known_as_the_limit_allows() {
    let mut node = Node::new();
    let (first, second, other) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    for number in 1..=10 {
        node.query(number, first);
    }
    for number in 11..=ROUTES_ORPHANED_MAX + 1 {
        node.query(number, second);
    }
    node.close(first);
    node.query(ROUTES_ORPHANED_MAX + 2, other);
    assert_eq!(node.router.messages_len(), ROUTES_ORPHANED_MAX as usize + 2);
    node.close(second);
    assert_eq!(node.router.messages_len(), ROUTES_ORPHANED_MAX as usize + 1);
    assert_eq!(node.hit(1, other), lost(Dropped::NoRoute));
    assert_eq!(node.hit(2, other), lost(Dropped::RouteLost));
    assert_eq!(node.hit(11, other), lost(Dropped::RouteLost));
}

/// What has outlived its time does not count against those who have gone later.
#[test]
fn old_messages_of_the_gone_make_room_first() {
    let mut node = Node::new();
    let (first, second, other) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    for number in 1..=ROUTES_OF_ULTRAPEER_MAX {
        node.query(number, second);
    }
    node.wait_ms((u64::from(ROUTE_LIFE_SECONDS) + 1) * 1_000);
    node.query(10_000, first);
    node.query(10_001, second);
    node.close(first);
    node.close(second);
    assert_eq!(node.hit(10_000, other), lost(Dropped::RouteLost));
    assert_eq!(node.hit(10_001, other), lost(Dropped::RouteLost));
    assert_eq!(node.router.messages_len(), 2);
}

/// PUSH-09
#[test]
fn neighbours_speak_for_as_many_servents_as_their_quotas() {
    for (is_leaf, quota) in [(false, SERVENTS_OF_ULTRAPEER_MAX), (true, SERVENTS_OF_LEAF_MAX)] {
        let mut node = Node::new();
        let speaker = if is_leaf { node.leaf() } else { node.ultrapeer() };
        let asker = node.ultrapeer();
        (1..=quota).for_each(|servent| node.learn(servent, speaker));
        assert_eq!(node.push(1, 1, asker), Ok(vec![speaker]));
        // The second one was heard of again, the third one is the oldest now.
        node.learn(1, speaker);
        node.learn(2, speaker);
        node.learn(quota + 1, speaker);
        assert_eq!(node.router.servents_len(), quota as usize);
        assert_eq!(node.push(2, 3, asker), Err(Dropped::NoRoute));
        for (number, servent) in [(3, 1), (4, 2), (5, 4), (6, quota + 1)] {
            assert_eq!(node.push(number, servent, asker), Ok(vec![speaker]));
        }
    }
}

/// A router is woken seldom, and not at all while it knows nothing.
#[test]
fn what_has_outlived_its_time_goes_with_the_next_tidying() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.router.next_timeout(), None);
    node.wait_ms(500);
    node.query(1, one);
    node.query(2, one);
    assert_eq!(node.router.next_timeout(), Some(Time::from_millis(500 + ROUTES_TIDY_MS)));
    node.learn(3, one);
    node.close(one);
    node.wait_ms(ROUTES_TIDY_MS - 1);
    node.router.timeout(node.now);
    assert_eq!(node.router.next_timeout(), Some(Time::from_millis(500 + ROUTES_TIDY_MS)));
    for _ in 0..10 {
        assert_eq!(node.router.messages_len(), 2);
        assert_eq!(node.hit(1, other), lost(Dropped::RouteLost));
        node.wait_ms(ROUTES_TIDY_MS);
        node.tidy();
    }
    node.wait_ms(ROUTES_TIDY_MS);
    node.tidy();
    assert_eq!((node.router.messages_len(), node.router.next_timeout()), (0, None));
}
