//! Pushes of an ordinary node: calls that it has asked for.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::base::limits::{
    GIVE_WAIT_MS, GIVES_WAITED_FOR_MAX, OWN_PUSH_EVERY_MS, OWN_PUSHES_MAX,
    OWN_PUSHES_OF_SERVENT_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;

/// Pushes for one node.
const OF_NODE: Seldom =
    Seldom { times: OWN_PUSHES_OF_SERVENT_MAX, every_ms: OWN_PUSH_EVERY_MS, total: OWN_PUSHES_MAX };

/// A node that is called by push, as it stood in a result (FTNODE-11).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PushTarget {
    /// As it says; often one that strangers cannot call.
    pub address: SocketAddrV4,
    /// The supernode that has its files in its index.
    pub supernode: SocketAddrV4,
    /// Byte for byte.
    pub user: Bytes,
}

/// Why nobody is asked to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPush {
    /// There is no supernode to pass it on.
    NoSupernode,
    /// We cannot be called ourselves, or do not know where.
    NotCallable,
    /// This node, or all of them together, were asked often enough for now.
    TooMany,
}

/// The pushes that may still be answered, each by one `GIVE` (FTNODE-14).
#[derive(Clone, Debug, Default)]
pub(super) struct OwnPushes {
    /// The oldest first.
    waiting: VecDeque<Waiting>,
    sent: Done<(SocketAddrV4, SocketAddrV4)>,
}

#[derive(Clone, Debug)]
struct Waiting {
    number: u32,
    sent: Time,
    target: PushTarget,
}

impl OwnPushes {
    /// The number of a push that is sent now, which no other one has that is waited for. None where there
    /// were as many as there may be.
    pub(super) fn begin(
        &mut self,
        target: &PushTarget,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) -> Option<u32> {
        self.forget_old(now);
        let is_full = self.waiting.len() >= GIVES_WAITED_FOR_MAX;
        if is_full || !self.sent.allow(OF_NODE, (target.address, target.supernode), now) {
            return None;
        }
        let mut number: u32 = rng.random();
        while self.waiting.iter().any(|one| one.number == number) {
            number = number.wrapping_add(1);
        }
        self.waiting.push_back(Waiting { number, sent: now, target: target.clone() });
        Some(number)
    }

    /// Somebody says `GIVE` with this number: whom it is from, if it was asked for and did not come before.
    pub(super) fn take(&mut self, number: u32, now: Time) -> Option<PushTarget> {
        self.forget_old(now);
        let place = self.waiting.iter().position(|one| one.number == number)?;
        self.waiting.remove(place).map(|one| one.target)
    }

    fn forget_old(&mut self, now: Time) {
        let is_old = |one: &Waiting| now >= one.sent.after_ms(GIVE_WAIT_MS);
        while self.waiting.front().is_some_and(is_old) {
            self.waiting.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// FTNODE-14: two that are waited for have two numbers, whatever the lots say.
    #[test]
    fn a_number_that_is_waited_for_is_not_given_again() {
        let mut pushes = OwnPushes::default();
        let numbers = [1, 2, 3].map(|port| {
            let address = SocketAddrV4::new([10, 0, 0, 1].into(), port);
            let target = PushTarget { address, supernode: address, user: Bytes::new() };
            pushes.begin(&target, &mut ChaCha8Rng::seed_from_u64(7), Time::ZERO).unwrap()
        });
        assert!(numbers[0] != numbers[1] && numbers[0] != numbers[2] && numbers[1] != numbers[2]);
    }
}
