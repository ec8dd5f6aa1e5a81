//! Recorded packets -> decoded messages.
//!
//! ```text
//! bytes ─► Source ─► packets ─► TCP in order ─► Stream ─► heads, frames ─► Record ─► sink
//!            │                                   ▲
//!            └── raw bytes, hexadecimal ─────────┘
//! ```
//!
//! - [`Dissector`] is the face: file contents in, in pieces of any size, and [`Record`]s out
//! - captures: `capture`, `pcap`, `pcapng`; packets: `packet`, `ip`; bytes by hand: `raw`, `pasted`
//! - connections: `connections`, `conversation`, `tcp`, `stream`, `agreement`; datagrams: `udp`
//! - contents: `greeting`, `frames`, `http`, `fragments`
//!
//! Sans-IO like the wing it looks at: who has a file opens it. Records leave one at a time through a
//! closure, so that a small recording of much compressed data needs no memory for its records. What
//! is held between two pieces of input is bounded by the limits in [`limits`](crate::base::limits).

#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod agreement;
mod capture;
mod chunks;
mod connections;
mod conversation;
mod digits;
mod dump;
mod fields;
mod fragments;
mod frames;
mod greeting;
mod http;
mod http_body;
mod ip;
mod json;
mod outlet;
mod packet;
mod pasted;
mod pcap;
mod pcapng;
mod raw;
mod record;
mod recording;
mod refusal;
mod sniff;
mod source;
mod statistics;
mod stream;
mod tcp;
mod time;
mod udp;

pub use capture::Damaged;
pub use outlet::Sink;
pub use record::{
    Body, Decoded, Greeting, HttpHead, Kind, Packing, Record, Route, Stretch, Transport, Unknown,
    Why,
};
pub use refusal::Refusal;
pub use statistics::Statistics;
pub use time::Timestamp;

use recording::Recording;
use source::Source;

/// Reads a recording that arrives in pieces.
///
/// ```
/// use filbert::dissect::{Dissector, Kind};
///
/// let mut kinds = Vec::new();
/// let mut sink = |record: filbert::dissect::Record| kinds.push(record.kind());
/// let mut dissector = Dissector::default();
/// dissector.push(b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\n\r\n", &mut sink)?;
/// dissector.finish(&mut sink)?;
/// assert_eq!(kinds, [Kind::Handshake]);
/// # Ok::<(), filbert::dissect::Refusal>(())
/// ```
#[derive(Debug, Default)]
pub struct Dissector {
    source: Source,
    recording: Recording,
}

impl Dissector {
    /// More of the input. After a refusal nothing more can be read of it.
    pub fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refusal> {
        self.source.push(bytes, &mut self.recording, sink)
    }

    /// The input ends here, or was refused: everything that waited for more comes out.
    pub fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let result = self.source.end(&mut self.recording, sink);
        self.recording.end(sink);
        match self.statistics().unreadable_link() {
            Some(link) => result.and(Err(Refusal::UnknownLink(link))),
            None => result,
        }
    }

    /// What is worth knowing beside the records.
    pub const fn statistics(&self) -> Statistics {
        self.recording.statistics()
    }

    /// True when the input ended within a packet, as the last one of an interrupted recording does.
    pub fn is_cut(&self) -> bool {
        self.source.is_cut()
    }

    /// Bytes of memory that connections hold between two pieces of input, roughly.
    pub const fn footprint_len(&self) -> usize {
        self.recording.footprint_len()
    }
}
