//! Values <-> bytes. Every message of a session is a [`Frame`]: a type word and a payload.
//!
//! ```text
//! bytes ─► Frame (type word + shared payload) ─► Message ─► tags, lists and tables, on demand
//! ```
//!
//! - [`Frame`] is what a session moves.
//! - [`Message`] is the payload understood. Some types say one thing up and another one down: a
//!   [`Side`] says which way it went. Parsing is tolerant: it fails only where the bytes cannot be told
//!   apart, or where a search asks for more than the limits. What else is wrong is told by
//!   [`Message::inspect`].
//! - [`Unicast`] is an envelope that goes on with one hop more and without a look inside.
//! - [`TagList`], [`NodeList`] and [`Table`] are kept as the bytes they came in. They share their
//!   memory with all that was received with them: whoever keeps one for long does better to copy it.
//! - [`pack`] writes results into messages without a value for each of them.
//! - [`Datagram`] is what goes by UDP.
//!
//! No function in this room panics, whatever the bytes, and none allocates more than the length of
//! its input plus 64 KiB.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod address;
mod bandwidth;
mod datagram;
pub mod dynint;
mod frame;
mod kind;
mod media;
mod message;
mod names;
mod network_config;
mod network_stats;
mod node_info;
mod node_list;
mod packed;
mod push;
mod random_files;
mod results;
mod routed;
mod search;
mod share;
mod shown;
mod side;
mod table;
mod tag;
mod tag_list;
mod udp_test;

pub use bandwidth::Bandwidth;
pub use datagram::{Datagram, FullBelow};
pub use frame::Frame;
pub use kind::Kind;
pub use media::{Media, Realm};
pub use message::Message;
pub use names::{harmless_network, harmless_user};
pub use network_config::NetworkConfig;
pub use network_stats::{MediaStats, NetworkStats, Networks, StatsSize};
pub use node_info::NodeInfo;
pub use node_list::{Node, NodeList};
pub use packed::{FoundRef, pack};
pub use push::{Push, PushRequest};
pub use random_files::{RandomFile, RandomFiles, Shelf};
pub use results::{Found, Names, Results};
pub use routed::{Broadcast, Unicast};
pub use search::{ForwardedSearch, Operator, Search, Term};
pub use share::{Share, Unshare};
pub use side::Side;
pub use table::{Logarithm, Table, TableRecord};
pub use tag::{Tag, TagValue};
pub use tag_list::{TagItem, TagList, TagWriter, Tags};
pub use udp_test::UdpTest;
