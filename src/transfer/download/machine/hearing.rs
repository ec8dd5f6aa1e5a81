use super::Download;
use crate::base::limits::{
    ALTERNATES_TAKEN_MAX, PUSHED_ALTERNATES_TAKEN_MAX, QUEUE_POLL_MS, REQUEST_LEN_MAX,
    SOURCE_RETRY_MIN_MS, SOURCE_SILENCE_MAX_MS, SOURCE_WAIT_MAX_MS,
};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::base::time::Time;
use crate::transfer::download::contract::{
    Answer, Finding, Origin, Outcome, SourceId, Wanted, Why,
};
use crate::transfer::download::machine::others::pushed_finding;
use crate::transfer::download::source::{Phase, Source, TreeWord};

/// How often in a row a source may say that it has other bytes than those that it was asked for.
const REFUSALS_MAX: u8 = 3;

/// Milliseconds behind the first moment at which a place in a queue may be asked for.
const POLL_LATER_MAX_MS: u64 = 3_000;

impl Download {
    /// A source has answered.
    pub(super) fn answered(&mut self, id: SourceId, answer: Answer, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        let Phase::Asked { what, .. } = source.phase else { return };
        source.stays_open = answer.stays_open;
        source.is_servent |= answer.is_servent;
        if !matches!(answer.outcome, Outcome::Queued { .. }) {
            source.lose_place();
        }
        if answer.root.is_some() {
            (source.names_root, source.may_shun_trees) = (true, false);
        }
        let ip = source.finding.address.ip();
        source.hear_parts(answer.available.as_ref(), &answer.outcome);
        let (servent, proxies) = (answer.servent, answer.proxies.as_slice());
        self.learn_way(id, servent, proxies);
        if let Some(root) = answer.root {
            self.trees.hear_root(id, ip, root);
        }
        for address in answer.alternates.iter().take(ALTERNATES_TAKEN_MAX) {
            self.find(Finding::by_urn(*address, Origin::Alternate), now);
        }
        for location in answer.pushed.iter().take(PUSHED_ALTERNATES_TAKEN_MAX) {
            self.find(pushed_finding(location), now);
        }
        self.strike_gone(id, &answer.bad_alternates);
        match (answer.outcome, what) {
            (Outcome::Bytes { range, size }, Wanted::Bytes(asked)) => {
                self.bytes_follow(id, asked, range, size, now);
            }
            (Outcome::Tree { .. }, Wanted::Tree) => {
                let until = now.after_ms(SOURCE_SILENCE_MAX_MS);
                self.enter(id, Phase::ReceivingTree { until });
            }
            (outcome, Wanted::Tree) => self.no_tree(id, &outcome, now),
            (Outcome::NotTheseBytes { size: Some(said) }, _) if self.denies_named_size(said) => {
                self.has_other_file(id, said);
            }
            (Outcome::NotTheseBytes { .. }, Wanted::Bytes(asked))
                if answer.available.is_some_and(|available| available.contains(asked)) =>
            {
                // It says that it has them, and does not give them (DOWN-20).
                self.of_no_use(id, now);
            }
            (outcome, Wanted::Bytes(asked)) => self.no_bytes(id, asked, outcome, now),
        }
    }

    fn enter(&mut self, id: SourceId, phase: Phase) {
        if let Some(source) = self.sources.get_mut(&id) {
            source.phase = phase;
        }
    }

    fn bytes_follow(
        &mut self,
        id: SourceId,
        asked: ByteRange,
        range: ByteRange,
        size: Option<u64>,
        now: Time,
    ) {
        if let Some(said) = size.filter(|said| !self.may_have(*said)) {
            return self.has_other_file(id, said);
        }
        let is_of_use = range.start == asked.start && !range.is_empty();
        if !is_of_use || !self.size_fits(id, size, now) {
            // Another piece of the file than what was asked for is of no use (DOWN-12).
            let is_shelved = self.sources.get(&id).is_some_and(Source::is_shelved);
            return if is_shelved { self.pieces.lose(id) } else { self.of_no_use(id, now) };
        }
        if self.size.is_some_and(|size| range.end > size) {
            // There is no such part of it, though the source need not say how long the whole is.
            return self.of_no_use(id, now);
        }
        let Some(source) = self.sources.get_mut(&id).filter(|source| !source.is_dropped()) else {
            return;
        };
        // Where no range was named all of it comes, and whoever hung up and came again would find its own place taken.
        let is_whole = source.finding.kazaa().is_some() && asked.end == 1;
        let len_max = if is_whole { REQUEST_LEN_MAX } else { asked.len() };
        (source.is_servent, source.rests, source.must_say_size) = (true, 0, false);
        source.rate.begin(now);
        let until = now.after_ms(SOURCE_SILENCE_MAX_MS);
        source.phase = Phase::Receiving { range, at: range.start, until };
        if !self.pieces.expected(id, range).any(|_| true) {
            let end = range.end.min(asked.start.saturating_add(len_max));
            self.pieces.ask(id, ByteRange::new(range.start, end));
        }
    }

    /// It has no tree for us. Where it says that it has not the file either, that is another matter,
    /// and it will say so again.
    fn no_tree(&mut self, id: SourceId, outcome: &Outcome, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        source.tree = TreeWord::None;
        self.needs_work = true;
        match outcome {
            Outcome::Busy { retry_ms } if source.is_servent => {
                let wait = wait_of(*retry_ms);
                self.part(id, now.after_ms(wait));
            }
            Outcome::Busy { retry_ms: Some(retry_ms) } => self.not_now(id, Some(*retry_ms), now),
            _ if source.stays_open => source.phase = Phase::Ready { since: now },
            _ => self.part(id, now),
        }
    }

    fn no_bytes(&mut self, id: SourceId, asked: ByteRange, outcome: Outcome, now: Time) {
        self.pieces.lose(id);
        self.needs_work = true;
        let Some(source) = self.sources.get_mut(&id) else { return };
        if !source.is_servent && matches!(outcome, Outcome::Missing | Outcome::Refused) {
            // Somebody who knows nothing of all this was named by a stranger (DOWN-16).
            return self.drop_source(id, Why::NoServent);
        }
        match outcome {
            Outcome::Queued { poll_min_ms, poll_max_ms, ticket, place } => {
                source.ticket = ticket.or_else(|| source.ticket.take());
                source.keep_waiting(place, now);
                self.wait_in_queue(id, poll_min_ms, poll_max_ms, now);
            }
            Outcome::Busy { retry_ms } if source.is_servent => {
                self.part(id, now.after_ms(wait_of(retry_ms)));
            }
            Outcome::NotTheseBytes { .. } => {
                self.end_comparison(id);
                self.without(id, asked, now);
            }
            Outcome::Missing => self.drop_source(id, Why::Missing),
            Outcome::Busy { retry_ms } => self.not_now(id, retry_ms, now),
            Outcome::Refused | Outcome::Tree { .. } | Outcome::Bytes { .. } => {
                // It may be shorter than we think (FTHTTP-05).
                let is_kazaa = source.finding.kazaa().is_some();
                source.must_say_size = is_kazaa && !self.sizes.said.contains_key(&id);
                self.of_no_use(id, now);
            }
        }
    }

    /// Asks again between the two moments: before the first and after the second the place is lost
    /// (DOWN-13).
    fn wait_in_queue(&mut self, id: SourceId, min_ms: u64, max_ms: u64, now: Time) {
        let min_ms = min_ms.max(1_000);
        let max_ms = if max_ms > min_ms { max_ms } else { min_ms.saturating_add(QUEUE_POLL_MS) };
        if min_ms > SOURCE_WAIT_MAX_MS {
            return self.part(id, now.after_ms(SOURCE_WAIT_MAX_MS));
        }
        // Where a slow clock does no harm, and soon: meanwhile the slot may be free.
        let later_ms = (max_ms.saturating_sub(min_ms) / 3).min(POLL_LATER_MAX_MS);
        let poll_ms = min_ms.saturating_add(later_ms);
        let poll = now.after_ms(poll_ms);
        let stays_open = self.sources.get(&id).is_some_and(|source| source.stays_open);
        if stays_open {
            self.enter(id, Phase::Queued { poll, lost: now.after_ms(max_ms) });
        } else {
            self.part(id, poll);
        }
    }

    /// It has the file, but not these bytes: nobody asks it for them again, for a minute or until it says
    /// what it has.
    fn without(&mut self, id: SourceId, asked: ByteRange, now: Time) {
        let size = self.size.unwrap_or(u64::MAX);
        let Some(source) = self.sources.get_mut(&id) else { return };
        let has = source.has.get_or_insert_with(|| RangeSet::from(ByteRange::new(0, size)));
        if has.contains(asked) {
            has.remove(asked);
        }
        source.refusals = source.refusals.saturating_add(1);
        if source.refusals >= REFUSALS_MAX {
            // Whatever it says it has, it does not give.
            *has = RangeSet::new();
        }
        if source.stays_open && !has.is_empty() {
            source.phase = Phase::Ready { since: now };
        } else {
            self.rest(id, now);
        }
    }

    /// It has nothing that we lack, and may have more of it soon: whoever fetches the same file is asked again
    /// over the connection that stands (DOWN-20).
    pub(super) fn rest(&mut self, id: SourceId, now: Time) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if source.stays_open && source.is_servent {
            source.rest(now);
        } else {
            self.come_back_later(id, now);
        }
    }

    /// It has nothing that we lack, and perhaps it has more in a minute.
    pub(super) fn come_back_later(&mut self, id: SourceId, now: Time) {
        if let Some(source) = self.sources.get_mut(&id) {
            source.is_old = true;
            self.part(id, now.after_ms(SOURCE_RETRY_MIN_MS));
        }
    }

    /// Somebody who has not shown to be a servent wants to be left alone: for as long as that, and for as long as
    /// anybody is left alone who was of no use (DOWN-26).
    fn not_now(&mut self, id: SourceId, retry_ms: Option<u64>, now: Time) {
        self.of_no_use(id, now);
        let until = now.after_ms(wait_of(retry_ms));
        if let Some(Phase::Away { again }) =
            self.sources.get_mut(&id).map(|source| &mut source.phase)
        {
            *again = until.max(*again);
        }
    }

    fn of_no_use(&mut self, id: SourceId, now: Time) {
        let is_there = self.sources.get(&id).is_some_and(|source| !source.is_dropped());
        if is_there {
            self.part(id, now);
            self.failed(id, now);
        }
    }
}

/// How long a source wants us to stay away, within reason.
fn wait_of(retry_ms: Option<u64>) -> u64 {
    retry_ms.unwrap_or(SOURCE_RETRY_MIN_MS).clamp(1_000, SOURCE_WAIT_MAX_MS)
}
