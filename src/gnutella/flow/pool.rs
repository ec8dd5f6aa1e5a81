use crate::base::time::Time;
use crate::gnutella::wire::Frame;

/// No entry.
const NONE: u32 = u32::MAX;

/// Entries that are kept in any case, once there are some.
const FEW: usize = 4;

/// Entries up to which nobody asks whether they are used.
const SMALL: usize = 64;

/// The waiting messages of all queues, in one piece of memory.
#[derive(Debug)]
pub(super) struct Pool {
    entries: Vec<Entry>,
    free: u32,
    live: usize,
}

/// Messages that leave in the order in which they came.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    head: u32,
    tail: u32,
}

/// A message that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) frame: Frame,
    pub(super) since: Time,
}

#[derive(Debug)]
struct Entry {
    waiting: Option<Waiting>,
    next: u32,
}

impl List {
    pub(super) const EMPTY: Self = Self { head: NONE, tail: NONE };

    pub(super) const fn is_empty(self) -> bool {
        self.head == NONE
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    const fn new() -> Self {
        Self { entries: Vec::new(), free: NONE, live: 0 }
    }

    /// Puts a message at the end of a list.
    pub(super) fn append(&mut self, list: &mut List, waiting: Waiting) {
        let at = self.occupy(waiting);
        match self.entries.get_mut(list.tail as usize) {
            Some(last) => last.next = at,
            None => list.head = at,
        }
        list.tail = at;
    }

    /// Takes the first message off a list.
    pub(super) fn take_first(&mut self, list: &mut List) -> Option<Waiting> {
        let at = list.head;
        let entry = self.entries.get_mut(at as usize)?;
        let waiting = entry.waiting.take()?;
        list.head = entry.next;
        if list.is_empty() {
            *list = List::EMPTY;
        }
        entry.next = self.free;
        self.free = at;
        self.live = self.live.saturating_sub(1);
        Some(waiting)
    }

    /// Moves a list into another pool.
    pub(super) fn hand_over(&mut self, list: &mut List, other: &mut Self) {
        let mut moved = List::EMPTY;
        while let Some(waiting) = self.take_first(list) {
            other.append(&mut moved, waiting);
        }
        *list = moved;
    }

    /// True when most of the memory is not used, so much of it that looking at `queues` queues for
    /// what to move costs less than was saved before. When nothing waits, `kept` entries are kept.
    pub(super) fn is_wasteful(&self, queues: usize, kept: usize) -> bool {
        let capacity = self.entries.capacity();
        if self.live == 0 {
            return capacity > kept.saturating_mul(2).max(FEW);
        }
        capacity > SMALL.max(queues) && self.live < capacity / 4
    }

    /// Whether so little waits that moving it costs nothing.
    pub(super) const fn is_nearly_empty(&self) -> bool {
        self.live <= FEW
    }

    /// An empty pool with as much room as is needed now.
    pub(super) fn fresh(&self) -> Self {
        Self { entries: Vec::with_capacity(self.live), ..Self::new() }
    }

    fn occupy(&mut self, waiting: Waiting) -> u32 {
        self.live = self.live.saturating_add(1);
        let at = self.free;
        if let Some(entry) = self.entries.get_mut(at as usize) {
            self.free = entry.next;
            *entry = Entry { waiting: Some(waiting), next: NONE };
            return at;
        }
        let at = u32::try_from(self.entries.len()).unwrap_or(NONE);
        self.entries.push(Entry { waiting: Some(waiting), next: NONE });
        at
    }
}
