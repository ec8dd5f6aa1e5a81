use super::Download;
use crate::base::limits::{COMMIT_WAIT_MS, SOURCE_SILENCE_MAX_MS};
use crate::base::time::Time;
use crate::transfer::download::contract::{Output, SourceId, State};
use crate::transfer::download::source::{Phase, Source, TreeWord};

impl Download {
    /// When to hand in [`Input::Timeout`](crate::transfer::download::Input::Timeout).
    pub fn next_timeout(&self) -> Option<Time> {
        // Nothing is written before the user says so.
        if matches!(self.state, State::Stuck(_)) || self.state.is_over() {
            return None;
        }
        let commit = self.store.dirty_since.map(|since| since.after_ms(COMMIT_WAIT_MS));
        if self.state != State::Fetching {
            return commit;
        }
        let at_work = self.busy_count().saturating_sub(self.spare_count());
        let has_room = at_work < self.rules.connected_max;
        let waits = |source: &&Source| match source.phase {
            Phase::Away { again } => has_room && !source.is_shelved() && again > self.worked_at,
            _ => true,
        };
        let due = self.sources.values().filter(waits).filter_map(Source::due);
        let due = due.chain(self.sizes.turn_ends()).chain(self.solo_ends());
        due.chain(self.sizes.denials.told_at())
            .chain(commit)
            .chain(self.search_at)
            .chain(self.trees.wait_until)
            .min()
    }

    pub(super) fn time_out(&mut self, now: Time) {
        if self.search_at.is_some_and(|at| at <= now) {
            self.needs_work = true;
        }
        self.needs_work |= self.trees.end_wait(now);
        self.needs_work |= self.sizes.turn_ends().is_some_and(|ends| ends <= now);
        self.needs_work |= self.sizes.denials.told_at().is_some_and(|at| at <= now);
        self.needs_work |= self.solo_ends().is_some_and(|ends| ends <= now);
        let due = self.sources.values().filter(|source| source.due().is_some_and(|due| due <= now));
        let due: Vec<(SourceId, Phase)> = due.map(|source| (source.id, source.phase)).collect();
        for (id, phase) in due {
            self.needs_work = true;
            match phase {
                Phase::Resting { .. } => {
                    if let Some(source) = self.sources.get_mut(&id) {
                        source.is_old = true;
                        source.rate.excuse(now);
                        source.phase = Phase::Ready { since: now };
                    }
                }
                Phase::Queued { .. } => {
                    if let Some(source) = self.sources.get_mut(&id) {
                        source.rate.excuse(now);
                        source.phase = Phase::Ready { since: now };
                    }
                }
                Phase::Calling { .. } => {
                    self.outputs.push_back(Output::Disconnect { source: id });
                    self.not_there(id, now);
                }
                Phase::Asked { .. } | Phase::Receiving { .. } => self.give_up(id, now),
                Phase::ReceivingTree { .. } => {
                    if let Some(source) = self.sources.get_mut(&id) {
                        source.tree = TreeWord::None;
                    }
                    self.give_up(id, now);
                }
                Phase::Away { .. } | Phase::Ready { .. } | Phase::Dropped => {}
            }
        }
    }

    /// What it sends has waited for us (DOWN-34).
    pub(super) fn held(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        source.rate.excuse(now);
        match &mut source.phase {
            Phase::Asked { until, .. }
            | Phase::Receiving { until, .. }
            | Phase::ReceivingTree { until } => *until = now.after_ms(SOURCE_SILENCE_MAX_MS),
            _ => {}
        }
    }

    /// Nothing has come for too long.
    pub(super) fn give_up(&mut self, id: SourceId, now: Time) {
        self.outputs.push_back(Output::Disconnect { source: id });
        self.pieces.lose(id);
        self.failed(id, now);
    }
}
