//! Who holds a route, and where answers and pushes go: also where somebody wants them for himself.

use filbert::base::error::Fault;
use filbert::base::limits::{
    PUSH_WAYS_MAX, REPEATS_MAX, REPEATS_PER_MILLE_MAX, ROUTE_LIFE_SECONDS, SERVENT_LIFE_SECONDS,
    SERVENT_WAYS_MAX,
};
use filbert::gnutella::link::Cost;
use filbert::gnutella::router::{Answer, Dropped, Onward, PushRoute, TtlRules, Verdict};
use filbert::gnutella::wire::{Function, Guid, Header};

use crate::routers::{DUPLICATE, Node, fault, guid, header, lost, new_query, to};

/// TTL-11: the pair of GUID and function makes the message.
#[test]
fn a_message_is_new_once_and_its_function_counts() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.query(1, one), new_query());
    assert_eq!(node.query(1, other), DUPLICATE);
    assert_eq!(node.query(2, other), new_query());
    let ping = header(Function::PING, 1);
    assert_eq!(node.router.broadcast(&ping, other, node.now), new_query());
    assert_eq!(node.router.broadcast(&ping, one, node.now), DUPLICATE);
}

/// TTL-18
#[test]
fn a_hit_goes_to_whoever_brought_the_query_and_to_nobody_else() {
    let mut node = Node::new();
    let (asker, other, answerer) = (node.ultrapeer(), node.ultrapeer(), node.leaf());
    node.query(1, asker);
    node.query(2, other);
    assert_eq!(node.hit(1, answerer), to(asker));
    assert_eq!(node.hit(1, other), to(asker));
    assert_eq!(node.hit(2, answerer), to(other));
}

/// TTL-18, attack A13: nobody has asked.
#[test]
fn a_hit_to_no_query_is_dropped_and_not_blamed() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.hit(1, one), lost(Dropped::NoRoute));
    // A ping is no query, and what is no answer has no way back.
    node.router.broadcast(&header(Function::PING, 1), other, node.now);
    assert_eq!(node.hit(1, one), lost(Dropped::NoRoute));
    node.query(1, other);
    let query = node.router.answer(&header(Function::QUERY, 1), one, node.now);
    assert_eq!(query, lost(Dropped::NoRoute));
}

/// A pong to a flooded ping finds back like a hit (TTL-18), but each to its own kind.
#[test]
fn a_pong_goes_to_whoever_brought_the_ping() {
    let mut node = Node::new();
    let (asker, other, answerer) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    node.query(1, other);
    node.router.broadcast(&header(Function::PING, 1), asker, node.now);
    let pong = Header { ttl: 5, ..header(Function::PONG, 1) };
    assert_eq!(node.router.answer(&pong, answerer, node.now), to(asker));
    assert_eq!(node.hit(1, answerer), to(other));
}

/// TTL-21, attack A13: what comes back from where the query came would go round.
#[test]
fn a_hit_never_goes_back_to_where_it_came_from() {
    let mut node = Node::new();
    let asker = node.ultrapeer();
    node.query(1, asker);
    assert_eq!(node.hit(1, asker), lost(Dropped::Backwards));
}

/// Whoever answers a query of ours, the hit is ours, and the echo of the query is a duplicate with any
/// TTL.
#[test]
fn answers_to_our_own_queries_are_ours_whoever_sends_them() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.leaf());
    node.originate(1);
    for from in [one, other] {
        assert_eq!(node.hit(1, from), Answer::Own);
        for ttl in 1..=15 {
            let echo = node.query_with(1, ttl, from);
            assert!(matches!(echo, Verdict::Drop { why: Dropped::Duplicate, .. }), "{echo:?}");
        }
        assert_eq!(node.hit(1, from), Answer::Own);
    }
}

/// TTL-21, attack A13: somebody sends a query with the GUID of another's, and hopes for the hits.
#[test]
fn whoever_comes_second_with_a_guid_gets_no_hits() {
    let mut node = Node::new();
    let (asker, thief, answerer) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    node.query_with(1, 1, asker);
    assert_eq!(node.query_with(1, 1, thief), DUPLICATE);
    // A higher TTL takes the query further, and changes nothing about its way back.
    let again = node.query_with(1, 4, thief);
    assert_eq!(again, Verdict::Again { onward: Onward { ttl: 3, hops: 1 } });
    assert_eq!(node.hit(1, answerer), to(asker));
    // Nor does the route fall to the thief when the first one has gone.
    node.close(asker);
    assert_eq!(node.query_with(1, 4, thief), DUPLICATE);
    assert_eq!(node.hit(1, answerer), lost(Dropped::RouteLost));
}

/// A query of ours whose GUID somebody has used before is ours all the same.
#[test]
fn our_own_query_takes_its_guid_whoever_used_it() {
    let mut node = Node::new();
    let (squatter, answerer) = (node.ultrapeer(), node.ultrapeer());
    node.query(1, squatter);
    node.originate(1);
    assert_eq!(node.hit(1, answerer), Answer::Own);
    assert_eq!(node.router.messages_len(), 1);
}

/// FRAME-12: messages without a GUID are not taken for one another, not forwarded, and not remembered.
#[test]
fn an_all_zero_guid_is_nobodys() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(guid(0), Guid::ZERO);
    for from in [one, one, other] {
        assert_eq!(node.query(0, from), Verdict::New { onward: None });
    }
    // What a leaf asks would be asked of others, step by step. Its pings are answered.
    let leaf = node.leaf();
    assert_eq!(node.query(0, leaf), Verdict::Drop { why: Dropped::Nameless, fault: None });
    let ping = node.router.broadcast(&header(Function::PING, 0), leaf, node.now);
    assert_eq!(ping, Verdict::New { onward: None });
    node.originate(0);
    assert_eq!(node.hit(0, one), lost(Dropped::NoRoute));
    node.learn(0, one);
    assert_eq!(node.push(1, 0, other), Err(Dropped::NoRoute));
    node.learn(5, one);
    assert_eq!(node.push(0, 5, other), Err(Dropped::Nameless));
    assert_eq!((node.router.messages_len(), node.router.servents_len()), (0, 1));
}

/// TTL-12: as after a probe of dynamic querying.
#[test]
fn a_higher_ttl_goes_on_but_is_not_new() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.query_with(1, 1, one), Verdict::New { onward: None });
    let onward = |ttl| Verdict::Again { onward: Onward { ttl, hops: 1 } };
    assert_eq!(node.query_with(1, 2, one), onward(1));
    assert_eq!(node.query_with(1, 2, other), DUPLICATE);
    assert_eq!(node.query_with(1, 3, other), onward(2));
    assert_eq!(node.query_with(1, 4, one), onward(3));
    // Higher on the wire, but trimmed to the same: it has been as far already (TTL-06).
    for ttl in 5..=15 {
        assert_eq!(node.query_with(1, ttl, other), DUPLICATE);
    }
    // Pings and pushes know no probes.
    let ping = |ttl| Header { ttl, ..header(Function::PING, 1) };
    assert_eq!(node.router.broadcast(&ping(1), one, node.now), Verdict::New { onward: None });
    assert_eq!(node.router.broadcast(&ping(4), one, node.now), DUPLICATE);
}

/// TTL-12: what a leaf asks goes out step by step from here, with whatever TTL it has come.
#[test]
fn no_copy_of_a_leafs_query_has_a_higher_ttl() {
    let mut node = Node::new();
    let (leaf, other) = (node.leaf(), node.ultrapeer());
    assert_eq!(node.query_with(1, 1, leaf), Verdict::New { onward: None });
    for ttl in 2..=15 {
        for from in [leaf, other] {
            assert_eq!(node.query_with(1, ttl, from), DUPLICATE);
        }
        assert_eq!(node.hit(1, other), to(leaf));
    }
}

/// TTL-12: a leaf that has seen the probe of a query cannot keep the query itself from going on.
#[test]
fn a_leafs_copy_of_anothers_query_changes_nothing() {
    let mut node = Node::new();
    let (leaf, asker) = (node.leaf(), node.ultrapeer());
    assert_eq!(node.query_with(1, 1, asker), Verdict::New { onward: None });
    assert_eq!(node.query_with(1, 4, leaf), DUPLICATE);
    let onward = Onward { ttl: 2, hops: 1 };
    assert_eq!(node.query_with(1, 3, asker), Verdict::Again { onward });
    assert_eq!(node.hit(1, leaf), to(asker));
}

/// The flood of Gnutella 0.4 drops whatever comes again, unlike TTL-12.
#[test]
fn in_the_laboratory_a_higher_ttl_does_not_go_on() {
    let mut node = Node::with_rules(TtlRules::FLOOD);
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    node.query_with(1, 1, one);
    assert_eq!(node.query_with(1, 7, other), DUPLICATE);
    let farthest = Verdict::New { onward: Some(Onward { ttl: 6, hops: 1 }) };
    assert_eq!(node.query_with(2, 7, other), farthest);
}

/// TTL-13, attack A13: a replay within ten minutes is a duplicate; one second later nothing is left of
/// the message.
#[test]
fn a_message_is_remembered_for_its_life_and_not_a_second_longer() {
    for (age_s, is_known) in [(ROUTE_LIFE_SECONDS, true), (ROUTE_LIFE_SECONDS + 1, false)] {
        let mut node = Node::new();
        let (asker, other) = (node.ultrapeer(), node.ultrapeer());
        node.query(1, asker);
        node.wait_ms(u64::from(age_s) * 1_000);
        let (hit, copy) = (node.hit(1, other), node.query(1, other));
        if is_known {
            assert_eq!((hit, copy), (to(asker), DUPLICATE));
        } else {
            assert_eq!((hit, copy), (lost(Dropped::NoRoute), new_query()));
            assert_eq!(node.hit(1, asker), to(other));
        }
    }
}

/// TTL-13: neither hits nor copies make a message younger, or somebody who answers everything old would
/// push out what is new. What we send out again is young again.
#[test]
fn only_what_we_send_again_becomes_younger() {
    let mut node = Node::new();
    let (asker, other) = (node.ultrapeer(), node.ultrapeer());
    node.query_with(1, 1, asker);
    node.originate(2);
    node.wait_ms(u64::from(ROUTE_LIFE_SECONDS) * 1_000);
    assert_eq!(node.hit(1, other), to(asker));
    assert!(matches!(node.query_with(1, 4, asker), Verdict::Again { .. }));
    node.originate(2);
    node.wait_ms(1_000);
    assert_eq!(node.hit(1, other), lost(Dropped::NoRoute));
    assert_eq!(node.hit(2, other), Answer::Own);
}

/// TTL-21: what a neighbour brought before it went is still known.
#[test]
fn what_the_gone_have_brought_is_known_and_leads_nowhere() {
    let mut node = Node::new();
    let (gone, other) = (node.ultrapeer(), node.ultrapeer());
    node.query(1, gone);
    node.close(gone);
    assert_eq!(node.query(1, other), DUPLICATE);
    assert_eq!(node.hit(1, other), lost(Dropped::RouteLost));
    // Whoever takes the place inherits nothing, and the one who had it is a stranger.
    let heir = node.ultrapeer();
    assert_eq!(heir.index(), gone.index());
    assert_eq!(node.hit(1, other), lost(Dropped::RouteLost));
    let stranger = Verdict::Drop { why: Dropped::Stranger, fault: None };
    assert_eq!(node.query(2, gone), stranger);
    assert_eq!(node.hit(1, gone), lost(Dropped::Stranger));
    assert_eq!(node.push(1, 1, gone), Err(Dropped::Stranger));
    node.learn(1, gone);
    assert_eq!(node.router.servents_len(), 0);
    assert_eq!(node.query(2, heir), new_query());
}

/// TTL-14: who repeats itself often enough is told so, with Bye 401.
#[test]
fn five_repetitions_are_borne_and_the_sixth_is_not() {
    let mut node = Node::new();
    let noisy = node.ultrapeer();
    node.query(1, noisy);
    for _ in 0..REPEATS_MAX {
        assert_eq!(node.query(1, noisy), DUPLICATE);
    }
    let blame = fault(node.query(1, noisy)).expect("it is blamed");
    assert_eq!(blame.rule.id(), "TTL-14");
    assert_eq!(Cost::of(&Fault::from(blame)), Cost::Bye(401));
}

/// TTL-14: among many messages some repetitions are borne, up to 1.5 %.
#[test]
fn fifteen_repetitions_in_a_thousand_are_borne() {
    let mut node = Node::new();
    let busy = node.ultrapeer();
    for number in 1..=1_000 - REPEATS_PER_MILLE_MAX {
        node.query(number, busy);
    }
    for number in 1..=REPEATS_PER_MILLE_MAX {
        assert_eq!(node.query(number, busy), DUPLICATE);
    }
    assert_eq!(fault(node.query(1, busy)).map(|fault| fault.rule.id()), Some("TTL-14"));
}

/// TTL-14: a neighbour that sends what another one sent first is part of a flood; it repeats itself when
/// it does so twice. A copy with a higher TTL is none.
#[test]
fn a_copy_of_anothers_message_is_no_repetition_and_two_are() {
    let mut node = Node::new();
    let (first, second, third) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    for number in 1..100 {
        node.query_with(number, 1, first);
        assert_eq!(node.query_with(number, 1, second), DUPLICATE);
        assert_eq!(node.query_with(number, 1, third), DUPLICATE);
    }
    for ttl in 2..=4 {
        assert_eq!(fault(node.query_with(1, ttl, second)), None);
        assert_eq!(fault(node.query_with(1, ttl, first)), None);
    }
    for _ in 0..REPEATS_MAX {
        assert_eq!(node.query_with(2, 1, third), DUPLICATE);
    }
    assert_eq!(fault(node.query_with(2, 1, third)).map(|fault| fault.rule.id()), Some("TTL-14"));
    // Echoes of our own messages count too.
    node.originate(100);
    assert_eq!(node.query_with(100, 2, second), DUPLICATE);
    for _ in 0..REPEATS_MAX {
        assert_eq!(node.query_with(100, 2, second), DUPLICATE);
    }
    assert_eq!(fault(node.query_with(100, 2, second)).map(|fault| fault.rule.id()), Some("TTL-14"));
}

/// TTL-14: whoever passes on what others repeat has not made it, and is not blamed, however often it does so.
/// It is when it made the message itself.
#[test]
fn what_is_passed_on_twice_is_no_repetition() {
    let mut node = Node::new();
    let (relay, other, servent) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    node.originate(3);
    node.query(2, other);
    node.learn(5, servent);
    let push = |hops| Header { hops, ..header(Function::PUSH, 4) };
    assert!(matches!(node.router.push(&push(1), guid(5), relay, node.now), PushRoute::To { .. }));
    for _ in 0..100 {
        for number in 1..=3 {
            let query = Header { hops: 1, ..header(Function::QUERY, number) };
            let verdict = node.router.broadcast(&query, relay, node.now);
            assert_eq!(fault(verdict), None);
        }
        let again = node.router.push(&push(1), guid(5), relay, node.now);
        assert_eq!(again, PushRoute::Drop { why: Dropped::Duplicate, fault: None });
    }
    // The first copy of its own is no repetition yet, and six of 408 messages are fewer than 1.5 %.
    for _ in 0..=REPEATS_MAX + 1 {
        assert_eq!(node.query(1, relay), DUPLICATE);
    }
    assert_eq!(fault(node.query(1, relay)).map(|fault| fault.rule.id()), Some("TTL-14"));
}

/// PUSH-09: along the hits, to those on the way, and never back.
#[test]
fn a_push_goes_where_hits_of_its_servent_came_from() {
    let mut node = Node::new();
    let (leaf, far, asker) = (node.leaf(), node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.push(1, 5, asker), Err(Dropped::NoRoute));
    node.learn(5, leaf);
    node.learn(6, far);
    assert_eq!(node.push(2, 5, asker), Ok(vec![leaf]));
    assert_eq!(node.push(3, 6, asker), Ok(vec![far]));
    assert_eq!(node.push(4, 6, far), Err(Dropped::Backwards));
    assert_eq!(node.push(5, 7, asker), Err(Dropped::NoRoute));
    node.close(leaf);
    assert_eq!(node.push(6, 5, asker), Err(Dropped::NoRoute));
    assert_eq!(node.router.servents_len(), 1);
}

/// PUSH-10: the GUID in the header tells pushes apart. One that found no way leaves no trace.
#[test]
fn a_push_goes_on_once_and_another_one_for_the_same_servent_too() {
    let mut node = Node::new();
    let (one, asker, other) = (node.ultrapeer(), node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.push(1, 5, asker), Err(Dropped::NoRoute));
    node.learn(5, one);
    assert_eq!(node.push(1, 5, asker), Ok(vec![one]));
    assert_eq!(node.push(1, 5, other), Err(Dropped::Duplicate));
    assert_eq!(node.push(2, 5, asker), Ok(vec![one]));
    // Not even with a higher TTL, since the servent would connect twice.
    let higher = Header { ttl: 4, ..header(Function::PUSH, 2) };
    let route = node.router.push(&higher, guid(5), other, node.now);
    assert_eq!(route, PushRoute::Drop { why: Dropped::Duplicate, fault: None });
}

/// PUSH-09, PUSH-14, attack A13: whoever claims a servent gets its pushes too, but takes them from nobody.
#[test]
fn a_false_claim_takes_no_push_away() {
    let mut node = Node::new();
    let (honest, asker) = (node.ultrapeer(), node.ultrapeer());
    node.learn(5, honest);
    let liars: Vec<_> = (0..20).map(|_| node.ultrapeer()).collect();
    for liar in &liars {
        node.learn(5, *liar);
    }
    // The last ones, and the one that was first.
    let ways = node.push(1, 5, asker).expect("there are ways");
    assert_eq!(ways, [liars[19], liars[18], honest]);
    assert_eq!(ways.len(), PUSH_WAYS_MAX);
    // Who was not the first is among the last again with its next hit, although it was forgotten.
    node.learn(5, liars[3]);
    assert_eq!(node.push(2, 5, asker), Ok(vec![liars[3], liars[19], honest]));
}

/// PUSH-14: so many neighbours are remembered for one servent, and one more takes the place of the one
/// that was heard of least lately.
#[test]
fn a_servent_has_as_many_ways_as_the_limit_allows() {
    let mut node = Node::new();
    let ways: Vec<_> = (0..=SERVENT_WAYS_MAX).map(|_| node.ultrapeer()).collect();
    for way in &ways[..SERVENT_WAYS_MAX] {
        node.learn(5, *way);
    }
    assert_eq!(node.router.servents_len(), SERVENT_WAYS_MAX);
    node.learn(5, ways[1]);
    node.learn(5, ways[SERVENT_WAYS_MAX]);
    assert_eq!(node.router.servents_len(), SERVENT_WAYS_MAX);
    // The third has made room: of the others each is a way while all that came later are gone.
    let asker = node.ultrapeer();
    for last in (3..=SERVENT_WAYS_MAX).rev() {
        node.close(ways[last]);
    }
    assert_eq!(node.push(1, 5, asker), Ok(vec![ways[1], ways[0]]));
}

/// PUSH-10, TTL-04, FRAME-12: nor is one for ourselves acted upon twice.
#[test]
fn a_push_for_us_is_taken_once() {
    let mut node = Node::new();
    let (one, other) = (node.ultrapeer(), node.ultrapeer());
    assert_eq!(node.push_here(1, 1, one), Ok(()));
    assert_eq!(node.push_here(1, 1, one), Err(Dropped::Duplicate));
    assert_eq!(node.push_here(1, 3, other), Err(Dropped::Duplicate));
    assert_eq!(node.push_here(2, 0, one), Err(Dropped::Spent));
    assert_eq!(node.push_here(0, 1, one), Err(Dropped::Nameless));
    assert_eq!(node.push_here(2, 1, other), Ok(()));
}

/// A push for the servent of a neighbour that is known without a hit keeps to the same rules.
#[test]
fn a_push_to_a_known_neighbour_goes_on_once() {
    let mut node = Node::new();
    let (leaf, ultrapeer, asker) = (node.leaf(), node.ultrapeer(), node.ultrapeer());
    let gone = node.leaf();
    node.close(gone);
    let mut push = |number, ttl, to, from| {
        let header = Header { ttl, ..header(Function::PUSH, number) };
        match node.router.push_to(&header, to, from, node.now) {
            PushRoute::To { ways, onward } => {
                assert_eq!(ways.iter().collect::<Vec<_>>(), [to]);
                Ok(onward.ttl)
            }
            PushRoute::Drop { why, .. } => Err(why),
            PushRoute::Here => panic!("it is not for us"),
        }
    };
    assert_eq!(push(1, 3, leaf, asker), Ok(2));
    assert_eq!(push(1, 3, leaf, asker), Err(Dropped::Duplicate));
    assert_eq!(push(2, 1, leaf, asker), Ok(1));
    assert_eq!(push(3, 1, ultrapeer, asker), Err(Dropped::Expired));
    assert_eq!(push(4, 0, leaf, asker), Err(Dropped::Spent));
    assert_eq!(push(5, 3, leaf, leaf), Err(Dropped::Backwards));
    assert_eq!(push(0, 3, leaf, asker), Err(Dropped::Nameless));
    assert_eq!(push(6, 3, gone, asker), Err(Dropped::NoRoute));
}

/// PUSH-09: a way is kept for its time after the last hit.
#[test]
fn a_way_to_a_servent_lives_from_its_last_hit() {
    let life_ms = u64::from(SERVENT_LIFE_SECONDS) * 1_000;
    let mut node = Node::new();
    let (one, asker) = (node.ultrapeer(), node.ultrapeer());
    node.learn(5, one);
    node.wait_ms(life_ms);
    node.learn(5, one);
    node.wait_ms(life_ms);
    assert_eq!(node.push(1, 5, asker), Ok(vec![one]));
    node.wait_ms(1_000);
    assert_eq!(node.push(2, 5, asker), Err(Dropped::NoRoute));
}
