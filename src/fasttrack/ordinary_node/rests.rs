//! Supernodes that were called a short while ago.

use std::net::SocketAddrV4;

use super::OrdinaryNode;
use crate::base::addresses::is_public;
use crate::base::limits::{CUT_OFF_AGAIN_S, CUT_OFF_INTERVAL_S};
use crate::base::time::Time;

/// Whom not to call yet, whatever the last call was for (FTNODE-24).
#[derive(Clone, Debug, Default)]
pub(super) struct Rests(Vec<Rest>);

#[derive(Clone, Copy, Debug)]
struct Rest {
    host: SocketAddrV4,
    until: Time,
    /// From when on the next call is a first one again.
    forgotten: Time,
}

const FIRST_MS: u64 = CUT_OFF_INTERVAL_S as u64 * 1_000;
const AGAIN_MS: u64 = CUT_OFF_AGAIN_S as u64 * 1_000;

impl Rests {
    /// It is called now.
    pub(super) fn begin(&mut self, called: SocketAddrV4, now: Time) {
        self.0.retain(|rest| now < rest.forgotten);
        let before = self.0.iter().position(|rest| rest.host == key(called));
        let rest_ms = if before.is_some() { AGAIN_MS } else { FIRST_MS };
        let rest = Rest {
            host: key(called),
            until: now.after_ms(rest_ms),
            forgotten: now.after_ms(AGAIN_MS),
        };
        match before.and_then(|place| self.0.get_mut(place)) {
            Some(known) => *known = rest,
            None => self.0.push(rest),
        }
    }

    /// Whether it is left alone for now.
    pub(super) fn has(&self, address: SocketAddrV4, now: Time) -> bool {
        self.0.iter().any(|rest| rest.host == key(address) && now < rest.until)
    }
}

impl OrdinaryNode {
    /// This supernode is called for something else, and then left alone as after a call of ours (FTNODE-24).
    pub fn note_called(&mut self, supernode: SocketAddrV4, now: Time) {
        self.seeking.note_called(supernode, now);
    }

    /// Whether this supernode is left alone, since it was called a short while ago (FTNODE-24).
    pub fn rests(&self, supernode: SocketAddrV4, now: Time) -> bool {
        self.seeking.rests(supernode, now)
    }
}

/// Behind a public address is one host, whatever the port; in a laboratory each port may be another node.
fn key(address: SocketAddrV4) -> SocketAddrV4 {
    let is_one_host = is_public((*address.ip()).into());
    SocketAddrV4::new(*address.ip(), if is_one_host { 0 } else { address.port() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FTNODE-24
    #[test]
    fn after_the_first_call_a_host_rests_for_twenty_seconds_and_then_for_a_minute() {
        let at = |s: u64| Time::from_millis(s * 1_000);
        let host = |port| SocketAddrV4::new([5, 5, 5, 5].into(), port);
        let mut rests = Rests::default();
        let mut calls = Vec::new();
        for now in 0..=300 {
            // It comes to the same whichever port is called.
            if (100..200).contains(&now) || rests.has(host(1_214), at(now)) {
                continue;
            }
            rests.begin(host(1_000 + u16::try_from(now).unwrap()), at(now));
            calls.push(now);
        }
        assert_eq!(calls, [0, 20, 80, 200, 220, 280, 300]);
        let mut rests = Rests::default();
        let near = |port| SocketAddrV4::new([10, 0, 0, 1].into(), port);
        rests.begin(near(1_214), at(0));
        assert_eq!([1_214, 1_215].map(|port| rests.has(near(port), at(1))), [true, false]);
    }
}
