//! What was recorded of a node of ours between real programs: the conversations in
//! `tests/fixtures/nodes`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use filbert::base::time::Time;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Frame, Function, Guid};
use serde::Deserialize;

/// All that one node heard and said.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub role: Role,
    pub listen: SocketAddr,
    pub guid: Guid,
    pub files: Vec<String>,
    /// Hits went by UDP to those who wanted that.
    pub out_of_band: bool,
    pub peers: Vec<Peer>,
    pub lines: Vec<Line>,
}

/// A real program on the other side of a link.
#[derive(Clone, Debug, Deserialize)]
pub struct Peer {
    pub name: String,
    pub address: SocketAddr,
    /// `us` or `them`.
    pub calls: String,
    /// Milliseconds from the start.
    at_ms: u64,
    /// What it said in the handshake, in its order.
    pub heads: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Line {
    pub at: Time,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Received {
        peer: usize,
        frame: Frame,
    },
    Sent {
        peer: usize,
        frame: Frame,
    },
    DatagramReceived {
        from: SocketAddr,
        bytes: Bytes,
    },
    DatagramSent {
        to: SocketAddr,
        bytes: Bytes,
    },
    ConnectedBack {
        to: SocketAddr,
    },
    /// Somebody connected, sent two line feeds and was gone: what BEAR/7 asks for.
    Probed {
        from: SocketAddr,
    },
    Searched {
        words: String,
    },
    /// A peer closed the connection without a word.
    Closed {
        peer: usize,
    },
}

#[derive(Deserialize)]
struct Fixture {
    role: String,
    listen: SocketAddr,
    guid: String,
    files: Vec<String>,
    #[serde(default)]
    out_of_band: bool,
    events: String,
    link: Vec<Peer>,
}

impl Peer {
    /// When the connection stood.
    pub const fn at(&self) -> Time {
        Time::from_millis(self.at_ms)
    }
}

/// Reads a conversation by the name of its file.
pub fn read(name: &str) -> Conversation {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nodes");
    let text = fs::read_to_string(folder.join(name).with_extension("toml")).expect("it is there");
    let fixture: Fixture = toml::from_str(&text).expect("it is a conversation");
    let peers = fixture.link;
    Conversation {
        role: Role::from_ultrapeer(fixture.role == "ultrapeer"),
        listen: fixture.listen,
        guid: Guid(hex(&fixture.guid).as_ref().try_into().expect("a GUID has 16 bytes")),
        files: fixture.files,
        out_of_band: fixture.out_of_band,
        lines: fixture.events.lines().map(|text| line(text, &peers)).collect(),
        peers,
    }
}

impl Conversation {
    /// The number of a peer.
    pub fn peer(&self, name: &str) -> usize {
        self.peers.iter().position(|peer| peer.name == name).expect("there is such a peer")
    }

    /// Frames that came from a peer, with the moments.
    pub fn received(&self) -> impl Iterator<Item = (Time, usize, &Frame)> {
        self.lines.iter().filter_map(|line| match &line.what {
            What::Received { peer, frame } => Some((line.at, *peer, frame)),
            _ => None,
        })
    }

    /// Frames that went to a peer, with the moments.
    pub fn sent(&self) -> impl Iterator<Item = (Time, usize, &Frame)> {
        self.lines.iter().filter_map(|line| match &line.what {
            What::Sent { peer, frame } => Some((line.at, *peer, frame)),
            _ => None,
        })
    }

    /// GUIDs that the recorded node made up: those that it sent before it was sent them.
    pub fn own_guids(&self) -> BTreeSet<Guid> {
        let (mut own, mut foreign) = (BTreeSet::new(), BTreeSet::from([Guid::ZERO]));
        for line in &self.lines {
            let Some(guid) = line.what.guid() else { continue };
            if line.what.is_sent() && !foreign.contains(&guid) {
                own.insert(guid);
            } else if !own.contains(&guid) {
                foreign.insert(guid);
            }
        }
        own
    }

    /// What each frame of ours brought about, by what it was and for each time that it was sent.
    pub fn replies(&self) -> BTreeMap<Key, Vec<Vec<Reply>>> {
        let own = self.own_guids();
        let mut replies: BTreeMap<Key, Vec<Vec<Reply>>> = BTreeMap::new();
        let mut sent: BTreeMap<(Guid, Option<usize>), (Key, usize, Time)> = BTreeMap::new();
        for Line { at, what } in &self.lines {
            let Some(guid) = what.guid().filter(|guid| own.contains(guid)) else { continue };
            if let What::Sent { peer, frame } = what {
                let key = Key::of(*peer, frame);
                let times = replies.entry(key.clone()).or_default();
                times.push(Vec::new());
                let last = (key, times.len() - 1, *at);
                sent.entry((guid, None)).or_insert_with(|| last.clone());
                sent.insert((guid, Some(*peer)), last);
            } else if !what.is_sent() {
                // What comes from somebody else than it went to was passed on by others.
                let from = sent.get(&(guid, what.peer()));
                let (key, time, sent_at) = from.or_else(|| sent.get(&(guid, None))).unwrap();
                let reply = Reply { wait: at.since(*sent_at), what: what.clone() };
                replies.get_mut(key).unwrap()[*time].push(reply);
            }
        }
        replies
    }
}

impl What {
    /// The GUID of what was sent or received.
    pub fn guid(&self) -> Option<Guid> {
        match self {
            Self::Received { frame, .. } | Self::Sent { frame, .. } => Some(frame.guid),
            Self::DatagramReceived { bytes, .. } | Self::DatagramSent { bytes, .. } => {
                Some(Guid(*bytes.first_chunk()?))
            }
            _ => None,
        }
    }

    /// The same with another GUID.
    #[must_use]
    pub fn with_guid(mut self, guid: Guid) -> Self {
        match &mut self {
            Self::Received { frame, .. } | Self::Sent { frame, .. } => frame.guid = guid,
            Self::DatagramReceived { bytes, .. } | Self::DatagramSent { bytes, .. } => {
                *bytes = [&guid.0[..], &bytes[16..]].concat().into();
            }
            _ => {}
        }
        self
    }

    /// Whether the recorded node did it by itself.
    pub const fn is_ours(&self) -> bool {
        self.is_sent() || matches!(self, Self::ConnectedBack { .. })
    }

    const fn is_sent(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::DatagramSent { .. })
    }

    const fn peer(&self) -> Option<usize> {
        match self {
            Self::Received { peer, .. } | Self::Sent { peer, .. } => Some(*peer),
            _ => None,
        }
    }
}

/// What came of a frame, and after how long.
#[derive(Clone, Debug)]
pub struct Reply {
    pub wait: Duration,
    pub what: What,
}

/// What makes two frames of ours the same, but for their GUIDs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    peer: usize,
    function: u8,
    /// Of pings only: the TTL of a query depends on how others fare.
    ttl: u8,
    payload: Bytes,
}

impl Key {
    pub fn of(peer: usize, frame: &Frame) -> Self {
        let is_ping = frame.function == Function::PING;
        let ttl = if is_ping { frame.ttl } else { 0 };
        Self { peer, function: frame.function.0, ttl, payload: frame.payload.clone() }
    }
}

fn line(text: &str, peers: &[Peer]) -> Line {
    let words: Vec<&str> = text.splitn(3, ' ').collect();
    let what = match words[1] {
        "search" => What::Searched { words: words[2].to_owned() },
        "probe" => What::Probed { from: words[2].trim_start_matches("- ").parse().unwrap() },
        "connect_back" => What::ConnectedBack { to: words[2].parse().unwrap() },
        "udp" => datagram(words[2]),
        name => {
            let peer = peers.iter().position(|peer| peer.name == name).unwrap();
            if words[2] == "closed" { What::Closed { peer } } else { message(peer, words[2]) }
        }
    };
    Line { at: time(words[0]), what }
}

fn message(peer: usize, text: &str) -> What {
    let (direction, bytes) = text.split_once(' ').unwrap();
    let frame = Frame::decode(&hex(bytes)).expect("what went over a link is a frame");
    match direction {
        "<" => What::Received { peer, frame },
        _ => What::Sent { peer, frame },
    }
}

fn datagram(text: &str) -> What {
    let words: Vec<&str> = text.split(' ').collect();
    let (host, bytes) = (words[1].parse().unwrap(), hex(words[2]));
    match words[0] {
        "<" => What::DatagramReceived { from: host, bytes },
        _ => What::DatagramSent { to: host, bytes },
    }
}

fn time(seconds: &str) -> Time {
    let (whole, millis) = seconds.split_once('.').unwrap();
    Time::from_millis(whole.parse::<u64>().unwrap() * 1_000 + millis.parse::<u64>().unwrap())
}

fn hex(text: &str) -> Bytes {
    HEXLOWER.decode(text.as_bytes()).expect("it is hexadecimal").into()
}
