use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Download;
use crate::base::addresses::Network;
use crate::base::limits::{
    PIECE_LEN_MIN, TREE_VOTES_MAX, TREE_WAIT_MAX_MS, TREE_WITNESSES, TREES_ASKED_MAX,
    WITNESS_BITS_V4, WITNESS_BITS_V6,
};
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{SourceId, Wanted, Why};
use crate::transfer::download::journal::Record;
use crate::transfer::download::leaves::TigerDigest;
use crate::transfer::download::row::Row;
use crate::transfer::download::source::{Phase, TreeWord};

/// What is known of the file's Tiger tree.
#[derive(Debug)]
pub(super) struct Trees {
    /// The root that the user named.
    root: Option<TigerDigest>,
    /// The tree in use has that root. Another one is believed until something speaks against it.
    pub(super) is_trusted: bool,
    /// Who gave the tree in use.
    givers: Vec<SourceId>,
    /// Roots of trees that were not those of the file.
    bad_roots: Vec<TigerDigest>,
    /// Which roots the sources name, each in its network.
    votes: Vec<(SourceId, Network, TigerDigest)>,
    /// Pieces that came otherwise than the tree in use says: who sent what.
    claims: Vec<(u64, SourceId, TigerDigest)>,
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
            let len = if ip.to_canonical().is_ipv4() { WITNESS_BITS_V4 } else { WITNESS_BITS_V6 };
            self.votes.push((source, Network::of(ip, len), root));
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
    fn is_acceptable(&self, root: &TigerDigest) -> bool {
        let count = |root| self.votes.iter().filter(|(_, _, named)| named == root).count();
        let best = self.votes.iter().map(|(_, _, named)| named);
        let best = best.filter(|named| !self.bad_roots.contains(named)).map(count).max();
        !self.bad_roots.contains(root) && count(root) >= best.unwrap_or_default().min(2)
    }

    /// The root that a tree must have, if the user named it and it was not found wrong.
    pub(super) fn demanded(&self) -> Option<TigerDigest> {
        self.root.filter(|root| !self.bad_roots.contains(root))
    }
}

impl Download {
    /// True while a tree may still come from somebody.
    pub(super) fn wants_tree(&self) -> bool {
        let is_large = self.size.is_none_or(|size| size > PIECE_LEN_MIN);
        is_large && self.pieces.row().is_none() && self.alone.is_none()
    }

    /// Bytes wait for the tree, so that each piece can be judged.
    pub(super) fn waits_for_tree(&self) -> bool {
        let may_come = self.sources.values().any(|source| {
            source.is_busy()
                && source.tree == TreeWord::Unknown
                && !matches!(source.phase, Phase::Calling { .. })
        });
        self.wants_tree() && self.trees.wait_until.is_some() && may_come
    }

    /// The sources that are to be asked for the tree now.
    pub(super) fn whom_to_ask_for_tree(&self) -> Vec<SourceId> {
        if !self.wants_tree() {
            return Vec::new();
        }
        let is_at_it = |phase: &Phase| {
            matches!(phase, Phase::ReceivingTree { .. } | Phase::Asked { what: Wanted::Tree, .. })
        };
        let at_it = self.sources.values().filter(|source| is_at_it(&source.phase)).count();
        let ready = self.sources.values().filter(|source| {
            matches!(source.phase, Phase::Ready { .. }) && source.tree == TreeWord::Unknown
        });
        ready.map(|source| source.id).take(TREES_ASKED_MAX.saturating_sub(at_it)).collect()
    }

    /// A source was asked for the tree, and this is what came.
    pub(super) fn tree_came(&mut self, id: SourceId, row: Option<Row>, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let address = source.finding.address;
        if !matches!(source.phase, Phase::ReceivingTree { .. }) {
            return;
        }
        source.tree = TreeWord::None;
        if source.stays_open {
            source.phase = Phase::Ready { since: now };
        } else {
            self.part(id, now);
        }
        self.needs_work = true;
        let Some(row) = row else { return };
        if self.size.is_some_and(|size| size != row.size()) {
            return self.drop_source(id, Why::WrongSize);
        }
        let root = row.root();
        self.trees.hear_root(id, address.ip(), root);
        match self.trees.demanded() {
            Some(demanded) if demanded != root => self.drop_source(id, Why::WrongTree),
            None if !self.trees.is_acceptable(&root) => {}
            demanded => self.believe(id, row, demanded.is_some()),
        }
    }

    fn believe(&mut self, giver: SourceId, row: Row, is_trusted: bool) {
        if self.pieces.row().is_some() {
            self.trees.givers.push(giver);
            return;
        }
        if self.size.is_none() {
            self.adopt_size(row.size());
        }
        self.trees.givers = vec![giver];
        self.trees.is_trusted = is_trusted;
        self.trees.wait_until = None;
        let regrouped = self.pieces.regroup(row);
        let Some(row) = self.pieces.row().cloned() else { return };
        self.store.note(Record::Tree { row, is_trusted });
        for range in regrouped.right.iter() {
            self.store.verified(range);
        }
        self.fetch_again(regrouped.again.iter().collect());
        // What is on its way goes on.
        let under_way = self.sources.values().filter_map(|source| match source.phase {
            Phase::Receiving { range, at, .. } => Some((source.id, ByteRange::new(at, range.end))),
            Phase::Asked { what: Wanted::Bytes(range), .. } => Some((source.id, range)),
            _ => None,
        });
        let under_way: Vec<_> = under_way.collect();
        for (id, range) in under_way {
            self.pieces.ask(id, range);
        }
        if is_trusted {
            for liar in regrouped.liars {
                self.drop_source(liar, Why::WrongBytes);
            }
        }
    }

    /// One piece is not what the tree says.
    pub(super) fn contradicted(&mut self, piece: u64, senders: &[SourceId], root: TigerDigest) {
        // Several sent it: it is fetched again from one alone, and then it is known who lied.
        let [sender] = senders else { return };
        if self.trees.is_trusted {
            return self.drop_source(*sender, Why::WrongBytes);
        }
        if self.trees.givers.contains(sender) {
            // It contradicts itself. Another that gave the same tree stands for it all the same.
            self.trees.givers.retain(|giver| giver != sender);
            if self.trees.givers.is_empty() {
                self.lose_tree();
            }
            return self.drop_source(*sender, Why::WrongBytes);
        }
        let alike = |(at, by, claimed): &&(u64, SourceId, TigerDigest)| {
            *at == piece && by != sender && *claimed == root
        };
        let others = self.trees.claims.iter().filter(alike).count();
        if others > 0 && others >= self.trees.givers.len() {
            return self.disbelieve();
        }
        self.trees.claims.push((piece, *sender, root));
        self.pieces.contradict(piece, *sender);
        if let Some(source) = self.sources.get_mut(sender) {
            source.is_shelved = true;
        }
        self.part(*sender, Time::ZERO);
    }

    /// A piece is what the tree says, and somebody sent it who did not give the tree: whoever sent it
    /// otherwise has lied.
    pub(super) fn confirmed(&mut self, piece: u64, sender: SourceId) {
        if self.trees.claims.is_empty() || self.trees.givers.contains(&sender) {
            return;
        }
        let (refuted, rest) = self.trees.claims.drain(..).partition(|(at, _, _)| *at == piece);
        self.trees.claims = rest;
        let refuted: Vec<(u64, SourceId, TigerDigest)> = refuted;
        for (_, liar, _) in refuted {
            self.drop_source(liar, Why::WrongBytes);
        }
    }

    /// The tree is not that of the file, or nobody is left who says that it is. Its pieces stay, and
    /// nobody knows whether they are right.
    pub(super) fn disbelieve(&mut self) {
        let root = self.pieces.row().map(Row::root);
        self.lose_tree();
        if let Some(root) = root {
            self.forget_tree(root);
        }
    }

    /// No tree is used. Whoever said otherwise is asked again, and the same tree may come from another.
    fn lose_tree(&mut self) {
        self.pieces.lose_row();
        self.store.note(Record::NoTree);
        for (range, root) in self.pieces.taken_pieces() {
            self.store.note(Record::Taken { range, root });
        }
        self.commit();
        self.trees.claims.clear();
        self.take_back_from_shelf();
    }

    fn take_back_from_shelf(&mut self) {
        for source in self.sources.values_mut() {
            source.is_shelved = false;
        }
        self.needs_work = true;
    }

    /// Whoever gave it has lied.
    pub(super) fn forget_tree(&mut self, root: TigerDigest) {
        self.trees.bad_roots.push(root);
        self.trees.is_trusted = false;
        self.trees.claims.clear();
        for giver in std::mem::take(&mut self.trees.givers) {
            self.drop_source(giver, Why::WrongTree);
        }
        self.take_back_from_shelf();
    }

    /// Everybody else is gone, and those that are left say that the tree is wrong.
    pub(super) fn disbelieve_if_alone(&mut self) {
        let mut left = self.sources.values().filter(|source| !source.is_dropped());
        let has_shelved =
            self.sources.values().any(|source| source.is_shelved && !source.is_dropped());
        if has_shelved && left.all(|source| source.is_shelved) {
            self.disbelieve();
        }
    }
}
