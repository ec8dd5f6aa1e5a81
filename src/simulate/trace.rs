//! What every machine was told, in one number: two runs are the same if theirs are.

use std::fmt;

use crate::base::time::Time;
use crate::fasttrack;
use crate::gnutella::wire::Frame;

/// Something that one host was told, as a line of a trace.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub at: Time,
    /// The host that was told, and who told it.
    pub host: u32,
    pub from: u32,
    pub what: What<'a>,
}

/// What a host was told.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    Frame(&'a Frame),
    /// The same in a session of FastTrack.
    Message(&'a fasttrack::wire::Frame),
    Datagram(&'a [u8]),
    /// The connection is open.
    Opened,
    /// The connection is gone.
    Closed,
}

/// Adds up everything that is told.
#[derive(Clone, Debug)]
pub(crate) struct TraceHash(u64);

impl TraceHash {
    pub(crate) const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142)
    }

    pub(crate) const fn value(&self) -> u64 {
        self.0
    }

    #[inline]
    pub(crate) fn add(&mut self, told: &Told<'_>) {
        self.word(told.at.as_micros());
        self.word(u64::from(told.host) << 32 | u64::from(told.from));
        match told.what {
            What::Frame(frame) => {
                let Frame { function, ttl, hops, .. } = *frame;
                self.word(u64::from_be_bytes([0, 0, 0, 0, 0, function.0, ttl, hops]));
                self.bytes(&frame.guid.0);
                self.bytes(&frame.payload);
            }
            What::Message(message) => {
                self.word(4 << 24 | u64::from(message.kind.0));
                self.bytes(&message.payload);
            }
            What::Datagram(bytes) => {
                self.word(1 << 24);
                self.bytes(bytes);
            }
            What::Opened => self.word(2 << 24),
            What::Closed => self.word(3 << 24),
        }
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        // The length tells bytes of zero at the end from none.
        self.word(u64::from_le_bytes(last));
        self.word(bytes.len() as u64);
    }

    /// Multiplies to twice the width and folds the halves: each bit of the word reaches all others.
    #[inline]
    fn word(&mut self, word: u64) {
        let left = u128::from(self.0 ^ word);
        let product = left.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let [l0, l1, l2, l3, l4, l5, l6, l7, h0, h1, h2, h3, h4, h5, h6, h7] =
            product.to_le_bytes();
        let low = u64::from_le_bytes([l0, l1, l2, l3, l4, l5, l6, l7]);
        let high = u64::from_le_bytes([h0, h1, h2, h3, h4, h5, h6, h7]);
        self.0 = (low ^ high).wrapping_add(0xa076_1d64_78bd_642f);
    }
}

/// Who wants to read every line.
pub type Reader<'a> = &'a mut dyn FnMut(&Told<'_>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, host, from, what } = self;
        let micros = at.as_micros();
        write!(f, "{:>6}.{:06} {from} -> {host} ", micros / 1_000_000, micros % 1_000_000)?;
        match what {
            What::Frame(frame) => {
                let mut hash = TraceHash::new();
                hash.bytes(&frame.payload);
                let (ttl, hops, len) = (frame.ttl, frame.hops, frame.payload.len());
                let (name, guid) = (frame.function.name(), frame.guid);
                write!(f, "{name} {guid} {ttl}/{hops} {len} bytes #{:016x}", hash.value())
            }
            What::Message(message) => {
                let mut hash = TraceHash::new();
                hash.bytes(&message.payload);
                let (kind, len) = (message.kind, message.payload.len());
                write!(f, "message {kind} {len} bytes #{:016x}", hash.value())
            }
            What::Datagram(bytes) => {
                let mut hash = TraceHash::new();
                hash.bytes(bytes);
                write!(f, "datagram {} bytes #{:016x}", bytes.len(), hash.value())
            }
            What::Opened => f.write_str("opened"),
            What::Closed => f.write_str("closed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::gnutella::wire::{Function, Guid};

    fn frame(payload: &'static [u8]) -> Frame {
        Frame {
            guid: Guid([7; 16]),
            function: Function::QUERY,
            ttl: 3,
            hops: 1,
            size_flags: None,
            payload: Bytes::from_static(payload),
        }
    }

    fn hash(told: &[Told<'_>]) -> u64 {
        let mut hash = TraceHash::new();
        told.iter().for_each(|told| hash.add(told));
        hash.value()
    }

    /// Golden: a hash that is kept has to mean the same for ever.
    #[test]
    fn every_part_of_what_is_told_counts() {
        let at = Time::from_millis(5);
        let plain = frame(b"payload");
        let told = |what| Told { at, host: 1, from: 2, what };
        let base = hash(&[told(What::Frame(&plain))]);
        assert_eq!(base, 16_707_766_307_121_110_965);
        let others = [
            hash(&[Told { at: Time::ZERO, ..told(What::Frame(&plain)) }]),
            hash(&[Told { host: 2, from: 1, ..told(What::Frame(&plain)) }]),
            hash(&[told(What::Frame(&frame(b"payloae")))]),
            hash(&[told(What::Frame(&frame(b"payload\0")))]),
            hash(&[told(What::Frame(&Frame { ttl: 1, hops: 3, ..plain.clone() }))]),
            hash(&[told(What::Frame(&Frame { guid: Guid([8; 16]), ..plain.clone() }))]),
            hash(&[told(What::Datagram(b"payload"))]),
            hash(&[told(What::Opened)]),
            hash(&[told(What::Closed)]),
            hash(&[told(What::Opened), told(What::Closed)]),
            hash(&[told(What::Closed), told(What::Opened)]),
        ];
        let mut different = others.to_vec();
        different.push(base);
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 12);
    }

    #[test]
    fn a_line_says_who_told_whom_what_and_when() {
        let frame = frame(b"payload");
        let what = What::Frame(&frame);
        let told = Told { at: Time::from_micros(1_000_002), host: 1, from: 2, what };
        let line = told.to_string();
        let start = "     1.000002 2 -> 1 query 07070707070707070707070707070707 3/1 7 bytes #";
        assert!(line.starts_with(start), "{line}");
    }
}
