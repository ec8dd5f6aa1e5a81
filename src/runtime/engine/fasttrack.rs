//! FastTrack, as the API has it.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use data_encoding::HEXLOWER;

use super::owner::Owner;
use crate::base::addresses::{is_public, of_ipv4};
use crate::base::show::one_line;
use crate::base::time::Time;
use crate::control::desk::Refusal;
use crate::control::model::{
    self, Direction, FastTrackStatus, Happening, Hit, Network, PeerId, SearchId,
};
use crate::fasttrack::peer::{Kin, Peer, Session};
use crate::fasttrack::wire::{Found, Names, Tag, harmless_user};
use crate::node::fasttrack::{self, Event};
use crate::node::{Command, LinkId};
use crate::promotion;

/// Characters of a file's name that are told. No file system takes longer ones.
const NAME_LEN_MAX: usize = 255;

impl Owner {
    /// Something has happened in FastTrack.
    pub(super) fn tell_of_fasttrack(&mut self, event: &Event, now: Time) {
        match event {
            Event::Opened { .. } | Event::PushSent { .. } | Event::Pushed { .. } => {}
            Event::Became { link, kin } => self.tell_session(*link, *kin),
            Event::Closed { link, address, ending } => {
                let why = ending.to_string();
                tracing::debug!(link = link.0, %address, why, "a session of FastTrack has ended");
                let (id, address) = (PeerId(link.0), SocketAddr::V4(*address));
                self.front.happen(Happening::PeerDisconnected { id, address, why });
            }
            Event::Hits { search, supernode, results } => {
                let takes_private = self.node.servent().settings().allow_private;
                let supernode = SocketAddr::V4(*supernode);
                for found in results {
                    let hit = hit(SearchId(search.0), supernode, found, takes_private);
                    let Some(hit) = hit else {
                        continue;
                    };
                    if let Some(hit) = self.front.searches.take(hit, now) {
                        self.front.happen(Happening::Hit(Hit::clone(&hit)));
                    }
                }
            }
            Event::SearchEnded { search, results, why } => {
                self.end_part(Network::FastTrack, SearchId(search.0), (*results, why), now);
            }
            Event::BecameRole { role, why } => {
                let (network, role, why) = (Network::FastTrack, role_of(*role), why.clone());
                tracing::info!(role = role.as_str(), why, "the role in FastTrack has changed");
                self.front.happen(Happening::RoleChanged { network, role, why });
            }
        }
    }

    /// A session has become something.
    fn tell_session(&self, link: LinkId, kin: Kin) {
        let slot = self.node.fasttrack_slot(link);
        let session = slot.and_then(|slot| self.node.peer()?.session(slot));
        let Some(session) = session else { return };
        let (address, role) = (SocketAddr::V4(session.address), role_of_kin(kin));
        // Children come and go by hundreds.
        if kin == Kin::Child || kin == Kin::Candidate {
            tracing::debug!(link = link.0, %address, role = role.as_str(), "connected");
        } else {
            tracing::info!(link = link.0, %address, role = role.as_str(), "connected");
        }
        self.front.happen(Happening::PeerConnected {
            id: PeerId(link.0),
            address,
            direction: direction(session),
            network: Network::FastTrack,
            role,
            vendor: None,
        });
    }

    /// Everybody with whom a session is open.
    pub(super) fn sessions_as_peers(&self, now: Time) -> impl Iterator<Item = model::Peer> {
        let sessions = self.node.peer().into_iter().flat_map(Peer::sessions);
        sessions.filter_map(move |(_, session)| self.session_as_peer(session, now))
    }

    fn session_as_peer(&self, session: &Session, now: Time) -> Option<model::Peer> {
        let mailbox = self.session_mailbox(LinkId(session.link))?;
        let traffic = session.traffic;
        Some(model::Peer {
            id: PeerId(session.link),
            network: Network::FastTrack,
            address: SocketAddr::V4(session.address),
            listen: session.is_outgoing.then_some(SocketAddr::V4(session.address)),
            direction: direction(session),
            role: role_of_kin(session.kin),
            vendor: None,
            version: String::new(),
            servent_id: None,
            uptime_s: now.since(session.opened).as_secs(),
            tls: mailbox.is_secret.load(Ordering::Relaxed),
            deflate_in: false,
            deflate_out: false,
            received_bytes: mailbox.counters.received(),
            sent_bytes: mailbox.counters.sent(),
            received_messages: traffic.received,
            sent_messages: traffic.sent,
            dropped_messages: traffic.dropped,
            queue: model::Queue { bytes: mailbox.waiting_len_bytes() as u64 },
            query_table: None,
        })
    }

    /// Opens a session with somebody, unless there is one.
    pub(super) fn connect_supernode(&mut self, address: SocketAddr) -> Result<(), Refusal> {
        let Some(peer) = self.node.peer() else { return Err(no_part()) };
        let Some(address) = of_ipv4(address) else {
            let why = "FastTrack knows addresses of IPv4 alone; name one";
            return Err(Refusal::Invalid(why.to_owned()));
        };
        if !peer.sessions().any(|(_, session)| session.address == address) {
            self.command(Command::FastTrack(fasttrack::Command::Connect(address)));
        }
        Ok(())
    }

    /// These may be worth a try.
    pub(super) fn know_supernodes(&mut self, hosts: &[SocketAddr]) -> Result<(), Refusal> {
        self.node.peer().ok_or_else(no_part)?;
        let hosts = hosts.iter().copied().filter_map(of_ipv4).collect();
        self.command(Command::FastTrack(fasttrack::Command::Know(hosts)));
        Ok(())
    }

    /// What the node is there, if it is anything.
    pub(super) fn fasttrack_status(&self) -> Option<FastTrackStatus> {
        let peer = self.node.peer()?;
        let (children, supernodes) = peer.neighbours();
        let sessions = u32::try_from(self.sessions_len()).unwrap_or(u32::MAX);
        let numbers = peer.numbers();
        Some(FastTrackStatus {
            role: role_of(self.node.fasttrack_role()?),
            children,
            supernodes,
            greeting: sessions.saturating_sub(children).saturating_sub(supernodes),
            hosts: self.node.known_supernodes().count() as u64,
            users: numbers.users.into(),
            files: numbers.files,
        })
    }
}

/// What somebody is told who wants something of FastTrack from a node that does not speak it.
pub(super) fn no_part() -> Refusal {
    let why = "this node has no part in FastTrack; start it with '--fasttrack on'";
    Refusal::Invalid(why.to_owned())
}

/// A file that was found. One without a name is nothing to anybody.
fn hit(search: SearchId, supernode: SocketAddr, found: &Found, takes_private: bool) -> Option<Hit> {
    let name = found.tags.text(Tag::FILE_NAME).filter(|name| !name.is_empty())?;
    let user = match &found.names {
        Names::Full { user, .. } => Some(harmless_user(user).into_owned()),
        Names::Same => None,
    };
    let address = SocketAddr::V4(found.address);
    Some(Hit {
        search,
        number: 0,
        network: Network::FastTrack,
        name: one_line(&name, NAME_LEN_MAX),
        size: found.size.into(),
        sha1: None,
        kazaa_hash: Some(HEXLOWER.encode(&found.hash)),
        address,
        index: found.file_id,
        vendor: None,
        user,
        supernode: Some(supernode),
        servent_id: String::new(),
        // Whoever cannot be called has a private address there, or no port (FTNODE-11).
        firewalled: address.port() == 0 || !(takes_private || is_public(address.ip())),
        push_proxies: Vec::new(),
        takes_tls: false,
        busy: false,
        hops: 1,
        speed: found.bandwidth.kbit_s(),
        doubt: None,
        magnet: None,
    })
}

const fn direction(session: &Session) -> Direction {
    if session.is_outgoing { Direction::Outgoing } else { Direction::Incoming }
}

const fn role_of(role: promotion::Role) -> model::Role {
    match role {
        promotion::Role::Leaf => model::Role::Ordinary,
        promotion::Role::Supernode => model::Role::Supernode,
    }
}

/// What the other side is. Who has not said yet is no supernode to anybody.
const fn role_of_kin(kin: Kin) -> model::Role {
    match kin {
        Kin::Newcomer | Kin::Child => model::Role::Ordinary,
        Kin::Neighbour | Kin::Parent | Kin::Candidate => model::Role::Supernode,
    }
}
