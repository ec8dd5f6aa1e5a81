//! How far messages go: every pair of TTL and hops, against what the requirements say.

use bytes::Bytes;
use filbert::base::error::{Fault, Misbehaved};
use filbert::base::limits::{
    FAR_QUERIES_MAX, FAR_QUERY_HOPS_MAX, TTL_HARD_MAX, TTL_MAX, TTL_OWN_MAX,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::link::Cost;
use filbert::gnutella::router::{
    Answer, Dropped, Onward, PushRoute, Quotas, Router, TtlRules, Verdict,
};
use filbert::gnutella::wire::{Frame, Function, Guid, Header};

const NOW: Time = Time::ZERO;
const SERVENT: Guid = Guid([9; 16]);

/// An ultrapeer with a leaf, two ultrapeers, and one that does no dynamic querying.
struct Node {
    router: Router,
    leaf: Slot,
    ultrapeer: Slot,
    other: Slot,
    plain: Slot,
    guids: u32,
}

impl Node {
    fn new(rules: TtlRules) -> Self {
        // Room for a leaf that asks once for each pair of TTL and hops.
        let quotas = Quotas { leaf: u32::MAX, ..Quotas::default() };
        let (mut router, mut slots) = (Router::with_quotas(rules, quotas, 1), Slots::new());
        let mut open = |is_leaf, dynamic_querying| {
            let slot = slots.insert(());
            router.open(slot, is_leaf, dynamic_querying, NOW);
            slot
        };
        let (leaf, ultrapeer) = (open(true, true), open(false, true));
        let (other, plain) = (open(false, true), open(false, false));
        Self { router, leaf, ultrapeer, other, plain, guids: 0 }
    }

    /// A header with a GUID that was not used yet.
    fn header(&mut self, function: Function, ttl: u8, hops: u8) -> Header {
        self.guids += 1;
        let mut guid = [0xff; 16];
        guid[..4].copy_from_slice(&self.guids.to_le_bytes());
        Header { guid: Guid(guid), function, ttl, hops, payload_len: 26, size_flags: None }
    }

    fn query(&mut self, from: Slot, ttl: u8, hops: u8) -> Verdict {
        let header = self.header(Function::QUERY, ttl, hops);
        self.router.broadcast(&header, from, NOW)
    }

    /// A hit from `other` to a query that came from `to`.
    fn hit(&mut self, to: Slot, ttl: u8, hops: u8) -> Answer {
        let query = self.header(Function::QUERY, 1, 0);
        assert_eq!(self.router.broadcast(&query, to, NOW), Verdict::New { onward: None });
        let hit = Header { function: Function::QUERY_HIT, ttl, hops, ..query };
        self.router.answer(&hit, self.other, NOW)
    }

    /// A push from `other` to a servent for which `to` speaks.
    fn push(&mut self, to: Slot, ttl: u8, hops: u8) -> PushRoute {
        let servent = self.header(Function::PUSH, 0, 0).guid;
        self.router.learn_servent(servent, to, NOW);
        let push = self.header(Function::PUSH, ttl, hops);
        self.router.push(&push, servent, self.other, NOW)
    }
}

/// Every pair that there is.
fn pairs() -> impl Iterator<Item = (u8, u8)> {
    (0..=u8::MAX).flat_map(|ttl| (0..=u8::MAX).map(move |hops| (ttl, hops)))
}

fn rule(fault: Option<Misbehaved>) -> Option<&'static str> {
    fault.map(|fault| fault.rule.id())
}

/// What the requirements say of a query from an ultrapeer: TTL-02 to TTL-08.
fn expected(ttl: u8, hops: u8, max_ttl: u8) -> Result<Option<Onward>, Dropped> {
    let (ttl, hops, max_ttl) = (u32::from(ttl), u32::from(hops), u32::from(max_ttl));
    if ttl == 0 {
        return Err(Dropped::Spent);
    }
    if ttl + hops > 15 {
        return Err(Dropped::TooFar);
    }
    let reaches = (ttl + hops).min(max_ttl);
    let onward = Onward {
        ttl: u8::try_from(reaches.saturating_sub(hops + 1)).unwrap(),
        hops: u8::try_from(hops + 1).unwrap(),
    };
    Ok((onward.ttl > 0).then_some(onward))
}

/// TTL-02, TTL-03, TTL-04, TTL-05, TTL-06, TTL-07, TTL-08, TTL-20 and attack A12: whatever a query claims,
/// it goes no further than it may, and its hops count up.
#[test]
fn a_query_with_any_ttl_and_hops_goes_as_far_as_it_may() {
    for (rules, max_ttl, plain_max_ttl) in [
        (TtlRules::default(), 4, 4),
        (TtlRules { max_ttl: 5, own_ttl: 3, ..TtlRules::default() }, 5, 3),
        (TtlRules::FLOOD, 7, 7),
    ] {
        let mut node = Node::new(rules);
        for (ttl, hops) in pairs() {
            for (from, max_ttl) in [(node.ultrapeer, max_ttl), (node.plain, plain_max_ttl)] {
                let verdict = match node.query(from, ttl, hops) {
                    Verdict::New { onward } => Ok(onward),
                    Verdict::Drop { why, .. } => Err(why),
                    again @ Verdict::Again { .. } => panic!("{again:?}"),
                };
                assert_eq!(verdict, expected(ttl, hops, max_ttl), "TTL {ttl} hops {hops}");
                if let Ok(Some(onward)) = verdict {
                    assert!(onward.ttl + onward.hops <= max_ttl && onward.ttl < ttl);
                }
            }
        }
    }
}

/// TTL-10: of a leaf, only what it made itself is taken.
#[test]
fn a_leaf_that_relays_is_told_so_whatever_the_ttl() {
    let mut node = Node::new(TtlRules::default());
    for (ttl, hops) in pairs().filter(|(_, hops)| *hops > 0) {
        let query = node.query(node.leaf, ttl, hops);
        let Verdict::Drop { why: Dropped::RelayedByLeaf, fault } = query else {
            panic!("{query:?}")
        };
        assert_eq!(fault.map(|fault| Cost::of(&Fault::from(fault))), Some(Cost::Bye(414)));
        assert_eq!(rule(fault), Some("TTL-10"));
        let hit = node.header(Function::QUERY_HIT, ttl, hops);
        assert!(matches!(
            node.router.answer(&hit, node.leaf, NOW),
            Answer::Drop { why: Dropped::RelayedByLeaf, fault: Some(_) }
        ));
        let push = node.header(Function::PUSH, ttl, hops);
        assert!(matches!(
            node.router.push(&push, SERVENT, node.leaf, NOW),
            PushRoute::Drop { why: Dropped::RelayedByLeaf, fault: Some(_) }
        ));
    }
    assert!(matches!(node.query(node.leaf, 4, 0), Verdict::New { onward: Some(_) }));
}

/// TTL-02, TTL-05, TTL-16, TTL-17: hits are lowered, not dropped, and a leaf gets them in any case; but no
/// hit has crossed more links than a query can, and the neighbour is not blamed for one that says so.
#[test]
fn a_hit_with_any_ttl_and_hops_gets_home() {
    let mut node = Node::new(TtlRules::default());
    for (ttl, hops) in pairs() {
        for to in [node.ultrapeer, node.leaf] {
            let onward_ttl = match ttl {
                0 | 1 if to == node.leaf => Some(1),
                0 | 1 => None,
                _ => Some((ttl - 1).min(15)),
            };
            match (node.hit(to, ttl, hops), hops, onward_ttl) {
                (Answer::Drop { why: Dropped::HopsExhausted, fault: None }, TTL_HARD_MAX.., _)
                | (Answer::Drop { why: Dropped::Expired, fault: None }, 0..TTL_HARD_MAX, None) => {}
                (Answer::To { slot, onward }, 0..TTL_HARD_MAX, Some(ttl)) => {
                    assert_eq!((slot, onward), (to, Onward { ttl, hops: hops + 1 }));
                }
                other => panic!("TTL {ttl} hops {hops}: {other:?}"),
            }
        }
    }
}

/// A hit to a query of ours is at its end, so that its TTL does not matter any more (TTL-16), but its hops do
/// (TTL-05).
#[test]
fn a_hit_for_us_is_taken_with_any_ttl() {
    let mut node = Node::new(TtlRules::default());
    let hit = node.header(Function::QUERY_HIT, 0, 0);
    node.router.originate(Function::QUERY, hit.guid, NOW);
    for (ttl, hops) in pairs() {
        let hit = Header { ttl, hops, ..hit };
        let exhausted = Answer::Drop { why: Dropped::HopsExhausted, fault: None };
        let expected = if hops < TTL_HARD_MAX { Answer::Own } else { exhausted };
        assert_eq!(node.router.answer(&hit, node.ultrapeer, NOW), expected);
    }
}

/// TTL-05: wherever a network draws its hard limit, nothing leaves with hops 255, and nobody is blamed for
/// what comes with 254 or 255.
#[test]
fn nothing_leaves_with_hops_that_nobody_can_count_on() {
    let mut node = Node::new(TtlRules { hard_limit: u8::MAX, ..TtlRules::default() });
    for function in [Function::QUERY_HIT, Function::PONG] {
        let asked = if function == Function::PONG { Function::PING } else { Function::QUERY };
        let question = node.header(asked, 1, 0);
        node.router.broadcast(&question, node.ultrapeer, NOW);
        let mut answer = |hops| {
            let answer = Header { function, ttl: 3, hops, ..question };
            node.router.answer(&answer, node.other, NOW)
        };
        let onward = Onward { ttl: 2, hops: 254 };
        assert_eq!(answer(253), Answer::To { slot: node.ultrapeer, onward });
        for hops in [254, 255] {
            let exhausted = Answer::Drop { why: Dropped::HopsExhausted, fault: None };
            assert_eq!(answer(hops), exhausted, "{function:?} hops {hops}");
        }
    }
    for hops in [254, 255] {
        match node.query(node.ultrapeer, 1, hops) {
            Verdict::New { onward: None } | Verdict::Drop { fault: None, .. } => {}
            other => panic!("hops {hops}: {other:?}"),
        }
        let push = node.push(node.leaf, 1, hops);
        assert!(matches!(push, PushRoute::Drop { fault: None, .. }), "hops {hops}: {push:?}");
    }
}

/// TTL-04, TTL-08, PUSH-13: a push is held to the hard limit, and a leaf gets it although its TTL ends.
#[test]
fn a_push_with_any_ttl_and_hops_gets_to_its_servent() {
    let mut node = Node::new(TtlRules::default());
    for (ttl, hops) in pairs() {
        for to in [node.ultrapeer, node.leaf] {
            let route = node.push(to, ttl, hops);
            let is_too_far = u32::from(ttl) + u32::from(hops) > 15;
            match (route, ttl) {
                (PushRoute::Drop { why: Dropped::Spent, fault }, 0) => {
                    assert_eq!(rule(fault), Some("TTL-04"));
                }
                (PushRoute::Drop { why: Dropped::TooFar, fault: None }, 1..) => {
                    assert!(is_too_far);
                }
                (PushRoute::Drop { why: Dropped::Expired, fault: None }, 1) => {
                    assert!(to == node.ultrapeer && !is_too_far);
                }
                (PushRoute::To { ways, onward }, 1..) => {
                    assert!(!is_too_far && (ttl > 1 || to == node.leaf));
                    assert_eq!(ways.iter().collect::<Vec<_>>(), [to]);
                    assert_eq!(onward, Onward { ttl: (ttl - 1).max(1), hops: hops + 1 });
                }
                (other, _) => panic!("TTL {ttl} hops {hops}: {other:?}"),
            }
        }
    }
}

/// TTL-04: counted against the sender, but a ping with TTL 0 is a sign of life.
#[test]
fn what_comes_with_ttl_0_is_blamed_unless_it_is_a_ping() {
    let mut node = Node::new(TtlRules::default());
    let Verdict::Drop { why: Dropped::Spent, fault } = node.query(node.ultrapeer, 0, 0) else {
        panic!("it is dropped")
    };
    assert_eq!(fault.map(|fault| Cost::of(&Fault::from(fault))), Some(Cost::Drop));
    assert_eq!(rule(fault), Some("TTL-04"));
    let ping = node.header(Function::PING, 0, 0);
    let verdict = node.router.broadcast(&ping, node.ultrapeer, NOW);
    assert_eq!(verdict, Verdict::Drop { why: Dropped::Spent, fault: None });
}

/// TTL-06: the maximum is that of gtk-gnutella. TTL-20: so is the bound for others.
#[test]
fn a_query_crosses_as_many_links_as_the_limits_allow() {
    let rules = TtlRules::default();
    assert_eq!((rules.max_ttl, rules.own_ttl), (TTL_MAX, TTL_OWN_MAX));
    let mut node = Node::new(rules);
    for (from, limit) in [(node.ultrapeer, TTL_MAX), (node.plain, TTL_OWN_MAX)] {
        let at = Onward { ttl: limit - 1, hops: 1 };
        assert_eq!(node.query(from, limit, 0), Verdict::New { onward: Some(at) });
        assert_eq!(node.query(from, limit + 1, 0), Verdict::New { onward: Some(at) });
    }
}

/// TTL-08: at the hard limit a query is taken, and one past it dropped without a trace.
#[test]
fn a_query_beyond_the_hard_limit_is_as_if_it_had_never_come() {
    let mut node = Node::new(TtlRules::default());
    let header = node.header(Function::QUERY, TTL_HARD_MAX, 1);
    let verdict = node.router.broadcast(&header, node.ultrapeer, NOW);
    assert_eq!(verdict, Verdict::Drop { why: Dropped::TooFar, fault: None });
    assert_eq!((node.router.messages_len(), node.router.next_timeout()), (0, None));
    let header = Header { hops: 0, ..header };
    let verdict = node.router.broadcast(&header, node.ultrapeer, NOW);
    assert!(matches!(verdict, Verdict::New { onward: Some(_) }));
}

/// TTL-08: ten such queries from near by are borne, and it is the eleventh that costs the connection.
#[test]
fn many_queries_that_reach_too_far_end_a_connection() {
    let mut node = Node::new(TtlRules::default());
    let far = |node: &mut Node, hops| {
        let Verdict::Drop { why: Dropped::TooFar, fault } = node.query(node.ultrapeer, 255, hops)
        else {
            panic!("it is dropped")
        };
        fault
    };
    // What others made far away is not the fault of the neighbour, nor are messages of other kinds.
    for _ in 0..100 {
        assert_eq!(far(&mut node, FAR_QUERY_HOPS_MAX + 1), None);
        let ping = node.header(Function::PING, 16, 0);
        let verdict = node.router.broadcast(&ping, node.ultrapeer, NOW);
        assert_eq!(verdict, Verdict::Drop { why: Dropped::TooFar, fault: None });
    }
    for _ in 0..FAR_QUERIES_MAX {
        assert_eq!(far(&mut node, FAR_QUERY_HOPS_MAX), None);
    }
    let fault = far(&mut node, FAR_QUERY_HOPS_MAX);
    assert_eq!(rule(fault), Some("TTL-08"));
    assert_eq!(fault.map(|fault| Cost::of(&Fault::from(fault))), Some(Cost::Bye(403)));
    // Each neighbour has a count of its own.
    let verdict = node.query(node.plain, 255, 0);
    assert_eq!(verdict, Verdict::Drop { why: Dropped::TooFar, fault: None });
}

/// TTL-01, TTL-19
#[test]
fn what_starts_here_has_hops_0_and_no_more_ttl_than_the_neighbour_wants() {
    let rules = TtlRules { own_ttl: 4, ..TtlRules::default() };
    let ttls = [None, Some(0), Some(1), Some(3), Some(4), Some(7)];
    let started = ttls.map(|neighbour_max| rules.first(neighbour_max));
    assert_eq!(started.map(|onward| onward.ttl), [4, 0, 1, 3, 4, 4]);
    assert_eq!(started.map(|onward| onward.hops), [0; 6]);
}

/// TTL-15: an answer crosses at least as many links as its query did, one more than the query has hops.
#[test]
fn an_answer_gets_home() {
    let rules = TtlRules::default();
    for hops in 0..TTL_HARD_MAX {
        let mut answer = rules.answering(hops);
        assert!(answer.hops == 0 && answer.ttl <= TTL_HARD_MAX);
        // The neighbour that brought the query gets it as it starts; each further one takes one off.
        for _ in 0..hops {
            let mut node = Node::new(rules);
            let Answer::To { onward, .. } = node.hit(node.ultrapeer, answer.ttl, answer.hops)
            else {
                panic!("hops {hops}: it ends at {answer:?}")
            };
            answer = onward;
        }
    }
    assert_eq!(rules.answering(3), Onward { ttl: 5, hops: 0 });
    assert_eq!(rules.answering(255).ttl, TTL_HARD_MAX);
}

/// FRAME-16: what goes on differs in TTL and hops and in nothing else, and its payload is the same memory.
#[test]
fn going_on_changes_ttl_and_hops_alone() {
    let mut node = Node::new(TtlRules::default());
    let header = Header { size_flags: Some(5), ..node.header(Function::QUERY, 3, 1) };
    let frame = Frame::from_parts(header, Bytes::from_static(&[7; 26]));
    let Verdict::New { onward: Some(onward) } =
        node.router.broadcast(&frame.header(), node.ultrapeer, NOW)
    else {
        panic!("it goes on")
    };
    let sent = frame.forwarded(onward.ttl, onward.hops);
    assert_eq!(sent, Frame { ttl: 2, hops: 2, ..frame.clone() });
    assert_eq!(sent.payload.as_ptr(), frame.payload.as_ptr());
}
