use super::entry::Route;
use super::line::{Line, Lines};
use crate::base::limits::{
    FASTTRACK_HOPS_MAX, FASTTRACK_SUPERNODES_MAX, FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN,
};

/// How many supernodes are reached by which neighbour at which distance: so that the nearest are kept,
/// and nobody fills the table alone (FTPEER-07).
#[derive(Debug)]
pub(super) struct Room {
    /// By neighbour and by distance.
    counts: [[u16; DISTANCES]; Line::COUNT],
    len: usize,
}

/// Distances that there are, 0 among them.
const DISTANCES: usize = FASTTRACK_HOPS_MAX as usize + 1;

/// One of these has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loser {
    pub(super) line: Line,
    pub(super) distance: u8,
}

impl Default for Room {
    fn default() -> Self {
        Self { counts: [[0; DISTANCES]; Line::COUNT], len: 0 }
    }
}

impl Room {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn is_full(&self) -> bool {
        self.len >= FASTTRACK_SUPERNODES_MAX
    }

    /// A supernode is reached otherwise than before.
    pub(super) fn change(&mut self, before: Option<Route>, now: Option<Route>) {
        if let Some(count) = before.and_then(|route| self.count_mut(route)) {
            *count = count.saturating_sub(1);
            self.len = self.len.saturating_sub(1);
        }
        if let Some(count) = now.and_then(|route| self.count_mut(route)) {
            *count = count.saturating_add(1);
            self.len = self.len.saturating_add(1);
        }
    }

    fn count_mut(&mut self, route: Route) -> Option<&mut u16> {
        self.counts.get_mut(route.line.index())?.get_mut(usize::from(route.distance))
    }

    /// Who has to go for one that is reached so, where anybody has to.
    ///
    /// A neighbour that has more than its share loses one of its own, if that is farther. One that has
    /// not takes the place of the farthest of those that have more than theirs, else of the farthest
    /// of all, if that is farther.
    pub(super) fn loser(&self, line: Line, distance: u8, lines: Lines) -> Option<Loser> {
        let share = share(lines.len());
        if self.of(line) >= share {
            return self.farthest(line).filter(|it| it.distance > distance);
        }
        let farthest_of_all = || lines.iter().filter_map(|line| self.farthest(line));
        let above = |it: &Loser| self.of(it.line) > share;
        let greedy = farthest_of_all().filter(above).max_by_key(|it| it.distance);
        let farther = farthest_of_all().max_by_key(|it| it.distance);
        greedy.or_else(|| farther.filter(|it| it.distance > distance))
    }

    /// How many are reached by a neighbour.
    fn of(&self, line: Line) -> usize {
        self.counts
            .get(line.index())
            .map_or(0, |counts| counts.iter().copied().map(usize::from).sum())
    }

    fn farthest(&self, line: Line) -> Option<Loser> {
        let counts = self.counts.get(line.index())?;
        let distance = counts.iter().rposition(|&count| count > 0)?;
        Some(Loser { line, distance: u8::try_from(distance).ok()? })
    }
}

/// How many may be reached by one of so many neighbours, whatever the others bring: twice an even part.
fn share(lines: usize) -> usize {
    let even = FASTTRACK_SUPERNODES_MAX.checked_div(lines).unwrap_or(FASTTRACK_SUPERNODES_MAX);
    even.saturating_mul(2).max(FASTTRACK_SUPERNODES_OF_NEIGHBOUR_MIN)
}
