//! What a router allocates: nothing while it routes, little while it is idle, and not for ever.

use bytes::Bytes;
use filbert::base::limits::{ROUTE_LIFE_SECONDS, ROUTES_OF_ULTRAPEER_MAX, ROUTES_TIDY_MS};
use filbert::base::slots::Slot;
use filbert::gnutella::router::{Dropped, PushRoute, Quotas, Router, TtlRules, Verdict};
use filbert::gnutella::wire::{Function, Header, Query};

use crate::routers::{DUPLICATE, Node, guid, header, lost, new_query, to};

/// Bytes that the work leaves allocated.
fn kept(work: impl FnOnce()) -> i64 {
    allocation_counter::measure(work).bytes_current
}

/// Everything that a router is there for: new queries, copies of them, hits, and pushes along the hits.
fn traffic(node: &mut Node, neighbours: &[Slot], numbers: std::ops::Range<u32>) {
    for number in numbers {
        let at = number as usize % neighbours.len();
        let (asker, answerer) = (neighbours[at], neighbours[(at + 1) % neighbours.len()]);
        assert_eq!(node.query(number, asker), new_query());
        for from in neighbours.iter().filter(|from| **from != asker) {
            assert_eq!(node.query(number, *from), DUPLICATE);
        }
        assert_eq!(node.hit(number, answerer), to(asker));
        node.learn(number, answerer);
        let push = header(Function::PUSH, number);
        let route = node.router.push(&push, guid(number), asker, node.now);
        assert!(matches!(route, PushRoute::To { .. }));
    }
}

#[test]
fn a_warm_router_routes_without_allocating() {
    let mut node = Node::new();
    let neighbours: Vec<Slot> = (0..4).map(|_| node.ultrapeer()).collect();
    // Past all quotas, so that each new message costs an old one.
    let warm = 1 + 4 * ROUTES_OF_ULTRAPEER_MAX;
    traffic(&mut node, &neighbours, 1..warm);
    let measured = allocation_counter::measure(|| {
        traffic(&mut node, &neighbours, warm..warm + 10_000);
    });
    assert_eq!(measured.count_total, 0);
}

/// All that is done for a query: it is read, looked up, and the neighbours that get it are listed.
#[test]
fn a_query_is_read_and_routed_to_thirty_neighbours_without_allocating() {
    let mut node = Node::new();
    let neighbours: Vec<Slot> = (0..30).map(|_| node.ultrapeer()).collect();
    let payload = Bytes::from_static(b"\xb9\0blue train\0\xc3\x83SCP\x41\x01");
    let mut targets: Vec<Slot> = Vec::with_capacity(neighbours.len());
    let mut route = |number: u32| {
        let from = neighbours[number as usize % neighbours.len()];
        let header = Header::decode(&header(Function::QUERY, number).encode()).unwrap();
        let query = Query::decode(&payload).unwrap();
        let verdict = node.router.broadcast(&header, from, node.now);
        assert!(
            matches!(verdict, Verdict::New { onward: Some(_) }) && *query.text == *b"blue train"
        );
        targets.clear();
        targets.extend(neighbours.iter().filter(|slot| **slot != from));
        assert_eq!(targets.len(), 29);
    };
    let warm = 1 + 30 * ROUTES_OF_ULTRAPEER_MAX;
    (1..warm).for_each(&mut route);
    let measured = allocation_counter::measure(|| (warm..warm + 10_000).for_each(&mut route));
    assert_eq!(measured.count_total, 0);
}

#[test]
fn a_router_without_neighbours_has_no_memory() {
    let measured = allocation_counter::measure(|| {
        let router = Router::with_quotas(TtlRules::default(), Quotas::default().unmetered(), 1);
        assert_eq!(router.messages_len(), 0);
    });
    assert_eq!(measured.count_total, 0);
    assert!(size_of::<Router>() <= 128, "{}", size_of::<Router>());
}

#[test]
fn an_idle_router_takes_little() {
    let (mut leaf, mut ultrapeer) = (Node::new(), Node::new());
    let of_leaf = kept(|| leaf.router.open(slots_of(1)[0], false, true, leaf.now));
    assert!(of_leaf <= 64, "{of_leaf} bytes");
    let of_ultrapeer = kept(|| {
        for (number, slot) in slots_of(60).into_iter().enumerate() {
            ultrapeer.router.open(slot, number < 30, true, ultrapeer.now);
        }
    });
    assert!(of_ultrapeer <= 4 * 1024, "{of_ultrapeer} bytes");
}

/// Names of places, made elsewhere so that only the router is measured.
fn slots_of(count: usize) -> Vec<Slot> {
    let mut slots = filbert::base::slots::Slots::new();
    (0..count).map(|_| slots.insert(())).collect()
}

#[test]
fn a_remembered_message_takes_56_bytes_in_a_full_table() {
    let mut node = Node::new();
    let ultrapeer = node.ultrapeer();
    let kept = kept(|| {
        for number in 1..=ROUTES_OF_ULTRAPEER_MAX {
            node.query(number, ultrapeer);
        }
    });
    let of_messages = i64::from(ROUTES_OF_ULTRAPEER_MAX) * 56;
    // The table itself comes with the first message.
    assert!((of_messages..of_messages + 512).contains(&kept), "{kept} bytes");
}

#[test]
fn a_router_that_has_become_quiet_gives_its_memory_back() {
    let mut node = Node::new();
    let (busy, quiet) = (node.ultrapeer(), node.ultrapeer());
    let kept = kept(|| {
        for number in 1..=5_000 {
            node.query(number, busy);
            node.learn(number, busy);
        }
        node.wait_ms(u64::from(ROUTE_LIFE_SECONDS) * 1_000);
        for number in 10_001..=10_010 {
            node.query(number, quiet);
            node.learn(number, quiet);
        }
        node.tidy();
        assert_eq!(node.router.messages_len(), 5_010);
        node.wait_ms(ROUTES_TIDY_MS);
        node.tidy();
        assert_eq!((node.router.messages_len(), node.router.servents_len()), (10, 10));
    });
    assert!(kept < 2_560, "{kept} bytes");
    // What is left is as it was.
    assert_eq!(node.hit(10_001, busy), to(quiet));
    assert_eq!(node.hit(5_000, quiet), lost(Dropped::NoRoute));
    assert_eq!(node.push(1, 10_010, busy), Ok(vec![quiet]));
    for number in 20_001..=25_000 {
        assert_eq!(node.query(number, busy), new_query());
    }
    assert_eq!(node.hit(10_010, busy), to(quiet));
    let rest = self::kept(|| {
        node.wait_ms(u64::from(ROUTE_LIFE_SECONDS) * 1_000 + ROUTES_TIDY_MS);
        node.tidy();
    });
    assert!(rest < -5_000 * 50, "{rest} bytes");
    assert_eq!(node.router.next_timeout(), None);
}
