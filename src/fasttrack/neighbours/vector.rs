mod forgetting;

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::ops::Bound::{Excluded, Included, Unbounded};

use super::books::Books;
use super::entry::{Entry, News, Route};
use super::line::{Line, Lines};
use crate::base::limits::{
    FASTTRACK_DISTANCE_MAX, FASTTRACK_RECORDS_MAX, FASTTRACK_SILENT_MS, FASTTRACK_SUPERNODES_MAX,
    FASTTRACK_WAYS_TIDY_MS,
};
use crate::base::time::Time;
use crate::fasttrack::wire::TableRecord;

/// All supernodes that are known, and which neighbour is nearest to each: a distance vector.
///
/// # Why it has no loops
///
/// For each supernode the best is remembered that was ever said of it here (number and distance). A
/// neighbour that says something better cannot mean a way through us, for its own distance would be
/// larger. Only such a way is taken (FTPEER-08). Where there is none although neighbours say that they
/// have one, what they say may come from here: the way is taken back, and after
/// [`FASTTRACK_HOLD_MS`](crate::base::limits::FASTTRACK_HOLD_MS), when all that came from here has been taken back too, any way will do.
#[derive(Debug)]
pub(super) struct Vector {
    entries: BTreeMap<SocketAddrV4, Entry>,
    books: Books,
    tidy_at: Time,
}

/// What happens to an entry.
#[derive(Clone, Copy)]
enum Change<'a> {
    /// A neighbour has a way.
    Says(Line, &'a TableRecord),
    /// A neighbour has none any more.
    Loses(Line),
    /// Another one takes its place.
    Goes,
    /// It has happened.
    Nothing,
}

/// Entries that are kept, those among them that have no way at the moment.
const ENTRIES_MAX: usize = 2 * FASTTRACK_SUPERNODES_MAX;

impl Vector {
    pub(super) fn new(now: Time) -> Self {
        Self {
            entries: BTreeMap::new(),
            books: Books::default(),
            tidy_at: now.after_ms(FASTTRACK_WAYS_TIDY_MS),
        }
    }

    /// A neighbour has come.
    pub(super) fn open(&mut self) -> Option<Line> {
        let line = self.books.lines.free()?;
        self.books.lines = self.books.lines.or(Lines::of(line));
        for entry in self.entries.values_mut().filter(|entry| entry.route.is_some()) {
            self.books.news.add(entry.open(line));
        }
        Some(line)
    }

    /// A neighbour has gone, and what was reached by it is reached otherwise or lost.
    pub(super) fn close(&mut self, line: Line, now: Time) {
        self.books.lines = self.books.lines.without(Lines::of(line));
        let mut reached = Vec::new();
        for (address, entry) in &mut self.entries {
            entry.close(line);
            if entry.route.is_some_and(|route| route.line == line) || entry.is_over() {
                reached.push(*address);
            }
        }
        self.look_again(reached, now);
    }

    /// A neighbour says how far it is from another supernode, or itself.
    pub(super) fn hear(&mut self, line: Line, record: &TableRecord, now: Time) {
        if !is_way(record) {
            self.change(record.address, Change::Loses(line), now);
        } else if !self.change(record.address, Change::Says(line, record), now)
            && self.forget_lost(now)
            && self.make_room(line, record.distance.saturating_add(1), now)
        {
            self.entries.insert(record.address, Entry::new(*record));
            self.change(record.address, Change::Says(line, record), now);
        }
    }

    /// Whether a record says something else than before.
    pub(super) fn is_news(&self, line: Line, record: &TableRecord) -> bool {
        self.entries.get(&record.address).is_none_or(|entry| entry.is_news(line, record))
    }

    /// Nothing counts any more that a neighbour says of others.
    pub(super) fn doubt(&mut self, line: Line, now: Time) {
        let entries = self.entries.iter_mut();
        let changed: Vec<_> =
            entries.filter_map(|(it, entry)| entry.doubt(line).then_some(*it)).collect();
        self.look_again(changed, now);
    }

    /// Lets an entry change, and takes the best way that there is then. False where there is no entry.
    fn change(&mut self, address: SocketAddrV4, change: Change<'_>, now: Time) -> bool {
        let Some(mut entry) = self.entries.get_mut(&address) else { return false };
        change.happen(entry, now);
        let mut best = entry.best();
        if entry.route.is_none()
            && let Some(route) = best
            && self.books.room.is_full()
        {
            let is_room = self.make_room(route.line, route.distance, now);
            let Some(again) = self.entries.get_mut(&address) else { return true };
            entry = again;
            if !is_room {
                entry.forget_all();
                best = None;
            }
        }
        self.books.take(address, entry, best, now);
        if let (Some(route), Change::Says(line, record)) = (entry.route, change)
            && route.line == line
        {
            entry.record = *record;
        }
        if entry.is_over() {
            self.entries.remove(&address);
        }
        true
    }

    fn look_again(&mut self, changed: Vec<SocketAddrV4>, now: Time) {
        for address in changed {
            self.change(address, Change::Nothing, now);
        }
    }

    /// Whether one more may be kept that is reached so; another one may have to go.
    fn make_room(&mut self, line: Line, distance: u8, now: Time) -> bool {
        let Books { room, lines, .. } = &self.books;
        if !room.is_full() {
            return true;
        }
        let Some(loser) = room.loser(line, distance, *lines) else { return false };
        let is_it = |entry: &Entry| {
            entry.route.is_some_and(|it| (it.line, it.distance) == (loser.line, loser.distance))
        };
        let Some(address) = self.entries.iter().find(|(_, entry)| is_it(entry)).map(|(it, _)| *it)
        else {
            return false;
        };
        self.change(address, Change::Goes, now)
    }

    /// Who has to hear something new, since this was last asked.
    pub(super) fn take_news(&mut self) -> News {
        std::mem::take(&mut self.books.news)
    }

    /// Moves what this neighbour has to hear to the list, as far as that has room: first what is not so
    /// any more, then so many others, from where the last list ended on. True where something is left.
    pub(super) fn tell(
        &mut self,
        line: Line,
        count_max: usize,
        cursor: &mut Option<SocketAddrV4>,
        out: &mut Vec<TableRecord>,
    ) -> bool {
        let mut over = Vec::new();
        for (address, entry) in &mut self.entries {
            if out.len() >= FASTTRACK_RECORDS_MAX {
                return true;
            }
            out.extend(entry.withdraw(line));
            if entry.is_over() {
                over.push(*address);
            }
        }
        over.iter().for_each(|address| drop(self.entries.remove(address)));
        let mut left = count_max.min(FASTTRACK_RECORDS_MAX.saturating_sub(out.len()));
        let from = cursor.unwrap_or(LOWEST);
        for bounds in [(Excluded(from), Unbounded), (Unbounded, Included(from))] {
            for (address, entry) in self.entries.range_mut(bounds) {
                if left == 0 && entry.has_news(line) {
                    return true;
                }
                if let Some(record) = entry.tell(line) {
                    out.push(record);
                    left = left.saturating_sub(1);
                    *cursor = Some(*address);
                }
            }
        }
        false
    }

    /// The neighbour that is nearest to a supernode.
    pub(super) fn way_to(&self, address: SocketAddrV4) -> Option<Line> {
        self.entries.get(&address)?.route.map(|route| route.line)
    }

    /// A supernode did not answer.
    pub(super) fn note_silence(&mut self, address: SocketAddrV4, now: Time) {
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.silent = Some(now.after_ms(FASTTRACK_SILENT_MS));
        }
    }

    /// A supernode has answered.
    pub(super) fn note_answer(&mut self, address: SocketAddrV4) {
        if let Some(entry) = self.entries.get_mut(&address) {
            entry.silent = None;
        }
    }

    /// All that are reached, by their addresses.
    pub(super) fn reached(&self) -> impl Iterator<Item = (&Entry, Route)> {
        self.entries.values().filter_map(|entry| Some((entry, entry.route?)))
    }

    /// How many are reached.
    pub(super) fn len(&self) -> usize {
        self.books.room.len()
    }

    /// How many are remembered, those too that are lost.
    pub(super) fn entries_len(&self) -> usize {
        self.entries.len()
    }

    pub(super) const fn lines(&self) -> Lines {
        self.books.lines
    }
}

impl Change<'_> {
    fn happen(&self, entry: &mut Entry, now: Time) {
        match self {
            Self::Says(line, record) => entry.hear(*line, record, seconds(now)),
            Self::Loses(line) => entry.forget(*line),
            Self::Goes => entry.forget_all(),
            Self::Nothing => {}
        }
    }
}

/// Lower than every address, so that nothing is below it.
const LOWEST: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0);

/// The second in which a moment lies.
fn seconds(now: Time) -> u32 {
    u32::try_from(now.as_micros() / 1_000_000).unwrap_or(u32::MAX)
}

/// Whether a record says that there is a way.
pub(super) const fn is_way(record: &TableRecord) -> bool {
    record.distance <= FASTTRACK_DISTANCE_MAX
}
