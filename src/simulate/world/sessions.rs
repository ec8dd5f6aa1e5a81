//! Sessions of FastTrack. What goes over them is always carried as bytes, through both links.

use std::net::{SocketAddr, SocketAddrV4};

use super::World;
use super::connection::{NEVER, Stage};
use super::event::{Cargo, EndName};
use crate::fasttrack::link::{self as session, Ending, Link};
use crate::fasttrack::peer::Kin;
use crate::fasttrack::wire::Frame;
use crate::gnutella;
use crate::gnutella::link::Role;
use crate::node::fasttrack::{Event as Told, Input, Output};
use crate::node::{Direction, Input as All};
use crate::promotion;
use crate::simulate::machine::Machine;
use crate::simulate::tally::message_len;
use crate::simulate::trace::What;

impl<M: Machine> World<'_, M> {
    pub(super) fn is_session(&self, end: EndName) -> bool {
        self.connections.get(end).is_some_and(|connection| connection.is_session)
    }

    /// Somebody has called: the machine is told at once, and hears what it is when the first bytes have come.
    pub(super) fn accept_session(&mut self, end: EndName, from: SocketAddr) {
        let Some(profile) = self.session_profile(end) else { return };
        let link = Link::accept(&profile, self.lots.hellos.generator(), self.now);
        self.begin_session(end, link);
        if let Some(host) = self.connections.end(end).map(|own| own.host) {
            let (link, direction) = (end.link_id(), Direction::Incoming);
            self.inbox.push_back((host, All::Connected { link, address: from, direction }));
        }
    }

    /// A call of ours was taken.
    pub(super) fn open_session(&mut self, end: EndName, to: SocketAddr) {
        let (Some(profile), SocketAddr::V4(address)) = (self.session_profile(end), to) else {
            return;
        };
        self.begin_session(end, Link::connect(&profile, self.now));
        self.tell_session(end, Input::Connected { link: end.link_id(), address });
        self.write_session(end);
    }

    fn session_profile(&self, end: EndName) -> Option<session::Profile> {
        let host = self.connections.end(end)?.host;
        self.host(host)?.actor.as_ref()?.session_profile()
    }

    fn begin_session(&mut self, end: EndName, link: Link) {
        if let Some(own) = self.connections.end_mut(end) {
            own.session = Some(Box::new(link));
            own.stage = Stage::Shaking;
        }
        self.plan_link_wake(end);
    }

    fn tell_session(&mut self, end: EndName, input: Input) {
        if let Some(host) = self.connections.end(end).map(|own| own.host) {
            self.inbox.push_back((host, All::FastTrack(input)));
        }
    }

    /// Bytes have come to a session.
    pub(super) fn read_session(&mut self, end: EndName, bytes: &[u8]) {
        let Some(own) = self.connections.end_mut(end) else { return };
        if is_called(end) && !std::mem::replace(&mut own.is_greeted, true) {
            self.tell_session(end, Input::Greeted { link: end.link_id() });
        }
        self.turn_session(end, session::Input::Received(bytes));
    }

    /// Hands something to a session, and does what follows.
    pub(super) fn turn_session(&mut self, end: EndName, input: session::Input<'_>) {
        let now = self.now;
        let Some(session) = self.session_mut(end) else { return };
        session.handle(input, now);
        let mut ends = false;
        let mut closed = None;
        while let Some(output) = self.session_mut(end).and_then(Link::poll) {
            match output {
                session::Output::Opened(told) => {
                    if let Some(own) = self.connections.end_mut(end) {
                        own.stage = Stage::Open;
                    }
                    self.told(end, What::Opened);
                    self.count_opened(end);
                    self.tell_session(end, Input::Opened { link: end.link_id(), session: told });
                }
                session::Output::Frame(frame) => {
                    self.note_message(end, &frame);
                    self.tell_session(end, Input::Frame { link: end.link_id(), frame });
                }
                session::Output::Pong { round_trip } => {
                    self.tell_session(end, Input::Pong { link: end.link_id(), round_trip });
                }
                session::Output::EndWriting => ends = true,
                session::Output::Closed(ending) => closed = Some(ending),
            }
        }
        self.write_session(end);
        if ends {
            if let Some(own) = self.connections.end_mut(end) {
                own.stage = Stage::Leaving;
                own.wakes_at = NEVER;
            }
            self.count_parents_at(end);
            self.send_end(end);
        }
        match closed {
            Some(ending) => self.session_closed(end, ending),
            None => {
                self.hold_session(end);
                self.plan_link_wake(end);
            }
        }
    }

    fn session_mut(&mut self, end: EndName) -> Option<&mut Link> {
        self.connections.end_mut(end)?.session.as_deref_mut()
    }

    /// What a session has to say beside messages: a hello, a name, pings and pongs.
    fn write_session(&mut self, end: EndName) {
        let now = self.now;
        while let Some(bytes) = self.session_mut(end).and_then(|session| session.transmit(now)) {
            self.send_bytes(end, bytes);
        }
    }

    /// Whoever has sent too much waits unread.
    fn hold_session(&mut self, end: EndName) {
        let Some(own) = self.connections.end_mut(end) else { return };
        let wants = own.session.as_deref().is_none_or(Link::wants_bytes);
        let was_held = std::mem::replace(&mut own.is_slowed, !wants);
        if was_held && wants && !own.is_paused && !own.is_held {
            self.release(end);
        }
    }

    fn note_message(&mut self, end: EndName, frame: &Frame) {
        let role = self.role_at(end);
        self.tally.message_delivered(frame, role);
        self.told(end, What::Message(frame));
    }

    fn role_at(&self, end: EndName) -> Role {
        let host = self.connections.end(end).and_then(|own| self.host(own.host));
        host.map_or(Role::Leaf, |there| there.role)
    }

    /// Sends the next message that a machine has for a session. False where there is none.
    pub(super) fn send_next_message(&mut self, end: EndName) -> bool {
        let now = self.now;
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return false };
        let Some(actor) = self.actor_mut(host) else { return false };
        let Some(frame) = actor.transmit_session(end.link_id(), now) else {
            if let Some(own) = self.connections.end_mut(end) {
                own.is_ready = false;
            }
            return false;
        };
        let (role, len) = (self.role_at(end), message_len(&frame));
        self.tally.message_sent(&frame, role);
        let bytes = self.session_mut(end).and_then(|session| {
            let is_taken = session.send(&frame);
            is_taken.then(|| session.transmit(now)).flatten()
        });
        let charge = u32::try_from(len).unwrap_or(u32::MAX);
        match bytes {
            Some(bytes) => self.post(end, Cargo::Bytes { bytes, charge, is_frame: true }),
            None => self.tally.dropped("not taken by the link", len),
        }
        true
    }

    fn session_closed(&mut self, end: EndName, ending: Ending) {
        let Some(own) = self.connections.end(end) else { return };
        let (host, link) = (own.host, end.link_id());
        // Until the first bytes have come nobody knows of which network a caller is.
        let is_known = !is_called(end) || own.is_greeted;
        self.told(end, What::Closed);
        self.send_end(end);
        self.let_go(end);
        let closed = match is_known {
            true => All::FastTrack(Input::Closed { link, ending }),
            false => All::Closed { link, ending: gnutella::link::Ending::Closed },
        };
        self.inbox.push_back((host, closed));
    }

    /// Does what a machine wants done with a session.
    pub(super) fn apply_to_session(&mut self, host: u32, output: Output) {
        match output {
            Output::Dial { address } => self.call(host, address.into(), true),
            Output::Datagram { to, bytes } => self.send_datagram(host, to.into(), bytes),
            Output::Ready { link } => {
                if let Some(end) = self.own_end(host, link, "has messages for") {
                    self.make_ready(host, end);
                }
            }
            Output::Pause { link } => {
                if let Some(own) = self.connections.end_mut(EndName::of(link)) {
                    own.is_paused = true;
                }
            }
            Output::Resume { link } => {
                let end = EndName::of(link);
                let Some(own) = self.connections.end_mut(end) else { return };
                own.is_paused = false;
                if !own.is_held && !own.is_slowed {
                    self.release(end);
                }
            }
            Output::Ping { link } => {
                if let Some(end) = self.own_end(host, link, "pings") {
                    self.turn_session(end, session::Input::Ping);
                }
            }
            Output::Blame { link, fault } => {
                if let Some(end) = self.own_end(host, link, "blames") {
                    self.turn_session(end, session::Input::Blame(fault));
                }
            }
            Output::Close { link, why } => {
                if let Some(end) = self.own_end(host, link, "closes") {
                    self.watch_left(end, why);
                    while self.is_open(end) && self.send_next_message(end) {}
                    self.turn_session(end, session::Input::Leave);
                }
            }
        }
    }

    fn is_open(&self, end: EndName) -> bool {
        self.connections.end(end).is_some_and(|own| own.stage == Stage::Open)
    }

    /// Takes note of what a machine tells whoever watches.
    pub(super) fn hear_of_session(&mut self, host: u32, event: Told) {
        match event {
            Told::Became { link, kin } => {
                let end = EndName::of(link);
                if let Some(own) = self.connections.end_mut(end) {
                    own.leads_up = kin == Kin::Parent;
                    own.leads_down = kin == Kin::Child;
                }
                self.count_parents(host);
            }
            Told::BecameRole { role, why } => {
                let role = match role {
                    promotion::Role::Leaf => Role::Leaf,
                    promotion::Role::Supernode => Role::Ultrapeer,
                };
                self.change_role(host, role, why);
            }
            Told::Hits { search, supernode: _, results } => self.hear_results(search, &results),
            _ => {}
        }
    }

    /// An address as FastTrack writes it.
    pub(super) fn of_ipv4(addresses: Vec<SocketAddr>) -> Vec<SocketAddrV4> {
        let ipv4 = |address: SocketAddr| match address {
            SocketAddr::V4(address) => Some(address),
            SocketAddr::V6(_) => None,
        };
        addresses.into_iter().filter_map(ipv4).collect()
    }
}

/// Whether it is the end of whoever was called.
const fn is_called(end: EndName) -> bool {
    end.place & 1 == 1
}
