//! A desk with dynamic queries on it, and neighbours as the test wants them.

use bytes::Bytes;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::dynamic_query::{
    Candidate, DynamicQueries, Guidance, Origin, Search, Step, Why, results_wanted,
};
use filbert::gnutella::wire::Guid;

pub(crate) const PAYLOAD: Bytes = Bytes::from_static(b"\x80\x00query\0");

pub(crate) struct Desk {
    pub(crate) queries: DynamicQueries,
    pub(crate) neighbours: Vec<Candidate>,
    pub(crate) now: Time,
    /// What came out of the queries since it was last taken.
    steps: Vec<Step>,
    slots: Slots<()>,
}

/// A message that was sent, without what is the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sent {
    pub(crate) at_ms: u64,
    pub(crate) to: Slot,
    pub(crate) ttl: u8,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let queries = DynamicQueries::new();
        let (neighbours, steps, slots) = (Vec::new(), Vec::new(), Slots::new());
        Self { queries, neighbours, now: Time::ZERO, steps, slots }
    }

    /// With so many ultrapeers of degree 32, which take TTL 4 and repeated queries.
    pub(crate) fn with_neighbours(count: usize) -> Self {
        let mut desk = Self::new();
        for _ in 0..count {
            desk.add_neighbour();
        }
        desk
    }

    pub(crate) fn add_neighbour(&mut self) -> &mut Candidate {
        let slot = self.slots.insert(());
        self.neighbours.push(Candidate {
            slot,
            degree: 32,
            max_ttl: 4,
            ext_probes: true,
            table: None,
            congested: false,
        });
        self.neighbours.last_mut().unwrap()
    }

    pub(crate) fn neighbour(&self, slot: Slot) -> &Candidate {
        self.neighbours.iter().find(|one| one.slot == slot).unwrap()
    }

    pub(crate) fn add_leaf(&mut self) -> Slot {
        self.slots.insert(())
    }

    /// So many results come from those that were asked, one after another, as long as they count.
    pub(crate) fn hit(&mut self, number: u32, results: u32) {
        let guid = guid(number);
        let (queries, now) = (&mut self.queries, self.now);
        let came = |queries: &DynamicQueries| queries.progress(guid).map(|all| all.results);
        for _ in 0..results {
            let before = came(queries);
            self.neighbours.iter().any(|neighbour| {
                queries.hit(guid, Some(neighbour.slot), 1, now);
                came(queries) != before
            });
        }
    }

    pub(crate) fn start(&mut self, search: Search) {
        self.queries.start(search, self.now, &mut self.steps);
    }

    /// Goes on to the next moment at which something is due, and lets it happen.
    pub(crate) fn step(&mut self) -> Vec<Step> {
        if let Some(due) = self.queries.next_timeout() {
            self.now = self.now.max(due);
        }
        self.timeout()
    }

    /// Lets happen what is due now.
    pub(crate) fn timeout(&mut self) -> Vec<Step> {
        let mut list = |_: &Bytes, out: &mut Vec<Candidate>| out.extend(&self.neighbours);
        self.queries.timeout(self.now, &mut list, &mut self.steps);
        self.take()
    }

    /// What came out of calls other than steps.
    pub(crate) fn take(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    pub(crate) fn close(&mut self, slot: Slot) -> Vec<Step> {
        self.neighbours.retain(|one| one.slot != slot);
        self.queries.close(slot, &mut self.steps);
        self.take()
    }

    pub(crate) fn stop(&mut self, number: u32) -> Vec<Step> {
        self.queries.stop(guid(number), &mut self.steps);
        self.take()
    }

    /// The next step, which has to be sending.
    pub(crate) fn sent(&mut self) -> Vec<Sent> {
        let steps = self.step();
        steps.into_iter().map(|step| self.as_sent(&step)).collect()
    }

    /// All that is sent until the queries are over, and why each of them is.
    pub(crate) fn run(&mut self) -> (Vec<Sent>, Vec<Why>) {
        let (mut sent, mut whys) = (Vec::new(), Vec::new());
        while !self.queries.is_empty() {
            for step in self.step() {
                match step {
                    Step::Finished { why, .. } => whys.push(why),
                    step => sent.push(self.as_sent(&step)),
                }
            }
        }
        (sent, whys)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.now.as_micros() / 1_000
    }

    fn as_sent(&self, step: &Step) -> Sent {
        let Step::Send { to, ttl, .. } = *step else { panic!("{step:?} is no message") };
        Sent { at_ms: self.now_ms(), to, ttl }
    }
}

pub(crate) fn guid(number: u32) -> Guid {
    // Spread over all bytes, as those of real queries are.
    let number = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Guid(number.to_be_bytes())
}

/// Our own query.
pub(crate) fn own(number: u32) -> Search {
    search(number, Origin::Own)
}

/// The query of a leaf that tells nothing.
pub(crate) fn of_leaf(number: u32, leaf: Slot) -> Search {
    search(number, Origin::Leaf(leaf))
}

fn search(number: u32, origin: Origin) -> Search {
    Search {
        guid: guid(number),
        payload: PAYLOAD,
        origin,
        wanted: results_wanted(origin, false),
        guidance: Guidance::None,
        hits_pass_here: true,
    }
}

/// Why the only step is the end of a query.
pub(crate) fn end(steps: &[Step]) -> Why {
    let [Step::Finished { why, .. }] = steps else { panic!("{steps:?} is not an end") };
    *why
}
