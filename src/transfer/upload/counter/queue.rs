use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::{Ask, Ticket, VisitId};
use crate::base::addresses::Network;
use crate::base::time::Time;
use crate::index::files::FileId;

/// Where an entry stands: those of one network stand one turn apart, whoever of them came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    turn: u64,
    number: u64,
}

/// Somebody who waits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Ticket,
    pub(super) host: Network,
    pub(super) network: Network,
    pub(super) file: FileId,
    /// The connection over which it waits, as long as that stands.
    pub(super) visit: Option<VisitId>,
    /// Its place goes with that.
    pub(super) is_of_visit: bool,
    /// Where it takes a call, if it does.
    pub(super) calls_at: Option<SocketAddr>,
    /// Calls that have led to nothing.
    pub(super) calls: u8,
    /// When it may ask again, and until when it must.
    pub(super) from: Time,
    pub(super) until: Time,
}

/// Those who wait, in a fair order: each network gets a turn before any gets its second.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: BTreeMap<Place, Entry>,
    /// The networks of those who wait: the last turn of each, and how many of it there are.
    networks: BTreeMap<Network, (u64, usize)>,
    /// The turn of whoever got a slot last.
    turn: u64,
    number: u64,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Puts somebody at the end of its network's turns.
    pub(super) fn push(&mut self, entry: Entry) -> Place {
        let (last, count) = self.networks.entry(entry.network).or_default();
        *last = self.turn.max(*last).saturating_add(1);
        *count = count.saturating_add(1);
        self.number = self.number.saturating_add(1);
        let place = Place { turn: *last, number: self.number };
        self.entries.insert(place, entry);
        place
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Entry> {
        let entry = self.entries.remove(&place)?;
        if let Some((_, count)) = self.networks.get_mut(&entry.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.networks.remove(&entry.network);
            }
        }
        Some(entry)
    }

    /// Takes somebody out whose turn it is.
    pub(super) fn serve(&mut self, place: Place) {
        self.turn = self.turn.max(place.turn);
        self.remove(place);
    }

    pub(super) fn entry_mut(&mut self, place: Place) -> Option<&mut Entry> {
        self.entries.get_mut(&place)
    }

    /// The place of whoever asks: by its connection, by its number, or by what it wants where it is known by
    /// nothing else. A number is worth nothing at another host.
    pub(super) fn find(&self, ask: &Ask, host: Network) -> Option<Place> {
        let of_host = || self.entries.iter().filter(|(_, entry)| entry.host == host);
        let by_visit = of_host().find(|(_, entry)| entry.visit == Some(ask.visit));
        let by_id = || of_host().find(|(_, entry)| Some(entry.id) == ask.manner.id());
        let by_file =
            || of_host().find(|(_, entry)| entry.visit.is_none() && entry.file == ask.file);
        by_visit.or_else(by_id).or_else(by_file).map(|(place, _)| *place)
    }

    /// How many stand before a place, or in all, of those that count.
    pub(super) fn ahead(&self, place: Option<Place>, counts: impl Fn(&Entry) -> bool) -> usize {
        let ahead = self.entries.iter().take_while(|(key, _)| place.is_none_or(|at| **key < at));
        ahead.filter(|(_, entry)| counts(entry)).count()
    }

    /// The hosts of those who wait, in order.
    pub(super) fn hosts(&self) -> impl Iterator<Item = Network> {
        self.entries.values().map(|entry| entry.host)
    }

    pub(super) fn of_host(&self, host: Network) -> usize {
        self.entries.values().filter(|entry| entry.host == host).count()
    }

    pub(super) fn of_network(&self, network: Network) -> usize {
        self.networks.get(&network).map_or(0, |(_, count)| *count)
    }

    /// The last one of the network of which most wait, and how many those are.
    pub(super) fn most_crowded(&self) -> Option<(Place, usize)> {
        let crowded = self.networks.iter().max_by_key(|(_, (_, count))| *count);
        let (network, (_, count)) = crowded?;
        let mut entries = self.entries.iter().rev();
        let last = entries.find(|(_, entry)| entry.network == *network)?;
        Some((*last.0, *count))
    }

    /// The connection is gone; the place is kept for a while for whoever finds back to it.
    pub(super) fn leave(&mut self, visit: VisitId) {
        let left = self.entries.iter_mut().find(|(_, entry)| entry.visit == Some(visit));
        let Some((place, entry)) = left else { return };
        entry.visit = None;
        if entry.is_of_visit {
            let place = *place;
            self.remove(place);
        }
    }

    /// Those who should have come back by now.
    pub(super) fn late(&self, now: Time) -> Vec<Place> {
        let late = self.entries.iter().filter(|(_, entry)| entry.until <= now);
        late.map(|(place, _)| *place).collect()
    }

    /// When the next one is late.
    pub(super) fn next_late(&self) -> Option<Time> {
        self.entries.values().map(|entry| entry.until).min()
    }
}
