//! How an ordinary node finds a supernode.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::asked::Asked;
use super::session::NETWORK;
use super::supernodes::Supernodes;
use super::trials::Trials;
use super::{Answer, Outcome, Output};
use crate::base::limits::{
    SUPERNODE_CALL_EVERY_MS, SUPERNODE_CALLS_BURST, SUPERNODE_PATIENCE_MS, SUPERNODE_STEADY_MS,
    SUPERNODE_WAIT_MS, SUPERNODE_WAIT_MS_MAX, SUPERNODES_ASKED, SUPERNODES_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::wire::{Datagram, Node};

/// The encryption type in a 0x27, as giFT has it. It binds nobody.
const LEAST: u32 = 0x29;

const CALLS: Rate =
    Rate { tokens: 1, every_ms: SUPERNODE_CALL_EVERY_MS, burst: SUPERNODE_CALLS_BURST };

/// Asks five supernodes at a time and takes the one that answers first (FTNODE-01), again and again until
/// there is one (FTNODE-15).
#[derive(Clone, Debug)]
pub(super) struct Seeking {
    supernodes: Supernodes,
    asked: Asked,
    /// From when on a supernode is sought. None while there is one, or none is wanted.
    from: Option<Time>,
    round: Option<Round>,
    /// Have said that they have room, and were not called yet.
    with_room: VecDeque<SocketAddrV4>,
    /// Have not said anything, and were not called yet.
    unheard: VecDeque<SocketAddrV4>,
    trials: Trials,
    calls: TokenBucket,
    calls_due: Option<Time>,
    /// Somebody has answered by UDP since a supernode is sought.
    hears_answers: bool,
    /// All were asked, and the next time is waited for.
    is_exhausted: bool,
    has_wanted: bool,
    /// How often in a row all have failed, and sessions that did not last.
    failures: u32,
    losses: u32,
}

/// Those that are asked at the same time.
#[derive(Clone, Debug)]
struct Round {
    waiting: Vec<SocketAddrV4>,
    until: Time,
}

impl Seeking {
    pub(super) fn new(allow_private: bool, now: Time) -> Self {
        Self {
            supernodes: Supernodes::new(allow_private),
            asked: Asked::default(),
            from: None,
            round: None,
            with_room: VecDeque::new(),
            unheard: VecDeque::new(),
            trials: Trials::default(),
            calls: TokenBucket::full(CALLS, now),
            calls_due: None,
            hears_answers: false,
            is_exhausted: false,
            has_wanted: false,
            failures: 0,
            losses: 0,
        }
    }

    pub(super) const fn is_seeking(&self) -> bool {
        self.from.is_some()
    }

    /// Begins, as nobody was tried yet.
    pub(super) fn start(&mut self, now: Time) {
        (self.failures, self.losses) = (0, 0);
        self.begin(None, now);
    }

    /// The supernode is lost, after so long: at once the next one, unless that happens again and again.
    pub(super) fn lost(
        &mut self,
        supernode: SocketAddrV4,
        since: Time,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) {
        if now >= since.after_ms(SUPERNODE_STEADY_MS) {
            self.losses = 0;
        }
        let from = now.after_ms(wait_ms(self.losses, rng));
        self.losses = self.losses.saturating_add(1);
        self.begin(Some(supernode), from);
    }

    fn begin(&mut self, but: Option<SocketAddrV4>, from: Time) {
        self.supernodes.begin_again(but);
        self.from = Some(from);
        (self.hears_answers, self.is_exhausted, self.has_wanted) = (false, false, false);
    }

    /// None is sought any more: the sessions that were being opened.
    pub(super) fn stop(&mut self) -> Vec<Slot> {
        (self.from, self.round, self.calls_due) = (None, None, None);
        self.with_room.clear();
        self.unheard.clear();
        self.trials.take_all().into_iter().filter_map(|trial| trial.slot).collect()
    }

    /// One has taken us: the sessions with all others.
    pub(super) fn accepted(&mut self, slot: Slot, now: Time) -> Vec<Slot> {
        if let Some(trial) = self.trials.closed(slot) {
            self.supernodes.note_answer(trial.address, true, now);
        }
        self.supernodes.forget_absent(self.hears_answers);
        self.failures = 0;
        self.stop()
    }

    /// The node names supernodes: if there are new ones, and all others have failed, they are tried now.
    pub(super) fn give(&mut self, hosts: &[SocketAddrV4], now: Time) {
        if self.supernodes.give(hosts, now) && self.is_exhausted {
            (self.is_exhausted, self.failures) = (false, 0);
            self.from = Some(now);
        }
    }

    /// A supernode names others.
    pub(super) fn hear(
        &mut self,
        nodes: &[Node],
        from: SocketAddrV4,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) {
        self.supernodes.hear(nodes, from, rng, now);
    }

    /// These are ourselves.
    pub(super) fn set_own(&mut self, own: [SocketAddrV4; 2]) {
        self.supernodes.set_own(own);
    }

    /// Whether this session is with one that is tried.
    pub(super) fn tries(&self, slot: Slot) -> bool {
        self.trials.has(slot)
    }

    pub(super) fn known(&self) -> Vec<SocketAddrV4> {
        self.supernodes.addresses()
    }

    /// The session with a supernode stands. False where there is one already, or none is wanted.
    pub(super) fn opened(&mut self, address: SocketAddrV4, slot: Slot, now: Time) -> bool {
        if self.is_seeking() {
            self.supernodes.note_asked(address);
            self.trials.opened(address, slot, now);
        }
        self.is_seeking()
    }

    /// A supernode could not be called.
    pub(super) fn failed(&mut self, address: SocketAddrV4, out: &mut VecDeque<Output>) {
        if self.trials.failed(address) {
            self.supernodes.note_absence(address);
            out.push_back(Output::Tried { supernode: address, outcome: Outcome::Absent });
        }
    }

    /// A session that was being looked at is over.
    pub(super) fn closed(&mut self, slot: Slot, out: &mut VecDeque<Output>) {
        if let Some(trial) = self.trials.closed(slot) {
            let outcome = Outcome::Declined;
            out.push_back(Output::Tried { supernode: trial.address, outcome });
        }
    }

    /// Somebody has sent a datagram (FTUDP-08).
    pub(super) fn datagram(
        &mut self,
        from: SocketAddrV4,
        datagram: &Datagram,
        rng: &mut ChaCha8Rng,
        now: Time,
        out: &mut VecDeque<Output>,
    ) {
        let (answer, below) = match datagram {
            Datagram::Pong { users, load, .. } => {
                (Answer::HasRoom { users: *users, load: *load }, None)
            }
            Datagram::Full { supernode, .. } => (Answer::Full, *supernode),
            _ => return,
        };
        if !self.asked.take(from, now) {
            return;
        }
        out.push_back(Output::Answered { from, answer });
        let has_room = answer != Answer::Full;
        let below = below.map(|below| Node { address: below.supernode, minutes: 0, load: 0 });
        self.supernodes.hear(below.as_slice(), from, rng, now);
        self.hears_answers = true;
        self.supernodes.note_answer(from, has_room, now);
        if let Some(round) = &mut self.round {
            round.waiting.retain(|one| *one != from);
        }
        self.unheard.retain(|one| *one != from);
        if has_room && self.is_seeking() && !self.trials.tries(from) {
            self.with_room.push_back(from);
        }
    }

    /// Does what is due.
    pub(super) fn step(&mut self, rng: &mut ChaCha8Rng, now: Time, out: &mut VecDeque<Output>) {
        if self.from.is_none_or(|from| now < from) {
            return;
        }
        self.end_round(now);
        self.give_up_late(now, out);
        self.call(now, out);
        if self.round.is_none() && self.with_room.is_empty() && !self.trials.is_room_promising(now)
        {
            self.ask(rng, now, out);
        }
        let is_idle = self.round.is_none() && self.with_room.is_empty() && self.unheard.is_empty();
        if is_idle && self.trials.is_empty() {
            self.failures = self.failures.saturating_add(1);
            self.begin(None, now.after_ms(wait_ms(self.failures, rng)));
            self.is_exhausted = true;
        }
    }

    /// Those that were asked have had their two seconds, or have all answered.
    fn end_round(&mut self, now: Time) {
        let is_over = |round: &mut Round| round.waiting.is_empty() || now >= round.until;
        for address in self.round.take_if(is_over).into_iter().flat_map(|round| round.waiting) {
            self.supernodes.note_silence(address);
            self.unheard.push_back(address);
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
        while !self.trials.is_promising(now) && !self.trials.is_full() {
            let has_room = !self.with_room.is_empty();
            let queue = if has_room { &mut self.with_room } else { &mut self.unheard };
            let Some(address) = queue.front().copied() else { return };
            if !self.trials.tries(address) {
                if !self.calls.take(CALLS, 1, now) {
                    self.calls_due = Some(now.after_ms(SUPERNODE_CALL_EVERY_MS.into()));
                    return;
                }
                self.trials.call(address, has_room, now);
                out.push_back(Output::Dial { to: address });
            }
            queue.pop_front();
        }
    }

    fn ask(&mut self, rng: &mut ChaCha8Rng, now: Time, out: &mut VecDeque<Output>) {
        let waiting = self.supernodes.draw(rng);
        let ping = Datagram::Ping { least: LEAST, network: Bytes::from_static(NETWORK) };
        for &to in &waiting {
            self.asked.note(to, now);
            out.push_back(Output::Datagram { to, datagram: ping.clone() });
        }
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
    pub(super) fn next_timeout(&self, stepped: Time) -> Option<Time> {
        let from = self.from?;
        let round = self.round.as_ref().map(|round| round.until);
        let moments = [Some(from), round, self.calls_due].into_iter().flatten();
        moments.chain(self.trials.moments()).filter(|at| *at > stepped).min()
    }
}

/// Milliseconds to wait after so many failures: none, 1 s, 2 s, 4 s and so on, or up to half less, but
/// never less than 1 s.
fn wait_ms(failures: u32, rng: &mut ChaCha8Rng) -> u64 {
    let Some(doublings) = failures.checked_sub(1) else { return 0 };
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    let wait_ms = SUPERNODE_WAIT_MS.saturating_mul(factor).min(SUPERNODE_WAIT_MS_MAX);
    rng.random_range(wait_ms / 2..=wait_ms).max(SUPERNODE_WAIT_MS)
}
