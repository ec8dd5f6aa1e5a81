//! What differs between the networks that are shown.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::base::addresses::of_ipv4;
use crate::control::model::{FastTrackStatus, Hit, Network, Peer, Role};
use crate::gnutella::link;
use crate::node::{Command, Config, RolePolicy, fasttrack};
use crate::promotion::{self, Thresholds};

/// What a node is to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Post {
    /// An ultrapeer or a supernode.
    Hub,
    /// A leaf or an ordinary node.
    Below,
}

/// What a node sees of the others.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) peers: Vec<Peer>,
    pub(super) fasttrack: Option<FastTrackStatus>,
}

/// The word for so many hubs of a network.
pub(super) const fn hubs(network: Network) -> &'static str {
    match network {
        Network::Gnutella => "ultrapeers",
        Network::FastTrack => "supernodes",
    }
}

/// The word for those below them.
pub(super) const fn below(network: Network) -> &'static str {
    match network {
        Network::Gnutella => "leaves",
        Network::FastTrack => "ordinary nodes",
    }
}

/// A node among others on loopback, which it would not take for hosts elsewhere.
pub(super) fn config(network: Network, post: Post, address: SocketAddr) -> Config {
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.leaves_per_network = u32::MAX;
    thresholds.slots.supernodes_per_network = u32::MAX;
    thresholds.slots.leaves_least = thresholds.slots.leaves_max;
    let thresholds = Arc::new(thresholds);
    let is_hub = post == Post::Hub;
    let role = match network {
        Network::Gnutella if is_hub => link::Role::Ultrapeer,
        _ => link::Role::Leaf,
    };
    let mut config = Config::new(RolePolicy::Always(role));
    config.listen = Some(address);
    config.allow_private = true;
    config.hosts.network_percent = 100;
    config.thresholds = Arc::clone(&thresholds);
    if network == Network::FastTrack {
        let role = if is_hub { promotion::Role::Supernode } else { promotion::Role::Leaf };
        let policy = fasttrack::RolePolicy::Always(role);
        let mut part = fasttrack::Config::new(policy);
        part.listen = of_ipv4(address);
        part.hosts.network_percent = 100;
        part.thresholds = thresholds;
        part.dials = false;
        config.fasttrack = Some(Box::new(part));
        config.dials = false;
    }
    config
}

/// To call somebody there.
pub(super) fn connect(network: Network, address: SocketAddr) -> Option<Command> {
    match network {
        Network::Gnutella => Some(Command::Connect(address)),
        Network::FastTrack => {
            let connect = fasttrack::Command::Connect(of_ipv4(address)?);
            Some(Command::FastTrack(connect))
        }
    }
}

impl View {
    /// How many hubs have told what is below them, or have a session with us.
    pub(super) fn hubs(&self) -> usize {
        match &self.fasttrack {
            None => self.tables_of(Role::Ultrapeer),
            Some(status) => count(status.supernodes),
        }
    }

    /// Whether we are below a hub.
    pub(super) fn is_below(&self) -> bool {
        match &self.fasttrack {
            None => self.peers.iter().any(|peer| peer.role == Role::Ultrapeer),
            Some(status) => status.supernodes > 0,
        }
    }

    /// How many below us have told what they have, or could have.
    pub(super) fn below(&self) -> usize {
        match &self.fasttrack {
            None => self.tables_of(Role::Leaf),
            Some(status) => count(status.children),
        }
    }

    /// How many neighbours in this role have told of their words.
    fn tables_of(&self, role: Role) -> usize {
        let has_table = |peer: &&Peer| peer.query_table.is_some_and(|table| table.filled > 0);
        self.peers.iter().filter(|peer| peer.role == role).filter(has_table).count()
    }
}

fn count(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// How somebody was found.
pub(super) fn way(hit: &Hit) -> String {
    match (hit.supernode, hit.hops) {
        (Some(supernode), _) => format!("told by {supernode}"),
        (None, 1) => "1 hop away".to_owned(),
        (None, hops) => format!("{hops} hops away"),
    }
}
