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
    /// As sent: equal ones at the end may be left off (HSEP-05).
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
    /// Fails where the last triple is cut, and where there is none.
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

    /// The triples that a node uses (HSEP-04).
    pub fn used(&self) -> &[Triple] {
        self.triples.get(..TRIPLES_MAX).unwrap_or(&self.triples)
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
        let far = self.used().last().copied().unwrap_or_default();
        let (hops, Triple { nodes, files, kib }) = (self.used().len(), far);
        write!(f, "within {hops} hops {nodes} nodes, {files} files, {kib} KiB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon(counts: &[u64]) -> Hsep {
        let triple = |&count: &u64| Triple { nodes: count, files: 10, kib: 10 };
        Hsep { triples: counts.iter().map(triple).collect() }
    }

    fn rules(hsep: &Hsep) -> Vec<(&'static str, usize)> {
        let mut faults = Faults::new();
        hsep.inspect(&mut faults);
        faults.as_slice().iter().map(|fault| (fault.rule.id(), fault.offset)).collect()
    }

    /// HSEP-01
    #[test]
    fn a_horizon_is_one_triple_or_more() {
        let mut out = BytesMut::new();
        horizon(&[1, 2]).encode(&mut out);
        let payload = out.freeze();
        assert_eq!(payload[..9], [1, 0, 0, 0, 0, 0, 0, 0, 10]);
        assert_eq!(Hsep::decode(&payload), Ok(horizon(&[1, 2])));
        assert_eq!(Hsep::decode(&payload.slice(..24)), Ok(horizon(&[1])));
        for len in (0..24).chain(25..48) {
            assert_eq!(Hsep::decode(&payload.slice(..len)).unwrap_err().rule.id(), "HSEP-01");
        }
    }

    /// HSEP-02, HSEP-03
    #[test]
    fn a_horizon_begins_with_one_node_and_never_shrinks() {
        assert_eq!(rules(&horizon(&[1, 1, 5, 5])), []);
        assert_eq!(rules(&horizon(&[2])), [("HSEP-02", 0)]);
        assert_eq!(rules(&horizon(&[1, 5, 4])), [("HSEP-03", 48)]);
        let mut fewer = horizon(&[1, 2, 3]);
        fewer.triples[1].kib = 9;
        assert_eq!(rules(&fewer), [("HSEP-03", 24)]);
    }

    /// HSEP-04
    #[test]
    fn seven_triples_are_used_and_an_eighth_is_told() {
        let (seven, eight) = (horizon(&[1, 2, 3, 4, 5, 6, 7]), horizon(&[1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!((rules(&seven), rules(&eight)), (vec![], vec![("HSEP-04", 168)]));
        assert_eq!(seven.used(), eight.used());
        assert_eq!(eight.to_string(), "within 7 hops 7 nodes, 10 files, 10 KiB");
    }
}
