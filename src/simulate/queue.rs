//! What is yet to happen, in the order in which it will.

use std::collections::VecDeque;
use std::mem;

use crate::base::time::Time;

/// Bits of a time that one level tells apart.
const DIGIT_BITS: u32 = 4;
const DIGITS: usize = 1 << DIGIT_BITS;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
const LEVELS: usize = (u64::BITS / DIGIT_BITS) as usize;

/// A bucket that once held more than this gives its memory back when it is empty.
const KEPT_CAPACITY_MAX: usize = 4_096;

/// Events in order of their times; events of one time in the order in which they were pushed.
///
/// Time only goes forward, so that no heap is needed: an event waits in a bucket named after the
/// highest digit in which its time differs from the present, and moves to lower buckets as that
/// digit is reached. All that is touched is read from front to back, which with two million events
/// is eight times as fast as a binary heap, and an event of the same time never overtakes another.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    now: u64,
    /// Events whose time is the present.
    due: VecDeque<T>,
    /// By level and digit.
    buckets: Vec<Vec<(u64, T)>>,
    /// For each level, which of its digits have events.
    filled: [u16; LEVELS],
    len: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        let buckets = (0..LEVELS * DIGITS).map(|_| Vec::new()).collect();
        Self { now: 0, due: VecDeque::new(), buckets, filled: [0; LEVELS], len: 0 }
    }

    /// Events that are yet to happen.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// All of them, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let later = self.buckets.iter().flatten().map(|(_, event)| event);
        self.due.iter().chain(later)
    }

    /// Adds an event. One that should have happened before the present happens now.
    pub(crate) fn push(&mut self, at: Time, event: T) {
        self.len = self.len.saturating_add(1);
        self.place(at.as_micros().max(self.now), event);
    }

    /// Takes the next event, unless it is later than `until`.
    pub(crate) fn pop(&mut self, until: Time) -> Option<(Time, T)> {
        loop {
            if let Some(event) = self.due.pop_front() {
                self.len = self.len.saturating_sub(1);
                return Some((Time::from_micros(self.now), event));
            }
            let (level, index) = self.first_filled()?;
            let bucket = self.buckets.get_mut(index)?;
            let next = bucket.iter().map(|(at, _)| *at).min()?;
            if next > until.as_micros() {
                return None;
            }
            let mut events = mem::take(bucket);
            let digits = self.filled.get_mut(level)?;
            *digits &= digits.wrapping_sub(1);
            self.now = next;
            for (at, event) in events.drain(..) {
                self.place(at, event);
            }
            if let Some(bucket) = self.buckets.get_mut(index)
                && events.capacity() <= KEPT_CAPACITY_MAX
            {
                *bucket = events;
            }
        }
    }

    /// The lowest level that has events, and the bucket of its lowest digit: all others are later.
    fn first_filled(&self) -> Option<(usize, usize)> {
        let level = self.filled.iter().position(|digits| *digits != 0)?;
        let digit = self.filled.get(level)?.trailing_zeros() as usize;
        Some((level, level.wrapping_mul(DIGITS).wrapping_add(digit)))
    }

    #[inline]
    fn place(&mut self, at: u64, event: T) {
        let Some(highest) = (at ^ self.now).checked_ilog2() else {
            self.due.push_back(event);
            return;
        };
        let level = highest / DIGIT_BITS;
        let digit = at >> level.wrapping_mul(DIGIT_BITS) & DIGIT_MASK;
        let (level, digit) = (level as usize, usize::try_from(digit).unwrap_or(0));
        if let Some(digits) = self.filled.get_mut(level) {
            *digits |= 1 << digit;
        }
        if let Some(bucket) = self.buckets.get_mut(level.wrapping_mul(DIGITS).wrapping_add(digit)) {
            bucket.push((at, event));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use proptest::prelude::*;

    use super::*;

    const END: Time = Time::from_micros(u64::MAX);

    #[test]
    fn events_of_one_time_happen_in_the_order_in_which_they_came() {
        let mut queue = Queue::new();
        let (soon, late) = (Time::from_micros(70_000), Time::from_micros(70_001));
        for event in 0..3 {
            queue.push(late, ("late", event));
            queue.push(soon, ("soon", event));
        }
        assert_eq!(queue.pop(END), Some((soon, ("soon", 0))));
        queue.push(soon, ("soon", 3));
        queue.push(Time::ZERO, ("overdue", 4));
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop(END)).collect();
        let expected = [
            (soon, ("soon", 1)),
            (soon, ("soon", 2)),
            (soon, ("soon", 3)),
            (soon, ("overdue", 4)),
            (late, ("late", 0)),
            (late, ("late", 1)),
            (late, ("late", 2)),
        ];
        assert_eq!(rest, expected);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn what_is_later_than_asked_for_stays_and_earlier_events_can_still_come() {
        let mut queue = Queue::new();
        queue.push(Time::from_micros(1_000_000), 'b');
        assert_eq!(queue.pop(Time::from_micros(999_999)), None);
        queue.push(Time::from_micros(3), 'a');
        assert_eq!(queue.iter().count(), 2);
        assert_eq!(queue.pop(END), Some((Time::from_micros(3), 'a')));
        assert_eq!(queue.pop(END), Some((Time::from_micros(1_000_000), 'b')));
        assert_eq!(queue.pop(END), None);
    }

    proptest! {
        /// The model is a heap of times and sequence numbers.
        #[test]
        fn it_is_a_heap_that_keeps_the_order_of_equals(
            steps in prop::collection::vec((prop::option::of(0_u32..24), any::<u64>()), 1..400)
        ) {
            let (mut queue, mut model, mut now) = (Queue::new(), BinaryHeap::new(), 0_u64);
            for (sequence, (push, random)) in steps.into_iter().enumerate() {
                if let Some(bits) = push {
                    let at = now.saturating_add(random >> (63 - bits * 2));
                    queue.push(Time::from_micros(at), sequence);
                    model.push(Reverse((at, sequence)));
                } else {
                    let until = now.saturating_add(random >> 20);
                    let due = model.peek().is_some_and(|Reverse((at, _))| *at <= until);
                    let expected = if due { model.pop() } else { None };
                    let popped = queue.pop(Time::from_micros(until));
                    now = popped.map_or(now, |(at, _)| at.as_micros());
                    let expected = expected.map(|Reverse((at, event))| (Time::from_micros(at), event));
                    prop_assert_eq!(popped, expected);
                }
                prop_assert_eq!(queue.len(), model.len());
            }
        }
    }
}
