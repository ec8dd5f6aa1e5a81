//! Whom we call, and what becomes of it.

use std::net::SocketAddr;

use super::connections::Connection;
use super::{Direction, Event, LinkId, Node, Output};
use crate::base::limits::{DIAL_HANGS_MS, DIAL_RETRY_MS, DIALS_CUT_OFF_MAX, DIALS_MAX};
use crate::base::slots::{Slot, give_back_room};
use crate::base::time::Time;
use crate::gnutella::link::Ending;
use crate::gnutella::servent::Neighbour;
use crate::node::bans::Bans;
use crate::node::host_cache::Outcome;
use crate::promotion::Room;

/// A host that the driver is calling for us.
#[derive(Debug)]
pub(super) struct Call {
    host: SocketAddr,
    since: Time,
    /// The user asked for it.
    is_chosen: bool,
}

impl Node {
    /// Calls others while neighbours are wanted.
    ///
    /// Whoever has no ultrapeer at all is cut off from the overlay, and in a hurry: it counts on no
    /// call that has not been answered at once, and leaves nobody alone out of mere courtesy.
    pub(super) fn dial(&mut self, now: Time) {
        self.dial_due = None;
        let in_use = if self.is_dial_wanted(now) { self.hosts_in_use() } else { Vec::new() };
        while self.is_dial_wanted(now) {
            let (bans, let_go) = (&self.bans, &self.let_go);
            let is_out = |host: SocketAddr| {
                in_use.binary_search(&host).is_ok()
                    || bans.ban_of(host.ip(), now).is_some()
                    || let_go.has(host)
            };
            let is_cut_off = self.is_cut_off();
            let rng = self.servent.rng();
            let next = match is_cut_off {
                true => self.hosts.next_when_cut_off(now, rng, is_out),
                false => self.hosts.next(now, rng, is_out),
            };
            let Some(address) = next else {
                // Whoever knows nobody is woken when it learns of somebody.
                let due = self.hosts.next_due(is_cut_off);
                self.dial_due = due.map(|due| due.max(now.after_ms(DIAL_RETRY_MS)));
                break;
            };
            self.call(address, false, now);
        }
        if self.is_cut_off() && self.calls_counted_on(now) > 0 {
            let hangs_at = now.after_ms(DIAL_HANGS_MS);
            self.dial_due = Some(self.dial_due.map_or(hangs_at, |due| due.min(hangs_at)));
        }
        self.call_over_rift(now);
    }

    /// The hosts that we might call, by address.
    pub fn known_hosts(&self) -> impl Iterator<Item = SocketAddr> {
        self.hosts.iter().map(|(address, _)| address)
    }

    /// Has the driver call a host, once.
    pub(super) fn call(&mut self, host: SocketAddr, is_chosen: bool, now: Time) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.host == host) {
            call.is_chosen |= is_chosen;
            return;
        }
        self.calls.push(Call { host, since: now, is_chosen });
        self.note_call(host, now);
        self.out.push_back(Output::Dial { address: host });
    }

    /// Has the driver call a host of the configuration, unless the user has let go of it.
    pub(super) fn call_named(&mut self, addresses: Vec<SocketAddr>, now: Time) {
        if addresses.iter().any(|address| self.let_go.has(*address)) {
            return;
        }
        for address in addresses {
            self.call(address, true, now);
        }
    }

    /// The user wants to be without this neighbour, wherever it takes calls.
    pub(super) fn let_go(&mut self, slot: Slot) {
        let Some(neighbour) = self.servent.neighbour(slot) else { return };
        let (address, listen) = (neighbour.address, neighbour.listen());
        let called = neighbour.is_outgoing.then_some(address);
        for host in called.into_iter().chain(listen) {
            self.let_go.add(host);
        }
    }

    /// A call has come to its end. Whether the user asked for it.
    pub(super) fn end_call(&mut self, host: SocketAddr) -> bool {
        let place = self.calls.iter().position(|call| call.host == host);
        let is_chosen = place.is_some_and(|place| self.calls.swap_remove(place).is_chosen);
        give_back_room(&mut self.calls);
        is_chosen
    }

    fn is_dial_wanted(&self, now: Time) -> bool {
        if !self.may_dial() {
            return false;
        }
        let greetings = self.connections.greetings();
        let called = greetings.filter(|greeting| greeting.direction == Direction::Outgoing);
        let under_way = self.calls_counted_on(now).saturating_add(called.count());
        let wanted = usize::try_from(self.slots.wanted(now)).unwrap_or(usize::MAX);
        under_way < wanted.min(DIALS_MAX) && self.calls.len() < DIALS_CUT_OFF_MAX
    }

    /// Calls that may yet be answered, as far as we have the time to wait for that.
    fn calls_counted_on(&self, now: Time) -> usize {
        if !self.is_cut_off() {
            return self.calls.len();
        }
        self.calls.iter().filter(|call| call.since.after_ms(DIAL_HANGS_MS) > now).count()
    }

    pub(super) const fn may_dial(&self) -> bool {
        self.dials && !self.is_shutting_down
    }

    /// Nobody connects us to the overlay.
    fn is_cut_off(&self) -> bool {
        self.may_dial() && self.slots.supernodes() == 0 && self.slots.missing() > 0
    }

    /// Something has changed that may make us call somebody.
    pub(super) fn wake_to_dial(&mut self, now: Time) {
        if self.is_dial_wanted(now) {
            self.dial_due = Some(self.dial_due.map_or(now, |due| due.min(now)));
        }
    }

    pub(super) fn dial_failed(&mut self, address: SocketAddr, now: Time) {
        self.end_call(address);
        let outcome = self.outcome_of_failure(address);
        self.hosts.outcome(address, outcome, now);
        self.wake_to_dial(now);
    }

    /// A connection is gone.
    pub(super) fn closed(&mut self, link: LinkId, ending: Ending, now: Time) {
        let Some(connection) = self.connections.remove(link) else { return };
        let Some((address, direction)) = self.ends_of(&connection) else { return };
        let is_ours = direction == Direction::Outgoing;
        match &connection {
            Connection::Open(slot) => {
                self.note_breach(link, *slot, &ending, now);
                self.note_parting(*slot, &ending, now);
                self.lose(*slot, now);
            }
            Connection::Greeting(_) if is_ours => self.note_refusal(address, &ending, now),
            Connection::Greeting(greeting) if !greeting.has_asked => {
                self.count_haste(address.ip(), Bans::attempt, now);
                return;
            }
            Connection::Leaving(leaving) if leaving.was_open || is_ours => {}
            // Nobody need hear of all who knock.
            Connection::Greeting(_) | Connection::Leaving(_) => return,
        }
        self.tell(Event::Closed { link, address, ending });
        self.wake_to_dial(now);
    }

    /// A connection is none of ours: how often such ones come is judged elsewhere.
    pub(super) fn handed_on(&mut self, link: LinkId) {
        self.connections.remove(link);
    }

    /// Where a connection comes from or leads to, and who opened it.
    pub(super) fn ends_of(&self, connection: &Connection) -> Option<(SocketAddr, Direction)> {
        Some(match connection {
            Connection::Greeting(greeting) => (greeting.address, greeting.direction),
            Connection::Leaving(leaving) => (leaving.address, leaving.direction),
            Connection::Open(slot) => {
                let neighbour = self.servent.neighbour(*slot)?;
                (neighbour.address, Direction::of(neighbour.is_outgoing))
            }
        })
    }

    /// Whom we are connected to, or call, in order. Who has called us is known by where it takes calls.
    pub(super) fn hosts_in_use(&self) -> Vec<SocketAddr> {
        let ends = self.connections.iter().filter_map(|(_, one)| self.ends_of(one));
        let connected = ends.map(|(address, _)| address);
        let listening = self.servent.neighbours().filter_map(|(_, neighbour)| neighbour.listen());
        let calling = self.connections.greetings().filter_map(|greeting| greeting.listen);
        let called = self.calls.iter().map(|call| call.host);
        let mut in_use: Vec<SocketAddr> =
            connected.chain(listening).chain(calling).chain(called).collect();
        in_use.sort_unstable();
        in_use
    }

    /// The link itself has ended because of a fault: it is struck like any other.
    fn note_breach(&mut self, link: LinkId, slot: Slot, ending: &Ending, now: Time) {
        let (Ending::Fault(fault) | Ending::Dismissed { fault: Some(fault), .. }) = ending else {
            return;
        };
        if let Some(neighbour) = self.servent.neighbour(slot) {
            self.strike(link, neighbour.address, neighbour.listen(), *fault, now);
        }
    }

    /// The other side has ended a link: hosts that do so soon, or say goodbye, are called last.
    fn note_parting(&mut self, slot: Slot, ending: &Ending, now: Time) {
        if matches!(ending, Ending::Farewell(bye) if bye.is_goodbye()) {
            return self.note_goodbye(slot, now);
        }
        let Some(neighbour) = self.servent.neighbour(slot) else { return };
        let lasted_s = u32::try_from(now.since(neighbour.opened).as_secs()).unwrap_or(u32::MAX);
        if let Some(host) = neighbour.listen() {
            self.hosts.outcome(host, Outcome::Parted { lasted_s }, now);
        }
    }

    /// Somebody wants to be without this link, and will not have changed its mind in a moment.
    pub(super) fn note_goodbye(&mut self, slot: Slot, now: Time) {
        if let Some(host) = self.servent.neighbour(slot).and_then(Neighbour::listen) {
            self.hosts.outcome(host, Outcome::Goodbye, now);
        }
    }

    /// A call has not led to a link.
    fn note_refusal(&mut self, address: SocketAddr, ending: &Ending, now: Time) {
        let outcome = match ending {
            Ending::Declined(declined) => {
                self.note_reached(address, now);
                self.learn_tries(address, &declined.peer, declined.code == NO_ROOM, now);
                if declined.code == NO_ROOM && self.role.is_leaf() {
                    let news = Room::Refused;
                    self.hear_room(address.ip(), address.ip(), news, now);
                    self.slots.rebuffed();
                }
                Outcome::Refused(declined.code)
            }
            Ending::Fault(fault) if is_foreign(fault.rule().id()) => {
                self.note_reached(address, now);
                Outcome::Foreign
            }
            // We did not want it; that says nothing against it.
            Ending::Refused(..) | Ending::Dismissed { .. } => return,
            _ => self.outcome_of_failure(address),
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
