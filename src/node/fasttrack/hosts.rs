//! Supernodes that are known, and what becomes of them.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use crate::base::addresses::{Network, is_public};
use crate::base::limits::FASTTRACK_NODES_MAX;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::peer::{Answer, Outcome as Tried};
use crate::fasttrack::strangers::is_port_of_nodes;
use crate::fasttrack::wire;
use crate::gnutella::link::Refusal;
use crate::gnutella::pinging::{FreeSlots, RoomFor};
use crate::node::Node;
use crate::node::host_cache::{Facts, Outcome, SavedHost, Source};
use crate::promotion::{Observation, Room};

/// The load of a supernode that has not told it (FTSUPER-05).
const USUAL_LOAD: u8 = 50;

/// Minutes since a supernode was seen that stands in a list.
const SEEN_MIN: u32 = 60;

impl Node {
    /// The supernodes that are worth keeping for the next run, the best first; none where the node has no part in
    /// FastTrack.
    pub fn export_supernodes(&self, now: Time) -> Vec<SavedHost> {
        self.fasttrack.as_deref().map_or_else(Vec::new, |it| it.hosts.export(now))
    }

    /// The supernodes that we might call, by address.
    pub fn known_supernodes(&self) -> impl Iterator<Item = SocketAddr> {
        let hosts = self.fasttrack.as_deref().into_iter();
        hosts.flat_map(|fasttrack| fasttrack.hosts.iter()).map(|(address, _)| address)
    }

    /// Supernodes by the word of this one.
    pub(super) fn know_supernodes(&mut self, hosts: &[SocketAddrV4], source: Source, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let facts = Facts { is_ultrapeer: true, ..Facts::default() };
        for host in hosts {
            fasttrack.hosts.learn((*host).into(), source, facts, &self.filter, now);
        }
        self.have_learnt(now);
    }

    /// Supernodes of an earlier run.
    pub(super) fn remember_supernodes(&mut self, hosts: &[SavedHost], now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.hosts.import(hosts, &self.filter, now);
        self.have_learnt(now);
    }

    /// Somebody has sent a list: of one network no more than a quarter is taken (FTNODE-16).
    pub(super) fn learn_nodes(&mut self, from: SocketAddrV4, nodes: &[wire::Node], now: Time) {
        let most = nodes.len().div_ceil(4);
        let mut taken: Vec<IpAddr> = Vec::new();
        for node in nodes {
            let address = SocketAddr::V4(node.address);
            let network = Network::around(address.ip());
            let alike = taken.iter().filter(|one| network.contains(**one)).count();
            if is_public(address.ip()) && alike >= most {
                continue;
            }
            taken.push(address.ip());
            self.learn_supernode(node.address, IpAddr::V4(*from.ip()), node.load, now);
        }
        self.have_learnt(now);
    }

    /// Somebody names a supernode with so much load.
    pub(super) fn learn_supernode(
        &mut self,
        address: SocketAddrV4,
        told_by: IpAddr,
        load: u8,
        now: Time,
    ) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if !is_port_of_nodes(address.port()) {
            return;
        }
        let facts = Facts { free_slots: Some(room_at(load)), ..SUPERNODE };
        let source = Source::Peer(told_by);
        fasttrack.hosts.learn(address.into(), source, facts, &self.filter, now);
    }

    /// A supernode that was asked by UDP has answered.
    pub(super) fn hear_answer(&mut self, from: SocketAddrV4, answer: Answer, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let address = SocketAddr::V4(from);
        let load = match answer {
            Answer::HasRoom { load, .. } => load,
            Answer::Full { .. } => 100,
        };
        let free = room_at(load);
        let facts = Facts { free_slots: Some(free), ..SUPERNODE };
        fasttrack.hosts.learn(address, Source::Itself, facts, &self.filter, now);
        self.judge_room(from, answer, now);
    }

    /// A supernode was tried as ours: that says whether there is room for ordinary nodes.
    pub(super) fn note_trial(&mut self, supernode: SocketAddrV4, outcome: Tried, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let (host, address) = (IpAddr::V4(*supernode.ip()), SocketAddr::V4(supernode));
        let news = match outcome {
            Tried::Accepted => Room::Accepted,
            Tried::Declined => {
                let outcome = Outcome::Refused(Refusal::NO_ROOM);
                fasttrack.hosts.outcome(address, outcome, now);
                Room::Refused
            }
            // What is told of calls is told where they end.
            Tried::Absent => return,
        };
        self.observe_fasttrack(Observation::Room { host, told_by: host, news }, now);
    }

    /// Whom to ask, as many as are wanted and may be.
    pub(super) fn give_hosts(&mut self, count: usize, now: Time) {
        let in_use = self.session_ends();
        let (bans, let_go) = (&self.bans, &self.let_go);
        let is_out = |host: SocketAddr| {
            !host.ip().is_ipv4()
                || in_use.binary_search(&host).is_ok()
                || bans.ban_of(host.ip(), now).is_some()
                || let_go.has(host)
        };
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let hosts = &mut fasttrack.hosts;
        let rng = &mut fasttrack.rng;
        let next = std::iter::from_fn(|| hosts.next_when_cut_off(now, rng, is_out));
        let given: Vec<SocketAddrV4> = next.take(count).filter_map(super::of_ipv4).collect();
        fasttrack.hosts_wanted = count.saturating_sub(given.len());
        fasttrack.peer.give_hosts(given, now);
    }

    /// Somebody is known who was not.
    fn have_learnt(&mut self, now: Time) {
        let wanted = self.fasttrack.as_deref().map_or(0, |fasttrack| fasttrack.hosts_wanted);
        if wanted > 0 {
            self.give_hosts(wanted, now);
        }
        self.wake_to_dial_supernodes(now);
    }

    /// Who is named to somebody who has come (FTSUPER-05).
    pub(super) fn give_nodes(&mut self, slot: Slot, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(asker) = fasttrack.peer.session(slot).map(|session| session.address) else {
            return;
        };
        let is_unfit =
            |host: SocketAddr| host.ip() == IpAddr::V4(*asker.ip()) || !host.ip().is_ipv4();
        let count = (FASTTRACK_NODES_MAX, RoomFor::Anybody);
        let hosts = fasttrack.hosts.sample(count, now, &mut fasttrack.rng, is_unfit);
        let mut nodes: Vec<wire::Node> = hosts
            .into_iter()
            .filter_map(|host| {
                let told = fasttrack.hosts.told(host, now)?;
                let load =
                    told.free_slots.map_or(USUAL_LOAD, |free| 100_u8.saturating_sub(free.leaves));
                let minutes = u8::try_from(told.age_s / SEEN_MIN).unwrap_or(u8::MAX).max(1);
                Some(wire::Node { address: super::of_ipv4(host)?, minutes, load })
            })
            .collect();
        nodes.sort_by_key(|node| node.minutes);
        fasttrack.peer.give_nodes(slot, nodes, now);
    }

    /// Nobody is there, or nobody who speaks FastTrack.
    pub(super) fn nobody_there(&mut self, address: SocketAddrV4, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.hosts.outcome(address.into(), Outcome::Failed, now);
        fasttrack.peer.not_opened(address, now);
    }
}

const SUPERNODE: Facts = Facts {
    is_ultrapeer: true,
    is_leaf: false,
    free_slots: None,
    daily_uptime_s: None,
    takes_tls: false,
    is_advice: false,
};

/// The room of a supernode that says how much of it is taken: as if it had a hundred slots.
const fn room_at(load: u8) -> FreeSlots {
    FreeSlots { leaves: 100_u8.saturating_sub(load), ultrapeers: 0 }
}
