//! How we part from others.

use std::net::SocketAddr;

use super::connections::Connection;
use super::{Event, Output};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::node::host_cache::Outcome;
use crate::node::{self, LinkId, Node};

pub(super) const SHUTTING_DOWN: &str = "shutting down";

impl Node {
    /// Ends a session once what waits for it is sent.
    pub(super) fn leave_session(&mut self, slot: Slot, why: &'static str) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(session) = fasttrack.peer.session(slot) else { return };
        let link = LinkId(session.link);
        if fasttrack.connections.heard_slot(link) != Some(slot) {
            return;
        }
        fasttrack.connections.set(link, Connection::Leaving(slot));
        self.say(Output::Close { link, why });
    }

    /// Nothing is heard of the other side any more: it is as good as gone.
    pub(super) fn give_up_session(&mut self, slot: Slot, now: Time) {
        self.leave_session(slot, "it does not answer");
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(session) = fasttrack.peer.session(slot) else { return };
        let (link, address, is_outgoing) =
            (LinkId(session.link), session.address, session.is_outgoing);
        fasttrack.connections.set(link, Connection::TurnedAway { address, is_outgoing });
        fasttrack.hosts.outcome(address.into(), Outcome::Silent, now);
        fasttrack.peer.close(slot, now);
        self.count_sessions(now);
    }

    /// The link is about to end by itself: nothing more that comes from it is heard.
    pub(super) fn hear_no_more(&mut self, link: LinkId, slot: Slot) {
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.connections.set(link, Connection::Leaving(slot));
        }
    }

    /// The link that leads to a session, as long as we listen to it.
    pub(super) fn session_link(&self, slot: Slot) -> Option<LinkId> {
        let fasttrack = self.fasttrack.as_deref()?;
        let link = LinkId(fasttrack.peer.session(slot)?.link);
        fasttrack.connections.slot(link).filter(|known| *known == slot).map(|_| link)
    }

    /// Ends all sessions.
    pub(in crate::node) fn shut_fasttrack_down(&mut self) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.dial_due = None;
        let all: Vec<(LinkId, Connection)> = fasttrack.connections.iter().collect();
        for (link, connection) in all {
            match connection {
                Connection::Open(slot) => self.leave_session(slot, SHUTTING_DOWN),
                Connection::Greeting { address, is_outgoing, .. } => {
                    let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
                    let connection = Connection::TurnedAway { address, is_outgoing };
                    fasttrack.connections.set(link, connection);
                    self.say(Output::Close { link, why: SHUTTING_DOWN });
                }
                // It may be left waiting.
                Connection::TurnedAway { .. } => {
                    self.say(Output::Close { link, why: SHUTTING_DOWN });
                }
                Connection::Leaving(_) => {}
            }
        }
    }

    pub(super) fn say(&mut self, output: Output) {
        self.out.push_back(node::Output::FastTrack(output));
    }

    pub(super) fn tell_of_fasttrack(&mut self, event: Event) {
        self.tell(node::Event::FastTrack(event));
    }

    /// Where sessions lead to or come from.
    pub(super) fn session_ends(&self) -> Vec<SocketAddr> {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return Vec::new() };
        let open = fasttrack.peer.sessions().map(|(_, session)| session.address);
        let greeting = fasttrack.connections.greetings().map(|(address, _)| address);
        let called = fasttrack.calls.iter().map(|call| call.host);
        let mut ends: Vec<SocketAddr> =
            open.chain(greeting).chain(called).map(SocketAddr::V4).collect();
        ends.sort_unstable();
        ends
    }
}
