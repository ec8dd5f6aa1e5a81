//! Sessions come and go, and what comes over them finds its room.

use std::net::SocketAddrV4;

use super::desk::Put;
use super::session::Home;
use super::{Kin, Output, Peer, Session};
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::base::limits::FASTTRACK_NEWCOMER_MS;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Frame, Kind, Message, NodeInfo, Search, Side};
use crate::promotion::Role;

/// Why a session ends that has said something which is for a supernode.
const NO_SUPERNODE: &str = "this is no supernode";

impl Peer {
    /// A session is open: both names have gone over it. The caller calls it by this number.
    pub fn open(&mut self, link: u64, address: SocketAddrV4, is_outgoing: bool, now: Time) -> Slot {
        let slot = self.sessions.insert(Session::new(link, address, is_outgoing, now));
        match self.role {
            _ if !is_outgoing => _ = self.newcomers.insert((now, slot)),
            Role::Leaf => {
                self.move_to(slot, Home::OrdinaryNode);
                self.be(slot, Kin::Candidate);
                self.ordinary.opened(slot, address, now);
            }
            Role::Supernode => match &mut self.neighbours {
                Some(neighbours) => {
                    neighbours.opened(slot, *address.ip(), true, now);
                    self.move_to(slot, Home::Neighbours);
                }
                None => self.leave(slot, "nobody knows where this supernode is"),
            },
        }
        self.settle(now);
        slot
    }

    /// A session is gone.
    pub fn close(&mut self, slot: Slot, now: Time) {
        let Some(session) = self.sessions.remove(slot) else { return };
        self.queues.clear(slot);
        self.desk.remove(slot);
        self.newcomers.remove(&(session.opened, slot));
        match session.home {
            Home::Supernode => {
                if let Some(supernode) = &mut self.supernode {
                    supernode.closed(slot);
                }
            }
            Home::Neighbours => {
                if let Some(neighbours) = &mut self.neighbours {
                    neighbours.closed(slot, now);
                }
            }
            Home::OrdinaryNode => self.ordinary.closed(slot, now),
            Home::Nowhere | Home::Declined => {}
        }
        self.settle(now);
    }

    /// A message of a session.
    pub fn receive(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        session.traffic.count_received(frame);
        if session.is_leaving {
            session.count_dropped();
            return;
        }
        match session.home {
            Home::Nowhere => self.meet(slot, frame, now),
            Home::Supernode => self.receive_of_child(slot, frame, now),
            Home::Neighbours => self.receive_of_neighbour(slot, frame, now),
            Home::OrdinaryNode => {
                if let Some(message) = self.parse(slot, frame, Side::Down) {
                    self.ordinary.receive(slot, &message, now);
                }
            }
            Home::Declined => session.count_dropped(),
        }
        self.settle(now);
    }

    /// The first message of a session tells what its sender is (FTSUPER-01).
    fn meet(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let is_first = matches!(frame.kind, Kind::NODE_INFO | Kind::TABLE);
        if !is_first {
            if mutant!(SaysByeToStrayMessages) {
                self.leave(slot, NO_SUPERNODE);
            }
            return;
        }
        if self.role == Role::Leaf {
            // FTPEER-03
            return self.leave(slot, NO_SUPERNODE);
        }
        match self.parse(slot, frame, Side::Up) {
            Some(Message::NodeInfo(info)) => self.meet_child(slot, &info),
            Some(message @ Message::Table(_)) => {
                let Some(address) = self.sessions.get(slot).map(|session| session.address) else {
                    return;
                };
                let Some(neighbours) = &mut self.neighbours else {
                    return self.leave(slot, NO_SUPERNODE);
                };
                neighbours.opened(slot, *address.ip(), false, now);
                neighbours.receive(slot, &message, now);
                self.move_to(slot, Home::Neighbours);
            }
            _ => {}
        }
    }

    fn meet_child(&mut self, slot: Slot, info: &NodeInfo) {
        if self.is_ourselves(slot, info) {
            return;
        }
        let Some(address) = self.sessions.get(slot).map(|session| session.address) else { return };
        let Some(supernode) = &mut self.supernode else { return self.leave(slot, NO_SUPERNODE) };
        let is_taken = supernode.child_opened(slot, address, info);
        self.move_to(slot, Home::Supernode);
        if is_taken {
            self.be(slot, Kin::Child);
        }
    }

    /// FTSAFE-12
    fn is_ourselves(&mut self, slot: Slot, info: &NodeInfo) -> bool {
        let is_ours = Some(info.address) == self.settings.listen;
        if is_ours {
            self.blame(slot, "FTSAFE-12", "it has our own address");
        }
        is_ours
    }

    fn receive_of_neighbour(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let Some(message) = self.parse(slot, frame, Side::Across) else { return };
        let Some(neighbours) = &mut self.neighbours else { return };
        let before = neighbours.tally().dropped_in_all();
        neighbours.receive(slot, &message, now);
        if neighbours.tally().dropped_in_all() > before
            && let Some(session) = self.sessions.get_mut(slot)
        {
            session.count_dropped();
        }
    }

    fn receive_of_child(&mut self, slot: Slot, frame: &Frame, now: Time) {
        match Message::parse(frame, Side::Up) {
            Ok(Message::Search(search)) => self.receive_search(slot, search, now),
            Ok(Message::Open { .. }) if mutant!(EndsAtUnknownTypes) => self.leave(slot, "unknown"),
            Ok(Message::UdpTestRequest { .. }) => self.try_child(slot, now),
            Ok(Message::NodeInfo(info)) if self.is_ourselves(slot, &info) => {}
            Ok(message) => {
                if let Some(supernode) = &mut self.supernode {
                    supernode.receive(slot, &message);
                }
            }
            Err(fault) => {
                if let Some(supernode) = &mut self.supernode {
                    supernode.receive_malformed(slot, frame.kind, &frame.payload);
                }
                self.fault(slot, fault.into());
            }
        }
    }

    /// A search of a child waits for its turn where others wait (FTSAFE-15).
    fn receive_search(&mut self, slot: Slot, search: Search, now: Time) {
        if self.desk.is_free(now) {
            return self.search_for_child(slot, search, now);
        }
        let id = search.id;
        if let Some(supernode) = &mut self.supernode {
            // Else its end would come in front of what the new one finds.
            supernode.drop_search(slot, id);
        }
        match self.desk.put(slot, search, now) {
            Put::First => self.out.push_back(Output::Pause(slot)),
            Put::Behind => {}
            Put::Refused => self.send(slot, Message::SearchEnd { id }.to_frame(), now),
        }
    }

    pub(super) fn search_for_child(&mut self, slot: Slot, search: Search, now: Time) {
        let Some(supernode) = &mut self.supernode else { return };
        let looks = supernode.receive(slot, &Message::Search(search));
        self.desk.charge(Some(slot), units(looks), now);
    }

    fn parse(&mut self, slot: Slot, frame: &Frame, side: Side) -> Option<Message> {
        match Message::parse(frame, side) {
            Ok(message) => Some(message),
            Err(fault) => {
                self.fault(slot, fault.into());
                None
            }
        }
    }

    /// The other side broke a rule: whoever calls decides what follows (FTSAFE-10).
    pub(super) fn fault(&mut self, slot: Slot, fault: Fault) {
        if let Some(session) = self.sessions.get_mut(slot) {
            session.count_dropped();
            self.out.push_back(Output::Fault { slot, fault });
        }
    }

    /// The same, and the session ends.
    fn blame(&mut self, slot: Slot, rule: &'static str, what: &'static str) {
        self.fault(slot, Misbehaved { rule: Rule::new(rule), what }.into());
        self.leave(slot, what);
    }

    /// A session has to end, once what waits for it was sent.
    pub(super) fn leave(&mut self, slot: Slot, why: &'static str) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        if !session.is_leaving {
            session.is_leaving = true;
            self.out.push_back(Output::Close { slot, why });
        }
    }

    pub(super) fn move_to(&mut self, slot: Slot, home: Home) {
        if let Some(session) = self.sessions.get_mut(slot) {
            session.home = home;
            self.newcomers.remove(&(session.opened, slot));
        }
    }

    /// What a session is has become known.
    pub(super) fn be(&mut self, slot: Slot, kin: Kin) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        if session.kin != kin {
            session.kin = kin;
            self.out.push_back(Output::Became { slot, kin });
        }
    }

    /// Ends sessions that have not said what they are.
    pub(super) fn give_up_newcomers(&mut self, now: Time) {
        let is_over = |opened: Time| now >= opened.after_ms(FASTTRACK_NEWCOMER_MS);
        while let Some(newcomer) = self.newcomers.first().copied().filter(|it| is_over(it.0)) {
            self.newcomers.remove(&newcomer);
            if !mutant!(KeepsNewcomers) {
                self.leave(newcomer.1, "it has not said what it is");
            }
        }
    }
}

/// Looks at words that cost about a microsecond together.
const LOOKS_A_UNIT: u32 = 8;

/// Units of work that a search is beside its looks.
const SEARCH_UNITS: u32 = 8;

/// Units of work of a search that took so many looks.
pub(super) const fn units(looks: u32) -> u32 {
    looks.div_ceil(LOOKS_A_UNIT).saturating_add(SEARCH_UNITS)
}
