use std::net::SocketAddr;

use super::Download;
use crate::base::ranges::RangeSet;
use crate::transfer::download::contract::{Finding, State};
use crate::transfer::download::journal::Intent;
use crate::transfer::download::row::Row;
use crate::transfer::download::source::Phase;

/// How far a download is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub state: State,
    pub size: Option<u64>,
    /// Bytes that are there, or have begun to be.
    pub done_len: u64,
    /// Bytes that a tree has proved right.
    pub verified_len: u64,
    /// Bytes that came, those that were of no use included.
    pub received_len: u64,
    /// Bytes a second, of all sources that send now.
    pub bytes_per_s: u64,
    /// Sources that may be worth something.
    pub sources: usize,
    /// Those of them that send.
    pub sending: usize,
    /// Those in whose queues we wait.
    pub queued: usize,
    /// More of them are looked for, or were a short while ago.
    pub has_searched: bool,
}

/// What others may be given of a file that is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnOffer {
    /// Bytes of the whole file.
    pub size: u64,
    /// Those that are here, and right.
    pub ranges: RangeSet,
}

/// One source, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceView {
    pub address: SocketAddr,
    /// A word for what we are at with it.
    pub phase: &'static str,
    pub bytes_per_s: u64,
    pub useful_len: u64,
    /// Our place in its queue.
    pub place: Option<u32>,
}

impl Download {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        let sending =
            self.sources.values().filter(|source| matches!(source.phase, Phase::Receiving { .. }));
        let rates = sending.clone().filter_map(|source| source.rate.get());
        let queued = self.sources.values().filter(|source| source.still_since.is_some());
        let has_row = self.pieces.row().is_some();
        Progress {
            state: self.state.clone(),
            size: self.size,
            done_len: self.pieces.len(),
            verified_len: if has_row { self.pieces.there().len() } else { 0 },
            received_len: self.received_len,
            bytes_per_s: rates.fold(0, u64::saturating_add),
            sources: self.sources.values().filter(|source| !source.is_dropped()).count(),
            sending: sending.count(),
            queued: queued.count(),
            has_searched: self.search_at.is_some(),
        }
    }

    /// Whoever has it, or was said to.
    pub fn sources(&self) -> impl Iterator<Item = SourceView> {
        self.sources.values().map(|source| SourceView {
            address: source.finding.address,
            phase: phase_word(&source.phase),
            bytes_per_s: source.rate.get().unwrap_or_default(),
            useful_len: source.useful_len,
            place: source.place,
        })
    }

    /// What is wanted.
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Its SHA-1, where that is wanted, or known since all of it is there.
    pub fn sha1(&self) -> Option<[u8; 20]> {
        self.intent.known_by.sha1().or(self.found_sha1)
    }

    /// What it is at.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// How a source was told of.
    pub fn finding(&self, source: super::SourceId) -> Option<&Finding> {
        self.sources.get(&source).map(|source| &source.finding)
    }

    /// Whether bytes of a source were of use.
    pub fn was_of_use(&self, source: super::SourceId) -> bool {
        self.sources.get(&source).is_some_and(|source| source.useful_len > 0)
    }

    /// What others may ask for; nothing where no tree is vouched for, of which anything could be proved.
    pub fn on_offer(&self) -> Option<OnOffer> {
        let is_vouched_for = self.trusted_row().is_some() || self.trees.demanded().is_some();
        let size = self.size.filter(|_| is_vouched_for)?;
        Some(OnOffer { size, ranges: self.shared() })
    }

    /// The tree that others may have: it leads to a root that is vouched for.
    pub fn trusted_row(&self) -> Option<&Row> {
        self.pieces.row().filter(|row| self.trees.is_vouched_for(&row.root()))
    }

    /// What can be given to others: what a tree that is vouched for has proved, and the journal on the disk
    /// says (DOWN-08).
    pub fn shared(&self) -> RangeSet {
        let is_proved = self.trusted_row().is_some();
        if is_proved { self.store.safe_verified.clone() } else { RangeSet::new() }
    }
}

const fn phase_word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Away { .. } => "away",
        Phase::Calling { .. } => "calling",
        Phase::Ready { .. } => "ready",
        Phase::Queued { .. } => "queued",
        Phase::Resting { .. } => "has nothing new",
        Phase::Asked { .. } => "asked",
        Phase::Receiving { .. } => "sending",
        Phase::ReceivingTree { .. } => "sending its tree",
        Phase::Dropped => "dropped",
    }
}
