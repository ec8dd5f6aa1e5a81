use std::collections::BTreeMap;

use super::VisitId;
use crate::base::addresses::Network;
use crate::base::limits::{
    UPLOAD_RATE_MIN, UPLOAD_REST_MS, UPLOAD_TURN_MAX_MS, UPLOAD_TURN_MS, UPLOAD_WINDOW_MS,
};
use crate::base::time::Time;

/// Somebody who has a slot.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) host: Network,
    /// Since when it has it.
    since: Time,
    state: State,
    /// The last bytes of its last answer are on their way.
    is_ending: bool,
}

#[derive(Clone, Debug)]
enum State {
    /// It takes an answer: since when, and how much of it, is counted.
    Busy { counted_from: Time, bytes: u64 },
    /// It has its answer, and may ask again.
    Resting { since: Time },
}

/// Why a slot ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Slow,
    Turn,
    Rested,
}

impl Slot {
    fn new(host: Network, now: Time) -> Self {
        let state = State::Busy { counted_from: now, bytes: 0 };
        Self { host, since: now, state, is_ending: false }
    }

    /// Whether its next request has to wait where others do.
    pub(super) fn has_had_its_turn(&self, now: Time) -> bool {
        now >= self.since.after_ms(UPLOAD_TURN_MS)
    }

    /// When it is to be looked at again.
    fn due(&self, others_wait: bool) -> Time {
        match self.state {
            State::Resting { since } => since.after_ms(UPLOAD_REST_MS),
            State::Busy { counted_from, .. } => {
                let window = counted_from.after_ms(UPLOAD_WINDOW_MS);
                let turn = self.since.after_ms(UPLOAD_TURN_MAX_MS);
                if others_wait { window.min(turn) } else { window }
            }
        }
    }

    /// Whether its answer ends, if somebody lacks a slot.
    fn is_in_others_way(&self, now: Time) -> bool {
        let is_busy = matches!(self.state, State::Busy { .. });
        is_busy && now >= self.since.after_ms(UPLOAD_TURN_MAX_MS)
    }

    /// Looks at it. The windows follow each other.
    fn check(&mut self, now: Time) -> Option<Over> {
        match &mut self.state {
            State::Resting { since } => {
                (now >= since.after_ms(UPLOAD_REST_MS)).then_some(Over::Rested)
            }
            State::Busy { counted_from, bytes } => {
                if now < counted_from.after_ms(UPLOAD_WINDOW_MS) {
                    return None;
                }
                let seconds = now.since(*counted_from).as_secs();
                let is_slow = *bytes < seconds.saturating_mul(UPLOAD_RATE_MIN);
                (*counted_from, *bytes) = (now, 0);
                is_slow.then_some(Over::Slow)
            }
        }
    }
}

/// Those who have slots.
#[derive(Debug, Default)]
pub(super) struct Slots(BTreeMap<VisitId, Slot>);

impl Slots {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn of_host(&self, host: Network) -> usize {
        self.0.values().filter(|slot| slot.host == host).count()
    }

    pub(super) fn get(&self, visit: VisitId) -> Option<&Slot> {
        self.0.get(&visit)
    }

    pub(super) fn take(&mut self, visit: VisitId, host: Network, now: Time) {
        self.0.insert(visit, Slot::new(host, now));
    }

    pub(super) fn give_back(&mut self, visit: VisitId) -> Option<Slot> {
        self.0.remove(&visit)
    }

    /// Nothing but the last bytes of its last answer is left to send.
    pub(super) fn end(&mut self, visit: VisitId) {
        if let Some(slot) = self.0.get_mut(&visit) {
            slot.is_ending = true;
        }
    }

    /// Its host asks over another connection, to which a slot goes that it needs no longer (UPLOAD-26).
    pub(super) fn move_to(&mut self, visit: VisitId, host: Network, now: Time) {
        if self.0.contains_key(&visit) {
            return;
        }
        let ending = self.0.iter().find(|(_, slot)| slot.host == host && slot.is_ending);
        let Some(old) = ending.map(|(old, _)| *old) else { return };
        if let Some(Slot { since, .. }) = self.0.remove(&old) {
            let state = State::Resting { since: now };
            self.0.insert(visit, Slot { host, since, state, is_ending: false });
        }
    }

    /// The next answer begins.
    pub(super) fn resume(&mut self, visit: VisitId, now: Time) {
        if let Some(slot) = self.0.get_mut(&visit)
            && matches!(slot.state, State::Resting { .. })
        {
            slot.state = State::Busy { counted_from: now, bytes: 0 };
        }
    }

    pub(super) fn rest(&mut self, visit: VisitId, now: Time) {
        if let Some(slot) = self.0.get_mut(&visit) {
            slot.state = State::Resting { since: now };
        }
    }

    pub(super) fn sent(&mut self, visit: VisitId, len: u64) {
        if let Some(Slot { state: State::Busy { bytes, .. }, .. }) = self.0.get_mut(&visit) {
            *bytes = bytes.saturating_add(len);
        }
    }

    /// We did not send for so long; that is not its fault.
    pub(super) fn held(&mut self, visit: VisitId, since: Time, now: Time) {
        if let Some(Slot { state: State::Busy { counted_from, .. }, .. }) = self.0.get_mut(&visit) {
            *counted_from = counted_from.after(now.since(since)).min(now);
        }
    }

    /// Those whose slot ends now. So many are lacking: as many give way, those first who have had one for longest.
    pub(super) fn over(&mut self, lacking: usize, now: Time) -> Vec<(VisitId, Over)> {
        let looked_at = self.0.iter_mut();
        let mut over: Vec<_> =
            looked_at.filter_map(|(visit, slot)| Some((*visit, slot.check(now)?))).collect();
        let still_lacking = lacking.saturating_sub(over.len());
        if still_lacking > 0 {
            let stays = |visit| over.iter().all(|(gone, _)| *gone != visit);
            let in_the_way =
                self.0.iter().filter(|(visit, slot)| stays(**visit) && slot.is_in_others_way(now));
            let mut in_the_way: Vec<_> =
                in_the_way.map(|(visit, slot)| (slot.since, *visit)).collect();
            in_the_way.sort_unstable();
            over.extend(
                in_the_way.into_iter().take(still_lacking).map(|(_, visit)| (visit, Over::Turn)),
            );
        }
        over
    }

    pub(super) fn next_due(&self, others_wait: bool) -> Option<Time> {
        self.0.values().map(|slot| slot.due(others_wait)).min()
    }
}
