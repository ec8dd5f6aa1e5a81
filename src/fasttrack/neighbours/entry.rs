use super::line::{Line, Lines};
use super::sequence::Sequence;
use crate::base::limits::FASTTRACK_DISTANCE_MAX;
use crate::base::time::Time;
use crate::fasttrack::wire::TableRecord;

/// Another supernode, and how it is reached.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it says of itself, as the neighbour said by which it is reached.
    pub(super) record: TableRecord,
    /// What each neighbour says that has a way to it.
    ways: Vec<Way>,
    /// The way that is taken.
    pub(super) route: Option<Route>,
    /// The best that was said of it here: whoever says something better does not mean a way through
    /// us.
    floor: Option<Floor>,
    /// Neighbours that believe us to have a way.
    told: Lines,
    /// Neighbours that have to hear of a change.
    unsent: Lines,
    /// Since when there is no way.
    pub(super) lost: Option<Time>,
    /// Until when it is asked last: it did not answer.
    pub(super) silent: Option<Time>,
}

/// What a neighbour says.
#[derive(Clone, Copy, Debug)]
struct Way {
    line: Line,
    /// Its own distance, at most [`FASTTRACK_DISTANCE_MAX`].
    distance: u8,
    sequence: Sequence,
    /// Seconds since the start, when it last said something new.
    renewed_s: u32,
}

/// The way that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) line: Line,
    /// Our own distance.
    pub(super) distance: u8,
    pub(super) sequence: Sequence,
}

#[derive(Clone, Copy, Debug)]
struct Floor {
    distance: u8,
    sequence: Sequence,
}

/// Neighbours that have to hear something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    /// Something that they believe is not so any more.
    pub(super) urgent: Lines,
    pub(super) other: Lines,
}

impl News {
    pub(super) const fn add(&mut self, more: Self) {
        self.urgent = self.urgent.or(more.urgent);
        self.other = self.other.or(more.other);
    }
}

impl Entry {
    /// Nobody has a way yet.
    pub(super) const fn new(record: TableRecord) -> Self {
        Self {
            record,
            ways: Vec::new(),
            route: None,
            floor: None,
            told: Lines::NONE,
            unsent: Lines::NONE,
            lost: None,
            silent: None,
        }
    }

    /// A neighbour has a way.
    pub(super) fn hear(&mut self, line: Line, record: &TableRecord, now_s: u32) {
        let (distance, sequence) = (record.distance, Sequence(record.sequence));
        match self.ways.iter_mut().find(|way| way.line == line) {
            Some(way) => {
                if way.sequence != sequence {
                    way.renewed_s = now_s;
                }
                (way.distance, way.sequence) = (distance, sequence);
            }
            None => {
                if self.ways.len() == self.ways.capacity() {
                    self.ways.reserve_exact(4);
                }
                self.ways.push(Way { line, distance, sequence, renewed_s: now_s });
            }
        }
    }

    /// A neighbour has no way any more.
    pub(super) fn forget(&mut self, line: Line) {
        self.ways.retain(|way| way.line != line);
    }

    /// Forgets what a neighbour says that is not this one itself; true where there was something.
    pub(super) fn doubt(&mut self, line: Line) -> bool {
        let before = self.ways.len();
        self.ways.retain(|way| way.line != line || way.distance == 0);
        self.ways.len() != before
    }

    /// Whether a neighbour says something else than before.
    pub(super) fn is_news(&self, line: Line, record: &TableRecord) -> bool {
        let said = (record.distance, Sequence(record.sequence));
        !self.ways.iter().any(|way| way.line == line && (way.distance, way.sequence) == said)
    }

    pub(super) fn forget_all(&mut self) {
        self.ways = Vec::new();
    }

    /// Forgets what nobody has renewed since then; true where there was something.
    pub(super) fn forget_before(&mut self, oldest_s: u32) -> bool {
        let before = self.ways.len();
        self.ways.retain(|way| way.renewed_s >= oldest_s);
        self.ways.len() != before
    }

    /// A neighbour has gone.
    pub(super) fn close(&mut self, line: Line) {
        self.forget(line);
        self.told = self.told.without(Lines::of(line));
        self.unsent = self.unsent.without(Lines::of(line));
    }

    /// The shortest way among those that do not lead through us (FTPEER-08). Of equal ones that which
    /// is taken stays.
    pub(super) fn best(&self) -> Option<Route> {
        let stays = |way: &Way| self.route.is_some_and(|route| route.line == way.line);
        let ways = self.ways.iter().filter(|way| self.is_safe(way));
        let way = ways.min_by_key(|way| (way.distance, !stays(way), way.line))?;
        let distance = way.distance.saturating_add(1);
        Some(Route { line: way.line, distance, sequence: way.sequence })
    }

    fn is_safe(&self, way: &Way) -> bool {
        let Some(floor) = self.floor else { return true };
        // It is the one itself.
        way.distance == 0
            || way.sequence.is_newer_than(floor.sequence)
            || (way.sequence == floor.sequence && way.distance < floor.distance)
    }

    /// Whatever comes may be taken again: all have heard that our way is lost.
    pub(super) fn release(&mut self) {
        (self.floor, self.lost) = (None, None);
    }

    /// Takes a way, or none; says who has to hear of it.
    pub(super) fn take(&mut self, route: Option<Route>, all: Lines, now: Time) -> News {
        let before = std::mem::replace(&mut self.route, route);
        match route {
            Some(route) => {
                self.lost = None;
                self.lower(route);
            }
            None => self.lost = before.map_or(self.lost, |_| Some(now)),
        }
        let says = |route: Option<Route>| route.map(|route| (route.distance, route.sequence));
        if says(before) != says(route) {
            self.unsent = all;
        } else if before != route {
            let both = [before, route].into_iter().flatten().map(|route| Lines::of(route.line));
            self.unsent = both.fold(self.unsent, Lines::or);
        }
        self.news()
    }

    fn lower(&mut self, Route { distance, sequence, .. }: Route) {
        let is_lower = self.floor.is_none_or(|floor| {
            sequence.is_newer_than(floor.sequence)
                || (sequence == floor.sequence && distance < floor.distance)
                // It has begun with another number, and says so itself.
                || distance == 1
        });
        if is_lower {
            self.floor = Some(Floor { distance, sequence });
        }
    }

    /// A neighbour has come, which knows nothing of us.
    pub(super) fn open(&mut self, line: Line) -> News {
        self.unsent = self.unsent.or(Lines::of(line));
        self.news()
    }

    fn news(&mut self) -> News {
        let hearing = self.hearing();
        let urgent = self.unsent.and(self.told).without(hearing);
        let other = self.unsent.and(hearing);
        self.unsent = urgent.or(other);
        News { urgent, other }
    }

    /// Neighbours that are told of our way: not the one that it leads through, and nobody where it is
    /// too long (FTPEER-07, FTPEER-11).
    fn hearing(&self) -> Lines {
        match self.route {
            Some(route) if route.distance <= FASTTRACK_DISTANCE_MAX => {
                Lines::ALL.without(Lines::of(route.line))
            }
            _ => Lines::NONE,
        }
    }

    /// What this neighbour has to hear: that there is no way any more.
    pub(super) fn withdraw(&mut self, line: Line) -> Option<TableRecord> {
        let of_line = Lines::of(line);
        if !self.unsent.contains(line) || self.hearing().contains(line) {
            return None;
        }
        self.unsent = self.unsent.without(of_line);
        let was_told = self.told.contains(line);
        self.told = self.told.without(of_line);
        was_told.then_some(TableRecord { distance: NO_WAY, ..self.record })
    }

    /// Whether anybody has to hear that there is no way any more.
    pub(super) const fn has_to_be_withdrawn(&self) -> bool {
        self.route.is_none() && !self.unsent.is_empty()
    }

    /// Whether this neighbour has to hear which way there is.
    pub(super) fn has_news(&self, line: Line) -> bool {
        self.unsent.contains(line) && self.hearing().contains(line)
    }

    /// What this neighbour has to hear: which way there is.
    pub(super) fn tell(&mut self, line: Line) -> Option<TableRecord> {
        let Route { distance, sequence, .. } = self.route.filter(|_| self.has_news(line))?;
        self.unsent = self.unsent.without(Lines::of(line));
        self.told = self.told.or(Lines::of(line));
        Some(TableRecord { distance, sequence: sequence.0, ..self.record })
    }

    /// Whether nothing of it is needed any more.
    pub(super) const fn is_over(&self) -> bool {
        self.route.is_none()
            && self.lost.is_none()
            && self.ways.is_empty()
            && self.unsent.is_empty()
    }
}

/// A distance that says that there is no way (FTPEER-07).
const NO_WAY: u8 = u8::MAX;
