use super::Download;
use crate::base::limits::{SOURCE_RATE_MIN, SOURCE_SLOW_MS};
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{SourceId, Wanted};
use crate::transfer::download::pieces::Wish;
use crate::transfer::download::source::{Phase, Source};

/// Bytes a second of somebody of whom nothing is known yet.
const STRANGER_RATE: u64 = 32 * 1024;

/// How many times as fast as somebody who is at a piece somebody has to be who is to go on with it.
const RELIEF_FACTOR: u64 = 4;

/// Somebody who is at something, and how long that takes.
struct Victim {
    id: SourceId,
    left_ms: u64,
}

impl Download {
    /// Everything is asked for already: a source that has nothing to do takes what another one would come to
    /// later than it would itself, or fetches the piece that the slowest is at a second time.
    pub(super) fn take_from_others(&mut self, id: SourceId, now: Time) -> Option<ByteRange> {
        let source = self.sources.get(&id)?;
        let own_rate = source.rate.get().unwrap_or_else(|| self.usual_rate().max(STRANGER_RATE));
        let piece_ms = time_ms(self.pieces.piece_len(), own_rate);
        let mut victims = self.at_work(id);
        victims.retain(|victim| victim.left_ms > piece_ms.saturating_mul(2));
        victims.sort_by_key(|victim| std::cmp::Reverse(victim.left_ms));
        victims.iter().find_map(|victim| self.take_from(id, victim, own_rate, now))
    }

    fn take_from(
        &mut self,
        id: SourceId,
        slowest: &Victim,
        own_rate: u64,
        now: Time,
    ) -> Option<ByteRange> {
        if let Some(range) = self.take_tail(id, slowest, own_rate) {
            return Some(range);
        }
        let has = self.sources.get(&id)?.offers().cloned();
        let wish = Wish { source: id, has: has.as_ref(), len: 0, from: 0 };
        let Some(piece) = self.pieces.may_double(slowest.id, &wish) else {
            return self.relieve(id, slowest, own_rate, now);
        };
        self.pieces.double(piece, id);
        Some(self.pieces.range(piece))
    }

    /// What somebody else is at is too long to come twice, or does so already: a source that is much faster goes on
    /// where that one has stopped (DOWN-31).
    fn relieve(
        &mut self,
        id: SourceId,
        victim: &Victim,
        own_rate: u64,
        now: Time,
    ) -> Option<ByteRange> {
        let has = self.sources.get(&id)?.offers().cloned();
        let piece = self.pieces.begun_by(victim.id)?;
        let rate = |id| self.sources.get(&id).and_then(|source| source.rate.get());
        let (theirs, rest) = (rate(victim.id)?, self.pieces.rest(piece));
        let double = self.pieces.doubled_by(piece);
        let is_in_good_hands =
            double.is_some_and(|other| rate(other).is_none_or(|rate| rate >= SOURCE_RATE_MIN));
        let is_faster = theirs.saturating_mul(RELIEF_FACTOR) <= own_rate;
        let has_it = has.is_none_or(|has| has.contains(rest));
        let is_long = time_ms(rest.len(), theirs) > SOURCE_SLOW_MS;
        if is_in_good_hands || !is_faster || !has_it || !is_long {
            return None;
        }
        self.relieve_of(victim.id, now);
        Some(self.pieces.rest(piece))
    }

    /// The last of the pieces that were asked of somebody else and have not begun.
    fn take_tail(&mut self, id: SourceId, victim: &Victim, own_rate: u64) -> Option<ByteRange> {
        let has = self.sources.get(&id)?.offers().cloned();
        let theirs = self.sources.get(&victim.id)?.rate.get().unwrap_or(1).max(1);
        let tail = self.pieces.not_begun(victim.id);
        let count = u64::try_from(tail.len()).unwrap_or(u64::MAX);
        let both = own_rate.saturating_add(theirs).max(1);
        let share = count.saturating_mul(own_rate).checked_div(both).unwrap_or_default().max(1);
        let mut range: Option<ByteRange> = None;
        for piece in tail.into_iter().rev().take(usize::try_from(share).unwrap_or(usize::MAX)) {
            let bytes = self.pieces.range(piece);
            let follows = range.is_none_or(|range| range.start == bytes.end);
            if !follows || has.as_ref().is_some_and(|has| !has.contains(bytes)) {
                break;
            }
            self.pieces.hand_over(piece, id);
            range = Some(ByteRange::new(bytes.start, range.map_or(bytes.end, |range| range.end)));
        }
        range
    }

    fn at_work(&self, but: SourceId) -> Vec<Victim> {
        let others = self.sources.values().filter(|source| source.id != but);
        others.filter_map(|source| self.victim(source)).collect()
    }

    fn victim(&self, source: &Source) -> Option<Victim> {
        let (left, rate) = match source.phase {
            Phase::Receiving { range, at, .. } => {
                (ByteRange::new(at, range.end), source.rate.get())
            }
            Phase::Asked { what: Wanted::Bytes(range), .. } => (range, source.rate.get()),
            _ => return None,
        };
        let last = self.pieces.expected(source.id, left).last()?;
        let len = self.pieces.range(last).end.saturating_sub(left.start);
        // Of whom nothing is known is thought slow.
        let rate = rate.unwrap_or_else(|| self.usual_rate().checked_div(2).unwrap_or_default());
        Some(Victim { id: source.id, left_ms: time_ms(len, rate) })
    }

    /// What sources give on average.
    fn usual_rate(&self) -> u64 {
        let rates = self.sources.values().filter_map(|source| source.rate.get());
        let (sum, count) = rates.fold((0_u64, 0_u64), |(sum, count), rate| {
            (sum.saturating_add(rate), count.saturating_add(1))
        });
        sum.checked_div(count).unwrap_or(STRANGER_RATE)
    }
}

fn time_ms(len: u64, rate: u64) -> u64 {
    len.saturating_mul(1_000).checked_div(rate.max(1)).unwrap_or(u64::MAX)
}
