use std::net::SocketAddrV4;

use super::Kin;
use crate::base::time::Time;

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
    /// It has to go, and only waits for what is left to be sent.
    pub(super) is_leaving: bool,
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
const HEADER_LEN: u64 = 5;

impl Session {
    pub(super) fn new(link: u64, address: SocketAddrV4, is_outgoing: bool, now: Time) -> Self {
        Self {
            link,
            address,
            is_outgoing,
            opened: now,
            kin: Kin::Newcomer,
            traffic: Traffic::default(),
            is_leaving: false,
        }
    }
}

impl Traffic {
    pub(super) fn count_received(&mut self, payload_len: usize) {
        self.received = self.received.saturating_add(1);
        self.received_bytes = self.received_bytes.saturating_add(wire_len(payload_len));
    }

    pub(super) fn count_sent(&mut self, payload_len: usize) {
        self.sent = self.sent.saturating_add(1);
        self.sent_bytes = self.sent_bytes.saturating_add(wire_len(payload_len));
    }
}

fn wire_len(payload_len: usize) -> u64 {
    u64::try_from(payload_len).unwrap_or(u64::MAX).saturating_add(HEADER_LEN)
}
