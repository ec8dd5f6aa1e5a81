use std::net::SocketAddrV4;

use crate::base::slots::Slot;
use crate::fasttrack::sought::{SearchId, Sought};
use crate::fasttrack::wire::{Bandwidth, Found, Frame, Message, PushRequest};

/// Who we are to our children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Where others can call us.
    pub address: SocketAddrV4,
    pub user: Box<str>,
    pub bandwidth: Bandwidth,
}

/// A search that is forwarded. No two of one supernode have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u32);

/// What a [`Supernode`](super::Supernode) wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Send {
        slot: Slot,
        message: Message,
    },
    /// Send these results: they may be dropped where much waits for this session.
    Results {
        slot: Slot,
        frame: Frame,
    },
    /// End the session once all is sent.
    Close {
        slot: Slot,
        why: &'static str,
    },
    /// A node list for this session: [`Supernode::give_nodes`](super::Supernode::give_nodes).
    WantsNodes {
        slot: Slot,
    },
    /// Ask other supernodes for so many results more:
    /// [`Supernode::add_results`](super::Supernode::add_results), and
    /// [`Supernode::search_ended`](super::Supernode::search_ended) in any case.
    Forward {
        key: Key,
        sought: Sought,
    },
    /// Nobody wants more results of this search.
    EndForward {
        key: Key,
    },
    /// A push for a child of another supernode.
    PushAcross {
        push: PushRequest,
    },
    /// Results of a search of ours, of the index of one supernode.
    Hits {
        search: SearchId,
        supernode: SocketAddrV4,
        results: Vec<Found>,
    },
    /// A search of ours is over, with so many results.
    SearchEnded {
        search: SearchId,
        results: u32,
    },
}
