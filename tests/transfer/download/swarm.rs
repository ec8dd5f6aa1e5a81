//! Sources that are made up, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::time::Time;
use filbert::gnutella::http::PushLocation;
use filbert::gnutella::wire::Guid;
use filbert::transfer::download::journal::{self, Intent};
use filbert::transfer::download::{
    Answer, Ask, CallFailure, Download, Finding, Input, KazaaHost, KnownBy, LEAF_LEN, Leaves,
    Origin, Outcome, Output, Path, PushWay, Row, Rules, SourceId, State, Wanted, Why, Work,
};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use sha1::{Digest, Sha1};

use super::disk::ModelDisk;

/// Bytes that come at once.
const CHUNK: u64 = 16 * 1024;

/// What a made-up source is like.
#[derive(Clone)]
pub struct Peer {
    pub rate: u64,
    pub latency_ms: u64,
    /// Of a hundred pieces of 16 KiB, so many are wrong.
    pub wrong_percent: u32,
    pub has: Option<RangeSet>,
    /// It does not say what it has.
    pub hides_parts: bool,
    pub gives_tree: bool,
    /// Its tree is of another file.
    pub lies_in_tree: bool,
    /// Each of its answers names the root of its tree.
    pub names_root: bool,
    /// Ends the connection after so many bytes.
    pub breaks_after: Option<u64>,
    /// What it says before it gives anything, first to last.
    pub says_first: Vec<Outcome>,
    pub is_servent: bool,
    pub is_reachable: bool,
    pub stays_open: bool,
    pub size: Option<u64>,
    /// Bytes of a range that it gives at once, whatever it is asked for.
    pub part_len: Option<u64>,
    /// It has this file, and takes it for the one that is wanted.
    pub own: Option<Bytes>,
    /// Gives this for the tree.
    pub tree: Option<Row>,
    pub alternates: Vec<SocketAddr>,
    /// Others who have it and cannot be called.
    pub pushed: Vec<PushLocation>,
    /// Others who have it no longer.
    pub gone: Vec<SocketAddr>,
    /// Its servent and its push proxies, as it says.
    pub servent: Option<Guid>,
    pub proxies: Vec<SocketAddr>,
    /// Ends each connection over which it is asked for something.
    pub is_mute: bool,
    /// A node of FastTrack that calls whoever asks it to.
    pub takes_pushes: bool,
}

impl Default for Peer {
    fn default() -> Self {
        Self {
            rate: 200_000,
            latency_ms: 50,
            wrong_percent: 0,
            has: None,
            hides_parts: false,
            gives_tree: true,
            lies_in_tree: false,
            names_root: false,
            breaks_after: None,
            says_first: Vec::new(),
            is_servent: true,
            is_reachable: true,
            stays_open: true,
            size: None,
            part_len: None,
            own: None,
            tree: None,
            alternates: Vec::new(),
            pushed: Vec::new(),
            gone: Vec::new(),
            servent: None,
            proxies: Vec::new(),
            is_mute: false,
            takes_pushes: false,
        }
    }
}

enum Happens {
    Connected,
    NotConnected,
    Answers(Ask),
    Sends { range: ByteRange, at: u64 },
    TreeIsOver,
    Breaks,
}

/// What the world noted.
#[derive(Default)]
pub struct Notes {
    pub calls: Vec<(Time, SocketAddr)>,
    pub asks: Vec<(Time, SocketAddr, Ask)>,
    pub dropped: Vec<(SocketAddr, Why)>,
    pub states: Vec<State>,
    pub searches: usize,
    pub sent_len: u64,
    pub disconnects: Vec<(Time, SocketAddr)>,
    pub pushes: Vec<(Time, PushWay)>,
    pub kazaa_pushes: Vec<(Time, KazaaHost)>,
}

pub struct Swarm {
    pub now: Time,
    pub file: Bytes,
    pub peers: BTreeMap<SocketAddr, Peer>,
    pub download: Download,
    pub disk: ModelDisk,
    pub notes: Notes,
    pub rng: ChaCha8Rng,
    happenings: BTreeMap<(Time, u64), (SocketAddr, u64, Happens)>,
    sequence: u64,
    addresses: BTreeMap<SourceId, SocketAddr>,
    ids: BTreeMap<SocketAddr, SourceId>,
    /// Which connection of a peer is the present one.
    connections: BTreeMap<SocketAddr, u64>,
    sent: BTreeMap<SocketAddr, u64>,
    /// Work for the disk that is not done yet.
    pub disk_queue: Vec<(u64, Work)>,
    /// Steps after which the power goes.
    pub steps_left: Option<u64>,
    /// What becomes of pushes at once; nothing where they are on their way.
    pub pushes_fail: Option<CallFailure>,
}

/// Each in a network of its own.
pub fn address(number: usize) -> SocketAddr {
    format!("11.{}.{}.1:6346", number % 200, number / 200).parse().unwrap()
}

pub fn file_of(len: usize, seed: u64) -> Bytes {
    let mut bytes = vec![0; len];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes.into()
}

pub fn row_of(file: &[u8]) -> Row {
    let mut leaves = Leaves::new();
    leaves.update(file);
    let row = Row::new(file.len() as u64, LEAF_LEN as u64, leaves.finish()).unwrap();
    row.in_pieces_of(64 * 1024)
}

/// The tree that a peer has of a file.
fn tree_of(peer: &Peer, file: &Bytes) -> Row {
    let file = peer.own.as_ref().unwrap_or(file);
    let other = || peer.lies_in_tree.then(|| row_of(&file_of(file.len(), 999)));
    peer.tree.clone().or_else(other).unwrap_or_else(|| row_of(file))
}

pub fn intent_of(file: &[u8], knows_root: bool) -> Intent {
    Intent {
        name: "file".to_owned(),
        known_by: KnownBy::Sha1(Sha1::digest(file).into()),
        size: Some(file.len() as u64),
        root: knows_root.then(|| row_of(file).root()),
    }
}

impl Swarm {
    /// One that knows the size and the tree's root of a file of so many bytes.
    pub fn with_root(len: usize, peers: Vec<Peer>) -> Self {
        let file = file_of(len, 1);
        let intent = intent_of(&file, true);
        Self::new(file, intent, peers, 1)
    }

    pub fn new(file: Bytes, intent: Intent, peers: Vec<Peer>, seed: u64) -> Self {
        Self::with_rules(file, intent, peers, Rules::default(), seed)
    }

    pub fn with_rules(
        file: Bytes,
        intent: Intent,
        peers: Vec<Peer>,
        rules: Rules,
        seed: u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let download = Download::new(intent, rules, &mut rng);
        Self::with(download, ModelDisk::default(), file, peers, rng)
    }

    pub fn with(
        download: Download,
        disk: ModelDisk,
        file: Bytes,
        peers: Vec<Peer>,
        rng: ChaCha8Rng,
    ) -> Self {
        let peers = peers.into_iter().enumerate().map(|(number, peer)| (address(number), peer));
        let mut swarm = Self {
            now: Time::from_millis(1),
            file,
            peers: peers.collect(),
            download,
            disk,
            notes: Notes::default(),
            rng,
            happenings: BTreeMap::new(),
            sequence: 0,
            addresses: BTreeMap::new(),
            ids: BTreeMap::new(),
            connections: BTreeMap::new(),
            sent: BTreeMap::new(),
            disk_queue: Vec::new(),
            steps_left: None,
            pushes_fail: Some(CallFailure::NoWay),
        };
        let all: Vec<SocketAddr> = swarm.peers.keys().copied().collect();
        for address in all {
            swarm.tell(address);
        }
        swarm
    }

    /// Somebody names this address.
    pub fn tell(&mut self, address: SocketAddr) {
        self.hand_in(Input::Found(Finding::by_urn(address, Origin::Hit)));
    }

    pub fn hand_in(&mut self, input: Input) {
        self.download.handle(input, self.now, &mut self.rng);
    }

    /// Runs until the download is over, or this is the time. False where the power went.
    pub fn run_until(&mut self, end: Time) -> bool {
        loop {
            if !self.follow() {
                return false;
            }
            if self.download.state().is_over() {
                return true;
            }
            let happening = self.happenings.keys().next().copied();
            let timeout = self.download.next_timeout().map(|due| due.max(self.now));
            let next = happening.map(|(at, _)| at).into_iter().chain(timeout).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return true;
            };
            self.now = next;
            match happening.filter(|(at, _)| *at <= next) {
                Some(key) => {
                    let (address, connection, happens) = self.happenings.remove(&key).unwrap();
                    if self.connections.get(&address) == Some(&connection) {
                        self.happen(address, happens);
                    }
                }
                None => self.hand_in(Input::Timeout),
            }
        }
    }

    pub fn finish(&mut self) {
        assert!(self.run_until(Time::from_millis(24 * 3_600_000)));
        let State::Finished { .. } = self.download.state() else {
            panic!("{:?} {:?}", self.download.progress(), self.notes.dropped)
        };
        assert!(self.disk.finished.as_deref() == Some(&self.file[..]), "another file");
    }

    /// Bytes that came for each hundred that were needed.
    pub fn cost_percent(&self) -> u64 {
        self.download.progress().received_len * 100 / self.file.len().max(1) as u64
    }

    /// Does what the download wants. False where the power goes.
    fn follow(&mut self) -> bool {
        for step in 0_u32.. {
            assert!(step < 10_000, "it goes round in circles: {:?}", self.download.progress());
            while let Some(output) = self.download.poll() {
                self.obey(output);
            }
            if self.disk_queue.is_empty() {
                return true;
            }
            let (number, work) = self.disk_queue.remove(0);
            if let Some(left) = &mut self.steps_left {
                if *left == 0 {
                    self.disk.lose_power(Some(&work), &mut self.rng);
                    return false;
                }
                *left -= 1;
            }
            let outcome = self.disk.work(&work);
            self.hand_in(Input::Done { number, outcome });
        }
        unreachable!()
    }

    /// The power goes: what lies on the disk is gone on with, and nobody is known but whom the journal names.
    pub fn restart(self) -> Self {
        let Self { mut disk, file, peers, mut rng, now, .. } = self;
        disk.lose_power(None, &mut rng);
        let mut recovered = journal::replay(&disk.journal.content()).unwrap();
        recovered.keep_only(disk.part.content().len() as u64);
        disk.journal.cut(recovered.writer.len());
        let download = Download::resume(recovered, Rules::default(), &mut rng);
        let mut swarm = Self::with(download, disk, file, Vec::new(), rng);
        (swarm.peers, swarm.now) = (peers, now);
        swarm
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Connect { source, address } => {
                self.addresses.insert(source, address);
                self.ids.insert(address, source);
                self.notes.calls.push((self.now, address));
                *self.connections.entry(address).or_default() += 1;
                let peer = self.peers.get(&address);
                let is_reachable = peer.is_some_and(|peer| peer.is_reachable);
                let happens = if is_reachable { Happens::Connected } else { Happens::NotConnected };
                self.plan(address, self.latency(address), happens);
            }
            Output::Push { source, way } => {
                let finding = self.download.finding(source).unwrap();
                self.addresses.insert(source, finding.address);
                self.notes.pushes.push((self.now, way));
                if let Some(why) = self.pushes_fail {
                    self.hand_in(Input::ConnectFailed { source, why });
                }
            }
            Output::PushKazaa { source, address, host } => {
                self.addresses.insert(source, address);
                self.notes.kazaa_pushes.push((self.now, host));
                if self.peers.get(&address).is_some_and(|peer| peer.takes_pushes) {
                    self.ids.insert(address, source);
                    *self.connections.entry(address).or_default() += 1;
                    self.plan(address, self.latency(address), Happens::Connected);
                }
            }
            Output::Ask { source, ask } => {
                let address = self.addresses[&source];
                self.notes.asks.push((self.now, address, ask.clone()));
                self.plan(address, self.latency(address), Happens::Answers(ask));
            }
            Output::Disconnect { source } => {
                let address = self.addresses[&source];
                self.notes.disconnects.push((self.now, address));
                *self.connections.entry(address).or_default() += 1;
            }
            Output::Disk { number, work } => self.disk_queue.push((number, work)),
            Output::Search => self.notes.searches += 1,
            Output::Dropped { address, why, .. } => self.notes.dropped.push((address, why)),
            Output::Became(state) => self.notes.states.push(state),
        }
    }

    fn latency(&self, address: SocketAddr) -> u64 {
        self.peers.get(&address).map_or(100, |peer| peer.latency_ms * 2)
    }

    fn plan(&mut self, address: SocketAddr, wait_ms: u64, happens: Happens) {
        self.sequence += 1;
        let connection = self.connections[&address];
        let key = (self.now.after_ms(wait_ms), self.sequence);
        self.happenings.insert(key, (address, connection, happens));
    }

    fn happen(&mut self, address: SocketAddr, happens: Happens) {
        let source = self.ids[&address];
        match happens {
            Happens::Connected => self.hand_in(Input::Connected { source }),
            Happens::NotConnected => {
                let why = CallFailure::Unreachable;
                self.hand_in(Input::ConnectFailed { source, why });
            }
            Happens::Answers(_) if self.peers[&address].is_mute => {
                self.plan(address, 0, Happens::Breaks);
            }
            Happens::Answers(ask) => self.answer(address, source, &ask),
            Happens::Sends { range, at } => self.send(address, source, range, at),
            Happens::TreeIsOver => {
                let peer = &self.peers[&address];
                let row = tree_of(peer, &self.file);
                self.hand_in(Input::Tree { source, row: Some(row) });
            }
            Happens::Breaks => {
                *self.connections.get_mut(&address).unwrap() += 1;
                self.hand_in(Input::Lost { source });
            }
        }
    }

    fn answer(&mut self, address: SocketAddr, source: SourceId, ask: &Ask) {
        let peer = self.peers.get_mut(&address).unwrap();
        let own_len = peer.own.as_ref().unwrap_or(&self.file).len() as u64;
        let size = peer.size.unwrap_or(own_len);
        let outcome = match ask.what {
            _ if !peer.says_first.is_empty() => peer.says_first.remove(0),
            Wanted::Tree if peer.gives_tree => Outcome::Tree { len: 1_000 },
            Wanted::Tree => Outcome::Missing,
            Wanted::Bytes(range) => {
                // The request for the first byte names no range (FTHTTP-05).
                let is_whole = matches!(ask.path, Path::Kazaa(_)) && range.end == 1;
                let range = if is_whole { ByteRange::new(0, size) } else { range };
                let part_end = peer.part_len.map_or(range.end, |len| range.start + len);
                let end = range.end.min(size).min(part_end);
                let has = peer.has.as_ref();
                let own = has
                    .map(|has| has.within(range).next().filter(|part| part.start == range.start));
                match own {
                    _ if range.start >= size => Outcome::NotTheseBytes { size: None },
                    Some(None) => Outcome::NotTheseBytes { size: None },
                    Some(Some(part)) => Outcome::Bytes { range: part, size: Some(size) },
                    None => {
                        Outcome::Bytes { range: ByteRange::new(range.start, end), size: Some(size) }
                    }
                }
            }
        };
        let follows = match &outcome {
            Outcome::Bytes { range, .. } => Some(Happens::Sends { range: *range, at: range.start }),
            Outcome::Tree { .. } => Some(Happens::TreeIsOver),
            _ => None,
        };
        let answer = Answer {
            outcome,
            stays_open: peer.stays_open,
            is_servent: peer.is_servent,
            available: peer.has.clone().filter(|_| !peer.hides_parts),
            alternates: peer.alternates.clone(),
            bad_alternates: peer.gone.clone(),
            root: peer.names_root.then(|| tree_of(peer, &self.file).root()),
            pushed: peer.pushed.clone(),
            servent: peer.servent,
            proxies: peer.proxies.clone(),
        };
        if let Some(follows) = follows {
            let wait = if matches!(follows, Happens::TreeIsOver) { 50 } else { 0 };
            self.plan(address, wait, follows);
        }
        self.hand_in(Input::Answered { source, answer });
    }

    fn send(&mut self, address: SocketAddr, source: SourceId, range: ByteRange, at: u64) {
        let peer = &self.peers[&address];
        // Whoever is slow sends all the time.
        let chunk_len = if peer.rate < 1_000 { peer.rate } else { CHUNK };
        let end = (at + chunk_len).min(range.end);
        let chunk = usize::try_from(at).unwrap()..usize::try_from(end).unwrap();
        let file = peer.own.as_ref().unwrap_or(&self.file);
        // What it only says it has is made up.
        let there = chunk.start.min(file.len())..chunk.end.min(file.len());
        let mut bytes = BytesMut::from(&file[there]);
        bytes.resize(chunk.len(), 0x55);
        let mut bytes = bytes.freeze();
        if self.rng.random_range(0..100) < peer.wrong_percent {
            let mut wrong = bytes.to_vec();
            let place = self.rng.random_range(0..wrong.len());
            wrong[place] ^= 0x55;
            bytes = wrong.into();
        }
        let sent = self.sent.entry(address).or_default();
        *sent += end - at;
        self.notes.sent_len += end - at;
        let wait = ((end - at) * 1_000 / peer.rate.max(1)).max(1);
        if peer.breaks_after.is_some_and(|after| *sent >= after) {
            *sent = 0;
            self.plan(address, wait, Happens::Breaks);
        } else if end < range.end {
            self.plan(address, wait, Happens::Sends { range, at: end });
        }
        self.hand_in(Input::Body { source, bytes });
    }

    /// Whoever was pushed calls.
    pub fn come(&mut self, address: SocketAddr) {
        let source = self.id_of(address);
        self.ids.insert(address, source);
        *self.connections.entry(address).or_default() += 1;
        self.plan(address, 0, Happens::Connected);
    }

    /// How a download calls whoever has this address, once it has called or pushed it.
    pub fn id_of(&self, address: SocketAddr) -> SourceId {
        let mut known = self.addresses.iter();
        known.find_map(|(id, at)| (*at == address).then_some(*id)).unwrap()
    }

    /// Those that were called.
    pub fn called(&self) -> BTreeSet<SocketAddr> {
        self.notes.calls.iter().map(|(_, address)| *address).collect()
    }
}

/// A request for this that says nothing else.
pub fn ask(what: Wanted) -> Ask {
    Ask {
        what,
        path: Path::ByUrn,
        alternates: Vec::new(),
        pushed: Vec::new(),
        bad_alternates: Vec::new(),
        ticket: None,
        available: None,
    }
}

/// What a servent says that says nothing else, and whose connection stays.
pub fn answer(outcome: Outcome) -> Answer {
    Answer {
        outcome,
        stays_open: true,
        is_servent: true,
        available: None,
        alternates: Vec::new(),
        pushed: Vec::new(),
        bad_alternates: Vec::new(),
        root: None,
        servent: None,
        proxies: Vec::new(),
    }
}
