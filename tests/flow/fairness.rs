//! That one neighbour's messages do not cost the others theirs: neither our work nor a slow link.

use filbert::base::limits::{WORK_BURST_MIN, WORK_DEBT_MAX, WORK_PER_SECOND};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::flow::{Admission, Class, SendQueues};

use crate::support::flow::{frame, number, slots};

const SECONDS: u64 = 12;
/// Honest neighbours of one node.
const HONEST: usize = 30;
/// How often the attacker sends what an honest neighbour sends once.
const FLOOD: u64 = 1_000;

/// Who sends how many queries a second.
struct Senders {
    slots: Vec<Slot>,
    rates: Vec<u64>,
}

impl Senders {
    fn honest(rate: u64) -> Self {
        Self { slots: slots(HONEST), rates: vec![rate; HONEST] }
    }

    fn with_attacker(rate: u64) -> Self {
        let mut rates = vec![rate; HONEST];
        rates.push(rate * FLOOD);
        Self { slots: slots(HONEST + 1), rates }
    }

    /// Calls `send` for each query of each sender in `seconds`, in the order of their moments.
    fn run(&self, seconds: u64, mut send: impl FnMut(usize, Time)) {
        const STEP_US: u64 = 500;
        let mut sent = vec![0; self.rates.len()];
        for step in 0..seconds * 1_000_000 / STEP_US {
            let now = Time::from_micros(step * STEP_US);
            for (sender, rate) in self.rates.iter().enumerate() {
                let due = now.as_micros() * rate / 1_000_000;
                while sent[sender] < due {
                    sent[sender] += 1;
                    send(sender, now);
                }
            }
        }
    }

    /// How many queries of each are worked on.
    fn admitted(&self, work_per_second: u32) -> Vec<u64> {
        let mut admission = Admission::new(work_per_second);
        for &slot in &self.slots {
            admission.open(slot, 8, Time::ZERO);
        }
        let mut admitted = vec![0; self.rates.len()];
        self.run(SECONDS, |sender, now| {
            let slot = self.slots[sender];
            admitted[sender] += u64::from(admission.admit(slot, Class::Query, 100, now));
        });
        admitted
    }
}

/// FLOW-07
#[test]
fn whoever_sends_a_thousand_times_as_much_leaves_the_others_nine_tenths_of_their_service() {
    // A query costs 16 units, so this is what 30 neighbours use up when each sends ten a second.
    let work_per_second = 30 * 10 * 16;
    for rate in [2, 5, 9, 10, 12] {
        let quiet = Senders::honest(rate).admitted(work_per_second);
        let attacked = Senders::with_attacker(rate).admitted(work_per_second);
        for honest in 0..HONEST {
            let (before, after) = (quiet[honest], attacked[honest]);
            assert!(after * 10 >= before * 9, "{rate} a second: {before}, then {after}");
        }
        let all: u64 = attacked.iter().sum();
        let most = u64::from(work_per_second) * (SECONDS + 2) / 16 + 31 * 32;
        assert!(all <= most, "{all} in all are more than {most}");
        // What the others leave is not lost.
        assert!(all * 100 >= u64::from(work_per_second) * SECONDS / 16 * 90, "{rate}: {all}");
    }
}

/// FLOW-07: what a message has cost beyond what was thought is its sender's.
#[test]
fn whoever_asks_what_is_dear_to_find_leaves_the_others_nine_tenths_of_their_service() {
    const DEAR: u32 = 800;
    let work_per_second = 30 * 10 * 16;
    let mut senders = Senders::honest(9);
    senders.slots = slots(HONEST + 1);
    senders.rates.push(90);
    let (mut admission, mut done) = (Admission::new(work_per_second), 0_u64);
    for &slot in &senders.slots {
        admission.open(slot, 8, Time::ZERO);
    }
    let mut admitted = vec![0_u64; HONEST + 1];
    senders.run(SECONDS, |sender, now| {
        if !admission.admit(senders.slots[sender], Class::Query, 100, now) {
            return;
        }
        admitted[sender] += 1;
        done += 16;
        if sender == HONEST {
            admission.charge(senders.slots[sender], DEAR, now);
            done += u64::from(DEAR);
        }
    });
    for honest in &admitted[..HONEST] {
        assert!(honest * 10 >= 9 * (SECONDS - 1) * 9, "{honest}");
    }
    assert!(admitted[HONEST] > 0);
    let most = u64::from(work_per_second) * (SECONDS + 2);
    assert!(done <= most, "{done} units are more than {most}");
}

/// FLOW-07: whoever wants less than an equal part gets all of it, and the others get the same.
#[test]
fn who_wants_more_than_its_share_gets_it_where_others_leave_some() {
    const PER_SECOND: u32 = 200;
    let modest = vec![1; 30];
    for (rates, fair) in [
        // The modest leave 170; of these, 20 and 30 are had in full, and 120 are shared by three.
        ([&modest[..], &[20, 30, 50, 2_000, 9_000]].concat(), [20, 30, 40, 40, 40].to_vec()),
        // The modest leave 170, of which eight want 10 each, and the last one gets the rest.
        ([&modest[..], &[10; 8], &[9_000]].concat(), [&[10; 8][..], &[90]].concat()),
    ] {
        let senders = Senders { slots: slots(rates.len()), rates };
        let admitted = senders.admitted(PER_SECOND * 16);
        for (admitted, fair) in admitted.iter().zip(modest.iter().chain(&fair)) {
            let least = fair * (SECONDS - 1) * 9 / 10;
            let most = fair * (SECONDS + 1) * 12 / 10 + u64::from(PER_SECOND / 2);
            assert!((least..=most).contains(admitted), "{admitted} for {fair} a second");
        }
    }
}

/// FLOW-07: the greedy one keeps the modest ones from nothing, even if there are many of it.
#[test]
fn several_attackers_share_what_the_others_leave() {
    let mut senders = Senders::honest(8);
    senders.slots = slots(HONEST + 5);
    senders.rates.extend([800, 1_600, 3_200, 6_400, 8_000]);
    let admitted = senders.admitted(30 * 10 * 16);
    for honest in &admitted[..HONEST] {
        assert!(honest * 10 >= 8 * (SECONDS - 1) * 9, "{honest}");
    }
    let (least, most) =
        (admitted[HONEST..].iter().min().unwrap(), admitted[HONEST..].iter().max().unwrap());
    assert!(most - least <= most / 4, "{least} to {most}");
}

/// FLOW-07
#[test]
fn a_quiet_node_works_on_all_it_is_sent_up_to_its_limit() {
    let slots = slots(2);
    let mut admission = Admission::new(WORK_PER_SECOND);
    admission.open(slots[0], 1, Time::ZERO);
    admission.open(slots[1], 1, Time::ZERO);
    let mut admit = || admission.admit(slots[0], Class::Query, 100, Time::ZERO);
    let count = std::iter::from_fn(|| admit().then_some(())).count();
    // Its own half, and half of what is spare then; the rest is kept for the other.
    assert_eq!(count, usize::try_from(WORK_PER_SECOND / 16 / 2).unwrap());
    let other = std::iter::from_fn(|| {
        admission.admit(slots[1], Class::Query, 100, Time::ZERO).then_some(())
    });
    assert_eq!(other.count(), usize::try_from(WORK_PER_SECOND / 16 / 2).unwrap());
}

/// FLOW-07
#[test]
fn a_small_share_still_lets_a_few_queries_through_at_once() {
    let slots = slots(1_001);
    let mut admission = Admission::new(1_000);
    for &slot in &slots {
        admission.open(slot, 1, Time::ZERO);
    }
    let queries = WORK_BURST_MIN / 16;
    // The first half of the spare goes to whoever comes first.
    while admission.admit(slots[1_000], Class::Query, 100, Time::ZERO) {}
    for _ in 0..queries {
        assert!(admission.admit(slots[0], Class::Query, 100, Time::ZERO));
    }
    assert!(!admission.admit(slots[0], Class::Query, 100, Time::ZERO));
    assert!(!admission.admit(slots[0], Class::Query, 100, Time::from_millis(1)));
}

/// FLOW-07
#[test]
fn tables_are_taken_on_credit_and_credit_has_an_end() {
    let slots = slots(1);
    let mut admission = Admission::new(0);
    admission.open(slots[0], 1, Time::ZERO);
    // A piece of 4 KiB costs 164 units; the neighbour has saved some units, and may owe many.
    let piece =
        |admission: &mut Admission| admission.admit(slots[0], Class::Table, 4 * 1_024, Time::ZERO);
    let pieces = std::iter::from_fn(|| piece(&mut admission).then_some(())).count();
    assert_eq!(pieces, usize::try_from((WORK_BURST_MIN + WORK_DEBT_MAX) / 164).unwrap());
    assert!(pieces > 255, "a whole table");
    assert!(!admission.admit(slots[0], Class::Query, 100, Time::ZERO));
}

/// FLOW-07
#[test]
fn the_share_of_who_has_gone_falls_to_those_who_are_there() {
    let slots = slots(1_000);
    let mut admission = Admission::new(10_000);
    for &slot in &slots {
        admission.open(slot, 8, Time::ZERO);
    }
    for &slot in &slots[2..] {
        admission.close(slot);
    }
    let now = Time::from_millis(500);
    while admission.admit(slots[1], Class::Query, 100, now) {}
    let mut admit = || admission.admit(slots[0], Class::Query, 100, now).then_some(());
    let mut count = 0;
    while admit().is_some() {
        count += 1;
    }
    // What came in half a second of half of all, and what it had saved before; not a thousandth.
    assert!(count * 16 >= 2_500, "{count}");
}

#[test]
fn nobody_works_for_who_is_not_there() {
    let slots = slots(1);
    let mut admission = Admission::new(WORK_PER_SECOND);
    assert!(!admission.admit(slots[0], Class::Ping, 23, Time::ZERO));
    admission.open(slots[0], 1, Time::ZERO);
    assert!(admission.admit(slots[0], Class::Ping, 23, Time::ZERO));
    admission.close(slots[0]);
    assert!(!admission.admit(slots[0], Class::Control, 23, Time::ZERO));
}

/// What goes out on a link of `bytes_per_second`, by sender, when all of it is for one neighbour.
fn sent_over(senders: &Senders, bytes_per_second: u64) -> Vec<u64> {
    const LEN: usize = 100;
    let out = slots(40)[39];
    let mut queues = SendQueues::new();
    queues.open(out);
    let mut sent = vec![0_u64; senders.rates.len()];
    let mut gone = 0;
    senders.run(SECONDS, |sender, now| {
        let one = frame(u32::try_from(sender).unwrap(), LEN);
        queues.push(out, Class::Query, one, Some(senders.slots[sender]), now);
        while gone + LEN as u64 <= now.as_micros() * bytes_per_second / 1_000_000 {
            gone += LEN as u64;
            let Some(frame) = queues.pop(out, now) else { continue };
            sent[usize::try_from(number(&frame)).unwrap()] += 1;
        }
    });
    sent
}

/// FLOW-08
#[test]
fn on_a_slow_link_whoever_floods_gets_its_part_and_no_more() {
    // Messages have 100 bytes. Each honest neighbour has five a second for this link.
    let senders = Senders::with_attacker(5);
    for bytes_per_second in [400, 2_000, 10_000, 15_000] {
        let sent = sent_over(&senders, bytes_per_second);
        let (all, attacker) = (sent.iter().sum::<u64>(), sent[HONEST]);
        let fair = all / (HONEST as u64 + 1);
        assert!(attacker <= fair + all / 10, "{bytes_per_second}: {attacker} of {all}");
        assert!(all * 100 >= bytes_per_second * SECONDS * 95 / 100, "the link is used: {all}");
    }
}

/// FLOW-08
#[test]
fn on_a_link_that_is_fast_enough_for_the_others_they_lose_nothing() {
    let rate = 5;
    let sent = sent_over(&Senders::with_attacker(rate), 20_000);
    for honest in &sent[..HONEST] {
        assert!(honest * 10 >= rate * SECONDS * 9, "{honest}");
    }
}
