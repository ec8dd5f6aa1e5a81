use std::net::IpAddr;

use super::observation::Protocol;
use super::thresholds::ReachThresholds;
use crate::base::addresses::is_public;
use crate::base::time::Time;

/// Whether others can reach this node. Only that somebody did proves it, and only for a while.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reachability {
    tcp: Proof,
    udp: Proof,
}

#[derive(Clone, Copy, Debug, Default)]
struct Proof {
    /// When somebody reached us last.
    at: Option<Time>,
    /// Requests to connect back since then that led to nothing.
    misses: u8,
}

impl Reachability {
    /// Somebody reached us. Where public addresses are needed, one from our own house proves nothing.
    pub(super) fn reached(
        &mut self,
        protocol: Protocol,
        from: IpAddr,
        thresholds: &ReachThresholds,
        now: Time,
    ) {
        if thresholds.public_needed && !is_public(from) {
            return;
        }
        *self.proof_mut(protocol) = Proof { at: Some(now), misses: 0 };
    }

    /// Somebody was asked to reach us and did not.
    pub(super) fn missed(&mut self, protocol: Protocol) {
        let proof = self.proof_mut(protocol);
        proof.misses = proof.misses.saturating_add(1);
    }

    /// Whether we can be reached, as far as anybody knows.
    pub(super) fn is_proven(
        &self,
        protocol: Protocol,
        thresholds: &ReachThresholds,
        now: Time,
    ) -> bool {
        let proof = self.proof(protocol);
        let is_void = thresholds.misses_max > 0 && proof.misses >= thresholds.misses_max;
        proof.at.is_some()
            && !is_void
            && self.expiry(protocol, thresholds).is_none_or(|at| now < at)
    }

    /// When the proof ends unless it is renewed.
    pub(super) fn expiry(&self, protocol: Protocol, thresholds: &ReachThresholds) -> Option<Time> {
        Some(self.proof(protocol).at?.after(thresholds.proof_life?))
    }

    /// When somebody reached us last.
    pub(super) const fn last(&self, protocol: Protocol) -> Option<Time> {
        self.proof(protocol).at
    }

    const fn proof(&self, protocol: Protocol) -> &Proof {
        match protocol {
            Protocol::Tcp => &self.tcp,
            Protocol::Udp => &self.udp,
        }
    }

    const fn proof_mut(&mut self, protocol: Protocol) -> &mut Proof {
        match protocol {
            Protocol::Tcp => &mut self.tcp,
            Protocol::Udp => &mut self.udp,
        }
    }
}
