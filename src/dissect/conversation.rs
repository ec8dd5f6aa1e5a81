use std::net::SocketAddr;

use super::agreement::Side;
use super::outlet::{Outlet, Sink};
use super::packet::TcpSegment;
use super::record::{Route, Transport};
use super::statistics::Statistics;
use super::stream::{Ending, Shared, Stream};
use super::tcp::{Piece, Reassembler};
use super::time::Timestamp;

/// One TCP connection, both directions of it.
#[derive(Debug)]
pub(super) struct Conversation {
    first: Direction,
    second: Direction,
    shared: Shared,
}

#[derive(Debug)]
struct Direction {
    from: SocketAddr,
    to: SocketAddr,
    reassembler: Reassembler,
    stream: Option<Stream>,
    /// When its last segment was seen.
    last_seen: Option<Timestamp>,
    is_over: bool,
}

/// What a conversation needs while it looks at a segment.
pub(super) struct Surroundings<'a, 'b> {
    pub(super) time: Option<Timestamp>,
    pub(super) statistics: &'a mut Statistics,
    pub(super) sink: &'a mut Sink<'b>,
}

impl Conversation {
    /// A connection of which `segment` is the first thing seen. Its sender counts as the first side.
    pub(super) fn new(segment: &TcpSegment<'_>) -> Self {
        Self {
            first: Direction::new(segment.from, segment.to),
            second: Direction::new(segment.to, segment.from),
            shared: Shared::default(),
        }
    }

    /// True when `segment` opens another connection between the same ports.
    pub(super) fn is_succeeded_by(&self, segment: &TcpSegment<'_>) -> bool {
        let opens = segment.syn && segment.acknowledged.is_none();
        let known = if segment.from == self.first.from { &self.first } else { &self.second };
        let begins_at = known.reassembler.origin();
        opens && begins_at.is_some_and(|origin| origin != segment.sequence.wrapping_add(1))
    }

    /// The next segment of either side.
    pub(super) fn push(&mut self, segment: &TcpSegment<'_>, around: &mut Surroundings<'_, '_>) {
        let is_first = segment.from == self.first.from;
        let (own, other) = match is_first {
            true => (&mut self.first, &mut self.second),
            false => (&mut self.second, &mut self.first),
        };
        let side = |is_first| if is_first { Side::First } else { Side::Second };
        // Only a reset at the place that its sender has come to is one; others are forged or astray.
        if segment.rst && !own.reassembler.is_due(segment.sequence) {
            return;
        }
        // What is acknowledged was sent before this segment.
        if let Some(sequence) = segment.acknowledged {
            other.reassembler.acknowledge(sequence);
            other.poll(side(!is_first), &mut self.shared, around);
        }
        own.accept(segment, side(is_first), &mut self.shared, around);
        if segment.rst {
            self.end(around);
        }
    }

    /// Nothing more is to come: what is left is told of.
    pub(super) fn end(&mut self, around: &mut Surroundings<'_, '_>) {
        for (side, direction) in [(Side::First, &mut self.first), (Side::Second, &mut self.second)]
        {
            direction.finish(side, &mut self.shared, around);
        }
    }

    /// Bytes of memory that the connection holds.
    pub(super) fn footprint_len(&self) -> usize {
        self.first.footprint_len().saturating_add(self.second.footprint_len())
    }
}

impl Direction {
    fn new(from: SocketAddr, to: SocketAddr) -> Self {
        let reassembler = Reassembler::default();
        Self { from, to, reassembler, stream: None, last_seen: None, is_over: false }
    }

    fn accept(
        &mut self,
        segment: &TcpSegment<'_>,
        side: Side,
        shared: &mut Shared,
        around: &mut Surroundings<'_, '_>,
    ) {
        let TcpSegment { payload, unrecorded_len, .. } = *segment;
        let start = segment.sequence.wrapping_add(u32::from(segment.syn));
        let end = after(after(start, payload.len()), unrecorded_len);
        if start != end && self.is_of_another_stream(start, end) {
            self.begin_again(side, shared, around);
        }
        self.last_seen = around.time;
        if segment.syn {
            self.reassembler.begin(start);
            self.stream.get_or_insert_with(|| Stream::new(side, false));
        }
        if !payload.is_empty() || unrecorded_len > 0 {
            self.stream.get_or_insert_with(|| Stream::new(side, true));
            if let Some(ready) = self.reassembler.accept(around.time, start, payload) {
                self.push(ready, shared, around.time, around.sink);
            }
        }
        if unrecorded_len > 0 {
            self.reassembler.lose_until(end);
        }
        if segment.fin {
            self.reassembler.end_at(end);
        }
        self.poll(side, shared, around);
    }

    /// True for bytes that this stream has no place for: its ports are used again, or what seemed to
    /// end it did not.
    fn is_of_another_stream(&self, start: u32, end: u32) -> bool {
        let is_sent_again = self.reassembler.has_passed(start, end);
        self.reassembler.is_far_behind(start) || (self.is_over && !is_sent_again)
    }

    /// Puts the stream aside for another one, of which nobody knows how it began.
    fn begin_again(&mut self, side: Side, shared: &mut Shared, around: &mut Surroundings<'_, '_>) {
        self.finish(side, shared, around);
        *self = Self::new(self.from, self.to);
    }

    /// Reads whatever waits, and ends.
    fn finish(&mut self, side: Side, shared: &mut Shared, around: &mut Surroundings<'_, '_>) {
        self.reassembler.give_up();
        self.poll(side, shared, around);
        self.end(around);
    }

    /// Reads on where segments that waited have come into order.
    fn poll(&mut self, side: Side, shared: &mut Shared, around: &mut Surroundings<'_, '_>) {
        while let Some(piece) = self.reassembler.poll() {
            self.stream.get_or_insert_with(|| Stream::new(side, true));
            match piece {
                Piece::Data(time, bytes) => self.push(&bytes, shared, time, around.sink),
                Piece::Gap(len) => self.gap(len, around),
            }
        }
        if self.reassembler.is_at_end() {
            self.end(around);
        }
    }

    fn push(
        &mut self,
        bytes: &[u8],
        shared: &mut Shared,
        time: Option<Timestamp>,
        sink: &mut Sink<'_>,
    ) {
        let mut out = Outlet { time, route: self.route(), sink };
        if let Some(stream) = self.stream.as_mut().filter(|_| !self.is_over) {
            stream.push(bytes, shared, &mut out);
        }
    }

    fn gap(&mut self, gap_len: u64, around: &mut Surroundings<'_, '_>) {
        let route = self.route();
        let mut out = Outlet { time: around.time.or(self.last_seen), route, sink: around.sink };
        let is_felt = match self.stream.as_mut().filter(|_| !self.is_over) {
            Some(stream) => stream.gap(gap_len, &mut out),
            None => false,
        };
        around.statistics.note_gap(gap_len, is_felt);
    }

    fn end(&mut self, around: &mut Surroundings<'_, '_>) {
        if self.is_over {
            return;
        }
        let tail_len = self.reassembler.take_tail_len();
        if tail_len > 0 {
            self.gap(tail_len, around);
        }
        let mut out = Outlet { time: self.last_seen, route: self.route(), sink: around.sink };
        if let Some(stream) = &mut self.stream {
            stream.end(Ending::Closed, &mut out);
        }
        self.is_over = true;
    }

    const fn route(&self) -> Route {
        Route { transport: Transport::Tcp, from: Some(self.from), to: Some(self.to) }
    }

    fn footprint_len(&self) -> usize {
        let stream_len = self.stream.as_ref().map_or(0, Stream::footprint_len);
        self.reassembler.footprint_len().saturating_add(stream_len)
    }
}

fn after(sequence: u32, len: usize) -> u32 {
    sequence.wrapping_add(u32::try_from(len).unwrap_or(u32::MAX))
}
