use super::Class;
use super::class::CLASSES;
use super::pool::{List, Pool, Waiting};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Frame;

/// What waits for one neighbour.
///
/// Each class has a line, and in each line each source has a stream. Lines are served by credit, in
/// rounds; the streams of a line take turns, so that what one source sends makes no other source's
/// messages wait (FLOW-02, FLOW-08).
#[derive(Debug)]
pub(super) struct Queue {
    lines: [Line; CLASSES],
    /// In the order in which they began. Few, unless the neighbour is slow.
    streams: Vec<Stream>,
    len_bytes: usize,
    pub(super) congested_since: Option<Time>,
}

/// The messages of one class.
#[derive(Clone, Copy, Debug)]
struct Line {
    len_bytes: usize,
    /// Bytes that may still be sent in this round.
    credit: i64,
}

/// The messages of one class that came from one neighbour, or from us.
#[derive(Clone, Copy, Debug)]
struct Stream {
    class: Class,
    source: Option<Slot>,
    list: List,
    len_bytes: usize,
    /// Bytes that were sent, counted on from where the others of the line were when this one began:
    /// who has the least is next.
    served: u64,
}

impl Default for Queue {
    fn default() -> Self {
        let lines = Class::ALL.map(|class| Line { len_bytes: 0, credit: class.round_len() });
        Self { lines, streams: Vec::new(), len_bytes: 0, congested_since: None }
    }
}

impl Queue {
    /// As new, but keeping its memory.
    pub(super) fn renew(&mut self) {
        *self = Self { streams: std::mem::take(&mut self.streams), ..Self::default() };
        self.streams.clear();
        self.streams.shrink_to(1);
    }

    pub(super) const fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    pub(super) fn class_len_bytes(&self, class: Class) -> usize {
        self.lines.get(class.index()).map_or(0, |line| line.len_bytes)
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
        let len_bytes = waiting.frame.wire_len();
        let at = self.stream_of(class, source);
        let Some(stream) = self.streams.get_mut(at) else { return };
        pool.append(&mut stream.list, waiting);
        stream.len_bytes = stream.len_bytes.saturating_add(len_bytes);
        self.len_bytes = self.len_bytes.saturating_add(len_bytes);
        if let Some(line) = self.lines.get_mut(class.index()) {
            line.len_bytes = line.len_bytes.saturating_add(len_bytes);
        }
    }

    /// Takes the message that is to be sent next. What has waited for too long is dropped on the way.
    pub(super) fn pop(&mut self, now: Time, pool: &mut Pool) -> Option<Frame> {
        loop {
            let class = self.next_class()?;
            let at = self.next_stream(class)?;
            let waiting = self.take_first(at, pool)?;
            let is_late = class.wait_ms().is_some_and(|wait| now >= waiting.since.after_ms(wait));
            if !is_late {
                self.note_sent(at, waiting.frame.wire_len());
                self.drop_if_empty(at);
                return Some(waiting.frame);
            }
            self.drop_if_empty(at);
        }
    }

    /// Drops messages until no more than `limit` bytes wait, or no class has more than its share. The
    /// worst class loses first, and in it whoever has most there, the oldest first (FLOW-03). How many
    /// were dropped.
    pub(super) fn make_room(&mut self, limit: usize, pool: &mut Pool) -> u32 {
        let mut dropped = 0_u32;
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
        for stream in &mut self.streams {
            while pool.take_first(&mut stream.list).is_some() {}
        }
        let congested_since = self.congested_since;
        self.renew();
        self.congested_since = congested_since;
    }

    /// Moves what waits into another pool.
    pub(super) fn hand_over(&mut self, pool: &mut Pool, other: &mut Pool) {
        for stream in &mut self.streams {
            pool.hand_over(&mut stream.list, other);
        }
    }

    /// The best class that waits and has credit. Where none has, a new round begins: all get as much as
    /// makes one of those that wait go on, and nobody saves more than one round's.
    fn next_class(&mut self) -> Option<Class> {
        let waiting =
            || Class::ALL.into_iter().zip(&self.lines).filter(|(_, line)| line.len_bytes > 0);
        if let Some((class, _)) = waiting().find(|(_, line)| line.credit > 0) {
            return Some(class);
        }
        let rounds_to = |(class, line): (Class, &Line)| {
            let debt = line.credit.saturating_neg();
            debt.checked_div(class.round_len()).unwrap_or(0).saturating_add(1)
        };
        let rounds = waiting().map(rounds_to).min()?;
        for (class, line) in Class::ALL.into_iter().zip(&mut self.lines) {
            let granted = rounds.saturating_mul(class.round_len());
            line.credit = line.credit.saturating_add(granted).min(class.round_len());
        }
        let mut lines = Class::ALL.into_iter().zip(&self.lines);
        lines.find(|(_, line)| line.len_bytes > 0 && line.credit > 0).map(|(class, _)| class)
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
        let len_bytes = waiting.frame.wire_len();
        stream.len_bytes = stream.len_bytes.saturating_sub(len_bytes);
        self.len_bytes = self.len_bytes.saturating_sub(len_bytes);
        if let Some(line) = self.lines.get_mut(stream.class.index()) {
            line.len_bytes = line.len_bytes.saturating_sub(len_bytes);
        }
        Some(waiting)
    }

    fn note_sent(&mut self, at: usize, len_bytes: usize) {
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.served = stream.served.saturating_add(u64::try_from(len_bytes).unwrap_or(u64::MAX));
        if let Some(line) = self.lines.get_mut(stream.class.index()) {
            let sent = i64::try_from(len_bytes).unwrap_or(i64::MAX);
            line.credit = line.credit.saturating_sub(sent);
        }
    }

    fn drop_if_empty(&mut self, at: usize) {
        if self.streams.get(at).is_some_and(|stream| stream.list.is_empty()) {
            self.streams.remove(at);
        }
    }
}
