//! How an ordinary node finds a supernode.

mod steps;

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use rand::rngs::ChaCha8Rng;

use super::asked::Asked;
use super::offers::Offers;
use super::rests::Rests;
use super::supernodes::Supernodes;
use super::trials::Trials;
use super::{Answer, Outcome, Output};
use crate::base::limits::{
    SUPERNODE_CALL_EVERY_MS, SUPERNODE_CALLS_BURST, SUPERNODE_OTHERS_MS, SUPERNODE_STEADY_MS,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::fasttrack::wire::{Datagram, Node};
use steps::wait_ms;

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
    with_room: Offers,
    /// Have not said anything, and were not called yet.
    unheard: VecDeque<SocketAddrV4>,
    trials: Trials,
    rests: Rests,
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
            with_room: Offers::default(),
            unheard: VecDeque::new(),
            trials: Trials::default(),
            rests: Rests::default(),
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
        self.supernodes.forget_answers();
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
        self.supernodes.forget_answers();
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
        self.is_exhausted = false;
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

    /// It is called for something else.
    pub(super) fn note_called(&mut self, address: SocketAddrV4, now: Time) {
        self.rests.begin(address, now);
    }

    /// Whether it was called so short a while ago that it is left alone (FTNODE-24).
    pub(super) fn rests(&self, address: SocketAddrV4, now: Time) -> bool {
        self.rests.has(address, now)
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
        let answer = match datagram {
            Datagram::Pong { users, load, .. } => Answer::HasRoom { users: *users, load: *load },
            Datagram::Full { supernode, .. } => {
                Answer::Full { elsewhere: supernode.map(|below| below.supernode) }
            }
            _ => return,
        };
        let Some(asked) = self.asked.take(from, now) else { return };
        out.push_back(Output::Answered { from, answer });
        let (load, elsewhere) = match answer {
            Answer::HasRoom { load, .. } => (Some(load), None),
            Answer::Full { elsewhere } => (None, elsewhere),
        };
        let elsewhere = elsewhere.map(|address| Node { address, minutes: 0, load: 0 });
        self.supernodes.hear(elsewhere.as_slice(), from, rng, now);
        self.hears_answers = true;
        self.supernodes.note_answer(from, load.is_some(), now);
        if let Some(round) = &mut self.round {
            round.waiting.retain(|one| *one != from);
            round.until = round.until.min(now.after_ms(SUPERNODE_OTHERS_MS));
        }
        self.unheard.retain(|one| *one != from);
        let may_be_called = !self.trials.tries(from) && !self.rests.has(from, now);
        if let Some(load) = load.filter(|_| self.is_seeking() && may_be_called) {
            self.with_room.add(from, asked, load, now);
        }
    }
}
