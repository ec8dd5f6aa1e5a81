use super::Class;
use super::class::CLASSES;
use super::pool::{List, Pool, Waiting};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Frame;

/// What waits for one neighbour.
///
/// Each class has a line, and in each line each source has a stream. Lines are served in rounds, in
/// which each may send so much; the streams of a line take turns, so that what one source sends
/// makes no other source's messages wait (FLOW-02, FLOW-08).
#[derive(Debug)]
pub(super) struct Queue {
    lines: [Line; CLASSES],
    /// In the order in which they began. Few, unless the neighbour is slow.
    streams: Vec<Stream>,
    len_bytes: usize,
    pub(super) congested_since: Option<Time>,
}

/// The messages of one class.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    len_bytes: u32,
    /// Bytes that were sent in this round, and those of rounds before that were too many.
    spent: u32,
}

/// The messages of one class that came from one neighbour, or from us.
#[derive(Clone, Copy, Debug)]
struct Stream {
    class: Class,
    source: Option<Slot>,
    list: List,
    len_bytes: u32,
    /// Bytes that were sent, counted on from where the others of the line were when this one began:
    /// who has the least is next.
    served: u64,
}

impl Default for Queue {
    fn default() -> Self {
        // Mostly all that waits is from one source.
        let streams = Vec::with_capacity(1);
        Self { lines: [Line::default(); CLASSES], streams, len_bytes: 0, congested_since: None }
    }
}

impl Queue {
    /// For another neighbour, for whom nothing waits yet, as for the last one nothing does any
    /// more.
    pub(super) fn renew(&mut self) {
        self.lines = [Line::default(); CLASSES];
        self.congested_since = None;
        if self.streams.capacity() > 1 {
            self.streams = Vec::with_capacity(1);
        }
    }

    pub(super) const fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    pub(super) fn class_len_bytes(&self, class: Class) -> usize {
        self.lines.get(class.index()).map_or(0, |line| line.len_bytes as usize)
    }

    /// Puts a message at the end of its stream.
    pub(super) fn push(
        &mut self,
        class: Class,
        source: Option<Slot>,
        waiting: Waiting,
        pool: &mut Pool,
    ) {
        // These keep their order, whoever they are from.
        let source = source.filter(|_| class.is_droppable());
        let len_bytes = len_of(&waiting);
        let at = self.stream_of(class, source);
        let Some(stream) = self.streams.get_mut(at) else { return };
        pool.append(&mut stream.list, waiting);
        stream.len_bytes = stream.len_bytes.saturating_add(len_bytes);
        self.len_bytes = self.len_bytes.saturating_add(len_bytes as usize);
        if let Some(line) = self.lines.get_mut(class.index()) {
            line.len_bytes = line.len_bytes.saturating_add(len_bytes);
        }
    }

    /// Takes the message that is to be sent next. What has waited for too long is dropped on the
    /// way.
    pub(super) fn pop(&mut self, now: Time, pool: &mut Pool) -> Option<Frame> {
        loop {
            let class = self.next_class()?;
            let at = self.next_stream(class)?;
            let waiting = self.take_first(at, pool)?;
            let is_late = class.wait_ms().is_some_and(|wait| now >= waiting.since.after_ms(wait));
            if !is_late {
                self.note_sent(at, len_of(&waiting));
                self.drop_if_empty(at);
                return Some(waiting.frame);
            }
            self.drop_if_empty(at);
        }
    }

    /// Drops messages until no more than `limit` bytes wait, or no class has more than its share.
    /// The worst class loses first, and in it whoever has most there, the oldest first (FLOW-03).
    /// How many were dropped.
    pub(super) fn make_room(&mut self, limit: usize, pool: &mut Pool) -> u32 {
        let mut dropped = 0_u32;
        if self.len_bytes <= limit {
            return dropped;
        }
        for class in Class::ALL.into_iter().rev().filter(|class| class.is_droppable()) {
            let share = class.share(limit);
            while self.len_bytes > limit && self.class_len_bytes(class) > share {
                let Some(at) = self.heaviest_stream(class) else { break };
                self.take_first(at, pool);
                self.drop_if_empty(at);
                dropped = dropped.saturating_add(1);
            }
        }
        dropped
    }

    /// Drops all that waits.
    pub(super) fn clear(&mut self, pool: &mut Pool) {
        for mut stream in std::mem::take(&mut self.streams) {
            while pool.take_first(&mut stream.list).is_some() {}
        }
        self.lines = [Line::default(); CLASSES];
        self.len_bytes = 0;
    }

    /// Moves what waits into another pool.
    pub(super) fn hand_over(&mut self, pool: &mut Pool, other: &mut Pool) {
        for stream in &mut self.streams {
            pool.hand_over(&mut stream.list, other);
        }
    }

    /// The best class that waits and may still send in this round. Where none may, a new round
    /// begins, or as many as it takes until one of them may.
    fn next_class(&mut self) -> Option<Class> {
        let mut rounds = u32::MAX;
        for (class, line) in Class::ALL.into_iter().zip(&self.lines) {
            if line.len_bytes > 0 {
                if line.spent < class.round_len() {
                    return Some(class);
                }
                let over = line.spent.checked_div(class.round_len()).unwrap_or(0);
                rounds = rounds.min(over);
            }
        }
        if self.len_bytes == 0 {
            return None;
        }
        for (class, line) in Class::ALL.into_iter().zip(&mut self.lines) {
            line.spent = line.spent.saturating_sub(class.round_len().saturating_mul(rounds));
        }
        let mut lines = Class::ALL.into_iter().zip(&self.lines);
        let may = |(class, line): &(Class, &Line)| line.spent < class.round_len();
        lines.find(|entry| entry.1.len_bytes > 0 && may(entry)).map(|(class, _)| class)
    }

    /// Whoever of the class was served least, and of those the one that began first.
    fn next_stream(&self, class: Class) -> Option<usize> {
        let streams = self.streams.iter().enumerate().filter(|(_, stream)| stream.class == class);
        streams.min_by_key(|(_, stream)| stream.served).map(|(at, _)| at)
    }

    /// Whoever has most waiting, and of those the one that began last.
    fn heaviest_stream(&self, class: Class) -> Option<usize> {
        let streams = self.streams.iter().enumerate().filter(|(_, stream)| stream.class == class);
        streams.max_by_key(|(_, stream)| stream.len_bytes).map(|(at, _)| at)
    }

    /// Where a source's stream is. A new one takes its turn after the others of its line: otherwise
    /// whoever comes anew each time would always be next.
    fn stream_of(&mut self, class: Class, source: Option<Slot>) -> usize {
        let mut served = 0;
        for (at, stream) in self.streams.iter().enumerate() {
            if stream.class == class {
                if stream.source == source {
                    return at;
                }
                served = stream.served.max(served);
            }
        }
        self.streams.push(Stream { class, source, list: List::EMPTY, len_bytes: 0, served });
        self.streams.len().saturating_sub(1)
    }

    fn take_first(&mut self, at: usize, pool: &mut Pool) -> Option<Waiting> {
        let stream = self.streams.get_mut(at)?;
        let waiting = pool.take_first(&mut stream.list)?;
        let len_bytes = len_of(&waiting);
        stream.len_bytes = stream.len_bytes.saturating_sub(len_bytes);
        self.len_bytes = self.len_bytes.saturating_sub(len_bytes as usize);
        if let Some(line) = self.lines.get_mut(stream.class.index()) {
            line.len_bytes = line.len_bytes.saturating_sub(len_bytes);
        }
        Some(waiting)
    }

    fn note_sent(&mut self, at: usize, len_bytes: u32) {
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.served = stream.served.saturating_add(len_bytes.into());
        if let Some(line) = self.lines.get_mut(stream.class.index()) {
            line.spent = line.spent.saturating_add(len_bytes);
        }
    }

    fn drop_if_empty(&mut self, at: usize) {
        if self.streams.get(at).is_some_and(|stream| stream.list.is_empty()) {
            self.streams.remove(at);
        }
    }
}

fn len_of(waiting: &Waiting) -> u32 {
    u32::try_from(waiting.frame.wire_len()).unwrap_or(u32::MAX)
}
