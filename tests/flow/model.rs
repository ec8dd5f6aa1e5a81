//! The queues beside a model of them that is slow and obviously right, on random events.

use filbert::base::limits::{
    SEND_QUEUE_CONTROL_LEN_MAX, SEND_QUEUE_LEN_MAX, SEND_QUEUE_TABLE_LEN_MAX,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::flow::{Class, Flow, SendQueues};
use proptest::prelude::*;

use crate::support::flow::{frame, number, slots};

const NEIGHBOURS: usize = 3;

/// A message that waits.
#[derive(Clone, Debug)]
struct Waiting {
    number: u32,
    len: usize,
    since: Time,
}

/// What one source sends in one class.
#[derive(Clone, Debug)]
struct Stream {
    class: Class,
    source: Option<Slot>,
    served: usize,
    waiting: Vec<Waiting>,
}

/// What waits for one neighbour: nothing is counted beforehand, all is added up when it is asked
/// for.
#[derive(Clone, Debug, Default)]
struct Model {
    streams: Vec<Stream>,
    /// Bytes that each class has sent in this round.
    spent: [i64; 8],
    is_congested: bool,
}

const ROUND: [i64; 8] = [4_096, 2_048, 1_024, 4_096, 1_024, 1_024, 256, 128];
const SHARE: [usize; 8] = [16, 32, 4, 24, 6, 10, 3, 1];

impl Stream {
    fn len(&self) -> usize {
        self.waiting.iter().map(|waiting| waiting.len).sum()
    }
}

impl Model {
    fn len(&self) -> usize {
        self.streams.iter().map(Stream::len).sum()
    }

    fn len_of(&self, class: Class) -> usize {
        self.streams.iter().filter(|stream| stream.class == class).map(Stream::len).sum()
    }

    /// How many were dropped, or nothing where the neighbour has to go.
    fn push(&mut self, class: Class, source: Option<Slot>, waiting: Waiting) -> Option<u32> {
        let len_max = match class {
            Class::Control => SEND_QUEUE_CONTROL_LEN_MAX,
            Class::Table => SEND_QUEUE_TABLE_LEN_MAX,
            _ => usize::MAX,
        };
        if self.len_of(class) + waiting.len > len_max {
            return None;
        }
        let source = if class <= Class::Table { None } else { source };
        let known = self.streams.iter().position(|s| (s.class, s.source) == (class, source));
        if let Some(at) = known {
            self.streams[at].waiting.push(waiting);
        } else {
            let others = self.streams.iter().filter(|stream| stream.class == class);
            let served = others.map(|stream| stream.served).max().unwrap_or(0);
            self.streams.push(Stream { class, source, served, waiting: vec![waiting] });
        }
        let dropped = self.make_room();
        self.is_congested |= self.len() >= SEND_QUEUE_LEN_MAX / 2;
        Some(dropped)
    }

    fn make_room(&mut self) -> u32 {
        let mut dropped = 0;
        for class in [5, 4, 3, 2, 1, 0].map(|at| Class::ALL[2 + at]) {
            while self.len() > SEND_QUEUE_LEN_MAX
                && self.len_of(class) > SHARE[class as usize] * 1_024
            {
                let of_class = |stream: &&mut Stream| stream.class == class;
                let heaviest = self.streams.iter_mut().filter(of_class).max_by_key(|s| s.len());
                heaviest.unwrap().waiting.remove(0);
                self.streams.retain(|stream| !stream.waiting.is_empty());
                dropped += 1;
            }
        }
        self.calm_down();
        dropped
    }

    fn pop(&mut self, now: Time) -> Option<u32> {
        let sent = std::iter::from_fn(|| self.take(now)).find_map(|sent| sent);
        self.calm_down();
        sent
    }

    /// The next message, within it nothing where that was too late.
    fn take(&mut self, now: Time) -> Option<Option<u32>> {
        let class = self.next_class()?;
        let of_class = |stream: &&mut Stream| stream.class == class;
        let next = self.streams.iter_mut().filter(of_class).min_by_key(|stream| stream.served)?;
        let waiting = next.waiting.remove(0);
        let is_late = class.wait_ms().is_some_and(|wait| now >= waiting.since.after_ms(wait));
        if !is_late {
            next.served += waiting.len;
            self.spent[class as usize] += i64::try_from(waiting.len).unwrap();
        }
        self.streams.retain(|stream| !stream.waiting.is_empty());
        Some((!is_late).then_some(waiting.number))
    }

    fn next_class(&mut self) -> Option<Class> {
        if self.streams.is_empty() {
            return None;
        }
        loop {
            let may = |class: &Class| {
                self.len_of(*class) > 0 && self.spent[*class as usize] < ROUND[*class as usize]
            };
            if let Some(class) = Class::ALL.into_iter().find(may) {
                return Some(class);
            }
            for (spent, round) in self.spent.iter_mut().zip(ROUND) {
                *spent = (*spent - round).max(0);
            }
        }
    }

    fn calm_down(&mut self) {
        self.is_congested &= self.len() > SEND_QUEUE_LEN_MAX / 4;
        if self.streams.is_empty() {
            self.spent = [0; 8];
        }
    }
}

#[derive(Clone, Debug)]
enum Event {
    Push { to: usize, class: usize, source: usize, len: usize, times: u32 },
    Pop { from: usize, times: u32 },
    Wait { ms: u64 },
    Clear { at: usize },
    Reopen { at: usize },
}

fn event() -> impl Strategy<Value = Event> {
    let len = prop_oneof![5 => 23_usize..200, 2 => 200_usize..5_000, 1 => 5_000_usize..20_000];
    prop_oneof![
        8 => (0..NEIGHBOURS, 0..8_usize, 0..6_usize, len, 1..40_u32).prop_map(
            |(to, class, source, len, times)| Event::Push { to, class, source, len, times }
        ),
        4 => (0..NEIGHBOURS, 1..60_u32).prop_map(|(from, times)| Event::Pop { from, times }),
        2 => (1..6_000_u64).prop_map(|ms| Event::Wait { ms }),
        1 => (0..NEIGHBOURS).prop_map(|at| Event::Clear { at }),
        1 => (0..NEIGHBOURS).prop_map(|at| Event::Reopen { at }),
    ]
}

/// The queues and the model, side by side.
struct Both {
    slots: Vec<Slot>,
    queues: SendQueues,
    models: Vec<Model>,
    now: Time,
    count: u32,
    /// Who was told to be congested, as the changes say.
    told: Vec<bool>,
}

impl Both {
    fn new() -> Self {
        let slots = slots(10);
        let mut queues = SendQueues::new();
        slots[..NEIGHBOURS].iter().for_each(|slot| queues.open(*slot));
        let (models, told) = (vec![Model::default(); NEIGHBOURS], vec![false; NEIGHBOURS]);
        Self { slots, queues, models, now: Time::ZERO, count: 0, told }
    }

    fn happen(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match *event {
            Event::Push { to, class, source, len, times } => {
                for _ in 0..times {
                    self.push(to, Class::ALL[class], source, len)?;
                }
            }
            Event::Pop { from, times } => {
                for _ in 0..times {
                    let sent = self.queues.pop(self.slots[from], self.now);
                    let number = sent.map(|frame| number(&frame));
                    prop_assert_eq!(number, self.models[from].pop(self.now));
                }
            }
            Event::Wait { ms } => self.now = self.now.after_ms(ms),
            Event::Clear { at } => {
                self.queues.clear(self.slots[at]);
                self.models[at] = Model::default();
            }
            Event::Reopen { at } => {
                self.queues.close(self.slots[at]);
                self.queues.open(self.slots[at]);
                (self.models[at], self.told[at]) = (Model::default(), false);
            }
        }
        self.compare()
    }

    fn push(
        &mut self,
        to: usize,
        class: Class,
        source: usize,
        len: usize,
    ) -> Result<(), TestCaseError> {
        let (number, since) = (self.count, self.now);
        self.count += 1;
        // The first one stands for ourselves.
        let source = (source > 0).then(|| self.slots[source + NEIGHBOURS]);
        let was_empty = self.models[to].len() == 0;
        let expected = self.models[to].push(class, source, Waiting { number, len, since });
        let pushed = self.queues.push(self.slots[to], class, frame(number, len), source, since);
        prop_assert_eq!(pushed.fault.is_some(), expected.is_none());
        prop_assert_eq!(pushed.dropped, expected.unwrap_or(1));
        prop_assert_eq!(pushed.ready, was_empty && self.models[to].len() > 0);
        Ok(())
    }

    fn compare(&mut self) -> Result<(), TestCaseError> {
        while let Some((slot, flow)) = self.queues.poll_change() {
            let at = self.slots.iter().position(|other| *other == slot).unwrap();
            prop_assert_ne!(self.told[at], flow == Flow::Congested, "told twice");
            self.told[at] = flow == Flow::Congested;
        }
        for (at, model) in self.models.iter().enumerate() {
            prop_assert_eq!(self.queues.len_bytes(self.slots[at]), model.len());
            prop_assert_eq!(self.queues.is_congested(self.slots[at]), model.is_congested);
            prop_assert_eq!(self.told[at], model.is_congested);
            prop_assert!(model.len() <= SEND_QUEUE_LEN_MAX);
        }
        let total: usize = self.models.iter().map(Model::len).sum();
        prop_assert_eq!(self.queues.total_len_bytes(), total);
        Ok(())
    }
}

/// Who sends what class of message of what length, and whether one is sent on.
fn arrival() -> impl Strategy<Value = (usize, usize, usize, bool)> {
    (0..4_usize, 0..8_usize, 23..3_000_usize, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// FLOW-01, FLOW-02, FLOW-03, FLOW-04, FLOW-05, FLOW-08
    #[test]
    fn the_queues_do_what_the_model_does(events in prop::collection::vec(event(), 1..80)) {
        let mut both = Both::new();
        for event in &events {
            both.happen(event)?;
        }
        for (at, model) in both.models.iter_mut().enumerate() {
            while let Some(expected) = model.pop(both.now) {
                let sent = both.queues.pop(both.slots[at], both.now);
                prop_assert_eq!(sent.map(|frame| number(&frame)), Some(expected));
            }
            prop_assert_eq!(both.queues.pop(both.slots[at], both.now), None);
        }
        prop_assert_eq!(both.queues.total_len_bytes(), 0);
    }

    /// FLOW-08: what came from one source leaves in its order, whatever else happens.
    #[test]
    fn what_came_from_one_source_stays_in_its_order(
        events in prop::collection::vec(arrival(), 1..400),
    ) {
        let slots = slots(5);
        let mut queues = SendQueues::new();
        queues.open(slots[4]);
        let mut last = [[None; 8]; 4];
        let mut whose = Vec::new();
        for (count, (source, class, len, pops)) in (0_u32..).zip(events) {
            whose.push((source, class));
            let one = frame(count, len);
            queues.push(slots[4], Class::ALL[class], one, Some(slots[source]), Time::ZERO);
            if pops {
                let Some(sent) = queues.pop(slots[4], Time::ZERO) else { continue };
                let (source, class) = whose[number(&sent) as usize];
                prop_assert!(last[source][class] < Some(number(&sent)));
                last[source][class] = Some(number(&sent));
            }
        }
    }
}
