use std::collections::BTreeMap;

use super::time::Timestamp;
use crate::base::limits::{TCP_PENDING_COST, TCP_PENDING_LEN_MAX, TCP_WINDOW_LEN_MAX};

/// The same numbers as distances.
const PENDING_LEN_MAX: i64 = TCP_PENDING_LEN_MAX as i64;
const WINDOW_LEN_MAX: i64 = TCP_WINDOW_LEN_MAX as i64;

/// Puts one direction of a TCP connection back into order.
///
/// Positions are counted in 64 bits from the first byte, so that the 32 bits of the sequence number
/// may wrap around as often as they like. Where segments overlap, what was handed out stays.
#[derive(Debug, Default)]
pub(super) struct Reassembler {
    /// The sequence number of position 0.
    origin: Option<u32>,
    /// Everything before this position was handed out or given up.
    next: u64,
    /// Segments that wait for something before them, by position.
    pending: BTreeMap<u64, Pending>,
    pending_len: usize,
    /// Holes before this position will not be filled any more.
    hopeless_until: u64,
    /// Bytes were sent up to this position, as far as is known.
    sent_until: u64,
    /// Where the sender said that the stream ends.
    end: Option<u64>,
}

#[derive(Debug)]
struct Pending {
    time: Option<Timestamp>,
    bytes: Vec<u8>,
}

/// A stretch of the stream that had to wait for its turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes, and when the segment with them was seen.
    Data(Option<Timestamp>, Vec<u8>),
    /// So many bytes were sent but not recorded.
    Gap(u64),
}

impl Reassembler {
    /// Says with which sequence number the stream begins, unless that is known already.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.origin.get_or_insert(sequence);
    }

    /// The sequence number with which the stream begins.
    pub(super) const fn origin(&self) -> Option<u32> {
        self.origin
    }

    /// Takes a segment. What continues the stream comes back at once, what else became
    /// ready comes out of [`poll`](Self::poll).
    pub(super) fn accept<'a>(
        &mut self,
        time: Option<Timestamp>,
        sequence: u32,
        payload: &'a [u8],
    ) -> Option<&'a [u8]> {
        self.begin(sequence);
        let ahead = self.ahead(sequence)?;
        let old_len = usize::try_from(ahead.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let fresh = payload.get(old_len..).filter(|fresh| !fresh.is_empty())?;
        if ahead <= 0 {
            self.next = self.next.saturating_add(fresh.len() as u64);
            return Some(fresh);
        }
        self.keep(self.next.saturating_add_signed(ahead), time, fresh);
        None
    }

    /// What has its turn now; after a hole that nobody will fill, the hole itself.
    pub(super) fn poll(&mut self) -> Option<Piece> {
        loop {
            let (&start, _) = self.pending.first_key_value()?;
            if start > self.next {
                let is_hopeless = start <= self.hopeless_until;
                let is_full = self.pending_len > TCP_PENDING_LEN_MAX;
                return (is_hopeless || is_full).then(|| self.skip_to(start));
            }
            let (start, segment) = self.pending.pop_first()?;
            self.pending_len = self.pending_len.saturating_sub(segment.cost());
            let old_len = usize::try_from(self.next.saturating_sub(start)).unwrap_or(usize::MAX);
            let fresh = segment.bytes.get(old_len..).unwrap_or_default();
            if !fresh.is_empty() {
                self.next = self.next.saturating_add(fresh.len() as u64);
                return Some(Piece::Data(segment.time, fresh.to_vec()));
            }
        }
    }

    /// The receiver has everything before `sequence`. Holes in front of segments that are here
    /// already were missed by whoever recorded them, and will not be sent again.
    pub(super) fn acknowledge(&mut self, sequence: u32) {
        if !self.pending.is_empty() {
            let position = self.position(sequence);
            self.hopeless_until = self.hopeless_until.max(position);
        }
    }

    /// Bytes were sent up to `sequence`, but those that are missing by now were not recorded.
    pub(super) fn lose_until(&mut self, sequence: u32) {
        let position = self.position(sequence);
        self.hopeless_until = self.hopeless_until.max(position);
        self.sent_until = self.sent_until.max(position);
    }

    /// The sender ends its stream at `sequence`, unless it has sent more than that already.
    pub(super) fn end_at(&mut self, sequence: u32) {
        self.begin(sequence);
        if self.ahead(sequence).is_none_or(|ahead| ahead < 0) {
            return;
        }
        let position = self.position(sequence);
        self.end.get_or_insert(position);
        self.sent_until = self.sent_until.max(position);
    }

    /// True once everything up to the end of the stream was handed out or given up. That the
    /// receiver has acknowledged the end is not enough: packets may be recorded out of order.
    pub(super) fn is_at_end(&self) -> bool {
        self.pending.is_empty() && self.end.is_some_and(|end| self.next >= end)
    }

    /// True where the sender may send `sequence` next, as far as one knows.
    pub(super) fn is_due(&self, sequence: u32) -> bool {
        self.ahead(sequence).is_none_or(|ahead| (0..=PENDING_LEN_MAX).contains(&ahead))
    }

    /// True for bytes that were handed out or given up.
    pub(super) fn has_passed(&self, start: u32, end: u32) -> bool {
        let is_behind_origin = |ahead: i64| ahead.min(0).unsigned_abs() > self.next;
        self.ahead(start).is_some_and(|ahead| !is_behind_origin(ahead))
            && self.ahead(end).is_some_and(|ahead| ahead <= 0)
    }

    /// True for a place that nothing is sent again from.
    pub(super) fn is_far_behind(&self, sequence: u32) -> bool {
        self.ahead(sequence).is_some_and(|ahead| ahead < -WINDOW_LEN_MAX)
    }

    /// Gives up all holes: [`poll`](Self::poll) now hands out everything that is here.
    pub(super) fn give_up(&mut self) {
        self.hopeless_until = u64::MAX;
    }

    /// Bytes that were sent after the last one handed out.
    pub(super) fn take_tail_len(&mut self) -> u64 {
        let tail_len = self.sent_until.saturating_sub(self.next);
        self.next = self.next.max(self.sent_until);
        tail_len
    }

    /// Bytes of memory that the waiting segments hold.
    pub(super) const fn footprint_len(&self) -> usize {
        self.pending_len
    }

    /// How far `sequence` is ahead of the next byte; half of all numbers count as behind it.
    fn ahead(&self, sequence: u32) -> Option<i64> {
        let wrapped = u32::try_from(self.next & u64::from(u32::MAX)).unwrap_or_default();
        let expected = self.origin?.wrapping_add(wrapped);
        Some(i64::from(sequence.wrapping_sub(expected).cast_signed()))
    }

    fn position(&self, sequence: u32) -> u64 {
        self.next.saturating_add_signed(self.ahead(sequence).unwrap_or_default())
    }

    fn keep(&mut self, start: u64, time: Option<Timestamp>, bytes: &[u8]) {
        if self.pending.get(&start).is_some_and(|known| known.bytes.len() >= bytes.len()) {
            return;
        }
        let segment = Pending { time, bytes: bytes.to_vec() };
        self.pending_len = self.pending_len.saturating_add(segment.cost());
        if let Some(shorter) = self.pending.insert(start, segment) {
            self.pending_len = self.pending_len.saturating_sub(shorter.cost());
        }
    }

    fn skip_to(&mut self, start: u64) -> Piece {
        let gap_len = start.saturating_sub(self.next);
        self.next = start;
        Piece::Gap(gap_len)
    }
}

impl Pending {
    fn cost(&self) -> usize {
        self.bytes.len().saturating_add(TCP_PENDING_COST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of segments that come in as `(sequence, bytes)`; gaps stand as `[n]`.
    fn reassembled(reassembler: &mut Reassembler, segments: &[(u32, &str)]) -> String {
        let mut out = String::new();
        for (sequence, bytes) in segments {
            let now = reassembler.accept(None, *sequence, bytes.as_bytes());
            out.push_str(std::str::from_utf8(now.unwrap_or_default()).unwrap());
            out.push_str(&polled(reassembler));
        }
        out
    }

    fn polled(reassembler: &mut Reassembler) -> String {
        std::iter::from_fn(|| reassembler.poll())
            .map(|piece| match piece {
                Piece::Data(_, bytes) => String::from_utf8(bytes).unwrap(),
                Piece::Gap(len) => format!("[{len}]"),
            })
            .collect()
    }

    fn begun_at(sequence: u32) -> Reassembler {
        let mut reassembler = Reassembler::default();
        reassembler.begin(sequence);
        reassembler
    }

    #[test]
    fn segments_out_of_order_wait_for_their_turn() {
        let segments = [(4, "d"), (2, "b"), (3, "c"), (1, "a"), (5, "e")];
        assert_eq!(reassembled(&mut begun_at(1), &segments), "abcde");
    }

    #[test]
    fn what_comes_again_is_not_handed_out_again() {
        let segments = [(1, "abc"), (1, "abc"), (2, "bcd"), (1, "ab"), (6, "fg"), (3, "cdefghi")];
        assert_eq!(reassembled(&mut begun_at(1), &segments), "abcdefghi");
    }

    #[test]
    fn of_two_segments_at_one_place_the_longer_one_is_kept() {
        let segments = [(2, "bc"), (2, "bcd"), (2, "b"), (1, "a")];
        assert_eq!(reassembled(&mut begun_at(1), &segments), "abcd");
    }

    #[test]
    fn sequence_numbers_wrap_around() {
        let mut reassembler = begun_at(u32::MAX - 1);
        let segments = [(u32::MAX, "b"), (1, "d"), (u32::MAX - 1, "a"), (0, "c"), (2, "e")];
        assert_eq!(reassembled(&mut reassembler, &segments), "abcde");
    }

    #[test]
    fn a_hole_that_the_receiver_acknowledged_is_given_up() {
        let mut reassembler = begun_at(1);
        assert_eq!(reassembled(&mut reassembler, &[(1, "a"), (4, "d")]), "a");
        reassembler.acknowledge(2);
        assert_eq!(polled(&mut reassembler), "", "the receiver waits as well");
        reassembler.acknowledge(5);
        assert_eq!(polled(&mut reassembler), "[2]d");
        assert_eq!(reassembled(&mut reassembler, &[(2, "bc"), (5, "e")]), "e");
    }

    #[test]
    fn at_the_limit_segments_wait_and_past_it_the_hole_is_given_up() {
        let mut reassembler = begun_at(0);
        let waiting = "x".repeat(TCP_PENDING_LEN_MAX - 2 * TCP_PENDING_COST - 1);
        assert_eq!(reassembled(&mut reassembler, &[(1, &waiting)]), "");
        let behind = u32::try_from(1 + waiting.len()).unwrap();
        assert_eq!(reassembled(&mut reassembler, &[(behind, "y")]), "");
        assert_eq!(reassembler.footprint_len(), TCP_PENDING_LEN_MAX);
        let (gap, rest) = ("[1]", reassembled(&mut reassembler, &[(behind, "yz")]));
        assert_eq!(rest, format!("{gap}{waiting}yz"));
        assert_eq!(reassembler.footprint_len(), 0);
    }

    #[test]
    fn the_end_tells_what_was_never_recorded() {
        let mut reassembler = begun_at(1);
        assert_eq!(reassembled(&mut reassembler, &[(1, "a"), (3, "c")]), "a");
        reassembler.end_at(6);
        assert!(!reassembler.is_at_end());
        reassembler.give_up();
        assert_eq!(polled(&mut reassembler), "[1]c");
        assert_eq!((reassembler.take_tail_len(), reassembler.take_tail_len()), (2, 0));
        assert!(reassembler.is_at_end());
    }

    #[test]
    fn an_acknowledged_end_waits_for_what_is_recorded_late() {
        let mut reassembler = begun_at(1);
        assert_eq!(reassembled(&mut reassembler, &[(1, "a")]), "a");
        reassembler.end_at(3);
        reassembler.acknowledge(4);
        assert!(!reassembler.is_at_end());
        assert_eq!(reassembled(&mut reassembler, &[(2, "b")]), "b");
        assert!(reassembler.is_at_end());
    }

    #[test]
    fn an_end_before_what_was_sent_already_is_none() {
        let mut reassembler = begun_at(1);
        assert_eq!(reassembled(&mut reassembler, &[(1, "abc")]), "abc");
        reassembler.end_at(3);
        assert!(!reassembler.is_at_end());
        reassembler.end_at(4);
        assert!(reassembler.is_at_end());
    }

    #[test]
    fn a_reset_is_due_from_the_next_byte_to_the_last_that_may_wait() {
        let mut reassembler = begun_at(1);
        assert_eq!(reassembled(&mut reassembler, &[(1, "abc")]), "abc");
        let furthest = 4 + u32::try_from(TCP_PENDING_LEN_MAX).unwrap();
        let due = [3, 4, furthest, furthest + 1].map(|sequence| reassembler.is_due(sequence));
        assert_eq!(due, [false, true, true, false]);
        assert!(Reassembler::default().is_due(77), "nothing is known of the sender");
    }

    #[test]
    fn what_is_behind_by_a_window_may_be_sent_again_and_further_behind_not() {
        let window_len = u32::try_from(TCP_WINDOW_LEN_MAX).unwrap();
        let reassembler = begun_at(0);
        assert!(!reassembler.is_far_behind(0_u32.wrapping_sub(window_len)));
        assert!(reassembler.is_far_behind(0_u32.wrapping_sub(window_len + 1)));
    }

    #[test]
    fn a_stream_without_a_beginning_begins_with_its_first_segment() {
        let segments = [(700, "ab"), (698, "zz"), (699, "zabc")];
        assert_eq!(reassembled(&mut Reassembler::default(), &segments), "abc");
    }
}
