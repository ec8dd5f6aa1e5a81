use std::net::SocketAddrV4;

use super::PushTarget;
use crate::base::addresses::is_callable;
use crate::fasttrack::wire::{Found, Names, Results, Tag};

/// A node that has a file that was searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnHit {
    /// As it came, but with its names in full where they are known (FTSEARCH-12).
    pub found: Found,
    pub reach: Reach,
}

/// How the file can be fetched from that node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It can be called.
    Call,
    /// It has to be asked to call, by push (FTNODE-11).
    Push,
    /// It cannot be called, and it cannot call us either, or nobody could pass that on.
    Nobody,
}

impl OwnHit {
    /// Whom a push is for. None where the name of the user is not known.
    pub fn push_target(&self, supernode: SocketAddrV4) -> Option<PushTarget> {
        match &self.found.names {
            Names::Full { user, .. } => {
                let user = user.clone();
                Some(PushTarget { address: self.found.address, supernode, user })
            }
            Names::Same => None,
        }
    }
}

/// Who reads results.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    /// Nodes in private networks can be called, too.
    pub(super) allow_private: bool,
    /// We can be called ourselves.
    pub(super) is_callable: bool,
}

impl Reader {
    /// The results that can be shown and judged (FTSEARCH-16), in their order.
    pub(super) fn read(self, results: &Results) -> impl Iterator<Item = OwnHit> {
        let places = results.results.iter().enumerate().filter(|(_, found)| is_fit(found));
        places.map(move |(place, found)| {
            let mut found = found.clone();
            if let Some((user, network)) = results.names_of(place) {
                found.names = Names::Full { user: user.clone(), network: network.clone() };
            }
            OwnHit { reach: self.reach(&found), found }
        })
    }

    fn reach(self, found: &Found) -> Reach {
        match &found.names {
            _ if is_callable(found.address.into(), self.allow_private) => Reach::Call,
            Names::Full { .. } if self.is_callable => Reach::Push,
            _ => Reach::Nobody,
        }
    }
}

fn is_fit(found: &Found) -> bool {
    let has_name = found.tags.text(Tag::FILE_NAME).is_some_and(|name| !name.is_empty());
    has_name && found.size > 0 && found.hash != [0; 20]
}
