//! Probes that our node downloads from.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::callers::Pushes;
use super::fetching::{Fetch, Wish};
use super::{Memory, SUBJECT, files};
use crate::base::time::Time;
use crate::conform::play::{Event, ProbeId};
use crate::conform::shared_file::shared_file;
use crate::gnutella::push_proxy::{Permit, SourceCalls};
use crate::node::SearchId;
use crate::transfer::download::{
    CallFailure, Heard, Input, Manners, NoReply, Reply, SourceId, request_of,
};

/// All downloads, and the connections to those who serve them.
pub(super) struct Fetches {
    pub(super) all: Vec<Fetch>,
    pub(super) lines: BTreeMap<ProbeId, SourceLine>,
    pub(super) calls: SourceCalls,
    pub(super) searches: BTreeMap<SearchId, usize>,
    pub(super) pushes: Pushes,
    manners: Manners,
}

/// A connection to somebody who serves a file.
pub(super) struct SourceLine {
    /// Which download, and whom it knows there.
    fetch: usize,
    source: SourceId,
    /// What was asked and is not answered yet.
    reply: Option<Reply>,
    read: BytesMut,
}

impl Fetches {
    pub(super) fn new() -> Self {
        let manners = Manners {
            user_agent: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
            listen: Some(SUBJECT.into()),
            behind: None,
            called_at: Some(SUBJECT.into()),
            kazaa: files::known_as(),
        };
        let calls = SourceCalls::new(false);
        Self {
            all: Vec::new(),
            lines: BTreeMap::new(),
            calls,
            searches: BTreeMap::new(),
            pushes: Pushes::default(),
            manners,
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.all.iter().filter_map(|fetch| fetch.download.next_timeout()).min()
    }

    /// The download for which this search was made.
    pub(super) fn that_searched(&self, search: SearchId) -> Option<(usize, &Fetch)> {
        let fetch = *self.searches.get(&search)?;
        Some((fetch, self.all.get(fetch)?))
    }

    pub(super) fn has_line(&self, fetch: usize, source: SourceId) -> bool {
        self.probe_of(fetch, source).is_some()
    }

    fn probe_of(&self, fetch: usize, source: SourceId) -> Option<ProbeId> {
        let is_it = |line: &SourceLine| line.fetch == fetch && line.source == source;
        self.lines.iter().find(|(_, line)| is_it(line)).map(|(probe, _)| *probe)
    }
}

impl Memory {
    /// Hands something to a download, and does what it wants.
    pub(super) fn turn_fetch(&mut self, fetch: usize, input: Option<Input>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let now = self.now;
            let Some(own) = self.fetches.all.get_mut(fetch) else { return };
            for wish in own.handle(input, now) {
                let follows = self.grant(fetch, wish);
                inputs.extend(follows.map(Some));
            }
        }
    }

    pub(super) fn catch_up_with_fetches(&mut self) {
        for fetch in 0..self.fetches.all.len() {
            let due = self.fetches.all.get(fetch).and_then(|own| own.download.next_timeout());
            if due.is_some_and(|due| due <= self.now) {
                self.turn_fetch(fetch, Some(Input::Timeout));
            }
        }
    }

    /// What follows at once.
    fn grant(&mut self, fetch: usize, wish: Wish) -> Option<Input> {
        match wish {
            Wish::Call { source, address, is_named } => {
                let failed = |why| Some(Input::ConnectFailed { source, why });
                let calls = &mut self.fetches.calls;
                let permit = match is_named {
                    true => calls.allow_named(address, self.now),
                    false => calls.allow(address, self.now),
                };
                match permit {
                    Permit::Now => {}
                    Permit::Later { wait_ms } => return failed(CallFailure::Later { wait_ms }),
                    Permit::LeftAlone | Permit::Unfit => return failed(CallFailure::Spared),
                }
                let Some(probe) = self.called(address) else {
                    return failed(CallFailure::Unreachable);
                };
                Some(self.begin_to_fetch(probe, fetch, source))
            }
            Wish::Ask { source, mut ask } => {
                // What is not whole is shared with nobody here.
                ask.available = None;
                let probe = self.fetches.probe_of(fetch, source)?;
                let own = self.fetches.all.get(fetch)?;
                let sha1 = own.download.intent().known_by.sha1();
                let address = own.download.finding(source)?.address;
                let head = request_of(&ask, sha1, address, &self.fetches.manners);
                let Some(head) = head else { return Some(Input::Lost { source }) };
                self.fetches.lines.get_mut(&probe)?.reply = Some(Reply::to(ask, sha1));
                let bytes = Bytes::from(head.to_bytes());
                self.told.push(Event::Received { probe, bytes });
                None
            }
            Wish::Leave { source } => {
                let probe = self.fetches.probe_of(fetch, source)?;
                self.fetches.lines.remove(&probe);
                self.told.push(Event::Ended { probe });
                None
            }
            Wish::Bar { address } => {
                self.fetches.calls.is_no_servent(address, self.now);
                None
            }
            Wish::Push { source, way } => {
                self.push(fetch, source, &way);
                None
            }
            Wish::PushKazaa { source, address, host } => {
                self.push_kazaa(fetch, source, (address, host))
            }
            Wish::Search => {
                self.seek(fetch);
                None
            }
            Wish::Keep { name, content } => {
                self.told.push(Event::Kept { file: shared_file(&name, &content) });
                None
            }
        }
    }

    /// A connection to a source stands.
    pub(super) fn begin_to_fetch(
        &mut self,
        probe: ProbeId,
        fetch: usize,
        source: SourceId,
    ) -> Input {
        let line = SourceLine { fetch, source, reply: None, read: BytesMut::new() };
        self.fetches.lines.insert(probe, line);
        Input::Connected { source }
    }

    /// A source sends this. False if the probe is none.
    pub(super) fn hear_source(&mut self, probe: ProbeId, bytes: &[u8]) -> bool {
        let Some(line) = self.fetches.lines.get_mut(&probe) else { return false };
        line.read.extend_from_slice(bytes);
        self.read_source(probe, false);
        true
    }

    /// A source sends no more. False if the probe is none.
    pub(super) fn source_ended(&mut self, probe: ProbeId) -> bool {
        if !self.fetches.lines.contains_key(&probe) {
            return false;
        }
        self.read_source(probe, true);
        if let Some(line) = self.fetches.lines.remove(&probe) {
            self.told.push(Event::Ended { probe });
            self.turn_fetch(line.fetch, Some(Input::Lost { source: line.source }));
        }
        true
    }

    fn read_source(&mut self, probe: ProbeId, is_last: bool) {
        loop {
            let Some(line) = self.fetches.lines.get_mut(&probe) else { return };
            let (fetch, source) = (line.fetch, line.source);
            let Some(reply) = &mut line.reply else {
                if !line.read.is_empty() {
                    self.drop_line(probe, Input::Nonsense { source });
                }
                return;
            };
            let ends_here = is_last && reply.may_end_here();
            let heard = reply.take_from(&mut line.read, ends_here);
            if reply.is_over() {
                line.reply = None;
            }
            let input = match heard {
                Ok(Some(Heard::Answered(answer))) => {
                    if answer.is_servent {
                        self.note_servent(fetch, source);
                    }
                    Input::Answered { source, answer }
                }
                Ok(Some(Heard::Body(bytes))) => Input::Body { source, bytes },
                Ok(Some(Heard::Tree(row))) => Input::Tree { source, row },
                Ok(None) => return,
                Err(NoReply::Nonsense) => {
                    return self.drop_line(probe, Input::Nonsense { source });
                }
                Err(NoReply::Broken) => return self.drop_line(probe, Input::Lost { source }),
            };
            let is_body = matches!(input, Input::Body { .. });
            self.turn_fetch(fetch, Some(input));
            let own = self.fetches.all.get(fetch);
            if is_body && own.is_some_and(|own| own.download.was_of_use(source)) {
                self.note_servent(fetch, source);
            }
        }
    }

    fn note_servent(&mut self, fetch: usize, source: SourceId) {
        let own = self.fetches.all.get(fetch);
        let address = own.and_then(|own| own.download.finding(source)).map(|found| found.address);
        if let Some(address) = address {
            self.fetches.calls.is_servent(address, self.now);
        }
    }

    fn drop_line(&mut self, probe: ProbeId, input: Input) {
        let Some(line) = self.fetches.lines.remove(&probe) else { return };
        self.told.push(Event::Ended { probe });
        self.turn_fetch(line.fetch, Some(input));
    }
}
