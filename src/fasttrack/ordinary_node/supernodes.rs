//! The supernodes that an ordinary node knows of.

use std::net::{Ipv4Addr, SocketAddrV4};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::base::addresses::{Network, is_callable, is_public};
use crate::base::limits::{
    SUPERNODES_ASKED, SUPERNODES_MAX, SUPERNODES_OF_NETWORK_MAX, SUPERNODES_OF_SENDER_MAX,
};
use crate::base::time::Time;
use crate::fasttrack::strangers::may_be_called;
use crate::fasttrack::wire::Node;

const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// Minutes within which two supernodes are as good as seen at the same time.
const SEEN_STEP_MIN: u8 = 5;

/// Of those that are asked at once, how many are such as have answered before.
const PROVEN_ASKED: usize = 2;

/// Up to [`SUPERNODES_MAX`] supernodes, by the word of whoever has named them (FTNODE-16, FTSAFE-11).
#[derive(Clone, Debug)]
pub(super) struct Supernodes {
    allow_private: bool,
    /// Ourselves, by the addresses that are known.
    own: [SocketAddrV4; 2],
    known: Vec<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    address: SocketAddrV4,
    sender: Sender,
    /// Minutes after the start; before it where it is below zero.
    seen_min: i64,
    /// It was our supernode, or had room for us.
    is_proven: bool,
    /// It was asked since we look for a supernode.
    is_asked: bool,
    /// It has not answered since.
    is_silent: bool,
    /// It has answered since a supernode is sought, however late.
    is_there: bool,
    /// It could not be called since, or had nothing to say.
    is_absent: bool,
}

/// By whose word a supernode is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    /// The node that we are part of.
    Own,
    /// A supernode of this network, or this very one in a laboratory.
    Supernode(Network, u16),
}

impl Supernodes {
    /// None. With `allow_private`, those in private networks are taken, too.
    pub(super) const fn new(allow_private: bool) -> Self {
        Self { allow_private, own: [NOWHERE; 2], known: Vec::new() }
    }

    /// These are ourselves.
    pub(super) fn set_own(&mut self, own: [SocketAddrV4; 2]) {
        self.own = own;
        self.known.retain(|known| !own.contains(&known.address));
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.known.len()
    }

    /// How many of them were not asked.
    pub(super) fn unasked(&self) -> usize {
        self.known.iter().filter(|known| !known.is_asked).count()
    }

    /// The node itself names supernodes. True where there is a new one among them.
    pub(super) fn give(&mut self, hosts: &[SocketAddrV4], now: Time) -> bool {
        let before = self.unasked();
        for &address in hosts.iter().take(SUPERNODES_MAX) {
            self.learn(address, Sender::Own, minutes(now));
        }
        self.unasked() > before
    }

    /// A supernode has sent its list: the best of it are kept, in the stead of those that it named before
    /// and of the oldest.
    pub(super) fn hear(
        &mut self,
        nodes: &[Node],
        from: SocketAddrV4,
        rng: &mut ChaCha8Rng,
        now: Time,
    ) {
        let mut nodes: Vec<Node> = nodes.to_vec();
        nodes.retain(|node| may_be_called(node.address, self.allow_private));
        shuffle(&mut nodes, rng);
        nodes.sort_by_key(|node| node.minutes / SEEN_STEP_MIN);
        let sender = self.sender(from);
        let mut taken: Vec<SocketAddrV4> = Vec::new();
        for node in nodes {
            if taken.len() >= SUPERNODES_OF_SENDER_MAX {
                break;
            }
            if self.is_crowded(&taken, node.address) || taken.contains(&node.address) {
                continue;
            }
            taken.push(node.address);
            let seen_min = minutes(now).saturating_sub(node.minutes.into());
            self.learn(node.address, sender, seen_min);
        }
    }

    /// Whether so many of its network are there that no further one is taken. In a laboratory there is
    /// one network only.
    fn is_crowded(&self, taken: &[SocketAddrV4], address: SocketAddrV4) -> bool {
        let network = Network::around((*address.ip()).into());
        let same = taken.iter().filter(|one| network.contains((*one.ip()).into())).count();
        is_public((*address.ip()).into()) && same >= SUPERNODES_OF_NETWORK_MAX
    }

    fn sender(&self, from: SocketAddrV4) -> Sender {
        let ip = (*from.ip()).into();
        if self.allow_private && !is_public(ip) {
            return Sender::Supernode(Network::host(ip), from.port());
        }
        Sender::Supernode(Network::around(ip), 0)
    }

    fn learn(&mut self, address: SocketAddrV4, sender: Sender, seen_min: i64) {
        if !is_callable(address.into(), self.allow_private) || self.own.contains(&address) {
            return;
        }
        if let Some(known) = self.find(address) {
            known.seen_min = known.seen_min.max(seen_min);
            return;
        }
        if sender != Sender::Own && self.share(sender) >= SUPERNODES_OF_SENDER_MAX {
            self.forget_oldest(|known| known.sender == sender);
        }
        if self.known.len() >= SUPERNODES_MAX {
            self.forget_oldest(|_| true);
        }
        let fresh = Known {
            address,
            sender,
            seen_min,
            is_proven: false,
            is_asked: false,
            is_silent: false,
            is_there: false,
            is_absent: false,
        };
        self.known.push(fresh);
    }

    fn share(&self, sender: Sender) -> usize {
        self.known.iter().filter(|known| known.sender == sender).count()
    }

    /// Those that have answered go last.
    fn forget_oldest(&mut self, is_meant: impl Fn(&Known) -> bool) {
        let meant = self.known.iter().enumerate().filter(|(_, known)| is_meant(known));
        let oldest = meant.min_by_key(|(_, known)| (known.is_proven, known.seen_min));
        if let Some(place) = oldest.map(|(place, _)| place) {
            self.known.remove(place);
        }
    }

    /// All may be asked again; this one, with which there was a session a moment ago, the time after.
    pub(super) fn begin_again(&mut self, but: Option<SocketAddrV4>) {
        for known in &mut self.known {
            (known.is_silent, known.is_absent) = (false, false);
            known.is_asked = but == Some(known.address);
        }
    }

    /// Whom to ask now: some that have answered before, others from as many networks as there are, each
    /// as likely as the next. They count as asked.
    pub(super) fn draw(&mut self, rng: &mut ChaCha8Rng) -> Vec<SocketAddrV4> {
        let unasked = self.known.iter().filter(|known| !known.is_asked);
        let mut pool: Vec<Known> = unasked.copied().collect();
        shuffle(&mut pool, rng);
        let mut drawn: Vec<SocketAddrV4> = Vec::new();
        let is_good = |known: &&Known| known.is_proven || known.is_there;
        let proven = pool.iter().filter(is_good).take(PROVEN_ASKED);
        drawn.extend(proven.map(|known| known.address));
        for is_picky in [true, false] {
            for known in &pool {
                let network = Network::around((*known.address.ip()).into());
                let is_near = drawn.iter().any(|one| network.contains((*one.ip()).into()));
                let is_drawn = drawn.contains(&known.address) || is_picky && is_near;
                if drawn.len() < SUPERNODES_ASKED && !is_drawn {
                    drawn.push(known.address);
                }
            }
        }
        for known in &mut self.known {
            known.is_asked |= drawn.contains(&known.address);
        }
        drawn
    }

    /// It is not asked before all are asked again.
    pub(super) fn note_asked(&mut self, address: SocketAddrV4) {
        if let Some(known) = self.find(address) {
            known.is_asked = true;
        }
    }

    /// It has answered, and has room for us or not.
    pub(super) fn note_answer(&mut self, address: SocketAddrV4, has_room: bool, now: Time) {
        if let Some(known) = self.find(address) {
            (known.is_proven, known.is_silent, known.is_there) = (has_room, false, true);
            known.seen_min = known.seen_min.max(minutes(now));
        }
    }

    /// A supernode is sought from now on: nobody has answered for that.
    pub(super) fn forget_answers(&mut self) {
        self.known.iter_mut().for_each(|known| known.is_there = false);
    }

    /// It has not answered. False where it has done so before, so that its answer is only late.
    pub(super) fn note_silence(&mut self, address: SocketAddrV4) -> bool {
        self.find(address).is_none_or(|known| {
            known.is_silent = !known.is_there;
            known.is_silent
        })
    }

    /// It could not be called, or had nothing to say.
    pub(super) fn note_absence(&mut self, address: SocketAddrV4) {
        if let Some(known) = self.find(address) {
            known.is_absent = true;
        }
    }

    /// Somebody is there, so that those that did not answer are not (FTNODE-16): those that could not be
    /// called, and where answers by UDP are heard at all those that have sent none.
    pub(super) fn forget_absent(&mut self, hears_answers: bool) {
        self.known.retain(|known| !(known.is_absent || hears_answers && known.is_silent));
    }

    /// Those that have answered first, then those seen last.
    pub(super) fn addresses(&self) -> Vec<SocketAddrV4> {
        let mut known = self.known.clone();
        known.sort_by_key(|known| (!known.is_proven, known.seen_min.saturating_neg()));
        known.iter().map(|known| known.address).collect()
    }

    fn find(&mut self, address: SocketAddrV4) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| known.address == address)
    }
}

fn minutes(now: Time) -> i64 {
    i64::try_from(now.as_micros() / 60_000_000).unwrap_or(i64::MAX)
}

fn shuffle<T>(all: &mut [T], rng: &mut ChaCha8Rng) {
    for len in (2..=all.len()).rev() {
        let Ok(bound) = u32::try_from(len) else { return };
        let chosen = usize::try_from(rng.random_range(0..bound)).unwrap_or(0);
        all.swap(len.saturating_sub(1), chosen);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn node(number: usize) -> SocketAddrV4 {
        let [.., high, low] = number.to_be_bytes();
        SocketAddrV4::new([5, high, low, 1].into(), 1_214)
    }

    fn all() -> Supernodes {
        let mut supernodes = Supernodes::new(false);
        supernodes.give(&(0..SUPERNODES_MAX).map(node).collect::<Vec<_>>(), Time::ZERO);
        supernodes
    }

    /// FTNODE-16: those that have answered stay, and so do those that were named again.
    #[test]
    fn the_oldest_that_has_not_answered_goes() {
        let mut supernodes = all();
        supernodes.note_answer(node(0), true, Time::ZERO);
        supernodes.give(&[node(1)], Time::from_millis(60_000));
        supernodes.give(&[node(1_000)], Time::from_millis(120_000));
        let known = supernodes.addresses();
        assert_eq!(known.len(), SUPERNODES_MAX);
        assert_eq!([0, 1, 2, 3].map(|it| known.contains(&node(it))), [true, true, false, true]);
    }

    /// FTNODE-01: however many have answered before, most of those that are asked have not.
    #[test]
    fn two_that_have_answered_are_asked_and_three_others() {
        let mut supernodes = all();
        (0..10).for_each(|number| supernodes.note_answer(node(number), true, Time::ZERO));
        let drawn = supernodes.draw(&mut ChaCha8Rng::seed_from_u64(7));
        let proven = drawn.iter().filter(|one| **one < node(10)).count();
        assert_eq!((drawn.len(), proven), (SUPERNODES_ASKED, PROVEN_ASKED));
    }
}
