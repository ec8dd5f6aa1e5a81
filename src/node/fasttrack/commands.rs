//! What users and programs ask for.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use super::sought::sought;
use super::{Command, Event};
use crate::base::time::Time;
use crate::fasttrack::sought::Sought;
use crate::index::files::Files;
use crate::node::host_cache::Source;
use crate::node::{Node, SearchId};

/// Why a search ends before it begins.
const NOTHING_TO_ASK: &str = "FastTrack has no words for it";

impl Node {
    pub(in crate::node) fn obey_for_fasttrack(&mut self, command: Command, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        match command {
            Command::Connect(address) => {
                self.let_go.take_back(address.into());
                self.note_called(address, now);
                self.call_supernode(address, true);
            }
            Command::Name { all, due } => {
                self.know_supernodes(&due, Source::User, now);
                self.name_supernodes(&all, &due, now);
            }
            Command::Know(hosts) => self.know_supernodes(&hosts, Source::User, now),
            Command::Remember(hosts) => self.remember_supernodes(&hosts, now),
            Command::ListenAt(address) => self.fasttrack_listens_at(address),
            Command::Search { search, sought } => self.seek(search, sought, now),
            Command::Push { request, target } => {
                let outcome = fasttrack.peer.push(&target, now);
                self.tell_of_fasttrack(Event::PushSent { request, outcome });
            }
            Command::BeRole(policy) => self.be_fasttrack_role(policy, now),
        }
    }

    /// Offers these files here too, but for those whose FastTrack hash is not known.
    pub(in crate::node) fn offer_in_fasttrack(&mut self, files: &Files, now: Time) {
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.peer.offer(files.clone(), now);
        }
    }

    /// Looks for files here too.
    pub(in crate::node) fn search_fasttrack(&mut self, search: SearchId, words: &str, now: Time) {
        if self.fasttrack.is_none() {
            return;
        }
        match sought(words) {
            Some(sought) => self.seek(search, sought, now),
            None => {
                let why = NOTHING_TO_ASK;
                self.tell_of_fasttrack(Event::SearchEnded { search, results: 0, why });
            }
        }
    }

    fn seek(&mut self, search: SearchId, sought: Sought, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let id = fasttrack.peer.search(sought, now);
        fasttrack.searches.insert(id, search);
    }

    /// Nobody wants more of a search.
    pub(in crate::node) fn end_fasttrack_search(&mut self, search: SearchId, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let of_it = fasttrack.searches.iter().filter(|(_, other)| **other == search);
        let ids: Vec<_> = of_it.map(|(id, _)| *id).collect();
        for id in ids {
            fasttrack.peer.end_search(id, now);
            fasttrack.searches.remove(&id);
        }
    }

    /// Others can call us there.
    fn fasttrack_listens_at(&mut self, address: SocketAddrV4) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.peer.listens_at(address);
        self.set_own_addresses();
    }

    /// Our address is another one: with the same port here.
    pub(in crate::node) fn fasttrack_moves_to(&mut self, ip: IpAddr) {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return };
        if let (IpAddr::V4(ip), Some(listen)) = (ip, fasttrack.peer.settings().listen) {
            self.fasttrack_listens_at(SocketAddrV4::new(ip, listen.port()));
        }
    }

    /// Nobody but us is there.
    pub(in crate::node) fn set_own_addresses(&mut self) {
        let fasttrack = self.fasttrack.as_deref().and_then(|it| it.peer.settings().listen);
        let own = self.servent.settings().listen.into_iter();
        self.filter.set_own(own.chain(fasttrack.map(SocketAddr::V4)).collect());
    }
}
