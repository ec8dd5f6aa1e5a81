//! Any sequence of events leaves dynamic queries in order.

use std::collections::BTreeMap;

use filbert::base::limits::{
    DYNAMIC_TTL_MAX, HORIZON_MAX, LEAF_SEARCHES_MAX, OWN_SEARCHES_MAX, SEARCH_LIFE_MS,
};
use filbert::base::slots::Slot;
use filbert::gnutella::dynamic_query::{Guidance, Origin, Step};
use filbert::gnutella::wire::Guid;
use proptest::prelude::*;

use crate::desk::{Desk, guid, of_leaf, own};

/// Something that may happen; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Event {
    Own,
    OfLeaf { leaf: usize, guidance: u8, hits_pass_here: bool },
    Hit { query: u32, from: Option<usize>, results: u32 },
    Status { leaf: usize, query: u32, kept: u16 },
    Kept { query: u32, kept: u32 },
    Stop { query: u32 },
    Neighbour { degree: u16, max_ttl: u8, ext_probes: bool, table: Option<bool> },
    Congested { neighbour: usize, congested: bool },
    CloseNeighbour { neighbour: usize },
    CloseLeaf { leaf: usize },
    Wait { ms: u64 },
    Step,
}

fn any_event() -> impl Strategy<Value = Event> {
    let neighbour = (any::<u16>(), 0..9_u8, any::<bool>(), any::<Option<bool>>());
    let usual = (2..60_u16, 1..5_u8, any::<bool>(), any::<Option<bool>>());
    let kept = prop_oneof![0..200_u16, Just(u16::MAX), any::<u16>()];
    prop_oneof![
        2 => Just(Event::Own),
        4 => (any::<usize>(), 0..3_u8, any::<bool>()).prop_map(|(leaf, guidance, hits_pass_here)| {
            Event::OfLeaf { leaf, guidance, hits_pass_here }
        }),
        4 => (any::<u32>(), any::<Option<usize>>(), prop_oneof![0..60_u32, any::<u32>()])
            .prop_map(|(query, from, results)| Event::Hit { query, from, results }),
        2 => (any::<usize>(), any::<u32>(), kept)
            .prop_map(|(leaf, query, kept)| Event::Status { leaf, query, kept }),
        1 => any::<(u32, u32)>().prop_map(|(query, kept)| Event::Kept { query, kept }),
        1 => any::<u32>().prop_map(|query| Event::Stop { query }),
        4 => prop_oneof![1 => neighbour, 4 => usual].prop_map(
            |(degree, max_ttl, ext_probes, table)| {
                Event::Neighbour { degree, max_ttl, ext_probes, table }
            }
        ),
        2 => any::<(usize, bool)>()
            .prop_map(|(neighbour, congested)| Event::Congested { neighbour, congested }),
        1 => any::<usize>().prop_map(|neighbour| Event::CloseNeighbour { neighbour }),
        1 => any::<usize>().prop_map(|leaf| Event::CloseLeaf { leaf }),
        2 => (0..30_000_u64).prop_map(|ms| Event::Wait { ms }),
        16 => Just(Event::Step),
    ]
}

/// What is known from outside about the queries that run.
#[derive(Default)]
struct Book {
    queries: BTreeMap<Guid, Entry>,
    started: u32,
}

struct Entry {
    origin: Origin,
    ends_ms: u64,
    ttls: BTreeMap<Slot, u8>,
}

impl Book {
    fn start(&mut self, desk: &mut Desk, origin: Origin, guidance: u8, hits_pass_here: bool) {
        let number = self.started;
        self.started += 1;
        let mut search = match origin {
            Origin::Own => own(number),
            Origin::Leaf(leaf) => of_leaf(number, leaf),
        };
        search.guidance = [Guidance::None, Guidance::Total, Guidance::Share][usize::from(guidance)];
        search.hits_pass_here = hits_pass_here;
        let ends_ms = desk.now_ms() + SEARCH_LIFE_MS;
        self.queries.insert(guid(number), Entry { origin, ends_ms, ttls: BTreeMap::new() });
        desk.start(search);
    }

    /// A query that was started, whether it still runs or not.
    fn some(&self, chosen: u32) -> u32 {
        chosen % self.started.max(1)
    }

    /// Holds steps against what may be.
    fn check(&mut self, desk: &Desk, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Send { guid, to, ttl, hops, .. } => {
                    let neighbour = desk.neighbour(*to);
                    let entry = self.queries.get_mut(guid).expect("it runs");
                    assert_eq!(*hops, entry.origin.hops());
                    let within = ttl + hops <= neighbour.max_ttl.min(DYNAMIC_TTL_MAX);
                    assert!(within || *ttl == 1, "too far");
                    assert!(!neighbour.congested);
                    assert!(*ttl > 1 || neighbour.table != Some(false));
                    if let Some(before) = entry.ttls.insert(*to, *ttl) {
                        assert!(*ttl > before && neighbour.ext_probes, "{before}, then {ttl}");
                    }
                }
                Step::AskStatus { guid, leaf } => {
                    assert_eq!(self.queries[guid].origin, Origin::Leaf(*leaf));
                }
                Step::Finished { guid, origin, .. } => {
                    let entry = self.queries.remove(guid).expect("it ends once");
                    assert_eq!(entry.origin, *origin);
                    assert!(desk.now_ms() <= entry.ends_ms || steps.len() > 1);
                }
            }
        }
        assert_eq!(desk.queries.len(), self.queries.len());
        let mut of = BTreeMap::new();
        for (guid, entry) in &self.queries {
            assert!(desk.queries.progress(*guid).unwrap().horizon <= HORIZON_MAX);
            *of.entry(entry.origin).or_insert(0_usize) += 1;
        }
        for (origin, count) in of {
            let most = if origin == Origin::Own { OWN_SEARCHES_MAX } else { LEAF_SEARCHES_MAX };
            assert!(count <= most);
        }
        assert_eq!(desk.queries.next_timeout().is_some(), !self.queries.is_empty());
    }
}

/// Lets it all happen, and returns every step that was taken.
fn play(events: &[Event]) -> Vec<Step> {
    let (mut desk, mut book, mut taken) = (Desk::new(), Book::default(), Vec::new());
    let mut leaves: Vec<Slot> = (0..3).map(|_| desk.add_leaf()).collect();
    for event in events {
        let mut steps = Vec::new();
        let now = desk.now;
        match *event {
            Event::Own => book.start(&mut desk, Origin::Own, 0, true),
            Event::OfLeaf { leaf, guidance, hits_pass_here } => {
                let leaf = leaves[leaf % leaves.len()];
                book.start(&mut desk, Origin::Leaf(leaf), guidance, hits_pass_here);
            }
            Event::Hit { query, from, results } => {
                let count = desk.neighbours.len().max(1);
                let from = from.and_then(|from| desk.neighbours.get(from % count));
                let from = from.map(|neighbour| neighbour.slot);
                desk.queries.hit(guid(book.some(query)), from, results, now);
            }
            Event::Status { leaf, query, kept } => {
                let leaf = leaves[leaf % leaves.len()];
                desk.queries.status(leaf, guid(book.some(query)), kept, now);
            }
            Event::Kept { query, kept } => desk.queries.kept(guid(book.some(query)), kept, now),
            Event::Stop { query } => steps = desk.stop(book.some(query)),
            Event::Neighbour { degree, max_ttl, ext_probes, table } => {
                let new = desk.add_neighbour();
                (new.degree, new.max_ttl) = (degree, max_ttl);
                (new.ext_probes, new.table) = (ext_probes, table);
            }
            Event::Congested { neighbour, congested } => {
                let count = desk.neighbours.len().max(1);
                if let Some(neighbour) = desk.neighbours.get_mut(neighbour % count) {
                    neighbour.congested = congested;
                }
            }
            Event::CloseNeighbour { neighbour } => {
                let count = desk.neighbours.len().max(1);
                if let Some(neighbour) = desk.neighbours.get(neighbour % count) {
                    let slot = neighbour.slot;
                    steps = desk.close(slot);
                }
            }
            Event::CloseLeaf { leaf } => {
                let count = leaves.len();
                steps = desk.close(leaves[leaf % count]);
                leaves[leaf % count] = desk.add_leaf();
            }
            Event::Wait { ms } => {
                // As far as a driver would let it go without a step.
                let due = desk.queries.next_timeout();
                desk.now = now.after_ms(ms).min(due.unwrap_or(now.after_ms(ms)).max(now));
            }
            Event::Step => {
                steps = desk.step();
                assert!(desk.queries.next_timeout().is_none_or(|due| due > desk.now), "a loop");
            }
        }
        steps.extend(desk.take());
        book.check(&desk, &steps);
        taken.extend(steps);
    }
    taken
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// DQ-05, DQ-08, DQ-10, DQ-11, DQ-18
    #[test]
    fn whatever_happens_no_query_goes_too_far_or_ends_twice(
        events in prop::collection::vec(any_event(), 1..200)
    ) {
        let steps = play(&events);
        prop_assert_eq!(steps, play(&events), "the same events, the same steps");
    }
}
