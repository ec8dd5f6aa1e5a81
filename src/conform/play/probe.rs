use std::net::{SocketAddr, SocketAddrV4};

use bytes::Bytes;
use serde_json::Value;

use super::{ProbeId, alive};
use crate::base::limits::{AMPLIFICATION_FREE_LEN, AMPLIFICATION_MAX, MESSAGES_SEEN_MAX};
use crate::base::time::Time;
use crate::conform::message::{datagram_tree, session_datagram_tree, session_tree};
use crate::conform::probe::{Decoder, Tongue};
use crate::fasttrack::link::{Input, Link, Output};
use crate::fasttrack::wire::Side;
use crate::gnutella::link::Deflater;
use crate::node::Network;

/// One of ours: a connection, a socket or a port.
pub(super) struct Probe {
    pub(super) id: ProbeId,
    pub(super) name: String,
    /// The probe whose address it has, or itself.
    pub(super) host: ProbeId,
    pub(super) own: Option<SocketAddrV4>,
    pub(super) is_udp: bool,
    /// The subject may call it.
    pub(super) is_port: bool,
    pub(super) state: State,
    pub(super) caller: Option<SocketAddr>,
    pub(super) decoder: Decoder,
    /// What it sends is deflated.
    pub(super) deflater: Option<Deflater>,
    /// It answers pings that ask whether it is there.
    pub(super) is_answering: bool,
    /// It is a session of FastTrack.
    pub(super) session: Option<Box<Link>>,
    /// What the other side of the session speaks as.
    pub(super) side: Side,
    /// The network that its datagrams are of.
    network: Network,
    /// What came and was not taken by a step.
    pub(super) unread: Vec<Value>,
    /// More came than any case can use.
    pub(super) is_flooded: bool,
    /// Bytes with which the case may have asked for datagrams to it, and bytes of those that have come.
    pub(super) datagrams: (usize, usize),
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
    pub(super) fn new(
        (id, name): (ProbeId, String),
        host: Option<ProbeId>,
        network: Network,
        tongue: Tongue,
        is_udp: bool,
    ) -> Self {
        Self {
            id,
            name,
            host: host.unwrap_or(id),
            own: None,
            is_udp,
            is_port: false,
            state: State::Opening,
            caller: None,
            decoder: Decoder::new(tongue),
            deflater: None,
            is_answering: false,
            session: None,
            side: Side::Down,
            network,
            unread: Vec::new(),
            is_flooded: false,
            datagrams: (0, 0),
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

    /// Bytes have come. What there is to say to that whatever the case does.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Time) -> Vec<Bytes> {
        if self.session.is_some() {
            return self.turn_session(Input::Received(bytes), now);
        }
        let before = self.unread.len();
        self.receive_plain(bytes);
        self.answers_since(before)
    }

    /// Answers to the pings among what has come since so much had.
    pub(super) fn answers_since(&self, before: usize) -> Vec<Bytes> {
        match (self.is_answering, self.own) {
            (true, Some(own)) => {
                let new = self.unread.iter().skip(before);
                new.filter_map(|message| alive::answer(message, own)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Hands something to its session, and takes what has come of it.
    pub(super) fn turn_session(&mut self, input: Input<'_>, now: Time) -> Vec<Bytes> {
        let Some(session) = &mut self.session else { return Vec::new() };
        session.handle(input, now);
        while let Some(output) = session.poll() {
            match output {
                Output::Opened(told) => self.unread.push(serde_json::json!({
                    "type": "opened",
                    "network": told.network,
                    "encryption": told.encryption.number(),
                    "wish": told.wish,
                })),
                Output::Frame(frame) if self.unread.len() < MESSAGES_SEEN_MAX => {
                    self.unread.push(session_tree(&frame, self.side));
                }
                Output::Frame(_) => self.is_flooded = true,
                Output::Pong { .. } => self.unread.push(serde_json::json!({ "type": "pong" })),
                Output::EndWriting | Output::Closed(_) => {}
            }
        }
        std::iter::from_fn(|| session.transmit(now)).collect()
    }

    fn receive_plain(&mut self, bytes: &[u8]) {
        self.decoder.receive(bytes);
        self.is_flooded |= self.decoder.is_flooded();
        self.read();
    }

    /// Takes all messages that are there.
    pub(super) fn read(&mut self) {
        while let Some(message) = self.decoder.next() {
            if self.unread.len() == MESSAGES_SEEN_MAX {
                self.is_flooded = true;
                return;
            }
            self.unread.push(message);
            // Behind a head of a handshake stands what only the next step gives a meaning.
            if self.decoder.tongue() == Tongue::Heads {
                return;
            }
        }
    }

    pub(super) fn has_ended(&mut self) {
        if matches!(self.state, State::Open) {
            self.state = State::Ended;
            self.unread.extend(self.decoder.last());
        }
    }

    /// Of what has come since so much had, that is not kept which is for others.
    pub(super) fn leave_to_others(&mut self, before: usize, is_foreign: impl Fn(&Value) -> bool) {
        let mut place = 0_usize;
        self.unread.retain(|message| {
            place = place.saturating_add(1);
            place <= before || !is_foreign(message)
        });
    }

    /// Many bytes have come for few, to an address that anybody could have forged.
    pub(super) fn is_amplified(&self) -> bool {
        let (sent, came) = self.datagrams;
        came > sent.max(AMPLIFICATION_FREE_LEN).saturating_mul(AMPLIFICATION_MAX)
    }

    pub(super) fn take_datagram(&mut self, bytes: &Bytes, from: SocketAddr) {
        self.datagrams.1 = self.datagrams.1.saturating_add(bytes.len());
        if self.unread.len() < MESSAGES_SEEN_MAX {
            self.unread.push(match self.network {
                Network::Gnutella => datagram_tree(bytes, from),
                Network::FastTrack => session_datagram_tree(bytes, from),
            });
        } else {
            self.is_flooded = true;
        }
    }

    /// The subject will send nothing more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Refused | State::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_messages_wait_for_a_step_and_one_more_is_a_flood() {
        let named = (ProbeId(0), "a".to_owned());
        let mut probe = Probe::new(named, None, Network::Gnutella, Tongue::Frames, false);
        let ping = [0; 23];
        let all = ping.repeat(MESSAGES_SEEN_MAX);
        probe.receive(&all, Time::ZERO);
        assert!(!probe.is_flooded && probe.unread.len() == MESSAGES_SEEN_MAX);
        probe.receive(&ping, Time::ZERO);
        assert!(probe.is_flooded && probe.unread.len() == MESSAGES_SEEN_MAX);
    }

    #[test]
    fn datagrams_may_bring_so_many_bytes_for_each_and_one_more_is_amplified() {
        let named = (ProbeId(0), "u".to_owned());
        let mut probe = Probe::new(named, None, Network::Gnutella, Tongue::Unknown, true);
        let from = SocketAddr::from(([192, 0, 2, 1], 6346));
        for sent in [0, AMPLIFICATION_FREE_LEN, 100] {
            probe.datagrams = (sent, 0);
            let most = sent.max(AMPLIFICATION_FREE_LEN) * AMPLIFICATION_MAX;
            probe.take_datagram(&Bytes::from(vec![0; most]), from);
            assert!(!probe.is_amplified(), "{most} bytes for {sent}");
            probe.take_datagram(&Bytes::from_static(b"x"), from);
            assert!(probe.is_amplified(), "{most} bytes and one for {sent}");
        }
    }
}
