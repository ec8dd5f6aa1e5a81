//! What a user wants of a running node: flags, environment, file, defaults, in this order.
//!
//! ```text
//! --listen  ──┐
//! FILBERT_*  ─┼─► Written ─► Key ─► Settings ─► config show, node::Config, ...
//! config.toml ┘   as it stands   what it means    with the Source of each value
//! ```
//!
//! All keys stand in one table ([`keys`]), from which come the flags, the variables, what the file
//! may have, the help, the example and what `filbert config show` prints. Whoever adds a setting
//! adds a field to [`Settings`] and a line to that table.
//!
//! # What takes effect when
//!
//! A reload ([`Settings::reloaded`]) takes over what a running node can change: whom it connects
//! to, which host caches it asks, its role, folders, bandwidth and log filter. Whatever is settled
//! when a node starts waits for its next start: addresses and sockets, the API, TLS, port mapping,
//! how many neighbours there may be, the format of the log. Each key says which it is ([`Effect`]).
//!
//! A list that stands in a flag replaces that of a variable, which replaces that of the file. Home
//! and file are named by flags and variables only, so that every command finds the home of a node
//! without reading a file.

mod address;
mod check;
mod example;
mod file;
mod given;
pub mod keys;
mod node;
mod places;
mod read;
mod reload;
mod show;
mod source;
mod surroundings;
mod written;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

pub use address::{API_PORT, Advertise, ApiAddress, Endpoint, FastTrackAddress, GNUTELLA_PORT};
pub use example::example;
pub use given::Given;
pub use keys::bandwidth::check_bandwidth;
pub use keys::log::check_filter;
pub use keys::{Effect, Flag, Key};
pub use places::Places;
pub use source::{Problems, Source};
pub use surroundings::Surroundings;
pub use written::Written;

use crate::control::model::Bandwidth;
use crate::gnutella::bootstrap::{HostCacheName, WebCacheUrl};
use crate::node::{RolePolicy, fasttrack};

/// The configuration of a node as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the state of the node is kept.
    pub home: PathBuf,
    /// Where the configuration file is, or would be.
    pub config_file: PathBuf,
    /// Where connections and datagrams are taken. `[::]` stands for all addresses of both kinds.
    pub listen: SocketAddr,
    /// From which address others are called, if that is not to be left to the system.
    pub bind: Option<IpAddr>,
    /// Where others are told to call, if that is not to be found out.
    pub advertise: Option<Advertise>,
    pub role: RolePolicy,
    /// Hosts to connect to, whatever the host cache says.
    pub connect: Vec<Endpoint>,
    /// Hosts in private networks, and this machine, are as good as others.
    pub allow_private: bool,
    /// Hosts of the local network are sought by multicast.
    pub multicast: bool,
    /// TLS is offered and taken.
    pub tls: bool,
    /// The router is asked for a port. Does nothing where the program was built without it.
    pub port_mapping: bool,
    /// Folders whose files are offered.
    pub share: Vec<PathBuf>,
    /// Where files that were found are put.
    pub downloads: PathBuf,
    pub library: Library,
    pub uploads: Uploads,
    pub api: Api,
    pub log: Log,
    pub bootstrap: Bootstrap,
    pub neighbours: Neighbours,
    /// How many bytes a second may go which way.
    pub bandwidth: Bandwidth,
    pub fasttrack: FastTrack,
    /// Bytes a second upwards that the user says the line has.
    pub promised_upload_bytes_per_s: Option<u64>,
    /// Where what is not a default comes from.
    sources: BTreeMap<&'static str, Source>,
    /// Things that are likely to be mistakes, a sentence each.
    warnings: Vec<String>,
}

/// How people and programs steer the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    pub listen: ApiAddress,
    /// It may listen where other machines can call.
    pub allow_remote: bool,
}

/// What is written to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// As [`check_filter`] takes it.
    pub filter: String,
    pub format: LogFormat,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// How shared folders are looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library {
    /// Files that are read at the same time to be hashed.
    pub threads: u32,
    /// The system is asked to tell what changes in shared folders.
    pub watch: bool,
    /// Seconds after which shared folders are looked through again.
    pub rescan_s: Option<u64>,
}

/// Who is asked for hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// Anybody is asked at all.
    pub enabled: bool,
    /// In place of those that are built in.
    pub udp_host_caches: Option<Vec<HostCacheName>>,
    /// In place of those that are built in.
    pub web_caches: Option<Vec<WebCacheUrl>>,
    /// Whoever asks us is told that we are a host cache.
    pub announce_host_cache: bool,
}

/// Who gets files, and how many wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploads {
    /// Files that may be under way at the same time.
    pub slots: u32,
    /// Of these, to one host.
    pub slots_per_host: u32,
    /// Hosts that may wait.
    pub queue_len: u32,
    /// Parts of files that are on their way to us may be had.
    pub share_parts: bool,
}

/// The part that the node has in FastTrack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastTrack {
    pub listen: FastTrackAddress,
    pub role: fasttrack::RolePolicy,
    /// Supernodes to open sessions with, whatever is known of them.
    pub connect: Vec<Endpoint>,
}

/// How many neighbours there may be, where it differs from what the node would choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// Leaves of an ultrapeer.
    pub leaves_max: Option<u32>,
    /// Ultrapeers of an ultrapeer.
    pub ultrapeers_max: Option<u32>,
    /// Ultrapeers of a leaf.
    pub ultrapeers_of_leaf_max: Option<u32>,
    /// Leaves of one network: 256 addresses, or a /48.
    pub leaves_per_network: Option<u32>,
    /// Ultrapeers of one network.
    pub ultrapeers_per_network: Option<u32>,
}

impl Settings {
    /// What holds where nobody says anything, for a node with this home and file.
    pub fn defaults(home: PathBuf, config_file: PathBuf) -> Self {
        Self {
            listen: address::ANYWHERE,
            bind: None,
            advertise: None,
            role: RolePolicy::Auto,
            connect: Vec::new(),
            allow_private: false,
            multicast: false,
            tls: true,
            port_mapping: false,
            share: Vec::new(),
            downloads: home.join("downloads"),
            library: Library { threads: 1, watch: true, rescan_s: Some(3_600) },
            uploads: Uploads { slots: 8, slots_per_host: 1, queue_len: 200, share_parts: true },
            api: Api { listen: ApiAddress::Tcp(address::HERE), allow_remote: false },
            log: Log { filter: "info".to_owned(), format: LogFormat::Text },
            bootstrap: Bootstrap {
                enabled: true,
                udp_host_caches: None,
                web_caches: None,
                announce_host_cache: false,
            },
            neighbours: Neighbours::default(),
            bandwidth: Bandwidth::default(),
            fasttrack: FastTrack {
                listen: FastTrackAddress::Off,
                role: fasttrack::RolePolicy::Auto,
                connect: Vec::new(),
            },
            promised_upload_bytes_per_s: None,
            sources: BTreeMap::new(),
            warnings: Vec::new(),
            home,
            config_file,
        }
    }

    /// Where the value of a key comes from, by its name in the file; `home` and `config` are known
    /// too.
    pub fn source(&self, name: &str) -> Source {
        self.sources.get(name).cloned().unwrap_or_default()
    }

    /// What is likely to be a mistake and does no harm, a sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
