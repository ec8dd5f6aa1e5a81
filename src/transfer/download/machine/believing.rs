use super::Download;
use crate::base::limits::{PIECE_LEN_MIN, TREES_ASKED_MAX};
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::transfer::download::contract::{SourceId, Wanted, Why};
use crate::transfer::download::journal::Record;
use crate::transfer::download::leaves::TigerDigest;
use crate::transfer::download::row::Row;
use crate::transfer::download::source::{Phase, TreeWord};

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
                && source.may_give_tree()
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
        let ready = self
            .sources
            .values()
            .filter(|source| matches!(source.phase, Phase::Ready { .. }) && source.may_give_tree());
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
        let root = row.root();
        self.trees.hear_root(id, address.ip(), root);
        match self.trees.demanded() {
            Some(demanded) if demanded != root => self.drop_source(id, Why::WrongTree),
            // It tells too little: another one may have more of the same tree.
            _ if row.is_coarse() => {}
            None if !self.trees.is_acceptable(&root) => {}
            demanded if self.size_fits(id, Some(row.size()), now) => {
                self.believe(id, row, demanded.is_some());
            }
            _ => {}
        }
    }

    pub(super) fn believe(&mut self, giver: SourceId, row: Row, is_trusted: bool) {
        if let Some(known) = self.pieces.row() {
            if known.root() == row.root() {
                self.trees.givers.push(giver);
            }
            return;
        }
        self.trees.givers = vec![giver];
        self.trees.is_trusted = is_trusted;
        self.trees.wait_until = None;
        let regrouped = self.pieces.regroup(row);
        self.trees.is_confirmed = regrouped.witnesses.iter().any(|witness| *witness != giver);
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
            source.contradicts_tree = true;
        }
        self.part(*sender, Time::ZERO);
        self.compare(*sender);
    }

    /// A piece is what the tree says, and somebody sent it who did not give the tree: whoever sent it
    /// otherwise has lied.
    pub(super) fn confirmed(&mut self, piece: u64, sender: SourceId) {
        if self.trees.givers.contains(&sender) {
            return;
        }
        self.trees.is_confirmed = true;
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

    pub(super) fn take_back_from_shelf(&mut self) {
        for source in self.sources.values_mut() {
            (source.contradicts_tree, source.checks) = (false, None);
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
        if self.pieces.row().is_none() || self.trees.claims.is_empty() {
            return;
        }
        // Whoever has a file of another size says nothing of this one.
        let left = self.sources.values().filter(|source| !source.is_dropped());
        let mut left = left.filter(|source| !source.has_other_size).peekable();
        if left.peek().is_some() && left.all(|source| source.contradicts_tree) {
            self.disbelieve();
        }
    }
}
