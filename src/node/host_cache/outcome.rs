use std::net::SocketAddr;

use super::host::{Host, Key, Quality};
use super::sources::Account;
use super::{Facts, HostCache, Source, seconds};
use crate::base::limits::{
    CUT_OFF_INTERVAL_S, DIAL_BUSY_S, DIAL_CONTACT_S, DIAL_DISLIKED_S, DIAL_FOREIGN_S,
    DIAL_INTERVAL_S, DIAL_UNKNOWN_CODE_S, DIAL_WAIT_MAX_S, PARTED_SOON_S,
};
use crate::base::time::Time;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The handshake went well.
    Connected,
    /// It went well, and yet the link ended after so many seconds.
    Parted { lasted_s: u32 },
    /// It has said goodbye, or the user has (BYE-18).
    Goodbye,
    /// It has said nothing for so long that it was given up (PING-07), or has not answered since
    /// others fell silent with it (UP-16): it may be gone, or our line.
    Silent,
    /// Nobody answered, or not to the end of the handshake.
    Failed,
    /// It refused us by this code (HAND-73, HAND-74).
    Refused(u16),
    /// It belongs to another network, or speaks another protocol (HAND-52, HAND-53).
    Foreign,
    /// It is this node itself.
    Ourselves,
}

/// What a refusal means for later calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consequence {
    /// It stays known, and is called again after so long; twice as long each further time.
    Wait(u32),
    /// The same, but a node that is cut off does not wait for so long: slots become free at any time.
    WaitIfPossible(u32),
    /// The same, and it is no ultrapeer.
    WaitAsLeaf(u32),
    /// It is not called for so long, whoever names it.
    Shun(u32),
}

/// For as long as this node runs.
const FOR_EVER: u32 = u32::MAX;

impl HostCache {
    /// A call has come to this. Hosts that are not known stay so, but for one that was given up and
    /// has answered after all.
    pub fn outcome(&mut self, address: SocketAddr, outcome: Outcome, now: Time) {
        let (key, now_s) = (Key::of(address), seconds(now));
        match outcome {
            Outcome::Failed => return self.failed(key, now_s),
            Outcome::Silent => return self.silent(key, now_s),
            Outcome::Connected => self.connected(key, now_s),
            Outcome::Parted { lasted_s } => self.parted(key, lasted_s, now_s),
            Outcome::Goodbye => self.goodbye(key, now_s),
            Outcome::Refused(code) => self.refused(key, consequence(code), now_s),
            Outcome::Foreign => self.shun(key, DIAL_FOREIGN_S, now_s),
            Outcome::Ourselves => self.shun(key, FOR_EVER, now_s),
        }
        self.contact_s = Some(now_s);
    }

    fn connected(&mut self, key: Key, now_s: u32) {
        if self.shunned.forgive(key) && self.find(key).is_none() {
            let facts = Facts { is_ultrapeer: true, ..Facts::default() };
            let account = Account::of(Source::Itself);
            let host = Host::new(key, Quality::Met, account, facts, now_s);
            if self.make_room_for(&host, now_s) {
                self.insert(host);
            }
        }
        let Some(index) = self.find(key) else { return };
        let Some(host) = self.hosts.get_mut(index) else { return };
        (host.failures, host.refusals, host.is_advice) = (0, 0, false);
        (host.seen_s, host.wait_until_s) = (now_s, now_s.saturating_add(DIAL_INTERVAL_S));
        self.raise(key, Quality::Proven, now_s);
        self.raise(key, Quality::Met, now_s);
    }

    /// Whoever takes us in to send us away is as good as busy.
    fn parted(&mut self, key: Key, lasted_s: u32, now_s: u32) {
        let Some(host) = self.find(key).and_then(|index| self.hosts.get_mut(index)) else { return };
        if lasted_s < PARTED_SOON_S {
            host.wait_until_s = host.wait_until_s.max(now_s.saturating_add(DIAL_BUSY_S));
        } else {
            host.seen_s = now_s;
        }
    }

    /// It is as good as busy. One that was only restarted is back soon, where nobody else is known.
    fn goodbye(&mut self, key: Key, now_s: u32) {
        self.refused(key, Consequence::WaitIfPossible(DIAL_BUSY_S), now_s);
        self.silent(key, now_s);
    }

    fn silent(&mut self, key: Key, now_s: u32) {
        let Some(host) = self.find(key).and_then(|index| self.hosts.get_mut(index)) else { return };
        host.wait_until_s = host.wait_until_s.max(now_s.saturating_add(DIAL_INTERVAL_S));
        let spared_until_s = now_s.saturating_add(CUT_OFF_INTERVAL_S);
        host.spared_until_s = host.spared_until_s.max(spared_until_s);
    }

    fn failed(&mut self, key: Key, now_s: u32) {
        let is_online = self
            .contact_s
            .is_some_and(|contact_s| now_s <= contact_s.saturating_add(DIAL_CONTACT_S));
        let Some(index) = self.find(key) else { return };
        let Some(host) = self.hosts.get_mut(index) else { return };
        host.failures = host.failures.saturating_add(1);
        host.is_advice = false;
        let failed = *host;
        if is_online && failed.failures >= self.failures_max(&failed) {
            self.remove(index);
            self.shunned.shun_wrong_port(key, failed.vouched_by(), now_s);
            return;
        }
        let Some(host) = self.hosts.get_mut(index) else { return };
        host.wait(DIAL_INTERVAL_S, host.failures, DIAL_WAIT_MAX_S, now_s);
        // One that was there before may be there again soon: perhaps it was our line that failed.
        if host.quality != Quality::Proven {
            host.spared_until_s = host.wait_until_s;
        }
    }

    fn refused(&mut self, key: Key, consequence: Consequence, now_s: u32) {
        let (wait_s, is_leaf) = match consequence {
            Consequence::Shun(wait_s) => return self.shun(key, wait_s, now_s),
            Consequence::Wait(wait_s) | Consequence::WaitIfPossible(wait_s) => (wait_s, false),
            Consequence::WaitAsLeaf(wait_s) => (wait_s, true),
        };
        let Some(host) = self.find(key).and_then(|index| self.hosts.get_mut(index)) else { return };
        (host.failures, host.is_advice) = (0, false);
        host.refusals = host.refusals.saturating_add(1);
        host.is_ultrapeer &= !is_leaf;
        host.wait(wait_s, host.refusals, DIAL_DISLIKED_S, now_s);
        if !matches!(consequence, Consequence::WaitIfPossible(_)) {
            host.spared_until_s = host.wait_until_s;
        }
    }

    fn shun(&mut self, key: Key, wait_s: u32, now_s: u32) {
        if let Some(index) = self.find(key) {
            self.remove(index);
        }
        self.shunned.shun(key, wait_s, now_s);
    }
}

impl Host {
    /// Not before so long, doubled for each time but the first.
    const fn wait(&mut self, wait_s: u32, times: u8, wait_max_s: u32, now_s: u32) {
        let wait_s = doubled(wait_s, times.saturating_sub(1), wait_max_s);
        self.wait_until_s = now_s.saturating_add(wait_s);
    }
}

/// So long, doubled so often, up to a limit.
pub(super) const fn doubled(wait_s: u32, times: u8, wait_max_s: u32) -> u32 {
    let factor = if times < 31 { 1_u32 << times } else { u32::MAX };
    let wait_s = wait_s.saturating_mul(factor);
    if wait_s < wait_max_s { wait_s } else { wait_max_s }
}

/// HAND-73, HAND-74
const fn consequence(code: u16) -> Consequence {
    match code {
        503 | 409 => Consequence::WaitIfPossible(DIAL_BUSY_S),
        429 => Consequence::Wait(DIAL_INTERVAL_S),
        204 => Consequence::WaitAsLeaf(DIAL_DISLIKED_S),
        406 | 593 => Consequence::Shun(DIAL_FOREIGN_S),
        400 | 403 | 550 => Consequence::Shun(DIAL_DISLIKED_S),
        401 | 577 => Consequence::Shun(FOR_EVER),
        _ => Consequence::Wait(DIAL_UNKNOWN_CODE_S),
    }
}
