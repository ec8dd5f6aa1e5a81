use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};

/// Bytes in one triple.
const TRIPLE_LEN: usize = 24;
/// Triples that have a meaning: one for each distance up to seven hops.
const TRIPLES_MAX: usize = 7;

const CUT: Expect = Expect::new("HSEP-01", "the horizon is not a whole number of triples");
const TOO_MANY: Expect = Expect::new("HSEP-04", "the horizon has more than seven triples");
const NOT_ALONE: Expect = Expect::new("HSEP-02", "the first triple does not count one node");
const SHRINKS: Expect = Expect::new("HSEP-03", "a triple counts less than the one before it");

/// How much can be reached within one hop, two hops, ... (horizon size estimation, HSEP-01).
///
/// ```text
/// each triple   0  8  nodes, little-endian
///               8  8  files, little-endian
///              16  8  KiB, little-endian
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hsep {
    pub triples: Vec<Triple>,
}

/// What is within a distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triple {
    pub nodes: u64,
    pub files: u64,
    pub kib: u64,
}

impl Hsep {
    /// Fails where the last triple is cut.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let mut triples = Vec::with_capacity(payload.len() / TRIPLE_LEN);
        while !reader.is_empty() {
            let (nodes, files) = (reader.u64_le(CUT)?, reader.u64_le(CUT)?);
            triples.push(Triple { nodes, files, kib: reader.u64_le(CUT)? });
        }
        if triples.is_empty() {
            return Err(CUT.broken_at(0));
        }
        Ok(Self { triples })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        for triple in &self.triples {
            out.put_u64_le(triple.nodes);
            out.put_u64_le(triple.files);
            out.put_u64_le(triple.kib);
        }
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        if self.triples.len() > TRIPLES_MAX {
            faults.push(TOO_MANY.broken_at(TRIPLES_MAX * TRIPLE_LEN));
        }
        if self.triples.first().is_some_and(|first| first.nodes != 1) {
            faults.push(NOT_ALONE.broken_at(0));
        }
        let pairs = self.triples.iter().zip(self.triples.iter().skip(1));
        for (index, (near, far)) in pairs.enumerate() {
            if far.nodes < near.nodes || far.files < near.files || far.kib < near.kib {
                faults.push(SHRINKS.broken_at(index.saturating_add(1).saturating_mul(TRIPLE_LEN)));
            }
        }
    }
}

impl Serialize for Hsep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let triples: Vec<_> = self.triples.iter().map(|t| [t.nodes, t.files, t.kib]).collect();
        let mut map = serializer.serialize_struct("Hsep", 1)?;
        map.serialize_field("triples", &triples)?;
        map.end()
    }
}

impl fmt::Display for Hsep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let far = self.triples.last().copied().unwrap_or_default();
        let (hops, Triple { nodes, files, kib }) = (self.triples.len(), far);
        write!(f, "within {hops} hops {nodes} nodes, {files} files, {kib} KiB")
    }
}
