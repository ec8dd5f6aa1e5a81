//! Whom we open sessions with.

use std::net::{SocketAddr, SocketAddrV4};

use super::{Output, of_ipv4};
use crate::base::addresses::{Network, is_public};
use crate::base::limits::{
    DIAL_RETRY_MS, DIALS_CUT_OFF_MAX, DIALS_MAX, FASTTRACK_NEIGHBOURS_WANTED, FASTTRACK_NODES_MAX,
};
use crate::base::slots::give_back_room;
use crate::base::time::Time;
use crate::fasttrack::peer::Kin;
use crate::node::Node;
use crate::promotion::Role;

/// Milliseconds before a supernode of the table is called again. Calls are few, so that so many are bounded.
const CALLED_AGAIN_MS: u64 = 120_000;

/// A host that the driver is calling for us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) host: SocketAddrV4,
    /// The user asked for it.
    pub(super) is_chosen: bool,
}

impl Node {
    /// Calls other supernodes while a supernode wants neighbours (FTPEER-12).
    pub(super) fn dial_supernodes(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.dial_due = None;
        if !self.are_neighbours_wanted() {
            return;
        }
        let in_use = self.session_ends();
        let mut networks = self.networks_of_supernodes();
        while self.are_neighbours_wanted() {
            let Some(address) = self.next_supernode(&in_use, &networks, now) else {
                // Whoever knows nobody is woken when it learns of somebody.
                let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
                let due = fasttrack.hosts.next_due(fasttrack.peer.neighbours().1 == 0);
                fasttrack.dial_due = due.map(|due| due.max(now.after_ms(DIAL_RETRY_MS)));
                return;
            };
            networks.push(Network::around(SocketAddr::V4(address).ip()));
            self.note_called(address, now);
            self.call_supernode(address, false);
        }
    }

    /// Whom to call: those that the table knows, the one with the most room first, and others where it
    /// knows nobody more.
    fn next_supernode(
        &mut self,
        in_use: &[SocketAddr],
        networks: &[Network],
        now: Time,
    ) -> Option<SocketAddrV4> {
        let fasttrack = self.fasttrack.as_deref_mut()?;
        let (bans, let_go, filter) = (&self.bans, &self.let_go, &self.filter);
        let peer = &fasttrack.peer;
        let is_out = |host: SocketAddr| {
            let is_near =
                is_public(host.ip()) && networks.iter().any(|one| one.contains(host.ip()));
            is_near
                || !host.ip().is_ipv4()
                || in_use.binary_search(&host).is_ok()
                || bans.ban_of(host.ip(), now).is_some()
                || let_go.has(host)
                || of_ipv4(host).is_some_and(|host| !peer.may_call(host, now))
        };
        fasttrack.called.retain(|(_, at)| now < at.after_ms(CALLED_AGAIN_MS));
        let called = &fasttrack.called;
        let is_new = |host: &SocketAddrV4| {
            let address = SocketAddr::V4(*host);
            let was_called = called.iter().any(|(other, _)| other == host);
            let is_due = !was_called && called.len() < FASTTRACK_NODES_MAX;
            is_due && !is_out(address) && filter.check(address).is_ok()
        };
        let best = peer.to_call(FASTTRACK_NODES_MAX).into_iter().find(is_new);
        if let Some(host) = best {
            fasttrack.called.push((host, now));
            return Some(host);
        }
        let next = match fasttrack.peer.neighbours().1 {
            0 => fasttrack.hosts.next_when_cut_off(now, &mut fasttrack.rng, is_out),
            _ => fasttrack.hosts.next(now, &mut fasttrack.rng, is_out),
        };
        next.and_then(of_ipv4)
    }

    /// Where supernodes are that we have sessions with, or call.
    fn networks_of_supernodes(&self) -> Vec<Network> {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return Vec::new() };
        let sessions = fasttrack.peer.sessions().map(|(_, session)| session);
        let beside =
            sessions.filter(|session| session.is_outgoing || session.kin == Kin::Neighbour);
        let greeting = fasttrack.connections.greetings().filter(|(_, is_outgoing)| *is_outgoing);
        let called = fasttrack.calls.iter().map(|call| call.host);
        let all = beside.map(|session| session.address);
        let all = all.chain(greeting.map(|(address, _)| address)).chain(called);
        all.map(|address| Network::around(SocketAddr::V4(address).ip())).collect()
    }

    /// Something has changed that may make us call somebody.
    pub(in crate::node) fn wake_to_dial_supernodes(&mut self, now: Time) {
        if !self.are_neighbours_wanted() {
            return;
        }
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.dial_due = Some(fasttrack.dial_due.map_or(now, |due| due.min(now)));
        }
    }

    fn are_neighbours_wanted(&self) -> bool {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return false };
        if fasttrack.role == Role::Leaf || !fasttrack.dials || self.is_shutting_down {
            return false;
        }
        let (_, neighbours) = fasttrack.peer.neighbours();
        let greeting = fasttrack.connections.greetings().filter(|(_, is_outgoing)| *is_outgoing);
        let under_way = fasttrack.calls.len().saturating_add(greeting.count());
        let there = usize::try_from(neighbours).unwrap_or(usize::MAX).saturating_add(under_way);
        let all_calls = fasttrack.calls.len().saturating_add(self.calls.len());
        there < FASTTRACK_NEIGHBOURS_WANTED
            && under_way < DIALS_MAX
            && all_calls < DIALS_CUT_OFF_MAX
    }

    /// The wing wants a session with this one.
    pub(super) fn call_for_peer(&mut self, to: SocketAddrV4, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let address = SocketAddr::V4(to);
        let is_out = !fasttrack.dials
            || self.is_shutting_down
            || self.filter.check(address).is_err()
            || self.bans.ban_of(address.ip(), now).is_some()
            || self.let_go.has(address);
        match is_out {
            true => fasttrack.peer.not_opened(to, now),
            false => self.call_supernode(to, false),
        }
    }

    /// A supernode is called that the wing did not name.
    pub(super) fn note_called(&mut self, host: SocketAddrV4, now: Time) {
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.peer.note_called(host, now);
        }
    }

    /// Has the driver call a supernode, once.
    pub(super) fn call_supernode(&mut self, host: SocketAddrV4, is_chosen: bool) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if let Some(call) = fasttrack.calls.iter_mut().find(|call| call.host == host) {
            call.is_chosen |= is_chosen;
            return;
        }
        fasttrack.calls.push(Call { host, is_chosen });
        self.say(Output::Dial { address: host });
    }

    /// A call has come to its end. Whether the user asked for it.
    pub(super) fn end_fasttrack_call(&mut self, host: SocketAddrV4) -> bool {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return false };
        let place = fasttrack.calls.iter().position(|call| call.host == host);
        let is_chosen = place.is_some_and(|place| fasttrack.calls.swap_remove(place).is_chosen);
        give_back_room(&mut fasttrack.calls);
        is_chosen
    }

    /// Nobody is there.
    pub(super) fn fasttrack_dial_failed(&mut self, address: SocketAddrV4, now: Time) {
        self.end_fasttrack_call(address);
        self.nobody_there(address, now);
        self.wake_to_dial_supernodes(now);
    }

    /// The user wants to be without this session.
    pub(in crate::node) fn disconnect_session(&mut self, link: crate::node::LinkId) {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return };
        let Some(slot) = fasttrack.connections.heard_slot(link) else { return };
        let Some(session) = fasttrack.peer.session(slot) else { return };
        if session.is_outgoing {
            self.let_go.add(session.address.into());
        }
        self.leave_session(slot, "closed by the user");
    }
}
