//! One file on its way to us.
//!
//! | module | what it is |
//! |---|---|
//! | `asking` | who is called, and asked for what |
//! | `endgame` | the last pieces, which are at others already |
//! | `hearing` | what sources answer |
//! | `receiving` | bytes come |
//! | `believing` | trees: which one is believed, and for how long |
//! | `storing` | the disk and the journal |
//! | `finishing` | all is there |
//! | `telling` | what people want to know |

mod asking;
mod believing;
mod endgame;
mod finishing;
mod hearing;
mod receiving;
mod storing;
mod telling;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use telling::{Progress, SourceView};

use super::contract::{CallFailure, Finding, Input, Origin, Output, SourceId, State, Why, Work};
use super::journal::{Intent, Record, Recovered, Writer};
use super::pieces::Pieces;
use super::row::Row;
use super::source::{Phase, Source};
use crate::base::addresses::is_public;
use crate::base::limits::{
    ALTERNATES_TOLD_MAX, COMMIT_WAIT_MS, JOURNAL_SOURCES_MAX, SOURCES_CONNECTED_MAX, SOURCES_MAX,
};
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use believing::Trees;
use storing::Store;

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
    state: State,
    /// Bytes of the file, once somebody has said it.
    size: Option<u64>,
    /// Who says that it has how many.
    sizes: BTreeMap<SourceId, u64>,
    pieces: Pieces,
    trees: Trees,
    /// Without a tree, after the whole was wrong: all is fetched from this one.
    alone: Option<SourceId>,
    sources: BTreeMap<SourceId, Source>,
    next_source: u64,
    bad_alternates: VecDeque<SocketAddr>,
    store: Store,
    search_at: Option<Time>,
    /// Something may be asked of somebody.
    needs_work: bool,
    /// When that was last done: what could not be done then waits for something else than time.
    worked_at: Time,
    received_len: u64,
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
        download.size = recovered.size;
        download.set_up();
        download.store.note(Record::Run(rng.random()));
        for range in &recovered.confirmed {
            download.store.note(Record::Verified(*range));
        }
        if let Some(size) = download.size {
            let tree = recovered.tree.filter(|(row, _)| row.size() == size);
            let taken: Vec<_> =
                recovered.taken.iter().map(|(start, (_, root))| (*start, *root)).collect();
            download.restore(size, tree, &recovered.verified, &taken);
        }
        for address in recovered.sources {
            let finding = Finding::by_urn(address, Origin::Journal);
            download.find(finding, Time::ZERO);
        }
        if recovered.is_paused {
            download.state = State::Paused;
        }
        download.commit();
        download
    }

    fn with(intent: Intent, rules: Rules, writer: Writer) -> Self {
        Self {
            size: intent.size,
            pieces: Pieces::new(intent.size.unwrap_or_default(), None),
            trees: Trees::new(intent.root),
            intent,
            rules,
            state: State::Fetching,
            sizes: BTreeMap::new(),
            alone: None,
            sources: BTreeMap::new(),
            next_source: 0,
            bad_alternates: VecDeque::new(),
            store: Store::new(writer),
            search_at: None,
            needs_work: true,
            worked_at: Time::ZERO,
            received_len: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Room on the disk, and the pieces where their number is known.
    fn set_up(&mut self) {
        self.store.work(Work::Prepare { size: self.size }, &mut self.outputs);
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
            Input::Lost { source } => self.lost(source, now),
            Input::Done { number, outcome } => self.done(number, outcome, now),
            Input::Pause => self.pause(),
            Input::Resume => self.go_on(),
            Input::Cancel => self.cancel(),
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

    /// When to hand in [`Input::Timeout`].
    pub fn next_timeout(&self) -> Option<Time> {
        let commit = self.store.dirty_since.map(|since| since.after_ms(COMMIT_WAIT_MS));
        if self.state != State::Fetching {
            return commit;
        }
        let has_room = self.busy_count() < self.rules.connected_max;
        let waits = |source: &&Source| match source.phase {
            Phase::Away { again } => has_room && !source.is_shelved && again > self.worked_at,
            _ => true,
        };
        let due = self.sources.values().filter(waits).filter_map(Source::due);
        due.chain(commit).chain(self.search_at).chain(self.trees.wait_until).min()
    }

    fn find(&mut self, mut finding: Finding, now: Time) {
        finding.push = finding.push.filter(|_| self.rules.is_reachable);
        let is_allowed = self.rules.allow_private
            || finding.origin == Origin::User
            || is_public(finding.address.ip());
        let is_of_use = if finding.is_firewalled {
            finding.push.is_some()
        } else {
            is_allowed && finding.address.port() != 0
        };
        let is_known = self.sources.values().any(|source| source.finding.is_same(&finding));
        if !is_of_use || is_known || !self.make_room() {
            return;
        }
        let id = SourceId(self.next_source);
        self.next_source = self.next_source.saturating_add(1);
        let is_named_by_user = finding.origin == Origin::User;
        self.sources.insert(id, Source::new(id, finding, now));
        self.needs_work = true;
        if is_named_by_user {
            // Nobody else would find it again after a crash.
            self.note_source(id);
            self.commit();
        }
    }

    /// Whether another source may be remembered. One that was of no use goes for it.
    fn make_room(&mut self) -> bool {
        if self.sources.len() < SOURCES_MAX {
            return true;
        }
        let useless = self.sources.values().filter(|source| !source.is_busy());
        let worst = useless
            .filter(|source| source.useful_len == 0)
            .max_by_key(|source| (source.failures > 0 || source.is_dropped(), source.failures));
        let worst = worst.filter(|source| source.failures > 0 || source.is_dropped());
        let Some(worst) = worst.map(|source| source.id) else { return false };
        self.sources.remove(&worst);
        true
    }

    fn connected(&mut self, id: SourceId, now: Time) {
        let is_wanted = self.state == State::Fetching;
        let source = self.sources.get_mut(&id).filter(|source| !source.is_dropped());
        let Some(source) = source.filter(|_| is_wanted) else {
            self.outputs.push_back(Output::Disconnect { source: id });
            return;
        };
        source.phase = Phase::Ready { since: now };
        self.trees.begin_to_wait(now);
        self.needs_work = true;
    }

    fn connect_failed(&mut self, id: SourceId, why: CallFailure, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if !matches!(source.phase, Phase::Calling { .. }) {
            return;
        }
        self.needs_work = true;
        match why {
            // Perhaps it can call us.
            CallFailure::Unreachable
                if !source.finding.is_firewalled && source.finding.push.is_some() =>
            {
                source.finding.is_firewalled = true;
                source.wait(1_000, now);
            }
            CallFailure::Unreachable | CallFailure::NoWay | CallFailure::Spared => {
                self.failed(id, now);
            }
        }
    }

    /// A connection is gone that somebody else ended.
    fn lost(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| source.is_busy()) else {
            return;
        };
        self.pieces.lose(id);
        self.needs_work = true;
        source.rate.end(now);
        match source.phase {
            // It sent something: it may do so again soon.
            Phase::Receiving { range, at, .. } if at > range.start && source.failures == 0 => {
                source.failures = 1;
                source.wait(10_000, now);
            }
            Phase::Ready { .. } if source.is_servent => {
                source.wait(crate::base::limits::SOURCE_RETRY_MIN_MS, now);
            }
            _ => {
                let asked_tree = matches!(source.phase, Phase::ReceivingTree { .. });
                if asked_tree {
                    source.tree = super::source::TreeWord::None;
                }
                self.failed(id, now);
            }
        }
    }

    /// It was of no use: later, or never again.
    fn failed(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if !source.fail(now) {
            self.drop_source(id, Why::Unreachable);
        }
    }

    /// Ends a connection; the source may be called again at that time.
    fn part(&mut self, id: SourceId, again: Time) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| source.is_busy()) else {
            return;
        };
        source.phase = Phase::Away { again };
        self.pieces.lose(id);
        self.outputs.push_back(Output::Disconnect { source: id });
        self.needs_work = true;
    }

    /// Never again.
    fn drop_source(&mut self, id: SourceId, why: Why) {
        let Some(source) = self.sources.get_mut(&id).filter(|source| !source.is_dropped()) else {
            return;
        };
        let (was_busy, address) = (source.is_busy(), source.finding.address);
        source.phase = Phase::Dropped;
        self.sizes.remove(&id);
        if was_busy {
            self.outputs.push_back(Output::Disconnect { source: id });
        }
        self.outputs.push_back(Output::Dropped { source: id, address, why });
        if self.alone == Some(id) {
            self.alone = None;
        }
        if why == Why::WrongBytes {
            let again = self.pieces.throw_away(id);
            self.fetch_again(again.iter().collect());
        } else {
            self.pieces.lose(id);
        }
        self.remember_bad(address);
        self.needs_work = true;
    }

    fn remember_bad(&mut self, address: SocketAddr) {
        if self.bad_alternates.len() >= ALTERNATES_TOLD_MAX {
            self.bad_alternates.pop_front();
        }
        self.bad_alternates.push_back(address);
    }

    fn fetch_again(&mut self, ranges: Vec<ByteRange>) {
        if ranges.is_empty() {
            return;
        }
        for range in ranges {
            self.store.again(range);
        }
        self.commit();
    }

    fn time_out(&mut self, now: Time) {
        if self.search_at.is_some_and(|at| at <= now) {
            self.needs_work = true;
        }
        self.needs_work |= self.trees.end_wait(now);
        let due = self.sources.values().filter(|source| source.due().is_some_and(|due| due <= now));
        let due: Vec<(SourceId, Phase)> = due.map(|source| (source.id, source.phase)).collect();
        for (id, phase) in due {
            self.needs_work = true;
            match phase {
                Phase::Queued { .. } => {
                    if let Some(source) = self.sources.get_mut(&id) {
                        source.phase = Phase::Ready { since: now };
                    }
                }
                Phase::Calling { .. } | Phase::Asked { .. } | Phase::Receiving { .. } => {
                    self.give_up(id, now);
                }
                Phase::ReceivingTree { .. } => {
                    if let Some(source) = self.sources.get_mut(&id) {
                        source.tree = super::source::TreeWord::None;
                    }
                    self.give_up(id, now);
                }
                Phase::Away { .. } | Phase::Ready { .. } | Phase::Dropped => {}
            }
        }
    }

    /// Nothing has come for too long.
    fn give_up(&mut self, id: SourceId, now: Time) {
        self.outputs.push_back(Output::Disconnect { source: id });
        self.pieces.lose(id);
        self.failed(id, now);
    }

    fn pause(&mut self) {
        if self.state.is_over() || self.state == State::Paused {
            return;
        }
        self.part_all();
        self.store.note(Record::Paused(true));
        self.commit();
        self.become_(State::Paused);
    }

    fn go_on(&mut self) {
        match self.state {
            State::Paused => self.store.note(Record::Paused(false)),
            State::Stuck(_) => {
                self.store.work(Work::Prepare { size: self.size }, &mut self.outputs);
            }
            _ => return,
        }
        self.commit();
        self.needs_work = true;
        self.become_(State::Fetching);
    }

    fn cancel(&mut self) {
        if self.state.is_over() {
            return;
        }
        self.part_all();
        self.store.work(Work::Remove, &mut self.outputs);
        self.become_(State::Cancelled);
    }

    fn part_all(&mut self) {
        let busy = self.sources.values().filter(|source| source.is_busy());
        let busy: Vec<SourceId> = busy.map(|source| source.id).collect();
        for id in busy {
            self.part(id, Time::ZERO);
        }
    }

    fn become_(&mut self, state: State) {
        self.state = state.clone();
        self.outputs.push_back(Output::Became(state));
    }

    fn busy_count(&self) -> usize {
        self.sources.values().filter(|source| source.is_busy()).count()
    }

    /// This one is worth another try after a restart.
    fn note_source(&mut self, id: SourceId) {
        let Some(source) = self.sources.get(&id).filter(|source| !source.finding.is_firewalled)
        else {
            return;
        };
        let good = self.sources.values().filter(|source| source.useful_len > 0).count();
        if good <= JOURNAL_SOURCES_MAX {
            self.store.note(Record::Source(source.finding.address));
        }
    }
}
