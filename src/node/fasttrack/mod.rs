//! A node's part in FastTrack: the wing, and the policy around it. There where the configuration wants it.
//!
//! ```text
//! incoming ─► bans ─► Greeted ─┐
//! Dial ─► Connected ───────────┴─► Opened ─► Peer ─► what to send, whom to call, what was found
//!                         hosts, role, bans ◄─┘
//! ```
//!
//! | what | beside Gnutella |
//! |---|---|
//! | numbers of connections, bans, the address filter, hosts that the user has let go | the same |
//! | the host cache, the role, searches | one of its own |
//! | what is measured of the line and the machine | the same; who is a supernode in both has half of it for each |

mod commands;
mod config;
mod connections;
mod contract;
mod dialling;
mod events;
mod hosts;
mod looking;
mod named;
mod parent;
mod partings;
mod reaching;
mod roles;
mod sought;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use config::{Config, RolePolicy};
use connections::Connections;
pub use contract::{Command, Event, Input, Output};
use dialling::Call;
use looking::Look;
use named::Named;
use parent::Parent;

use super::host_cache::HostCache;
use super::kept::Earlier;
use super::roles::Career;
use super::{LinkId, Node, Reason, SearchId};
use crate::base::addresses::of_ipv4;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::link::Profile;
use crate::fasttrack::peer::{self, Numbers, Peer};
use crate::fasttrack::wire::Frame;
use crate::promotion::{Record, Role, Thresholds};

/// The stream of random numbers of this network: those of the other one stay as they are.
const STREAM: u64 = 1;

/// What a node is in FastTrack.
#[derive(Debug)]
pub(super) struct FastTrack {
    peer: Peer,
    profile: Profile,
    policy: RolePolicy,
    role: Role,
    dials: bool,
    thresholds: Arc<Thresholds>,
    /// Not there as long as a user wants an ordinary node and nothing else.
    career: Option<Box<Career>>,
    /// Of earlier runs, as long as nobody asked for a career.
    earlier: Option<Box<Earlier>>,
    hosts: HostCache,
    /// The wing has asked for so many hosts more than there were.
    hosts_wanted: usize,
    connections: Connections,
    calls: Vec<Call>,
    named: Vec<Named>,
    /// Supernodes of the table that were called of late, and when.
    called: Vec<(SocketAddrV4, Time)>,
    dial_due: Option<Time>,
    parent: Option<Parent>,
    /// When our supernode is asked whether we can be called.
    try_due: Option<Time>,
    /// When it is to be found out whether a supernode is needed, and who is asked for that.
    look_due: Option<Time>,
    look: Look,
    searches: BTreeMap<peer::SearchId, SearchId>,
    rng: ChaCha8Rng,
}

impl FastTrack {
    /// What the configuration wants, if it wants this network.
    pub(super) fn of(all: &super::Config, seed: u64, now: Time) -> Option<Box<Self>> {
        let config = all.fasttrack.as_deref()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(STREAM);
        let role = match config.role {
            RolePolicy::Auto => Role::Leaf,
            RolePolicy::Always(role) => role,
        };
        Some(Box::new(Self {
            peer: Peer::new(config.settings(all), role, &rng),
            profile: config.profile.clone(),
            policy: config.role,
            role,
            dials: config.dials,
            thresholds: Arc::clone(&config.thresholds),
            career: None,
            earlier: config.earlier.clone().map(Box::new),
            hosts: HostCache::new(config.hosts),
            hosts_wanted: 0,
            connections: Connections::default(),
            calls: Vec::new(),
            named: Vec::new(),
            called: Vec::new(),
            dial_due: None,
            parent: None,
            try_due: None,
            look_due: (role == Role::Supernode).then_some(now),
            look: Look::default(),
            searches: BTreeMap::new(),
            rng,
        }))
    }

    pub(super) const fn connections_len(&self) -> usize {
        self.connections.len()
    }

    /// When something is due, and what.
    pub(super) fn next_timeout(&self) -> Option<(Time, Reason)> {
        let peer = self.peer.next_timeout().map(|(at, reason)| (at, reason.into()));
        let promotion = self.career.as_ref().and_then(|career| career.due);
        let dial = self.dial_due.map(|at| (at, Reason::Connect));
        let promotion = promotion.map(|at| (at, Reason::Promotion));
        let parent = self.parent.map(|parent| (parent.due(), Reason::Alive));
        let tries = self.try_due.map(|at| (at, Reason::Reachability));
        let looks = self.look_due.map(|at| (at, Reason::Promotion));
        [peer, dial, promotion, parent, tries, looks].into_iter().flatten().min()
    }
}

/// FastTrack, for whoever drives a node.
impl Node {
    /// The message that goes next over a session of FastTrack that has room, if one waits.
    pub fn transmit_fasttrack(&mut self, link: LinkId, now: Time) -> Option<Frame> {
        let fasttrack = self.fasttrack.as_deref_mut()?;
        fasttrack.peer.transmit(fasttrack.connections.slot(link)?, now)
    }

    /// What we say of ourselves in a hello of FastTrack that begins now; none where the node has no part in it.
    pub fn fasttrack_profile(&self) -> Option<&Profile> {
        Some(&self.fasttrack.as_deref()?.profile)
    }

    /// What the node is in FastTrack, if it has part in it.
    pub fn fasttrack_role(&self) -> Option<Role> {
        Some(self.fasttrack.as_deref()?.role)
    }

    /// The rules of FastTrack, to look at, if the node has part in it.
    pub fn peer(&self) -> Option<&Peer> {
        Some(&self.fasttrack.as_deref()?.peer)
    }

    /// The session behind a link, while it is open.
    pub fn fasttrack_slot(&self, link: LinkId) -> Option<Slot> {
        self.fasttrack.as_deref()?.connections.slot(link)
    }

    /// Why the node is what it is in FastTrack, in one sentence; nothing where it has no part in that.
    pub fn explain_fasttrack_role(&self, now: Time) -> String {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return String::new() };
        if let RolePolicy::Always(_) = fasttrack.policy {
            return format!("{}, as configured", fasttrack.policy.as_str());
        }
        let explained = fasttrack.career.as_ref().map(|career| career.promotion.explain(now));
        explained.unwrap_or_default()
    }

    /// Whether the node decides about its role in FastTrack, if it has part in that.
    pub fn fasttrack_role_policy(&self) -> Option<RolePolicy> {
        Some(self.fasttrack.as_deref()?.policy)
    }

    /// What the next run should know of this one in FastTrack; none of a node that was an ordinary one all the
    /// time because the user wants it so.
    pub fn fasttrack_record(&self, now: Time) -> Option<Record> {
        Some(self.fasttrack.as_deref()?.career.as_deref()?.promotion.export(now))
    }

    /// How large FastTrack is, as far as we know.
    pub fn fasttrack_numbers(&self) -> Option<Numbers> {
        Some(self.fasttrack.as_deref()?.peer.numbers())
    }

    pub(super) fn handle_fasttrack(&mut self, input: Input, now: Time) {
        match input {
            Input::Frame { link, frame } => self.receive_fasttrack(link, &frame, now),
            Input::Connected { link, address } => self.fasttrack_connected(link, address),
            Input::DialFailed { address } => self.fasttrack_dial_failed(address, now),
            Input::Greeted { link } => self.fasttrack_greeted(link, now),
            Input::Opened { link, session: _ } => self.fasttrack_opened(link, now),
            Input::Closed { link, ending } => self.fasttrack_closed(link, ending, now),
            Input::Pong { link, round_trip: _ } => self.pong_of(link, now),
            Input::CalledBack { to, how } => {
                if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
                    fasttrack.peer.called_back(to, how, now);
                }
            }
            Input::PushOver { number } => {
                if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
                    fasttrack.peer.take_give(number, now);
                }
            }
        }
    }

    fn receive_fasttrack(&mut self, link: LinkId, frame: &Frame, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if let Some(slot) = fasttrack.connections.heard_slot(link) {
            fasttrack.peer.receive(slot, frame, now);
            self.hear_parent(slot, now);
        }
    }

    /// Whether a datagram is FastTrack's. By its first byte and by its form to the last byte that is decided
    /// (FTUDP-01).
    pub(super) fn receive_fasttrack_datagram(
        &mut self,
        from: SocketAddr,
        bytes: &[u8],
        now: Time,
    ) -> bool {
        let (Some(fasttrack), Some(from)) = (self.fasttrack.as_deref_mut(), of_ipv4(from)) else {
            return false;
        };
        // Nobody is there of whom it could be, or the user does not want whoever is.
        if self.filter.check(SocketAddr::V4(from)).is_err() {
            return false;
        }
        let is_ours = fasttrack.peer.receive_datagram(from, bytes, now);
        if is_ours {
            self.note_reached_by_datagram(IpAddr::V4(*from.ip()), bytes, now);
        }
        is_ours
    }

    /// Does all that is due.
    pub(super) fn fasttrack_timeout(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.peer.timeout(now);
        if fasttrack.dial_due.is_some_and(|due| due <= now) {
            self.dial_supernodes(now);
        }
        self.watch_parent(now);
        self.ask_to_be_tried(now);
        self.look_around(now);
        self.review_fasttrack_role(now);
    }
}

impl From<peer::Reason> for Reason {
    fn from(reason: peer::Reason) -> Self {
        match reason {
            peer::Reason::Parent => Self::Connect,
            peer::Reason::Children => Self::Alive,
            peer::Reason::Neighbours => Self::Tables,
            peer::Reason::Sessions => Self::Queues,
        }
    }
}
