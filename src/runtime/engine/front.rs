use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::sync::mpsc;

use super::hits::{hits_of, with_link};
use super::owner::Owner;
use super::peers::{in_words_of_gnutella, role};
use super::searches::Searches;
use crate::base::time::Time;
use crate::control::chronicle::Chronicle;
use crate::control::desk::Request;
use crate::control::model::{self, Happening, Network, PeerId, SearchId, Totals};
use crate::node::{Direction, Event, LinkId, fasttrack};

/// What the node shows: to the API, to whoever watches, to the log.
#[derive(Debug)]
pub(super) struct Front {
    happenings: Chronicle,
    /// Events of the node that the rest of the program works on.
    pub(super) events: mpsc::Sender<Event>,
    /// Requests that are not for the node.
    pub(super) elsewhere: mpsc::Sender<Request>,
    pub(super) searches: Searches,
    pub(super) totals: Totals,
}

impl Front {
    pub(super) fn new(
        happenings: Chronicle,
        events: mpsc::Sender<Event>,
        elsewhere: mpsc::Sender<Request>,
    ) -> Self {
        let (searches, totals) = Default::default();
        Self { happenings, events, elsewhere, searches, totals }
    }

    pub(super) fn count_connection(&mut self, direction: Direction) {
        if direction == Direction::Incoming {
            add(&mut self.totals.accepted, 1);
        }
    }

    pub(super) fn count_call(&mut self) {
        add(&mut self.totals.called, 1);
    }

    pub(super) fn tell_call_failed(&mut self, address: SocketAddr, why: &io::Error) {
        add(&mut self.totals.call_failures, 1);
        let why = why.to_string();
        tracing::debug!(%address, why, "call failed");
        self.happen(Happening::CallFailed { address, why });
    }

    pub(super) const fn count_message_received(&mut self) {
        self.totals.received_messages = self.totals.received_messages.saturating_add(1);
    }

    pub(super) const fn count_message_sent(&mut self) {
        self.totals.sent_messages = self.totals.sent_messages.saturating_add(1);
    }

    pub(super) fn count_datagram_received(&mut self, len: usize) {
        add(&mut self.totals.received_datagrams, 1);
        add(&mut self.totals.received_bytes, len as u64);
    }

    pub(super) fn count_datagram_sent(&mut self, len: usize) {
        add(&mut self.totals.sent_datagrams, 1);
        add(&mut self.totals.sent_bytes, len as u64);
    }

    /// Tells whoever watches.
    pub(super) fn happen(&self, happening: Happening) {
        self.happenings.tell(happening);
    }
}

impl Owner {
    /// Something has happened in the node.
    pub(super) fn tell(&mut self, event: &Event, now: Time) {
        match event {
            Event::Opened { link, address, peer_role, .. } => {
                self.tell_opened(*link, *address, role(*peer_role));
            }
            Event::Closed { link, address, ending } => {
                let why = ending.to_string();
                self.log_closed(*link, *address, &why);
                let id = PeerId(link.0);
                self.front.happen(Happening::PeerDisconnected { id, address: *address, why });
            }
            Event::Hit { search, hops, hit, doubts } => {
                for hit in hits_of(SearchId(search.0), *hops, hit, doubts) {
                    if let Some(hit) = self.front.searches.take(hit, now) {
                        self.front.happen(Happening::Hit(with_link(&hit)));
                    }
                }
            }
            Event::SearchEnded { search, results, why } => {
                self.end_part(Network::Gnutella, SearchId(search.0), (*results, why), now);
            }
            Event::Answered { results, .. } => {
                add(&mut self.front.totals.answered, 1);
                self.front.happen(Happening::Answered { results: *results });
            }
            Event::BecameRole { role: new, why } => {
                let (new, why) = (role(*new), in_words_of_gnutella(why));
                tracing::info!(role = new.as_str(), why, "the role has changed");
                self.hall.set_profile(self.profile());
                let network = Network::Gnutella;
                self.front.happen(Happening::RoleChanged { network, role: new, why });
            }
            Event::Pushed(push) => {
                let address = SocketAddr::new(IpAddr::V4(push.address), push.port);
                self.front.happen(Happening::Pushed { address, index: push.index });
            }
            Event::FastTrack(event) => self.tell_of_fasttrack(event, now),
            Event::Struck { link, address, fault } => {
                add(&mut self.front.totals.strikes, 1);
                let (rule, why) = (fault.rule().to_string(), fault.to_string());
                tracing::debug!(link = link.0, %address, why, "a neighbour broke a rule");
                let id = PeerId(link.0);
                self.front.happen(Happening::Struck { id, address: *address, rule, why });
            }
            Event::Banned { address, until, why } => {
                add(&mut self.front.totals.bans, 1);
                let for_s = until.since(now).as_secs();
                tracing::info!(%address, for_s, why, "banned for a while");
                self.front.happen(Happening::Banned { address: *address, for_s, why: why.clone() });
            }
            Event::TurnedAway { .. } => add(&mut self.front.totals.turned_away, 1),
            Event::Moved { address } => {
                tracing::info!(%address, "neighbours see us there");
                self.hall.set_profile(self.profile());
            }
            Event::HostCacheAnswered { .. }
            | Event::HostCachesNamed { .. }
            | Event::PushSent { .. }
            | Event::PushRequested { .. } => {}
        }
        if is_worked_on_elsewhere(event) {
            // What finds no room is lost; none of it comes often.
            let _ = self.front.events.try_send(event.clone());
        }
    }

    /// Nobody is asked any more in this network. Where that was the last, the search is over.
    pub(super) fn end_part(
        &mut self,
        network: Network,
        id: SearchId,
        (results, why): (u32, &'static str),
        now: Time,
    ) {
        let results = self.front.searches.part_ended(id, (network, results), why, now);
        if let Some(results) = results {
            let why = why.to_owned();
            self.front.happen(Happening::SearchEnded { search: id, results, why });
        }
    }

    fn tell_opened(&self, link: LinkId, address: SocketAddr, role: model::Role) {
        let details = self.links.get(&link).and_then(|entry| entry.details.as_deref());
        let vendor = details.and_then(|details| details.vendor.as_deref().map(str::to_owned));
        let is_outgoing = self
            .node
            .slot(link)
            .and_then(|slot| self.node.servent().neighbour(slot))
            .is_some_and(|neighbour| neighbour.is_outgoing);
        let direction =
            if is_outgoing { model::Direction::Outgoing } else { model::Direction::Incoming };
        let (link, word) = (link.0, role.as_str());
        // Leaves come and go by hundreds.
        if role == model::Role::Ultrapeer {
            tracing::info!(link, %address, role = word, vendor, "connected");
        } else {
            tracing::debug!(link, %address, role = word, vendor, "connected");
        }
        let id = PeerId(link);
        let network = Network::Gnutella;
        self.front.happen(Happening::PeerConnected {
            id,
            address,
            direction,
            network,
            role,
            vendor,
        });
    }

    /// What was an open link to an ultrapeer is worth a line; calls that have led to none are not.
    fn log_closed(&self, link: LinkId, address: SocketAddr, why: &str) {
        let details = self.links.get(&link).and_then(|entry| entry.details.as_deref());
        let vendor = details.and_then(|details| details.vendor.as_deref());
        let link = link.0;
        match details.map(|details| role(details.role)) {
            Some(role @ model::Role::Ultrapeer) => {
                tracing::info!(link, %address, role = role.as_str(), vendor, why, "closed");
            }
            role => {
                let role = role.map(model::Role::as_str);
                tracing::debug!(link, %address, role, vendor, why, "closed");
            }
        }
    }
}

/// Whether other parts of the program have something to do then.
const fn is_worked_on_elsewhere(event: &Event) -> bool {
    matches!(
        event,
        Event::HostCacheAnswered { .. }
            | Event::HostCachesNamed { .. }
            | Event::Pushed(_)
            | Event::PushRequested { .. }
            | Event::PushSent { .. }
            | Event::FastTrack(fasttrack::Event::PushSent { .. } | fasttrack::Event::Pushed { .. })
    )
}

fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
