//! What is counted while a world runs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::fasttrack::wire::{Frame as Message, Kind};
use crate::gnutella::link::Role;
use crate::gnutella::wire::{Frame, Function};

/// Kinds of messages in the order of their codes, with one more for all that have no name.
const KINDS: [Function; 12] = [
    Function::PING,
    Function::PONG,
    Function::BYE,
    Function::QUERY_TABLE,
    Function::VENDOR,
    Function::VENDOR_STANDARD,
    Function::PUSH,
    Function::RUDP,
    Function::DHT,
    Function::QUERY,
    Function::QUERY_HIT,
    Function::HSEP,
];

/// Messages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    pub sent: u64,
    pub delivered: u64,
    pub bytes: u64,
}

/// What one tier has to carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// For how long there were nodes in this role, all together.
    pub node_ms: u64,
    pub received: u64,
    pub received_bytes: u64,
    pub sent: u64,
    pub sent_bytes: u64,
}

/// Some messages, and how long they are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heap {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
}

impl Heap {
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(other.frames),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl fmt::Display for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.frames, self.bytes)
    }
}

/// Counts of everything that crosses connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    kinds: [Count; KINDS.len() + 1],
    /// Of FastTrack, by the type word.
    messages: BTreeMap<Kind, Count>,
    pub(crate) leaves: Load,
    pub(crate) ultrapeers: Load,
    pub(crate) frames_sent: u64,
    pub(crate) frames_delivered: u64,
    /// By the cause.
    pub(crate) frames_dropped: BTreeMap<&'static str, u64>,
    bytes_dropped: u64,
    pub(crate) datagrams_sent: u64,
    pub(crate) datagrams_delivered: u64,
    pub(crate) datagrams_dropped: BTreeMap<&'static str, u64>,
}

impl Tally {
    #[inline]
    pub(crate) fn sent(&mut self, frame: &Frame, role: Role) {
        self.frames_sent = self.frames_sent.saturating_add(1);
        let len = frame.wire_len() as u64;
        if let Some(count) = self.kinds.get_mut(kind(frame.function)) {
            count.sent = count.sent.saturating_add(1);
            count.bytes = count.bytes.saturating_add(len);
        }
        let load = self.load(role);
        load.sent = load.sent.saturating_add(1);
        load.sent_bytes = load.sent_bytes.saturating_add(len);
    }

    #[inline]
    pub(crate) fn delivered(&mut self, frame: &Frame, role: Role) {
        self.frames_delivered = self.frames_delivered.saturating_add(1);
        if let Some(count) = self.kinds.get_mut(kind(frame.function)) {
            count.delivered = count.delivered.saturating_add(1);
        }
        let len = frame.wire_len() as u64;
        let load = self.load(role);
        load.received = load.received.saturating_add(1);
        load.received_bytes = load.received_bytes.saturating_add(len);
    }

    pub(crate) fn message_sent(&mut self, message: &Message, role: Role) {
        self.frames_sent = self.frames_sent.saturating_add(1);
        let len = message_len(message);
        let count = self.messages.entry(message.kind).or_default();
        count.sent = count.sent.saturating_add(1);
        count.bytes = count.bytes.saturating_add(len);
        let load = self.load(role);
        load.sent = load.sent.saturating_add(1);
        load.sent_bytes = load.sent_bytes.saturating_add(len);
    }

    pub(crate) fn message_delivered(&mut self, message: &Message, role: Role) {
        self.frames_delivered = self.frames_delivered.saturating_add(1);
        let count = self.messages.entry(message.kind).or_default();
        count.delivered = count.delivered.saturating_add(1);
        let load = self.load(role);
        load.received = load.received.saturating_add(1);
        load.received_bytes = load.received_bytes.saturating_add(message_len(message));
    }

    /// A message of this length is lost.
    pub(crate) fn dropped(&mut self, cause: &'static str, len: u64) {
        add_one(&mut self.frames_dropped, cause);
        self.bytes_dropped = self.bytes_dropped.saturating_add(len);
    }

    /// All that was sent.
    pub(crate) const fn frames_sent(&self) -> Heap {
        let bytes = self.leaves.sent_bytes.saturating_add(self.ultrapeers.sent_bytes);
        Heap { frames: self.frames_sent, bytes }
    }

    /// What is delivered or lost.
    pub(crate) fn frames_done(&self) -> Heap {
        let bytes = self.leaves.received_bytes.saturating_add(self.ultrapeers.received_bytes);
        let frames = self.frames_dropped.values().sum::<u64>();
        Heap { frames: self.frames_delivered, bytes }
            .and(Heap { frames, bytes: self.bytes_dropped })
    }

    pub(crate) fn datagram_dropped(&mut self, cause: &'static str) {
        add_one(&mut self.datagrams_dropped, cause);
    }

    pub(crate) const fn load(&mut self, role: Role) -> &mut Load {
        match role {
            Role::Leaf => &mut self.leaves,
            Role::Ultrapeer => &mut self.ultrapeers,
        }
    }

    /// The kinds of which there were any.
    pub(crate) fn kinds(&self) -> BTreeMap<&'static str, Count> {
        let names = KINDS.iter().map(|kind| kind.name()).chain(["unknown"]);
        let found = names.zip(self.kinds).filter(|(_, count)| *count != Count::default());
        let mut kinds: BTreeMap<&'static str, Count> = found.collect();
        for (kind, count) in &self.messages {
            let known = kinds.entry(message_name(*kind)).or_default();
            known.sent = known.sent.saturating_add(count.sent);
            known.delivered = known.delivered.saturating_add(count.delivered);
            known.bytes = known.bytes.saturating_add(count.bytes);
        }
        kinds
    }
}

/// Bytes of a message of FastTrack on the wire.
pub(crate) fn message_len(message: &Message) -> u64 {
    (message.payload.len() as u64).saturating_add(MESSAGE_HEADER_LEN)
}

/// What messages of FastTrack are called in reports.
const fn message_name(kind: Kind) -> &'static str {
    match kind.inner() {
        Kind::RESULTS if kind.is_unicast() => "results across",
        Kind::SEARCH_END if kind.is_unicast() => "end across",
        Kind::PUSH if kind.is_unicast() => "push across",
        Kind::FORWARDED_SEARCH => "search across",
        Kind::NODE_LIST => "node list",
        Kind::TABLE => "table",
        Kind::NODE_INFO => "node info",
        Kind::SEND_SHARES => "send shares",
        Kind::SHARE => "share",
        Kind::UNSHARE => "unshare",
        Kind::SEARCH => "search",
        Kind::RESULTS => "results",
        Kind::SEARCH_END => "search end",
        Kind::PUSH => "push",
        Kind::NETWORK_STATS => "numbers",
        Kind::UDP_TEST | Kind::UDP_REACHED | Kind::UDP_MISSED => "test",
        Kind::NETWORK_NAME
        | Kind::CONFIG_REVISION
        | Kind::VERSION
        | Kind::GREETING_NUMBER
        | Kind::EXTERNAL_IP => "greeting",
        _ => "unknown",
    }
}

/// The mark and the header of a message of FastTrack.
const MESSAGE_HEADER_LEN: u64 = 5;

pub(crate) fn add_one(counts: &mut BTreeMap<&'static str, u64>, cause: &'static str) {
    let count = counts.entry(cause).or_default();
    *count = count.saturating_add(1);
}

#[inline]
fn kind(function: Function) -> usize {
    KINDS.iter().position(|kind| *kind == function).unwrap_or(KINDS.len())
}
