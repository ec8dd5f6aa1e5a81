use std::net::{SocketAddr, SocketAddrV4};

use tokio::sync::oneshot;

use crate::control::model::Bandwidth;
use crate::fasttrack::http::Sender;
use crate::fasttrack::peer;
use crate::gnutella::push_proxy::Callback;
use crate::node::Command;
use crate::node::host_cache::SavedHost;
use crate::promotion::{Observation, Record};

/// What the program wants of the owner of the node, besides what the API asks.
#[derive(Debug)]
pub enum Errand {
    /// This, as if a user had asked for it.
    Command(Command),
    /// Somebody was called because of a push.
    CallbackEnded { address: SocketAddr, how: Callback },
    /// The same of one of FastTrack.
    GiveEnded { to: SocketAddrV4, how: peer::Callback },
    /// Nobody waits for the answer to a push of ours in FastTrack any more.
    PushOver { number: u32 },
    /// Something was measured.
    Observe(Observation),
    /// No more than this may be sent and received.
    Limit(Bandwidth),
    /// Searches up to this number were those of earlier runs.
    SearchesBefore(u64),
    /// Say goodbye and end.
    ShutDown,
    /// What a state store keeps.
    Keep(oneshot::Sender<Kept>),
    /// How others reach us.
    Stand(oneshot::Sender<Standing>),
}

/// How others reach us, as the node knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Where, whether it is in vain or not.
    pub address: Option<SocketAddr>,
    /// Whether connections come; none as long as nobody knows.
    pub is_reached: Option<bool>,
    /// Who takes pushes for us.
    pub proxies: Vec<SocketAddr>,
    /// We, as FastTrack knows us; none where we do not speak that.
    pub kazaa: Option<Sender>,
}

/// What is kept from one run to the next.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The best first.
    pub hosts: Vec<SavedHost>,
    /// The same of FastTrack; none where the node has no part in it.
    pub supernodes: Option<Vec<SavedHost>>,
    /// Nothing of a node that was a leaf all the time because the user wants it so.
    pub record: Option<Record>,
    /// The same of FastTrack.
    pub fasttrack_record: Option<Record>,
    /// The last number that a search has had.
    pub searches: u64,
}

impl Standing {
    /// Where others reach us, if it is known that they do.
    pub fn address_if_reached(&self) -> Option<SocketAddr> {
        self.address.filter(|_| self.is_reached == Some(true))
    }

    /// Where others reach us, unless it is known that they do not.
    pub fn address_if_not_in_vain(&self) -> Option<SocketAddr> {
        self.address.filter(|_| self.is_reached != Some(false))
    }
}
