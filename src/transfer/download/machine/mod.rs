//! One file on its way to us.
//!
//! | module | what it is |
//! |---|---|
//! | `steering` | what the user wants |
//! | `timing` | what is due, and what came too late |
//! | `sources` | who is said to have it |
//! | `sizes` | how many bytes it has, where only sources say it |
//! | `denying` | a size that was named, and that all who have the file deny |
//! | `settling` | which of several sizes is believed |
//! | `naming` | what it is called, where the user has not said it |
//! | `links` | connections stand, and fail |
//! | `asking` | who is called, and asked for what |
//! | `alone` | one source alone is asked, where somebody lies and nobody knows who |
//! | `room` | who makes way for others |
//! | `endgame` | the last pieces, which are at others already |
//! | `hearing` | what sources answer |
//! | `receiving` | bytes come |
//! | `believing` | trees: which one is believed, and for how long |
//! | `comparing` | whoever speaks against a tree is asked what another says |
//! | `trees` | what is known of trees |
//! | `store` | what the disk was given, and what of it is safe |
//! | `storing` | the disk has done something, or has not |
//! | `rewriting` | a journal that has become long begins anew |
//! | `finishing` | all is there |
//! | `telling` | what people want to know |

mod alone;
mod asking;
mod believing;
mod comparing;
mod denying;
mod endgame;
mod finishing;
mod hearing;
mod links;
mod naming;
mod others;
mod reaching;
mod receiving;
mod rewriting;
mod room;
mod settling;
mod sizes;
mod sources;
mod steering;
mod store;
mod storing;
mod telling;
mod timing;
mod trees;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use telling::{OnOffer, Progress, SourceView};

use super::contract::{Input, Output, SourceId, State, Why};
use super::journal::{Intent, Record, Recovered, Writer};
use super::pieces::Pieces;
use super::row::Row;
use super::source::Source;
use crate::base::limits::SOURCES_CONNECTED_MAX;
use crate::base::time::Time;
use alone::Solo;
use naming::Name;
use sizes::Sizes;
use store::Store;
use trees::Trees;

/// What a user decides for all downloads.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Connections of one file at the same time.
    pub connected_max: usize,
    /// Private and local addresses may be sources.
    pub allow_private: bool,
    /// Others can call us, so that a Push is of use.
    pub is_reachable: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { connected_max: SOURCES_CONNECTED_MAX, allow_private: false, is_reachable: true }
    }
}

/// One file: sources go in, requests and writes come out.
///
/// `handle`, then `poll` until it gives nothing, then `next_timeout`.
#[derive(Debug)]
pub struct Download {
    intent: Intent,
    rules: Rules,
    name: Name,
    state: State,
    /// Bytes of the file, once somebody has said it.
    size: Option<u64>,
    sizes: Sizes,
    pieces: Pieces,
    trees: Trees,
    /// Without a tree, after the whole was wrong: all is fetched from this one.
    alone: Option<SourceId>,
    solo: Option<Solo>,
    sources: BTreeMap<SourceId, Source>,
    next_source: u64,
    bad_alternates: VecDeque<SocketAddr>,
    /// Who says of whom that it has it not.
    gone: BTreeMap<SocketAddr, BTreeSet<SourceId>>,
    store: Store,
    search_at: Option<Time>,
    /// Something may be asked of somebody.
    needs_work: bool,
    /// When that was last done: what could not be done then waits for something else than time.
    worked_at: Time,
    received_len: u64,
    /// Bytes that had come when the whole was wrong last.
    wrong_at: Option<u64>,
    /// Of the whole file, once it is right.
    found_sha1: Option<[u8; 20]>,
    outputs: VecDeque<Output>,
}

impl Download {
    /// A new one. Its journal is the first thing that is written.
    pub fn new(intent: Intent, rules: Rules, rng: &mut ChaCha8Rng) -> Self {
        let (writer, head) = Writer::begin(rng.random(), &Record::Intent(intent.clone()));
        let mut download = Self::with(intent, rules, writer);
        download.set_up();
        download.store.append(head, &mut download.outputs);
        download
    }

    /// Goes on with what an earlier run left. The driver has cut the journal where it says.
    pub fn resume(recovered: Recovered, rules: Rules, rng: &mut ChaCha8Rng) -> Self {
        let mut download = Self::with(recovered.intent, rules, recovered.writer);
        download.recall_size(recovered.size);
        download.name = Name::recalled(recovered.name, recovered.is_whole);
        download.set_up();
        download.store.note(Record::Run(rng.random()));
        for range in &recovered.confirmed {
            download.store.note(Record::Verified(*range));
        }
        if let Some(size) = download.size {
            let tree = recovered.tree.filter(|(row, _)| row.size() == size && !row.is_coarse());
            let taken: Vec<_> =
                recovered.taken.iter().map(|(start, (_, root))| (*start, *root)).collect();
            download.restore(size, tree, &recovered.verified, &taken);
        }
        for finding in recovered.sources {
            download.remember(finding, Time::ZERO);
        }
        if recovered.is_paused {
            download.state = State::Paused;
        }
        download.commit();
        download
    }

    fn with(intent: Intent, rules: Rules, writer: Writer) -> Self {
        Self {
            size: intent.sure_size(),
            pieces: Pieces::new(intent.sure_size().unwrap_or_default(), None),
            trees: Trees::new(intent.root),
            intent,
            rules,
            name: Name::default(),
            state: State::Fetching,
            sizes: Sizes::default(),
            alone: None,
            solo: None,
            sources: BTreeMap::new(),
            next_source: 0,
            bad_alternates: VecDeque::new(),
            gone: BTreeMap::new(),
            store: Store::new(writer),
            search_at: None,
            needs_work: true,
            worked_at: Time::ZERO,
            received_len: 0,
            wrong_at: None,
            found_sha1: None,
            outputs: VecDeque::new(),
        }
    }

    /// Room on the disk, and the pieces where their number is known.
    fn set_up(&mut self) {
        self.prepare_files(self.size);
        if let Some(size) = self.size {
            self.pieces = Pieces::new(size, self.trees.row_of_small(size));
        }
    }

    fn restore(
        &mut self,
        size: u64,
        tree: Option<(Row, bool)>,
        verified: &crate::base::ranges::RangeSet,
        taken: &[(u64, [u8; 24])],
    ) {
        if let Some((row, is_trusted)) = tree {
            self.trees.is_trusted = is_trusted;
            self.pieces = Pieces::new(size, Some(row));
        }
        self.pieces.restore(verified, taken);
        self.store.safe_verified.clone_from(verified);
        self.store.safe_taken = taken.to_vec();
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, input: Input, now: Time, rng: &mut ChaCha8Rng) {
        match input {
            Input::Found(finding) => self.find(finding, now),
            Input::Connected { source } => self.connected(source, now),
            Input::ConnectFailed { source, why } => self.connect_failed(source, why, now),
            Input::Answered { source, answer } => self.answered(source, answer, now),
            Input::Nonsense { source } => self.drop_source(source, Why::NoServent),
            Input::Body { source, bytes } => self.receive(source, bytes, now),
            Input::Tree { source, row } => self.tree_came(source, row, now),
            Input::Held { source } => self.held(source, now),
            Input::Lost { source } => self.lost(source, now),
            Input::Turn { source } => self.our_turn(source, now),
            Input::Done { number, outcome } => self.done(number, outcome, now),
            Input::Pause => self.pause(),
            Input::Resume => self.go_on(),
            Input::Queue => self.queue(),
            Input::Cancel => self.cancel(),
            Input::End if self.state.is_over() => {}
            Input::End => self.commit(),
            Input::Timeout => self.time_out(now),
        }
        if self.store.is_commit_due(now) {
            self.commit();
        }
        if std::mem::take(&mut self.needs_work) && self.state == State::Fetching {
            self.worked_at = now;
            self.work(now, rng);
            self.finish_if_whole();
        }
        self.store.mark_dirty(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
