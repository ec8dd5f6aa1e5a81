//! What is due while a supernode is sought: whom to ask, whom to call, and whom to give up.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::{CALLS, Round, Seeking};
use crate::base::limits::{
    SUPERNODE_CALL_EVERY_MS, SUPERNODE_FULL_WAIT_MS_MAX, SUPERNODE_PATIENCE_MS, SUPERNODE_WAIT_MS,
    SUPERNODE_WAIT_MS_MAX, SUPERNODES_ASKED, SUPERNODES_MAX,
};
use crate::base::time::Time;
use crate::fasttrack::ordinary_node::session::NETWORK;
use crate::fasttrack::ordinary_node::{Outcome, Output};
use crate::fasttrack::wire::Datagram;

/// The encryption type in a 0x27, as giFT has it. It binds nobody.
const LEAST: u32 = 0x29;

impl Seeking {
    /// Does what is due.
    pub(in crate::fasttrack::ordinary_node) fn step(
        &mut self,
        rng: &mut ChaCha8Rng,
        now: Time,
        out: &mut VecDeque<Output>,
    ) {
        let Some(from) = self.from else { return };
        self.give_up_late(now, out);
        if now < from {
            return;
        }
        self.end_round(now);
        self.call(now, out);
        if self.round.is_none() && self.with_room.is_empty() && !self.trials.is_room_promising(now)
        {
            self.ask(rng, now, out);
        }
        if self.round.is_none() && self.with_room.is_empty() && self.has_failed(now) {
            self.failures = self.failures.saturating_add(1);
            let wait_max_ms =
                if self.hears_answers { SUPERNODE_FULL_WAIT_MS_MAX } else { SUPERNODE_WAIT_MS_MAX };
            self.begin(None, now.after_ms(wait_ms(self.failures, rng).min(wait_max_ms)));
            self.is_exhausted = true;
        }
    }

    /// Whether nothing is to be hoped for of those that were asked. Where some have answered, those that have not are
    /// hardly there: calls of them go on, and nobody waits for how they end.
    fn has_failed(&self, now: Time) -> bool {
        let is_idle = self.unheard.is_empty() && self.trials.is_empty();
        is_idle || self.hears_answers && !self.trials.is_room_promising(now)
    }

    /// Those that were asked have had their two seconds, or have all answered.
    fn end_round(&mut self, now: Time) {
        let is_over = |round: &mut Round| round.waiting.is_empty() || now >= round.until;
        for address in self.round.take_if(is_over).into_iter().flat_map(|round| round.waiting) {
            if self.supernodes.note_silence(address) {
                self.unheard.push_back(address);
            }
        }
    }

    fn give_up_late(&mut self, now: Time, out: &mut VecDeque<Output>) {
        for trial in self.trials.take_late(now) {
            self.supernodes.note_absence(trial.address);
            let outcome = trial.slot.map_or(Outcome::Absent, |_| Outcome::Declined);
            out.push_back(Output::Tried { supernode: trial.address, outcome });
            let close = |slot| Output::Close { slot, why: "it does not take us" };
            out.extend(trial.slot.map(close));
        }
    }

    /// One is called after another; the next one when the last has had its time to get further.
    fn call(&mut self, now: Time, out: &mut VecDeque<Output>) {
        self.calls_due = None;
        loop {
            let offered = self.with_room.best();
            let is_busy = match offered {
                Some(_) => self.trials.is_room_busy(now) || self.waits_for_nearer(now),
                None => self.trials.is_busy(now),
            };
            if is_busy {
                return;
            }
            let Some(address) = offered.or_else(|| self.unheard.front().copied()) else { return };
            if !self.trials.tries(address) && !self.rests.has(address, now) {
                if !self.calls.take(CALLS, 1, now) {
                    self.calls_due = Some(now.after_ms(SUPERNODE_CALL_EVERY_MS.into()));
                    return;
                }
                self.trials.call(address, offered.is_some(), now);
                self.rests.begin(address, now);
                out.push_back(Output::Dial { to: address });
            }
            match offered {
                Some(_) => self.with_room.forget(address),
                None => drop(self.unheard.pop_front()),
            }
        }
    }

    /// The first that has room has answered, and others may that are about as near.
    fn waits_for_nearer(&self, now: Time) -> bool {
        let complete_at = self.with_room.complete_at().filter(|_| self.round.is_some());
        complete_at.is_some_and(|complete_at| now < complete_at)
    }

    /// Asks these whether they have room, whatever for.
    pub(in crate::fasttrack::ordinary_node) fn look_at(
        &mut self,
        supernodes: &[SocketAddrV4],
        now: Time,
        out: &mut VecDeque<Output>,
    ) {
        let ping = Datagram::Ping { least: LEAST, network: Bytes::from_static(NETWORK) };
        for &to in supernodes {
            self.asked.note(to, now);
            out.push_back(Output::Datagram { to, datagram: ping.clone() });
        }
    }

    fn ask(&mut self, rng: &mut ChaCha8Rng, now: Time, out: &mut VecDeque<Output>) {
        let waiting = self.supernodes.draw(rng);
        self.look_at(&waiting, now, out);
        if !waiting.is_empty() {
            self.round = Some(Round { waiting, until: now.after_ms(SUPERNODE_PATIENCE_MS) });
        }
        if !self.has_wanted && self.supernodes.unasked() < SUPERNODES_ASKED {
            self.has_wanted = true;
            let count = SUPERNODES_MAX.saturating_sub(self.supernodes.len()).max(SUPERNODES_ASKED);
            out.push_back(Output::WantsHosts { count });
        }
    }

    /// When something is due that was not at this moment.
    pub(in crate::fasttrack::ordinary_node) fn next_timeout(&self, stepped: Time) -> Option<Time> {
        let from = self.from?;
        let round = self.round.as_ref().map(|round| round.until);
        let complete = self.with_room.complete_at();
        let moments = [Some(from), round, complete, self.calls_due].into_iter().flatten();
        moments.chain(self.trials.moments()).filter(|at| *at > stepped).min()
    }
}

/// Milliseconds to wait after so many failures: none, 1 s, 2 s, 4 s and so on, or up to half less, but
/// never less than 1 s.
pub(super) fn wait_ms(failures: u32, rng: &mut ChaCha8Rng) -> u64 {
    let Some(doublings) = failures.checked_sub(1) else { return 0 };
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    let wait_ms = SUPERNODE_WAIT_MS.saturating_mul(factor).min(SUPERNODE_WAIT_MS_MAX);
    rng.random_range(wait_ms / 2..=wait_ms).max(SUPERNODE_WAIT_MS)
}
