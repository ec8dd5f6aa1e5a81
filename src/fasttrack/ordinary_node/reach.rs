use std::net::SocketAddrV4;

use bytes::Bytes;

use super::PushTarget;
use crate::base::addresses::is_callable;
use crate::fasttrack::sought::is_of_use;
use crate::fasttrack::wire::{Found, Names, Results, TagList};

/// How a file can be fetched from the node that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It can be called.
    Call,
    /// It has to be asked to call, by push (FTNODE-11).
    Push,
    /// It cannot be called, and it cannot call us either, or nobody could pass that on.
    Nobody,
}

impl Reach {
    /// Of a node, for one that can be called itself, or cannot.
    pub(super) fn of(found: &Found, allow_private: bool, has_own: bool) -> Self {
        match &found.names {
            _ if is_callable(found.address.into(), allow_private) => Self::Call,
            Names::Full { .. } if has_own => Self::Push,
            _ => Self::Nobody,
        }
    }
}

impl PushTarget {
    /// Whom a push is for that has such a file, as this supernode says. None where the name of its user is
    /// not known.
    pub fn of(found: &Found, supernode: SocketAddrV4) -> Option<Self> {
        match &found.names {
            Names::Full { user, .. } => {
                Some(Self { address: found.address, supernode, user: user.clone() })
            }
            Names::Same => None,
        }
    }
}

/// The results that are of use, in their order, with their names in full where these are known
/// (FTSEARCH-12).
pub(super) fn in_full(results: &Results) -> impl Iterator<Item = Found> {
    let places = results.results.iter().enumerate().filter(|(_, found)| is_of_use(found));
    places.map(|(place, found)| match results.names_of(place) {
        Some((user, network)) => {
            let names = Names::Full { user: user.clone(), network: network.clone() };
            Found { names, ..found.clone() }
        }
        None => found.clone(),
    })
}

/// Bytes that a result keeps beside its numbers.
pub(super) fn kept_len(found: &Found) -> usize {
    let names_len = match &found.names {
        Names::Full { user, network } => user.len().saturating_add(network.len()),
        Names::Same => 0,
    };
    found.tags.as_bytes().len().saturating_add(names_len)
}

/// The same result, which holds on to nothing of the message that brought it.
pub(super) fn detached(mut found: Found) -> Found {
    let copy = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
    if let Names::Full { user, network } = &mut found.names {
        (*user, *network) = (copy(user), copy(network));
    }
    if let Ok(tags) = TagList::decode(&copy(found.tags.as_bytes())) {
        found.tags = tags;
    }
    found
}
