//! Values <-> bytes. Every message of a session is a [`Frame`]: a type word and a payload.
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
pub mod dynint;
mod frame;
mod kind;
mod media;
mod message;
mod names;
mod network_stats;
mod node_info;
mod node_list;
mod push;
mod results;
mod routed;
mod search;
mod share;
mod side;
mod table;
mod tag;
mod tag_list;

pub use bandwidth::Bandwidth;
pub use frame::Frame;
pub use kind::Kind;
pub use media::{Media, Realm};
pub use message::Message;
pub use names::harmless_user;
pub use network_stats::{MediaStats, NetworkStats, Networks, StatsSize};
pub use node_info::NodeInfo;
pub use node_list::{Node, NodeList};
pub use push::{Push, PushRequest};
pub use results::{Found, Names, Results};
pub use routed::{Broadcast, Unicast};
pub use search::{ForwardedSearch, Operator, Search, Term};
pub use share::{Share, Unshare};
pub use side::Side;
pub use table::{Logarithm, Table, TableRecord};
pub use tag::{Tag, TagValue};
pub use tag_list::{TagItem, TagList, TagWriter, Tags};
