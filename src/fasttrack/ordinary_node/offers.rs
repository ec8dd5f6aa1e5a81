//! Supernodes that have said that they have room, and were not called yet.

use std::net::SocketAddrV4;
use std::time::Duration;

use crate::base::limits::SUPERNODE_NEAR_MS;
use crate::base::time::Time;

/// The nearest comes first, and of those that are about as near the one with the most room (FTNODE-01).
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    offers: Vec<Offer>,
    /// Until when others may answer that are about as near as the first one.
    complete_at: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    address: SocketAddrV4,
    round_trip: Duration,
    load: u8,
}

const NEAR: Duration = Duration::from_millis(SUPERNODE_NEAR_MS);

impl Offers {
    pub(super) const fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// It has room, and its answer took so long.
    pub(super) fn add(&mut self, address: SocketAddrV4, asked: Time, load: u8, now: Time) {
        if self.offers.is_empty() {
            self.complete_at = Some(now.after(NEAR));
        }
        self.forget(address);
        self.offers.push(Offer { address, round_trip: now.since(asked), load });
    }

    /// Until when the first one is not chosen: others may be about as near.
    pub(super) fn complete_at(&self) -> Option<Time> {
        self.complete_at.filter(|_| !self.offers.is_empty())
    }

    /// Which one to call next.
    pub(super) fn best(&self) -> Option<SocketAddrV4> {
        let nearest = self.offers.iter().map(|offer| offer.round_trip).min()?;
        let near = |offer: &&Offer| offer.round_trip <= nearest.saturating_add(NEAR);
        let offers = self.offers.iter().filter(near);
        offers.min_by_key(|offer| (offer.load, offer.round_trip)).map(|offer| offer.address)
    }

    /// It is called, or is not to be.
    pub(super) fn forget(&mut self, address: SocketAddrV4) {
        self.offers.retain(|offer| offer.address != address);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u8) -> SocketAddrV4 {
        SocketAddrV4::new([5, 5, 5, number].into(), 1_214)
    }

    /// FTNODE-01
    #[test]
    fn of_those_that_are_near_the_one_with_the_most_room_is_next_and_then_the_others() {
        let mut offers = Offers::default();
        let at = Time::from_millis;
        offers.add(node(1), Time::ZERO, 60, at(20));
        offers.add(node(2), Time::ZERO, 40, at(20 + SUPERNODE_NEAR_MS));
        offers.add(node(3), Time::ZERO, 0, at(21 + SUPERNODE_NEAR_MS));
        assert_eq!(offers.complete_at(), Some(at(20 + SUPERNODE_NEAR_MS)));
        let mut order = Vec::new();
        while let Some(best) = offers.best() {
            order.push(best);
            offers.forget(best);
        }
        assert_eq!(order, [node(2), node(1), node(3)]);
        assert_eq!(offers.complete_at(), None);
    }
}
