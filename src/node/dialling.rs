//! Whom we call, and what becomes of it.

use std::net::SocketAddr;

use super::connections::State;
use super::{Direction, Event, LinkId, Node, Output};
use crate::base::limits::{DIAL_RETRY_MS, DIALS_MAX};
use crate::base::time::Time;
use crate::gnutella::link::Ending;
use crate::node::host_cache::Outcome;
use crate::promotion::Room;

impl Node {
    /// Calls others while neighbours are wanted.
    pub(super) fn dial(&mut self, now: Time) {
        self.dial_due = None;
        while self.is_dial_wanted() {
            let (connections, dialling) = (&self.connections, &self.dialling);
            let is_known = |host: SocketAddr| {
                dialling.contains(&host) || connections.iter().any(|(_, one)| one.address == host)
            };
            let Some(address) = self.hosts.next(now, self.servent.rng(), is_known) else {
                self.dial_due = Some(now.after_ms(DIAL_RETRY_MS));
                return;
            };
            self.call(address);
        }
    }

    pub(super) fn call(&mut self, address: SocketAddr) {
        if self.dialling.insert(address) {
            self.out.push_back(Output::Dial { address });
        }
    }

    fn is_dial_wanted(&self) -> bool {
        if !self.config.dials || self.is_shutting_down {
            return false;
        }
        let greeting = self.connections.iter().filter(|(_, one)| {
            one.direction == Direction::Outgoing && matches!(one.state, State::Greeting(_))
        });
        let under_way = self.dialling.len().saturating_add(greeting.count());
        let wanted = usize::try_from(self.slots.wanted()).unwrap_or(usize::MAX);
        under_way < wanted.min(DIALS_MAX)
    }

    /// Something has changed that may make us call somebody.
    pub(super) fn wake_to_dial(&mut self, now: Time) {
        if self.is_dial_wanted() {
            self.dial_due = Some(self.dial_due.map_or(now, |due| due.min(now)));
        }
    }

    pub(super) fn dial_failed(&mut self, address: SocketAddr, now: Time) {
        self.dialling.remove(&address);
        self.chosen.remove(&address);
        self.hosts.outcome(address, Outcome::Failed, now);
        self.wake_to_dial(now);
    }

    /// A connection is gone.
    pub(super) fn closed(&mut self, link: LinkId, ending: Ending, now: Time) {
        let Some(connection) = self.connections.remove(link) else { return };
        let address = connection.address;
        let is_ours = connection.direction == Direction::Outgoing;
        match connection.state {
            State::Open(slot) => self.lose(slot, now),
            State::Greeting(_) if is_ours => self.note_refusal(address, &ending, now),
            State::Leaving { was_open: true } => {}
            // Nobody need hear of all who knock.
            State::Greeting(_) | State::Leaving { .. } if !is_ours => return,
            State::Greeting(_) | State::Leaving { .. } => {}
        }
        self.chosen.remove(&address);
        self.tell(Event::Closed { link, address, ending });
        self.wake_to_dial(now);
    }

    /// A call has not led to a link.
    fn note_refusal(&mut self, address: SocketAddr, ending: &Ending, now: Time) {
        let outcome = match ending {
            Ending::Declined(declined) => {
                self.learn_tries(address, &declined.peer, declined.code == NO_ROOM, now);
                if declined.code == NO_ROOM && self.role.is_leaf() {
                    let news = Room::Refused;
                    self.hear_room(address.ip(), address.ip(), news, now);
                }
                Outcome::Refused(declined.code)
            }
            Ending::Fault(fault) if is_foreign(fault.rule().id()) => Outcome::Foreign,
            // We did not want it; that says nothing against it.
            Ending::Refused(..) | Ending::Dismissed { .. } => return,
            _ => Outcome::Failed,
        };
        self.hosts.outcome(address, outcome, now);
    }
}

/// The code of a refusal for want of room (HAND-57).
const NO_ROOM: u16 = crate::gnutella::link::Refusal::NO_ROOM;

/// Whether a breach says that somebody belongs to another network (HAND-52, HAND-53).
fn is_foreign(rule: &str) -> bool {
    matches!(rule, "HAND-52" | "HAND-53")
}
