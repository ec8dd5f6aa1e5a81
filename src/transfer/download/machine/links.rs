use std::net::SocketAddr;

use super::Download;
use crate::base::limits::{ALTERNATES_TOLD_MAX, SOURCE_RETRY_MAX_MS, SOURCE_RETRY_MIN_MS};
use crate::base::time::Time;
use crate::transfer::download::contract::{Origin, Output, SourceId, State, Wanted, Why};
use crate::transfer::download::source::{Phase, TreeWord};

impl Download {
    pub(super) fn connected(&mut self, id: SourceId, now: Time) {
        let is_wanted = self.state == State::Fetching;
        let Some(source) = self.sources.get_mut(&id).filter(|source| !source.is_dropped()) else {
            self.outputs.push_back(Output::Disconnect { source: id });
            return;
        };
        if !is_wanted {
            source.phase = Phase::Away { again: now };
            self.outputs.push_back(Output::Disconnect { source: id });
            return;
        }
        source.phase = Phase::Ready { since: now };
        source.has_no_line = false;
        source.may_shun_trees = source.finding.is_firewalled && !source.names_root;
        source.rate.excuse(now);
        self.trees.begin_to_wait(now);
        self.needs_work = true;
    }

    /// A connection is gone that somebody else ended.
    pub(super) fn lost(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| source.is_busy()) else {
            return;
        };
        self.pieces.lose(id);
        self.needs_work = true;
        source.rate.end(now);
        match source.phase {
            // It sent something: it may do so again soon.
            Phase::Receiving { range, at, .. } if at > range.start && source.failures == 0 => {
                source.failures = 1;
                source.wait(10_000, now);
            }
            Phase::Ready { .. } | Phase::Resting { .. } if source.is_servent => {
                source.wait(SOURCE_RETRY_MIN_MS, now);
            }
            // It need not keep a connection for whoever waits: the place is asked for all the same.
            Phase::Queued { poll, .. } => source.phase = Phase::Away { again: poll },
            _ => {
                let was_at_tree = matches!(
                    source.phase,
                    Phase::ReceivingTree { .. } | Phase::Asked { what: Wanted::Tree, .. }
                );
                if was_at_tree {
                    source.tree = TreeWord::None;
                }
                let is_mute = source.is_mute();
                self.failed(id, now);
                if is_mute {
                    self.leave_alone(id, now);
                }
            }
        }
    }

    /// It ends each connection without a word: mldonkey does so with all that it shares (FTHTTP-17).
    fn leave_alone(&mut self, id: SourceId, now: Time) {
        let source = self.sources.get_mut(&id).filter(|source| !source.is_dropped());
        if let Some(source) = source {
            source.wait(SOURCE_RETRY_MAX_MS, now);
        }
    }

    /// It was of no use: later, or never again.
    pub(super) fn failed(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if !source.fail(now) {
            source.again_at = Some(now.after_ms(SOURCE_RETRY_MAX_MS));
            self.drop_source(id, Why::Unreachable);
        }
    }

    /// Nobody was there. Nobody would find again whom the user has named, and a servent may be back tomorrow
    /// (DOWN-15).
    pub(super) fn not_there(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if source.is_servent || source.finding.origin == Origin::User {
            source.fail(now);
        } else {
            self.failed(id, now);
        }
    }

    /// Ends a connection; the source may be called again at that time.
    pub(super) fn part(&mut self, id: SourceId, again: Time) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| source.is_busy()) else {
            return;
        };
        source.phase = Phase::Away { again };
        self.pieces.lose(id);
        self.outputs.push_back(Output::Disconnect { source: id });
        self.needs_work = true;
    }

    /// Never again.
    pub(super) fn drop_source(&mut self, id: SourceId, why: Why) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| !source.is_dropped()) else {
            return;
        };
        let (was_busy, address) = (source.is_busy(), source.finding.address);
        // Nobody would call who cannot be called.
        let is_named = !source.finding.is_firewalled && source.finding.kazaa().is_none();
        source.phase = Phase::Dropped;
        source.lose_place();
        if matches!(why, Why::WrongBytes | Why::WrongTree | Why::WrongSize) {
            self.sizes.forget(id);
        }
        if was_busy {
            self.outputs.push_back(Output::Disconnect { source: id });
        }
        self.outputs.push_back(Output::Dropped { source: id, address, why });
        if self.alone == Some(id) {
            self.alone = None;
        }
        if matches!(why, Why::WrongBytes | Why::WrongTree) {
            let again = self.pieces.throw_away(id);
            self.fetch_again(again.iter().collect());
        } else {
            self.pieces.lose(id);
        }
        if is_named {
            self.remember_bad(address);
        }
        self.needs_work = true;
    }

    pub(super) fn remember_bad(&mut self, address: SocketAddr) {
        if self.bad_alternates.len() >= ALTERNATES_TOLD_MAX {
            self.bad_alternates.pop_front();
        }
        self.bad_alternates.push_back(address);
    }

    pub(super) fn busy_count(&self) -> usize {
        self.sources.values().filter(|source| source.is_busy()).count()
    }
}
