//! A shelf of made-up files, and those who ask for them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use filbert::base::kazaa_hash::UuHash;
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::time::Time;
use filbert::base::urn::Urn;
use filbert::fasttrack::http::Sender;
use filbert::gnutella::holder::{Holder, Own, Serving};
use filbert::gnutella::http::thex::TreeRows;
use filbert::gnutella::http::{AltHost, Target};
use filbert::gnutella::push_proxy::Requested;
use filbert::gnutella::wire::Guid;
use filbert::index::files::FileId;
use filbert::transfer::upload::{
    About, Body, Conversation, Counter, Input, Item, Mesh, Output, Shelf, Terms, VisitId, World,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// Files by their numbers.
#[derive(Default)]
pub struct Shelves {
    pub items: BTreeMap<u32, Item>,
    /// Those that are not what they were when they were shared.
    pub changed: BTreeSet<u32>,
    /// Files that cannot be opened for now.
    pub unopened: BTreeSet<u32>,
    /// Who said that it has some of a file of which there are parts.
    pub heard: Mutex<Vec<(u32, SocketAddr)>>,
}

impl Shelf for Shelves {
    fn by_urn(&self, urn: &Urn) -> Option<Item> {
        let sha1 = urn.sha1()?;
        self.items.values().find(|item| item.sha1.as_ref() == Some(sha1)).cloned()
    }

    fn by_uuhash(&self, hash: &UuHash) -> Option<Item> {
        self.items.values().find(|item| uuhash_of(item.id.0) == *hash).cloned()
    }

    fn by_index(&self, index: u32) -> Option<Item> {
        self.items.get(&index).cloned()
    }

    fn by_name(&self, name: &str) -> Option<Item> {
        let mut of_name =
            self.items.values().filter(|item| *item.name == *name && item.parts.is_none());
        of_name.next().filter(|_| of_name.next().is_none()).cloned()
    }

    fn hear_of(&self, file: FileId, host: AltHost) {
        self.heard.lock().unwrap().push((file.0, host.address));
    }

    fn list(&self, behind: Option<FileId>, limit: usize) -> Vec<Item> {
        let from = behind.map_or(0, |id| id.0 + 1);
        self.items.range(from..).take(limit).map(|(_, item)| item.clone()).collect()
    }
}

/// All that conversations share.
pub struct Scene {
    pub shelves: Shelves,
    pub counter: Counter,
    pub mesh: Mesh,
    pub about: About,
    pub now: Time,
    visits: u64,
}

/// Somebody who asks.
pub struct Client {
    pub visit: VisitId,
    pub conversation: Conversation,
    /// It takes what it gets; else answers stay on their way.
    pub takes: bool,
}

/// What somebody got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

/// What came of something.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub answers: Vec<Answer>,
    pub is_closed: bool,
}

pub const TERMS: Terms = Terms { slots: 2, slots_per_host: 1, queue_len: 8 };

/// Bytes of the file with this number: no two files have many in common.
pub fn content(index: u32, range: ByteRange) -> Vec<u8> {
    (range.start..range.end)
        .map(|at| (at.wrapping_mul(u64::from(index) * 2 + 1) >> 3) as u8)
        .collect()
}

pub fn sha1_of(index: u32) -> [u8; 20] {
    [u8::try_from(index).unwrap(); 20]
}

pub fn uuhash_of(index: u32) -> UuHash {
    UuHash([0xa0 | u8::try_from(index).unwrap(); 20])
}

/// Where the host with this number is: each in a network of its own.
pub fn host(number: usize) -> SocketAddr {
    let ip = Ipv4Addr::from_bits(0x0505_0101 + u32::try_from(number).unwrap() * 0x0001_0100);
    SocketAddr::new(IpAddr::V4(ip), 40_000)
}

/// A node that is not known to be reached.
fn own() -> Own {
    Own {
        servent: Guid([9; 16]),
        listen: Some("203.0.113.1:6346".parse().unwrap()),
        is_reached: false,
        proxies: vec!["198.51.100.7:6346".parse().unwrap()],
        serving: Serving { lists_files: true, is_busy: true, ..Serving::default() },
    }
}

impl Scene {
    /// A few files: 1 has a million bytes, 2 ten, 3 none, and of 4 there are parts.
    pub fn new() -> Self {
        let mut shelves = Shelves::default();
        for (index, size, name) in [
            (1, 1_000_000, "large.bin"),
            (2, 10, "small.txt"),
            (3, 0, "empty"),
            (4, 500_000, "part.bin"),
        ] {
            shelves.items.insert(index, item(index, size, name));
        }
        let parts = [(0, 100_000), (200_000, 300_000)].map(|(a, b)| ByteRange::new(a, b));
        let parts: RangeSet = parts.into_iter().collect();
        shelves.items.get_mut(&4).unwrap().parts = Some(Arc::new(parts));
        Self {
            shelves,
            counter: Counter::new(TERMS, ChaCha8Rng::seed_from_u64(7)),
            mesh: Mesh::default(),
            about: About {
                server: "Filbert/0.1.0".to_owned(),
                holder: Holder::ours(&own(), &[]),
                node: Some("203.0.113.1:6346".parse().unwrap()),
                behind: None,
                allow_private: false,
                kazaa: None,
            },
            now: Time::from_millis(1_000),
            visits: 0,
        }
    }

    pub fn with_terms(terms: Terms) -> Self {
        Self { counter: Counter::new(terms, ChaCha8Rng::seed_from_u64(7)), ..Self::new() }
    }

    /// A node that speaks FastTrack as well.
    pub fn with_fasttrack(mut self) -> Self {
        self.about.kazaa = Some(Sender {
            network: Some("KaZaA".to_owned()),
            user: Some("filbert".to_owned()),
            address: Some("203.0.113.1:1214".parse().unwrap()),
            supernode: Some("198.51.100.1:1214".parse().unwrap()),
        });
        self
    }

    pub fn client(&mut self, address: SocketAddr) -> Client {
        self.visits += 1;
        let visit = VisitId(self.visits);
        let conversation = Conversation::new(visit, address, self.now);
        Client { visit, conversation, takes: true }
    }

    /// Lets time pass, as far as the counter is concerned.
    pub fn wait_ms(&mut self, wait_ms: u64) {
        self.now = self.now.after_ms(wait_ms);
        self.counter.handle_timeout(self.now);
    }

    /// Somebody sends something, and takes what it gets.
    pub fn say(&mut self, client: &mut Client, bytes: impl AsRef<[u8]>) -> Outcome {
        self.hand_in(client, Input::Received(bytes.as_ref()));
        self.run(client)
    }

    pub fn hand_in(&mut self, client: &mut Client, input: Input<'_>) {
        let Self { shelves, counter, mesh, about, now, .. } = self;
        let mut world = World { shelf: shelves, counter, mesh, about };
        client.conversation.handle(input, &mut world, *now);
    }

    /// Does what the conversation wants.
    pub fn run(&mut self, client: &mut Client) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(output) = client.conversation.poll() {
            match output {
                Output::Open(file) => {
                    let is_open = !self.shelves.changed.contains(&file.0);
                    let is_locked = self.shelves.unopened.contains(&file.0);
                    let input = if is_locked { Input::NotNow } else { Input::Opened(is_open) };
                    self.hand_in(client, input);
                }
                Output::ReadTree(file) => {
                    let item = &self.shelves.items[&file.0];
                    let rows = TreeRows::new(item.size, vec![[5; 24]]);
                    self.hand_in(client, Input::Tree(rows));
                }
                Output::Answer { head, body } => {
                    let body = self.body(&body);
                    self.counter.sent(client.visit, body.len() as u64);
                    let head = String::from_utf8(head.to_vec()).unwrap();
                    outcome.answers.push(Answer { head, body });
                    if client.takes {
                        self.hand_in(client, Input::Written);
                    }
                }
                Output::Push { .. } => self.hand_in(client, Input::Pushed(Requested::Passed)),
                Output::Close => outcome.is_closed = true,
            }
        }
        outcome
    }

    /// The rest of an answer has gone.
    pub fn take(&mut self, client: &mut Client) -> Outcome {
        self.hand_in(client, Input::Written);
        self.run(client)
    }

    /// It is gone.
    pub fn leave(&mut self, client: &Client) {
        self.counter.gone(client.visit, self.now);
    }

    fn body(&self, body: &Body) -> Vec<u8> {
        match body {
            Body::Nothing => Vec::new(),
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::File { file, range } => {
                let size = self.shelves.items[&file.0].size;
                assert!(range.end <= size, "{range} of {size}");
                content(file.0, *range)
            }
        }
    }
}

impl Outcome {
    /// The only answer.
    #[track_caller]
    pub fn one(&self) -> &Answer {
        assert_eq!(self.answers.len(), 1, "{self:?}");
        &self.answers[0]
    }

    #[track_caller]
    pub fn status(&self) -> u16 {
        self.one().status()
    }
}

impl Answer {
    #[track_caller]
    pub fn status(&self) -> u16 {
        let start = self.head.lines().next().unwrap();
        start.strip_prefix("HTTP/1.1 ").unwrap().split(' ').next().unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A request for a file by its content.
pub fn get(index: u32, more: &str) -> String {
    request("GET", index, more)
}

pub fn request(method: &str, index: u32, more: &str) -> String {
    let target = Target::ByUrn(Urn::Sha1(sha1_of(index)));
    format!("{method} {target} HTTP/1.1\r\nHost: x\r\n{more}\r\n")
}

pub fn item(index: u32, size: u64, name: &str) -> Item {
    Item {
        id: FileId(index),
        name: name.into(),
        size,
        sha1: Some(sha1_of(index)),
        tiger_root: Some([u8::try_from(index).unwrap(); 24]),
        parts: None,
    }
}
