//! A file on its way to our node, without sockets and disks.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::base::time::Time;
use crate::conform::shared_file::digests_of;
use crate::transfer::download::{
    Ask, Done, Download, Hashes, Input, KazaaHost, Linked, Origin, Output, PushWay, Rules,
    SourceId, State, Work,
};

/// One download, and the disk on which it lies.
pub(super) struct Fetch {
    pub(super) download: Download,
    rng: ChaCha8Rng,
    content: Vec<u8>,
    file: Option<String>,
    inputs: VecDeque<Input>,
}

/// What it wants of others.
pub(super) enum Wish {
    Call {
        source: SourceId,
        address: SocketAddr,
        is_named: bool,
    },
    Push {
        source: SourceId,
        way: PushWay,
    },
    PushKazaa {
        source: SourceId,
        address: SocketAddr,
        host: KazaaHost,
    },
    Ask {
        source: SourceId,
        ask: Ask,
    },
    Leave {
        source: SourceId,
    },
    Search,
    /// Somebody is no servent.
    Bar {
        address: SocketAddr,
    },
    /// It is whole.
    Keep {
        name: String,
        content: Bytes,
    },
}

impl Fetch {
    /// Of what a link names.
    pub(super) fn of(linked: Linked, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let Linked { intent, findings, .. } = linked;
        let download = Download::new(intent, Rules::default(), &mut rng);
        let inputs = findings.into_iter().map(Input::Found).chain([Input::Timeout]).collect();
        Self { download, rng, content: Vec::new(), file: None, inputs }
    }

    /// Takes in what has happened, and all that follows on the disk.
    pub(super) fn handle(&mut self, input: Option<Input>, now: Time) -> Vec<Wish> {
        self.inputs.extend(input);
        let mut wishes = Vec::new();
        while let Some(input) = self.inputs.pop_front() {
            self.download.handle(input, now, &mut self.rng);
            while let Some(output) = self.download.poll() {
                wishes.extend(self.follow(output));
            }
        }
        wishes
    }

    fn follow(&mut self, output: Output) -> Option<Wish> {
        Some(match output {
            Output::Connect { source, address } => {
                let finding = self.download.finding(source);
                let is_named = finding.is_some_and(|finding| finding.origin == Origin::User);
                Wish::Call { source, address, is_named }
            }
            Output::Push { source, way } => Wish::Push { source, way },
            Output::PushKazaa { source, address, host } => {
                Wish::PushKazaa { source, address, host }
            }
            Output::Ask { source, ask } => Wish::Ask { source, ask },
            Output::Disconnect { source } => Wish::Leave { source },
            Output::Search => Wish::Search,
            Output::Dropped { address, why: crate::transfer::download::Why::NoServent, .. } => {
                Wish::Bar { address }
            }
            Output::Dropped { .. } => return None,
            Output::Disk { number, work } => {
                let done = self.work(work);
                self.inputs.push_back(Input::Done { number, outcome: Ok(done) });
                return None;
            }
            Output::Became(State::Finished { .. }) => {
                let name = self.file.clone()?;
                Wish::Keep { name, content: Bytes::copy_from_slice(&self.content) }
            }
            Output::Became(_) => return None,
        })
    }

    fn work(&mut self, work: Work) -> Done {
        match work {
            Work::Write { offset, bytes } => self.write(offset, &bytes),
            Work::BeginAgain { .. } | Work::Remove => self.content.clear(),
            Work::Hash { others } => return Done::Hashed(self.hashes(others)),
            Work::Finish { name } => {
                self.file = Some(name.clone());
                return Done::Named(name);
            }
            Work::Prepare { .. } | Work::Sync | Work::Append { .. } | Work::Rewrite { .. } => {}
        }
        Done::Fine
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        let Ok(start) = usize::try_from(offset) else { return };
        let end = start.saturating_add(bytes.len());
        if self.content.len() < end {
            self.content.resize(end, 0);
        }
        if let Some(place) = self.content.get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
    }

    fn hashes(&self, others: bool) -> Hashes {
        let digests = digests_of(&self.content);
        let tree = digests.tree.root();
        let others = digests.kzhash.filter(|_| others).map(|kzhash| (kzhash, tree));
        Hashes { sha1: digests.sha1, others }
    }
}
