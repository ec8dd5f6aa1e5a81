//! How much of what ultrapeers bring goes on from here (TTL-23), and how it is shared out.

use filbert::base::limits::{
    FORWARDED_BURST, FORWARDED_EVERY_MS, FORWARDED_SHARE_BURST, FORWARDED_SHARE_EVERY_MS,
    ROUTES_OF_ULTRAPEER_MAX,
};
use filbert::base::slots::Slot;
use filbert::gnutella::router::{Dropped, Quotas, TtlRules, Verdict};

use crate::routers::{DUPLICATE, Node, ONWARD, new_query};

/// Asks queries that nobody has seen, one after the other.
struct Asking(u32);

impl Asking {
    fn ask(&mut self, node: &mut Node, from: Slot) -> Verdict {
        self.0 += 1;
        node.query(self.0, from)
    }
}

/// A node that has been quiet for long, an ultrapeer that has used up all that goes on, another one,
/// and a leaf.
fn flooded() -> (Node, Asking, [Slot; 3]) {
    let mut node = Node::with_quotas(TtlRules::default(), Quotas::default());
    let slots = [node.ultrapeer(), node.ultrapeer(), node.leaf()];
    node.wait_ms(FORWARDED_SHARE_EVERY_MS * 10_000);
    let mut asking = Asking(0);
    for _ in 0..FORWARDED_BURST {
        assert_eq!(asking.ask(&mut node, slots[0]), new_query());
    }
    (node, asking, slots)
}

const ONLY_HERE: Verdict = Verdict::New { onward: None };

/// TTL-23: beyond that they are still evaluated here, and what others bring goes on.
#[test]
fn so_many_queries_of_an_ultrapeer_go_on_at_once_and_not_one_more() {
    let (mut node, mut asking, [flooder, other, leaf]) = flooded();
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
    // Somebody else brings the same: it goes on, once.
    let held = asking.0;
    assert_eq!(node.query(held, other), Verdict::Again { onward: ONWARD });
    assert_eq!(node.query(held, other), DUPLICATE);
    assert_eq!(asking.ask(&mut node, leaf), new_query());
    // That one is owed.
    node.wait_ms(2 * FORWARDED_EVERY_MS - 1);
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
    // What has gone on costs nothing when it comes again with a higher TTL, once there is room.
    assert_eq!(node.query_with(1, 4, flooder), DUPLICATE);
    node.wait_ms(1);
    assert!(matches!(node.query_with(1, 4, flooder), Verdict::Again { .. }));
    assert_eq!(asking.ask(&mut node, flooder), new_query());
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
    // One that comes with TTL 1 goes no further, and costs nothing either.
    node.wait_ms(FORWARDED_EVERY_MS);
    assert_eq!(node.query_with(100_000, 1, flooder), ONLY_HERE);
    // But it does when it comes again with more.
    assert!(matches!(node.query_with(100_000, 3, flooder), Verdict::Again { .. }));
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
    // Pushes are counted with them.
    node.learn(5, other);
    assert_eq!(node.push(200_000, 5, flooder), Err(Dropped::OverQuota));
    node.wait_ms(FORWARDED_EVERY_MS);
    assert_eq!(node.push(200_000, 5, flooder), Ok(vec![other]));
    assert_eq!(node.push(200_001, 5, flooder), Err(Dropped::OverQuota));
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
}

/// TTL-23: whatever others send.
#[test]
fn each_ultrapeer_has_a_share_of_what_goes_on_and_not_one_more() {
    let (mut node, mut asking, [flooder, other, _]) = flooded();
    for _ in 0..FORWARDED_SHARE_BURST {
        assert_eq!(asking.ask(&mut node, other), new_query());
    }
    assert_eq!(asking.ask(&mut node, other), ONLY_HERE);
    for _ in 0..10 {
        // Meanwhile the flooder takes all that there is for both.
        node.wait_ms(FORWARDED_SHARE_EVERY_MS - 1);
        while asking.ask(&mut node, flooder) != ONLY_HERE {}
        assert_eq!(asking.ask(&mut node, other), ONLY_HERE);
        node.wait_ms(1);
        while asking.ask(&mut node, flooder) != ONLY_HERE {}
        assert_eq!(asking.ask(&mut node, other), new_query());
        assert_eq!(asking.ask(&mut node, other), ONLY_HERE);
    }
}

/// TTL-23: what one took of what others left costs it nothing of its share.
#[test]
fn whoever_used_what_others_left_keeps_its_share() {
    let (mut node, mut asking, [flooder, other, _]) = flooded();
    for _ in 0..FORWARDED_SHARE_BURST {
        assert_eq!(asking.ask(&mut node, other), new_query());
    }
    // Nothing is left for all, and as much is owed as comes in meanwhile.
    node.wait_ms(FORWARDED_SHARE_EVERY_MS);
    assert_eq!(asking.ask(&mut node, flooder), new_query());
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
}

/// TTL-23: shares beyond the rate are owed by all, but nobody waits for that longer than for the burst
/// itself, twice.
#[test]
fn what_many_shares_took_is_owed_for_a_while_only() {
    let (mut node, mut asking, [flooder, ..]) = flooded();
    for _ in 0..3 * FORWARDED_BURST / FORWARDED_SHARE_BURST {
        let other = node.ultrapeer();
        for _ in 0..FORWARDED_SHARE_BURST {
            assert_eq!(asking.ask(&mut node, other), new_query());
        }
    }
    node.wait_ms(2 * u64::from(FORWARDED_BURST) * FORWARDED_EVERY_MS);
    for _ in 0..FORWARDED_BURST {
        assert_eq!(asking.ask(&mut node, flooder), new_query());
    }
    assert_eq!(asking.ask(&mut node, flooder), ONLY_HERE);
}

/// TTL-23: what thirty neighbours that flood make us pass on leaves the next one a way home for each
/// query, for longer than a hit takes.
#[test]
fn ways_home_outlive_a_flood_at_the_next_node() {
    let mut node = Node::with_quotas(TtlRules::default(), Quotas::default());
    let flooders = [(); 30].map(|()| node.ultrapeer());
    node.wait_ms(FORWARDED_SHARE_EVERY_MS * 10_000);
    let (mut asking, mut passed_on, mut waited_ms) = (Asking(0), 0, 0);
    while passed_on < ROUTES_OF_ULTRAPEER_MAX {
        for flooder in flooders {
            while asking.ask(&mut node, flooder) != ONLY_HERE {
                passed_on += 1;
            }
        }
        node.wait_ms(FORWARDED_EVERY_MS);
        waited_ms += FORWARDED_EVERY_MS;
    }
    assert!(waited_ms >= 30_000, "{waited_ms} ms");
}
