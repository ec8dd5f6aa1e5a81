use std::net::{SocketAddr, SocketAddrV4};

use bytes::Bytes;
use serde_json::Value;

use super::ProbeId;
use crate::base::limits::MESSAGES_SEEN_MAX;
use crate::conform::message::datagram_tree;
use crate::conform::probe::{Decoder, Tongue};
use crate::gnutella::link::Deflater;

/// One of ours: a connection, a socket or a port.
pub(super) struct Probe {
    pub(super) id: ProbeId,
    pub(super) name: String,
    pub(super) own: Option<SocketAddrV4>,
    pub(super) is_udp: bool,
    pub(super) state: State,
    pub(super) caller: Option<SocketAddr>,
    pub(super) decoder: Decoder,
    /// What it sends is deflated.
    pub(super) deflater: Option<Deflater>,
    /// What came and was not taken by a step.
    pub(super) unread: Vec<Value>,
    /// More came than any case can use.
    pub(super) is_flooded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is being opened.
    Opening,
    Open,
    /// The subject did not take it.
    Refused,
    /// The subject has ended it.
    Ended,
}

impl Probe {
    pub(super) fn new(id: ProbeId, name: String, tongue: Tongue, is_udp: bool) -> Self {
        Self {
            id,
            name,
            own: None,
            is_udp,
            state: State::Opening,
            caller: None,
            decoder: Decoder::new(tongue),
            deflater: None,
            unread: Vec::new(),
            is_flooded: false,
        }
    }

    pub(super) const fn is_ready(&mut self, own: SocketAddrV4) {
        self.own = Some(own);
        self.state = State::Open;
    }

    pub(super) const fn is_refused(&mut self) {
        self.state = State::Refused;
    }

    pub(super) fn is_called(&mut self, from: SocketAddr) {
        self.caller = Some(from);
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.decoder.receive(bytes);
        self.is_flooded |= self.decoder.is_flooded();
        self.read();
    }

    /// Takes all messages that are there.
    pub(super) fn read(&mut self) {
        // Behind a head of a handshake stands what only the next step gives a meaning.
        while self.unread.len() < MESSAGES_SEEN_MAX {
            let Some(message) = self.decoder.next() else { return };
            self.unread.push(message);
            if self.decoder.tongue() == Tongue::Heads {
                return;
            }
        }
        self.is_flooded = true;
    }

    pub(super) fn has_ended(&mut self) {
        if matches!(self.state, State::Open) {
            self.state = State::Ended;
            self.unread.extend(self.decoder.last());
        }
    }

    pub(super) fn take_datagram(&mut self, bytes: &Bytes, from: SocketAddr) {
        if self.unread.len() < MESSAGES_SEEN_MAX {
            self.unread.push(datagram_tree(bytes, from));
        } else {
            self.is_flooded = true;
        }
    }

    /// The subject will send nothing more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Refused | State::Ended)
    }
}
