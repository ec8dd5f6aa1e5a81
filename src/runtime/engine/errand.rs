use std::net::SocketAddr;

use tokio::sync::oneshot;

use crate::control::model::Bandwidth;
use crate::node::Command;
use crate::node::host_cache::SavedHost;
use crate::promotion::{Observation, Record};

/// What the program wants of the owner of the node, besides what the API asks.
#[derive(Debug)]
pub enum Errand {
    /// This, as if a user had asked for it.
    Command(Command),
    /// Nobody was there whom a push wanted us to call.
    CallbackFailed(SocketAddr),
    /// Something was measured.
    Observe(Observation),
    /// No more than this may be sent and received.
    Limit(Bandwidth),
    /// Say goodbye and end.
    ShutDown,
    /// What a state store keeps.
    Keep(oneshot::Sender<Kept>),
}

/// What is kept from one run to the next.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The best first.
    pub hosts: Vec<SavedHost>,
    /// Nothing of a node that was a leaf all the time because the user wants it so.
    pub record: Option<Record>,
}
