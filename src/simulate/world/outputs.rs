use super::World;
use super::connection::Stage;
use super::event::{EndName, Event};
use super::host::host_at;
use crate::fasttrack::link as session;
use crate::gnutella::link;
use crate::node::{Event as Told, LinkId, Output};
use crate::simulate::machine::Machine;
use crate::simulate::tally::add_one;
use crate::simulate::watch::Invariant;

impl<M: Machine> World<'_, M> {
    /// Does what a machine wants done.
    pub(super) fn apply(&mut self, host: u32, output: Output) {
        match output {
            Output::Dial { address } => self.call(host, address, false),
            Output::Decide { link, decision } => {
                if let Some(end) = self.own_end(host, link, "decides on") {
                    self.turn_link(end, link::Input::Decided(decision));
                }
            }
            Output::Ready { link } => {
                if let Some(end) = self.own_end(host, link, "has messages for") {
                    self.make_ready(host, end);
                }
            }
            Output::Close { link, code, reason } => {
                if let Some(end) = self.own_end(host, link, "closes") {
                    self.watch_turned_away(end, code, &reason);
                    match self.is_session(end) {
                        true => self.turn_session(end, session::Input::Leave),
                        false => self.turn_link(end, link::Input::Bye { code, reason: &reason }),
                    }
                }
            }
            Output::Datagram { to, bytes } => self.send_datagram(host, to, bytes),
            Output::ConnectBack { to } => self.connect_back(host, to),
            Output::FastTrack(output) => self.apply_to_session(host, output),
            Output::Event(event) => self.hear(host, event),
        }
    }

    /// The end that a machine means. It may mean none but its own, and none after its last word.
    pub(super) fn own_end(&mut self, host: u32, link: LinkId, does: &str) -> Option<EndName> {
        let end = EndName::of(link);
        let is_own = self.connections.end(end).is_some_and(|own| own.host == host);
        if !is_own && !self.has_yet_to_hear(host, link) {
            let what = format!("it {does} connection {:x}, which is gone", link.0);
            self.violate(Some(host), Invariant::ClosedStaysClosed, what);
        }
        is_own.then_some(end)
    }

    /// A connection may have gone without its machine having been told yet.
    fn has_yet_to_hear(&self, host: u32, link: LinkId) -> bool {
        self.inbox.iter().any(|(told, input)| {
            let is_closed =
                matches!(input, crate::node::Input::Closed { link: closed, .. } if *closed == link);
            *told == host && is_closed
        })
    }

    pub(super) fn make_ready(&mut self, host: u32, end: EndName) {
        let Some(own) = self.connections.end_mut(end) else { return };
        match own.stage {
            Stage::Open => {
                own.is_ready = true;
                self.ready.push(end);
            }
            // It has heard nothing of that yet, or it has said goodbye in this very turn.
            Stage::Leaving => {}
            Stage::Calling | Stage::Shaking => {
                let what = format!(
                    "it has messages for connection {:x}, which is not open",
                    end.link_id().0
                );
                self.violate(Some(host), Invariant::ClosedStaysClosed, what);
            }
        }
    }

    /// Somebody wants to know whether it can be called.
    fn connect_back(&mut self, host: u32, to: std::net::SocketAddr) {
        let Some(called) = host_at(to).filter(|called| self.host(*called).is_some()) else {
            return;
        };
        let end = self.add_connection(host, called);
        if let Some(connection) = self.connections.get_mut(end) {
            connection.by_bytes = true;
        }
        self.probes.insert(end);
        let at = self.later(self.latency(end));
        self.queue.push(at, Event::Called { end: end.other() });
    }

    /// Takes note of what a machine tells whoever watches.
    fn hear(&mut self, host: u32, event: Told) {
        match event {
            Told::Hit { search, hops, hit, .. } => self.hear_hit(search, hops, &hit),
            Told::BecameRole { role, why } => self.change_role(host, role, why),
            Told::FastTrack(event) => self.hear_of_session(host, event),
            Told::Struck { address, fault, .. } => {
                add_one(&mut self.course.strikes, fault.rule().id());
                self.watch_harmed(host, address.ip(), &format!("struck: {fault}"));
            }
            Told::Banned { address, why, .. } => {
                self.course.bans = self.course.bans.saturating_add(1);
                self.watch_harmed(host, address, &format!("banned: {why}"));
            }
            _ => {}
        }
    }
}
