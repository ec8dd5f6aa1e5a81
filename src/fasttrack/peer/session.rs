use std::net::SocketAddrV4;

use super::Kin;
use crate::base::time::Time;
use crate::fasttrack::wire::Frame;

/// Somebody with whom a session is open, as the rules see it.
#[derive(Clone, Debug)]
pub struct Session {
    /// How the caller of the peer calls it.
    pub link: u64,
    /// Where the connection comes from or leads to.
    pub address: SocketAddrV4,
    /// We called it.
    pub is_outgoing: bool,
    pub opened: Time,
    /// What it is to us.
    pub kin: Kin,
    /// Counted for whoever asks what this session is good for.
    pub traffic: Traffic,
    pub(super) home: Home,
    /// It has to go, and only waits for what is left to be sent.
    pub(super) is_leaving: bool,
}

/// The room that hears what comes over a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// It has not said what it is.
    Nowhere,
    Supernode,
    Neighbours,
    OrdinaryNode,
    /// No room any more: it goes as soon as there is a node list to send.
    Declined,
}

/// What has gone over a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub received: u64,
    pub received_bytes: u64,
    pub sent: u64,
    pub sent_bytes: u64,
    /// Of those received, such as were not worked on or led nowhere.
    pub dropped: u64,
}

/// Bytes of the mark and the header of a message.
const HEADER_LEN: usize = 5;

impl Session {
    pub(super) fn new(link: u64, address: SocketAddrV4, is_outgoing: bool, now: Time) -> Self {
        Self {
            link,
            address,
            is_outgoing,
            opened: now,
            kin: Kin::Newcomer,
            traffic: Traffic::default(),
            home: Home::Nowhere,
            is_leaving: false,
        }
    }

    pub(super) const fn count_dropped(&mut self) {
        self.traffic.dropped = self.traffic.dropped.saturating_add(1);
    }
}

impl Traffic {
    pub(super) fn count_received(&mut self, frame: &Frame) {
        self.received = self.received.saturating_add(1);
        self.received_bytes = self.received_bytes.saturating_add(u64_of(wire_len(frame)));
    }

    pub(super) fn count_sent(&mut self, frame: &Frame) {
        self.sent = self.sent.saturating_add(1);
        self.sent_bytes = self.sent_bytes.saturating_add(u64_of(wire_len(frame)));
    }
}

/// Bytes of a message in a session.
pub(super) const fn wire_len(frame: &Frame) -> usize {
    frame.payload.len().saturating_add(HEADER_LEN)
}

fn u64_of(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
