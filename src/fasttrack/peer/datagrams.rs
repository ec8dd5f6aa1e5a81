//! What comes by UDP, and what is answered.

use std::net::SocketAddrV4;

use bytes::Bytes;
use rand::RngExt;

use super::{LEAST, NETWORK, Output, Peer};
use crate::base::addresses::{Network, is_public};
use crate::base::limits::{FASTTRACK_PONG_EVERY_MS, FASTTRACK_PONGS};
use crate::base::mutant::mutant;
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::base::token_bucket::TokenBucket;
use crate::fasttrack::strangers::may_be_called;
use crate::fasttrack::wire::{Datagram, FullBelow};

/// How often one host is answered (FTUDP-07). How many are remembered follows from how often all are.
const PONG: Seldom = Seldom { times: 1, every_ms: FASTTRACK_PONG_EVERY_MS, total: usize::MAX };

/// Bytes by which an answer may be longer than what it answers (FTUDP-07).
const LONGER_MAX: usize = 9;

/// The load of a supernode without room.
const FULL: u8 = 100;

/// What a node says that takes no children, as its kind (FTUDP-04).
const TAKES_NONE: u8 = 1;

/// Who was answered of late.
#[derive(Debug)]
pub(super) struct Pongs {
    all: TokenBucket,
    done: Done<(Network, u16)>,
}

impl Default for Pongs {
    fn default() -> Self {
        Self { all: TokenBucket::full(FASTTRACK_PONGS, Time::ZERO), done: Done::new() }
    }
}

impl Pongs {
    /// Whether this one is answered now; if so, that counts. In a laboratory many nodes share one address.
    fn allow(&mut self, to: SocketAddrV4, allow_private: bool, now: Time) -> bool {
        let ip = (*to.ip()).into();
        let is_shared = allow_private && !is_public(ip);
        let host = (Network::host(ip), if is_shared { to.port() } else { 0 });
        self.done.count(PONG, host, now) == 0
            && self.all.take(FASTTRACK_PONGS, 1, now)
            && self.done.allow(PONG, host, now)
    }
}

impl Peer {
    /// A datagram. False where it is none of FastTrack's (FTUDP-01).
    pub fn receive_datagram(&mut self, from: SocketAddrV4, bytes: &[u8], now: Time) -> bool {
        // What is none by its first byte is not copied.
        if bytes.first().is_none_or(|kind| !(0x27..=0x2a).contains(kind)) {
            return false;
        }
        let Ok(datagram) = Datagram::decode(&Bytes::copy_from_slice(bytes)) else { return false };
        match datagram {
            Datagram::Ping { .. } => self.pong(from, bytes.len(), now),
            Datagram::Pong { .. } | Datagram::Full { .. } | Datagram::FullAnswer { .. } => {
                self.ordinary.datagram(from, &datagram, now);
            }
            Datagram::Other { .. } => return false,
        }
        self.settle(now);
        true
    }

    /// Says whether there is room for a child.
    fn pong(&mut self, to: SocketAddrV4, asked_len: usize, now: Time) {
        let allow_private = self.settings.allow_private;
        let is_fit = self.settings.udp && may_be_called(to, allow_private);
        let may_answer = self.pongs.allow(to, allow_private, now) || mutant!(PongsWithoutEnd);
        if !is_fit || !may_answer {
            return;
        }
        let supernode = self.supernode.as_ref().filter(|supernode| supernode.has_room());
        let answer = match supernode {
            Some(supernode) => Datagram::Pong {
                least: LEAST,
                users: self.numbers.users,
                load: supernode.load(),
                unknown: 0,
                network: NETWORK,
            },
            None if mutant!(OffersRoomItLacks) => {
                Datagram::Pong { least: LEAST, users: 0, load: 0, unknown: 0, network: NETWORK }
            }
            None => {
                let supernode = self.elsewhere(to);
                Datagram::Full { least: LEAST, kind: TAKES_NONE, id: 0, supernode }
            }
        };
        let bytes = answer.to_bytes();
        if bytes.len() <= asked_len.saturating_add(LONGER_MAX) {
            self.out.push_back(Output::Datagram { to, bytes });
        }
    }

    /// Where there may be room instead: with one of the table that had most, drawn so that not all go to the same, or
    /// with our own supernode (FTUDP-04).
    fn elsewhere(&mut self, asked_by: SocketAddrV4) -> Option<FullBelow> {
        let supernode = match &self.neighbours {
            None => self.ordinary.supernode().map(|(_, address)| address),
            Some(neighbours) => {
                let records = neighbours.known().map(|known| known.record);
                let emptiest = emptiest(records.map(|record| (record.address, record.load)));
                let count = emptiest.len();
                let place = (count > 0).then(|| self.rng.wake().random_range(0..count));
                place.and_then(|place| emptiest.get(place)).copied()
            }
        };
        let supernode = supernode.filter(|supernode| *supernode != asked_by)?;
        Some(FullBelow { supernode, unknown: 0 })
    }
}

/// Of supernodes with such loads, those that have about as much room as the one with the most. What a table says of the
/// others may be a minute old, and they may be full by now.
fn emptiest(loads: impl Iterator<Item = (SocketAddrV4, u8)>) -> Vec<SocketAddrV4> {
    let with_room: Vec<_> = loads.filter(|(_, load)| *load < FULL).collect();
    let least = with_room.iter().map(|(_, load)| *load).min().unwrap_or(FULL);
    let alike = |load: u8| load <= least.saturating_add(ALIKE);
    with_room.into_iter().filter(|(_, load)| alike(*load)).map(|(address, _)| address).collect()
}

/// Loads that differ by so much are about the same (FTUDP-04).
const ALIKE: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// FTUDP-04
    #[test]
    fn one_is_named_that_has_about_the_most_room() {
        let at = |port| SocketAddrV4::new([5, 5, 5, 5].into(), port);
        let of = |loads: &[u8]| {
            let ports = emptiest((0..).map(at).zip(loads.iter().copied()));
            ports.iter().map(|address| usize::from(address.port())).collect::<Vec<_>>()
        };
        assert_eq!(of(&[40, 100, 30, 41, 20]), [2, 4]);
        assert_eq!(of(&[95, 100, 99]), [0, 2]);
        assert!(of(&[100, 100]).is_empty());
    }
}
