//! Every number that bounds what a peer can make us do: its name, its unit, its reason.
//!
//! Nothing that a peer sends makes us allocate more than its own size plus a constant. Each limit
//! has a test at the limit and one past it.
//!
//! One file for each subject; all names stand here.

mod bootstrap;
mod captures;
mod conduct;
mod conform;
mod datagrams;
mod downloads;
mod fasttrack_messages;
mod fasttrack_neighbours;
mod fasttrack_supernode;
mod files;
mod flow;
mod hosts;
mod http;
mod library;
mod link;
mod messages;
mod node;
mod ordinary_node;
mod pings;
mod promotion;
mod router;
mod searches;
mod servent;
mod sessions;
mod sources;
mod spam;
mod tables;
mod uploads;

pub use bootstrap::*;
pub use captures::*;
pub use conduct::*;
pub use conform::*;
pub use datagrams::*;
pub use downloads::*;
pub use fasttrack_messages::*;
pub use fasttrack_neighbours::*;
pub use fasttrack_supernode::*;
pub use files::*;
pub use flow::*;
pub use hosts::*;
pub use http::*;
pub use library::*;
pub use link::*;
pub use messages::*;
pub use node::*;
pub use ordinary_node::*;
pub use pings::*;
pub use promotion::*;
pub use router::*;
pub use searches::*;
pub use servent::*;
pub use sessions::*;
pub use sources::*;
pub use spam::*;
pub use tables::*;
pub use uploads::*;
