//! A network of peers without sockets: what one sends the other gets, after a while.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::peer::{Kin, Output, Peer, Room, SearchId, Settings, Sought};
use filbert::fasttrack::wire::{Bandwidth, Found, Frame, Node, Realm, Tag};
use filbert::index::files::{File, Files};
use filbert::promotion::Role;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// Milliseconds that anything takes on its way.
const WAY_MS: u64 = 20;

/// Peers, by where they can be called.
pub(super) struct World {
    pub(super) now: Time,
    peers: BTreeMap<SocketAddrV4, Inhabitant>,
    happenings: BTreeMap<(Time, u64), (SocketAddrV4, Happening)>,
    count: u64,
    links: u64,
    /// All that was told beside what the world itself takes care of.
    pub(super) told: Vec<(SocketAddrV4, Output)>,
    /// Supernodes that everybody may be told of.
    pub(super) known: Vec<SocketAddrV4>,
}

struct Inhabitant {
    peer: Peer,
    /// Where the connections that it opens seem to come from.
    seen_at: SocketAddrV4,
    /// The other end of each session.
    ends: BTreeMap<Slot, (SocketAddrV4, Slot)>,
    leaving: BTreeSet<Slot>,
}

#[derive(Clone, Debug)]
enum Happening {
    Opened(SocketAddrV4),
    NotOpened(SocketAddrV4),
    Frame(Slot, Frame),
    Closed(Slot),
    Datagram(SocketAddrV4, Bytes),
}

pub(super) fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

/// Where the supernode of a number can be called.
pub(super) fn supernode_at(number: u8) -> SocketAddrV4 {
    at(&format!("5.{number}.1.1:1214"))
}

/// Where the ordinary node of a number can be called.
pub(super) fn node_at(number: u8) -> SocketAddrV4 {
    at(&format!("6.{number}.1.1:1214"))
}

pub(super) fn settings(listen: SocketAddrV4) -> Settings {
    let [_, number, _, _] = listen.ip().octets();
    Settings {
        listen: Some(listen),
        user: format!("user{number}").into(),
        bandwidth: Bandwidth(0x80),
        allow_private: false,
        udp: true,
        work_per_second: 250_000,
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            now: Time::from_millis(1),
            peers: BTreeMap::new(),
            happenings: BTreeMap::new(),
            count: 0,
            links: 0,
            told: Vec::new(),
            known: Vec::new(),
        }
    }

    /// So many supernodes with room for so many children, and so many ordinary nodes, after a while.
    pub(super) fn of(supernodes: u8, children: u32, nodes: u8) -> Self {
        let mut world = Self::new();
        for number in 1..=supernodes {
            world.supernode(number, children);
        }
        for number in 2..=supernodes {
            (1..number).for_each(|to| world.open(supernode_at(number), supernode_at(to)));
        }
        world.run_s(10);
        for number in 1..=nodes {
            world.node(number);
        }
        world.run_s(20);
        world
    }

    /// A supernode that others know of.
    pub(super) fn supernode(&mut self, number: u8, children: u32) -> SocketAddrV4 {
        let address = supernode_at(number);
        self.known.push(address);
        self.add(settings(address), Role::Supernode, address);
        self.peer(address).set_room(Room { children, neighbours: 50 });
        address
    }

    pub(super) fn node(&mut self, number: u8) -> SocketAddrV4 {
        let address = node_at(number);
        self.add(settings(address), Role::Leaf, address);
        address
    }

    /// A peer whose connections seem to come from there.
    pub(super) fn add(&mut self, settings: Settings, role: Role, seen_at: SocketAddrV4) {
        let seed = self.peers.len();
        let rng = ChaCha8Rng::seed_from_u64(u64::try_from(seed).unwrap());
        let peer = Peer::new(settings, role, &rng);
        let (ends, leaving) = (BTreeMap::new(), BTreeSet::new());
        self.peers.insert(seen_at, Inhabitant { peer, seen_at, ends, leaving });
        self.drain(seen_at);
    }

    /// Takes somebody away: its sessions end, and nobody is there any more.
    pub(super) fn kill(&mut self, address: SocketAddrV4) {
        let gone = self.peers.remove(&address).unwrap();
        for (other, slot) in gone.ends.into_values() {
            self.happen(other, Happening::Closed(slot));
        }
    }

    pub(super) fn peer(&mut self, address: SocketAddrV4) -> &mut Peer {
        &mut self.peers.get_mut(&address).unwrap().peer
    }

    /// Does something with a peer, and follows what comes of it.
    pub(super) fn with<T>(
        &mut self,
        address: SocketAddrV4,
        act: impl FnOnce(&mut Peer, Time) -> T,
    ) -> T {
        let now = self.now;
        let done = act(self.peer(address), now);
        self.drain(address);
        done
    }

    /// A peer opens a session with another one.
    pub(super) fn open(&mut self, from: SocketAddrV4, to: SocketAddrV4) {
        self.happen(from, Happening::Opened(to));
    }

    /// A session with a peer that nobody but the test is at the other end of.
    pub(super) fn knock(&mut self, at: SocketAddrV4, from: SocketAddrV4) -> Slot {
        self.links += 1;
        let link = self.links;
        self.with(at, |peer, now| peer.open(link, from, false, now))
    }

    pub(super) fn run_s(&mut self, seconds: u64) {
        self.run_until(self.now.after_ms(seconds * 1_000));
    }

    pub(super) fn run_until(&mut self, end: Time) {
        loop {
            let happening = self.happenings.keys().next().map(|(at, _)| *at);
            let timeouts =
                self.peers.iter().filter_map(|(at, it)| Some((it.peer.next_timeout()?.0, *at)));
            let timeout = timeouts.min();
            let next = happening.into_iter().chain(timeout.map(|(time, _)| time)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if happening == Some(next) {
                let (_, (address, happening)) = self.happenings.pop_first().unwrap();
                self.follow(address, happening);
            } else if let Some((_, address)) = timeout {
                self.with(address, Peer::timeout);
            }
        }
        self.now = end;
    }

    fn happen(&mut self, address: SocketAddrV4, happening: Happening) {
        self.count += 1;
        let due = self.now.after_ms(WAY_MS);
        self.happenings.insert((due, self.count), (address, happening));
    }

    fn follow(&mut self, address: SocketAddrV4, happening: Happening) {
        let Some(inhabitant) = self.peers.get_mut(&address) else { return };
        let (peer, now) = (&mut inhabitant.peer, self.now);
        match happening {
            Happening::Opened(to) => return self.connect(address, to),
            Happening::NotOpened(to) => peer.not_opened(to, now),
            Happening::Frame(slot, frame) => peer.receive(slot, &frame, now),
            Happening::Closed(slot) => {
                inhabitant.ends.remove(&slot);
                peer.close(slot, now);
            }
            Happening::Datagram(from, bytes) => {
                assert!(peer.receive_datagram(from, &bytes, now));
            }
        }
        self.drain(address);
    }

    /// Both sides hear that a session stands.
    fn connect(&mut self, from: SocketAddrV4, to: SocketAddrV4) {
        if !self.peers.contains_key(&to) {
            return self.happen(from, Happening::NotOpened(to));
        }
        self.links += 1;
        let link = self.links;
        let seen_at = self.peers[&from].seen_at;
        let theirs = self.with(to, |peer, now| peer.open(link, seen_at, false, now));
        let now = self.now;
        let ours = self.peer(from).open(link, to, true, now);
        self.peers.get_mut(&from).unwrap().ends.insert(ours, (to, theirs));
        self.peers.get_mut(&to).unwrap().ends.insert(theirs, (from, ours));
        self.drain(from);
        self.drain(to);
    }

    fn drain(&mut self, address: SocketAddrV4) {
        loop {
            let Some(inhabitant) = self.peers.get_mut(&address) else { return };
            let Some(output) = inhabitant.peer.poll() else { break };
            self.obey(address, output);
        }
        self.carry(address);
    }

    fn obey(&mut self, address: SocketAddrV4, output: Output) {
        match output {
            Output::Close { slot, .. } => {
                self.peers.get_mut(&address).unwrap().leaving.insert(slot);
                self.told.push((address, output));
            }
            Output::Datagram { to, bytes } => {
                self.happen(to, Happening::Datagram(address, bytes));
            }
            Output::Dial { to } => self.happen(address, Happening::Opened(to)),
            Output::WantsHosts { .. } => {
                let (known, now) = (self.known.clone(), self.now);
                self.peer(address).give_hosts(known, now);
            }
            Output::WantsNodes { slot } => {
                let nodes = self.known.iter().map(|at| Node { address: *at, minutes: 1, load: 50 });
                let (nodes, now): (Vec<_>, _) = (nodes.collect(), self.now);
                self.peer(address).give_nodes(slot, nodes, now);
                self.told.push((address, Output::WantsNodes { slot }));
            }
            other => self.told.push((address, other)),
        }
    }

    /// What waits goes on its way, and sessions end that have nothing left to send.
    fn carry(&mut self, address: SocketAddrV4) {
        let inhabitant = self.peers.get_mut(&address).unwrap();
        let ends: Vec<_> = inhabitant.ends.iter().map(|(slot, end)| (*slot, *end)).collect();
        for (slot, (other, theirs)) in ends {
            let now = self.now;
            while let Some(frame) = self.peer(address).transmit(slot, now) {
                self.happen(other, Happening::Frame(theirs, frame));
            }
        }
        let leaving = std::mem::take(&mut self.peers.get_mut(&address).unwrap().leaving);
        for slot in leaving {
            let inhabitant = self.peers.get_mut(&address).unwrap();
            if let Some((other, theirs)) = inhabitant.ends.remove(&slot) {
                self.happen(other, Happening::Closed(theirs));
                let now = self.now;
                self.peer(address).close(slot, now);
                self.drain(address);
            }
        }
    }

    /// What the sessions of a peer are to it, and with whom.
    pub(super) fn kin(&mut self, address: SocketAddrV4) -> Vec<(Kin, SocketAddrV4)> {
        let sessions = self.peer(address).sessions();
        let mut kin: Vec<_> = sessions.map(|(_, session)| (session.kin, session.address)).collect();
        kin.sort();
        kin
    }

    /// The supernode of a node.
    pub(super) fn parent(&mut self, address: SocketAddrV4) -> Option<SocketAddrV4> {
        let kin = self.kin(address);
        kin.iter().find(|(kin, _)| *kin == Kin::Parent).map(|(_, at)| *at)
    }

    /// Takes what was told to one peer's user.
    pub(super) fn told_to(&mut self, address: SocketAddrV4) -> Vec<Output> {
        let all = std::mem::take(&mut self.told);
        let (of_it, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, _)| *at == address);
        self.told = others;
        of_it.into_iter().map(|(_, output)| output).collect()
    }

    /// Searches for words, until that has ended: what was found, and whose index it is from.
    pub(super) fn search(&mut self, by: SocketAddrV4, text: &str) -> Vec<(SocketAddrV4, Found)> {
        let sought = Sought::words(text, Realm::EVERYTHING);
        let search = self.with(by, |peer, now| peer.search(sought, now));
        self.results(by, search, 120)
    }

    /// The results of a search that ends within so many seconds.
    pub(super) fn results(
        &mut self,
        by: SocketAddrV4,
        search: SearchId,
        within_s: u64,
    ) -> Vec<(SocketAddrV4, Found)> {
        self.run_s(within_s);
        let (mut found, mut ends) = (Vec::new(), 0);
        for output in self.told_to(by) {
            match output {
                Output::Hits { search: of, supernode, results } if of == search => {
                    assert_eq!(ends, 0, "results behind the end");
                    found.extend(results.into_iter().map(|one| (supernode, one)));
                }
                Output::SearchEnded { search: of, .. } if of == search => ends += 1,
                _ => {}
            }
        }
        assert_eq!(ends, 1, "a search has one end");
        found
    }

    /// Offers files of these names; the hash follows from the name.
    pub(super) fn offer(&mut self, by: SocketAddrV4, names: &[&str]) {
        let mut files = Files::new();
        files.extend(names.iter().map(|name| File {
            name: (*name).into(),
            size: 1_000,
            kzhash: Some(KzHash { uuhash: UuHash(hash_of(name)), root: [0; 16] }),
            ..File::default()
        }));
        self.with(by, |peer, now| peer.offer(files, now));
    }
}

pub(super) fn hash_of(name: &str) -> [u8; 20] {
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
    std::array::from_fn(|place| sum.to_be_bytes()[place % 4])
}

/// Names and whose index they are from, sorted.
pub(super) fn shown(found: &[(SocketAddrV4, Found)]) -> Vec<String> {
    let show = |(supernode, one): &(SocketAddrV4, Found)| {
        format!("{} by {supernode}", one.tags.text(Tag::FILE_NAME).unwrap_or_default())
    };
    let mut shown: Vec<_> = found.iter().map(show).collect();
    shown.sort();
    shown
}
