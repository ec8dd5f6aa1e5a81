use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::base::addresses::Network;
use crate::base::limits::{
    PIECE_LEN_MIN, TREE_VOTES_MAX, TREE_WAIT_MAX_MS, TREE_WITNESSES, WITNESS_BITS_V4,
    WITNESS_BITS_V6,
};
use crate::base::time::Time;
use crate::transfer::download::contract::SourceId;
use crate::transfer::download::leaves::TigerDigest;
use crate::transfer::download::row::Row;

/// What is known of the file's Tiger tree.
#[derive(Debug)]
pub(super) struct Trees {
    /// The root that the user named.
    root: Option<TigerDigest>,
    /// The tree in use has that root. Another one is believed until something speaks against it.
    pub(super) is_trusted: bool,
    /// Who gave the tree in use.
    pub(super) givers: Vec<SourceId>,
    /// Roots of trees that were not those of the file.
    pub(super) bad_roots: Vec<TigerDigest>,
    /// Which roots the sources name, each in its network.
    votes: Vec<(SourceId, Network, TigerDigest)>,
    /// Pieces that came otherwise than the tree in use says: who sent what.
    pub(super) claims: Vec<(u64, SourceId, TigerDigest)>,
    /// Somebody who did not give the tree in use has sent what it says.
    pub(super) is_confirmed: bool,
    /// Until then nobody is asked for bytes.
    pub(super) wait_until: Option<Time>,
    has_waited: bool,
    /// The whole was wrong without a tree: one source is asked at a time.
    pub(super) one_at_a_time: bool,
}

impl Trees {
    pub(super) const fn new(root: Option<TigerDigest>) -> Self {
        Self {
            root,
            is_trusted: false,
            givers: Vec::new(),
            bad_roots: Vec::new(),
            votes: Vec::new(),
            claims: Vec::new(),
            is_confirmed: false,
            wait_until: None,
            has_waited: false,
            one_at_a_time: false,
        }
    }

    /// A file of one piece needs no tree beside its root.
    pub(super) fn row_of_small(&mut self, size: u64) -> Option<Row> {
        let root = self.root.filter(|root| !self.bad_roots.contains(root))?;
        (size <= PIECE_LEN_MIN).then(|| {
            self.is_trusted = true;
            Row::of_root(size, root)
        })
    }

    /// The first source is ready.
    pub(super) fn begin_to_wait(&mut self, now: Time) {
        if !self.has_waited {
            self.has_waited = true;
            self.wait_until = Some(now.after_ms(TREE_WAIT_MAX_MS));
        }
    }

    /// True where the wait is over now.
    pub(super) fn end_wait(&mut self, now: Time) -> bool {
        let is_over = self.wait_until.is_some_and(|until| until <= now);
        if is_over {
            self.wait_until = None;
        }
        is_over
    }

    /// A source names a root.
    pub(super) fn hear_root(&mut self, source: SourceId, ip: IpAddr, root: TigerDigest) {
        self.votes.retain(|(voter, ..)| *voter != source);
        if self.votes.len() < TREE_VOTES_MAX {
            self.votes.push((source, network_of(ip), root));
        }
    }

    /// Whether others may be given what a tree with this root has proved (DOWN-08): the user named it, or
    /// sources in several networks do, and none names another.
    pub(super) fn is_vouched_for(&self, root: &TigerDigest) -> bool {
        if self.is_trusted {
            return true;
        }
        let others = self.votes.iter().filter(|(_, _, named)| !self.bad_roots.contains(named));
        let named: Vec<_> = others.collect();
        let witnesses: BTreeSet<_> = named.iter().map(|(_, network, _)| network).collect();
        let is_agreed = named.iter().all(|(_, _, named)| named == root);
        is_agreed && witnesses.len() >= TREE_WITNESSES
    }

    /// Whether a tree with this root may be used, as far as is known.
    pub(super) fn is_acceptable(&self, root: &TigerDigest) -> bool {
        let count = |root| self.votes.iter().filter(|(_, _, named)| named == root).count();
        let best = self.votes.iter().map(|(_, _, named)| named);
        let best = best.filter(|named| !self.bad_roots.contains(named)).map(count).max();
        !self.bad_roots.contains(root) && count(root) >= best.unwrap_or_default().min(2)
    }

    /// The tree in use goes, and nobody has lied for that.
    pub(super) fn leave(&mut self) {
        self.givers.clear();
        self.claims.clear();
        self.is_trusted = false;
    }

    /// The root that a tree must have, if the user named it and it was not found wrong.
    pub(super) fn demanded(&self) -> Option<TigerDigest> {
        self.root.filter(|root| !self.bad_roots.contains(root))
    }
}

/// As much of an address as one provider has, about.
pub(super) fn network_of(ip: IpAddr) -> Network {
    let len = if ip.to_canonical().is_ipv4() { WITNESS_BITS_V4 } else { WITNESS_BITS_V6 };
    Network::of(ip, len)
}
