//! What we are, and what follows from it.

use std::net::SocketAddrV4;

use super::session::Home;
use super::{Numbers, Peer, Room};
use crate::base::limits::{FASTTRACK_NODES_MAX, FASTTRACK_SUMS_EVERY_MS};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::neighbours::{self, Amount, Neighbours};
use crate::fasttrack::supernode::{self, Supernode};
use crate::fasttrack::wire::{Media, Message, Node, NodeList};
use crate::promotion::Role;

const MIB: u64 = 1 << 20;

/// Why sessions end that do not go with a new role.
const NEW_ROLE: &str = "this is no supernode any more";
const NEW_ADDRESS: &str = "this supernode has another address now";

impl Peer {
    /// The node has another role. Sessions that do not go with it are closed, and what was asked of them is
    /// asked anew.
    pub fn become_role(&mut self, role: Role, now: Time) {
        if role == self.role {
            return;
        }
        // Nobody hears that they end: they go on.
        let own = std::mem::take(&mut self.own);
        own.keys().for_each(|search| self.drop_search(*search, now));
        self.settle(now);
        self.role = role;
        match role {
            Role::Supernode => {
                self.ordinary.stop(now);
                self.settle(now);
                self.move_in(now);
            }
            Role::Leaf => {
                self.move_out(NEW_ROLE, now);
                self.ordinary.start(now);
            }
        }
        for (search, sought) in own {
            self.begin_search(search, sought, now);
        }
        self.settle(now);
    }

    /// How many sessions there may be.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
        self.follow_room();
    }

    fn follow_room(&mut self) {
        if let Some(supernode) = &mut self.supernode {
            supernode.set_room(self.room.children);
        }
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.set_room(usize::try_from(self.room.neighbours).unwrap_or(usize::MAX));
        }
    }

    /// Others can call us there. A supernode that was called elsewhere is another one for its neighbours.
    pub fn listens_at(&mut self, address: SocketAddrV4) {
        let is_new = self.settings.listen.replace(address) != Some(address);
        let now = self.now;
        self.ordinary.set_address(address, now);
        if self.role == Role::Supernode && is_new {
            match &mut self.supernode {
                Some(supernode) => {
                    supernode.is_at(address);
                    self.leave_all(Home::Neighbours, NEW_ADDRESS);
                    self.neighbours = None;
                    self.settle(now);
                    self.meet_neighbours(now);
                }
                None => self.move_in(now),
            }
        }
        self.settle(now);
    }

    /// The rooms of a supernode are opened, as soon as it is known where others can call it.
    pub(super) fn move_in(&mut self, now: Time) {
        let Some(address) = self.settings.listen else { return };
        let (user, bandwidth) = (self.settings.user.clone(), self.settings.bandwidth);
        let own = supernode::Own { address, user, bandwidth };
        let mut supernode = Box::new(Supernode::new(own, self.rng.wake()));
        supernode.offer(self.offered.clone());
        self.supernode = Some(supernode);
        self.meet_neighbours(now);
    }

    /// A room for other supernodes is opened.
    fn meet_neighbours(&mut self, now: Time) {
        let Some(address) = self.settings.listen else { return };
        let rules = neighbours::Rules {
            allow_private: self.settings.allow_private,
            ..neighbours::Rules::default()
        };
        let (own, rng) = (self.own_record(), self.rng.wake());
        self.neighbours = Some(Box::new(Neighbours::new(address, own, rules, rng, now)));
        self.follow_room();
        self.count(now);
    }

    /// We are no supernode any more: children and other supernodes are told where else to go.
    fn move_out(&mut self, why: &'static str, now: Time) {
        let nodes = self.neighbours.as_ref().map(|it| it.nodes(FASTTRACK_NODES_MAX));
        let nodes = nodes.unwrap_or_default();
        let list = Message::NodeList(nodes.iter().copied().collect::<NodeList>()).to_frame();
        for slot in self.all_of(|home| matches!(home, Home::Supernode | Home::Declined)) {
            self.send(slot, list.clone(), now);
        }
        self.supernode = None;
        self.neighbours = None;
        self.desk.clear();
        self.count_due = None;
        for home in [Home::Nowhere, Home::Supernode, Home::Neighbours, Home::Declined] {
            self.leave_all(home, why);
        }
        let hosts: Vec<_> = nodes.iter().map(|node| node.address).collect();
        self.ordinary.give_hosts(&hosts, now);
    }

    fn leave_all(&mut self, home: Home, why: &'static str) {
        for slot in self.all_of(|other| other == home) {
            self.move_to(slot, Home::Nowhere);
            self.leave(slot, why);
        }
    }

    fn all_of(&self, is_meant: impl Fn(Home) -> bool) -> Vec<Slot> {
        let all = self.sessions.iter().filter(|(_, session)| is_meant(session.home));
        all.map(|(slot, _)| slot).collect()
    }

    /// Supernodes that may be told of, as [`Output::WantsNodes`](super::Output::WantsNodes) asks for them: those seen last first, from
    /// many networks of addresses. Ourselves and our neighbours come of their own accord (FTSUPER-05).
    pub fn give_nodes(&mut self, slot: Slot, nodes: impl IntoIterator<Item = Node>, now: Time) {
        let Some(home) = self.sessions.get(slot).map(|session| session.home) else { return };
        let known = self.neighbours.as_ref().map(|it| it.nodes(FASTTRACK_NODES_MAX));
        let (beside, further): (Vec<_>, Vec<_>) =
            known.unwrap_or_default().into_iter().partition(|node| node.minutes == 0);
        let mut told = std::collections::BTreeSet::new();
        let own = self.settings.listen;
        let all = beside.into_iter().chain(nodes).chain(further);
        let list: Vec<_> = all
            .filter(|node| Some(node.address) != own && told.insert(node.address))
            .take(FASTTRACK_NODES_MAX)
            .collect();
        match (home, &mut self.supernode) {
            (Home::Supernode, Some(supernode)) => supernode.give_nodes(slot, list, now),
            (Home::Declined, _) => {
                let list = Message::NodeList(NodeList::from_iter(list));
                self.send(slot, list.to_frame(), now);
                self.leave(slot, "there is no room for a neighbour");
            }
            _ => {}
        }
        self.settle(now);
    }

    /// Counts how large we are and how large the network is (FTSUPER-21), for neighbours and for children.
    pub(super) fn count(&mut self, now: Time) {
        let own = self.own_record();
        let Some(neighbours) = &mut self.neighbours else { return };
        neighbours.set_own(own);
        let sums = neighbours.sums(now);
        let all = sums.all();
        let users = u32::try_from(sums.users).unwrap_or(u32::MAX);
        self.numbers = Numbers { users, files: all.files, mib: all.mib };
        if let Some(supernode) = &mut self.supernode {
            supernode.set_network(Some(neighbours.network_stats(now)));
        }
        self.count_due = Some(now.after_ms(FASTTRACK_SUMS_EVERY_MS));
    }

    /// What we say of ourselves to other supernodes.
    fn own_record(&mut self) -> neighbours::Own {
        let (bandwidth, ours) = (self.settings.bandwidth, self.own_amount());
        let mut media = [Amount::default(); Media::COUNT];
        let Some(supernode) = &self.supernode else {
            return neighbours::Own { children: 0, load_percent: 0, bandwidth, media };
        };
        for (amount, (files, bytes)) in media.iter_mut().zip(supernode.totals().by_media()) {
            *amount = Amount { files: files.into(), mib: bytes / MIB };
        }
        // Of our own files it is not counted what they are.
        if let Some(unknown) = media.first_mut() {
            unknown.files = unknown.files.saturating_add(ours.files);
            unknown.mib = unknown.mib.saturating_add(ours.mib);
        }
        let children = u8::try_from(supernode.children_len()).unwrap_or(u8::MAX);
        neighbours::Own { children, load_percent: supernode.load(), bandwidth, media }
    }

    /// What we offer ourselves, counted when it has changed.
    fn own_amount(&mut self) -> Amount {
        *self.offered_amount.get_or_insert_with(|| {
            let files = u64::try_from(self.offered.len()).unwrap_or(u64::MAX);
            Amount { files, mib: self.offered.content_len() / MIB }
        })
    }

    /// How large the network is, as far as we know.
    pub fn numbers(&self) -> Numbers {
        if self.role == Role::Supernode {
            return self.numbers;
        }
        let Some(stats) = self.ordinary.network_stats() else { return Numbers::default() };
        let mib = stats.size.to_bytes() / MIB;
        Numbers { users: stats.users, files: stats.files.into(), mib }
    }

    /// Supernodes that would be good neighbours, the one with the most room first (FTPEER-12).
    pub fn to_call(&self, count_max: usize) -> Vec<SocketAddrV4> {
        self.neighbours.as_ref().map_or_else(Vec::new, |it| it.to_call(count_max))
    }
}
