use bytes::Bytes;

use super::agreement::Side;
use super::fragments::Fragments;
use super::outlet::{FRAGMENT_TAG, Outlet, Sink};
use super::record::{Route, Transport};
use super::sniff;
use super::stream::{Ending, Shared, Stream};
use super::udp;
use crate::base::limits::PAYLOAD_LEN_MAX;
use crate::gnutella::wire::{HEADER_LEN, Header};

/// Bytes that a datagram can have; whatever is longer is a stream.
const DATAGRAM_LEN_MAX: usize = PAYLOAD_LEN_MAX as usize + HEADER_LEN;

/// In the TTL of a datagram: its payload is deflated (UDP-05).
const DEFLATED: u8 = 0x80;

/// Bytes of which nothing is known but that they are Gnutella: one direction of a connection from
/// its beginning, descriptors one after the other, or a datagram.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// What has come, until it is clear what it is.
    front: Vec<u8>,
    stream: Option<Stream>,
    shared: Shared,
}

impl Raw {
    /// More bytes.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if self.stream.is_some() {
            return self.push_to_stream(bytes, sink);
        }
        self.front.extend_from_slice(bytes);
        if is_text_stream(&self.front) {
            self.begin(Stream::new(Side::First, false), sink);
        } else if self.front.len() > DATAGRAM_LEN_MAX {
            self.begin(Stream::of_frames(), sink);
        }
    }

    /// These were all bytes.
    pub(super) fn end(&mut self, sink: &mut Sink<'_>) {
        if self.stream.is_none() {
            let front = Bytes::from(std::mem::take(&mut self.front));
            if is_datagram(&front) {
                return put_datagram(&front, sink);
            }
            self.front = front.to_vec();
            self.begin(Stream::of_frames(), sink);
        }
        let route = Route::unknown(Transport::Tcp);
        if let Some(mut stream) = self.stream.take() {
            stream.end(Ending::ForGood, &mut Outlet { time: None, route, sink });
        }
    }

    fn begin(&mut self, stream: Stream, sink: &mut Sink<'_>) {
        self.stream = Some(stream);
        let front = std::mem::take(&mut self.front);
        self.push_to_stream(&front, sink);
    }

    fn push_to_stream(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let route = Route::unknown(Transport::Tcp);
        if let Some(stream) = &mut self.stream {
            stream.push(bytes, &mut self.shared, &mut Outlet { time: None, route, sink });
        }
    }
}

/// True for bytes that open a connection in text.
pub(super) fn is_text_stream(bytes: &[u8]) -> bool {
    matches!(sniff::guess(bytes, false), Some(sniff::Guess::Handshake | sniff::Guess::Http))
}

/// True for bytes that begin with something of Gnutella that is no text.
pub(super) fn is_binary(front: &[u8]) -> bool {
    let begins_with_frame = Header::decode(front).is_ok_and(|header| {
        sniff::is_known(header.function) && header.framed_payload_len().is_ok()
    });
    begins_with_frame || front.starts_with(FRAGMENT_TAG)
}

/// Frames come first: only what says that it is deflated as only datagrams are, and fragments that
/// cannot be framed (UDP-32), are taken for a datagram. What it holds may be broken all the same.
fn is_datagram(bytes: &[u8]) -> bool {
    is_deflated_message(bytes) || (bytes.starts_with(FRAGMENT_TAG) && !are_whole_frames(bytes))
}

fn is_deflated_message(bytes: &[u8]) -> bool {
    Header::decode(bytes).is_ok_and(|header| {
        let frame_len = header.framed_payload_len().map(|len| len.saturating_add(HEADER_LEN));
        header.ttl & DEFLATED != 0 && frame_len.is_ok_and(|len| len == bytes.len())
    })
}

fn are_whole_frames(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        let Ok(header) = Header::decode(bytes) else {
            return false;
        };
        let Ok(payload_len) = header.framed_payload_len() else {
            return false;
        };
        let Some(rest) = bytes.get(HEADER_LEN.saturating_add(payload_len)..) else {
            return false;
        };
        bytes = rest;
    }
    true
}

fn put_datagram(bytes: &Bytes, sink: &mut Sink<'_>) {
    let mut fragments = Fragments::default();
    let route = Route::unknown(Transport::Udp);
    udp::decode(bytes, &mut fragments, &mut Outlet { time: None, route, sink: &mut *sink });
    fragments.end(sink);
}
