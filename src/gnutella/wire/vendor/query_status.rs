use std::fmt;

use serde::Serialize;

use super::body::Fields;
use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const NO_HOPS: Expect = Expect::new("VMSG-09", "the flow of hops has no number");
const STATUS_CUT: Expect = Expect::new("VMSG-12", "the query status ends early");

/// Asks for those queries only that have come fewer hops than this (VMSG-09).
///
/// ```text
/// 0  1  hops: 0 no queries at all, 255 all
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HopsFlow {
    pub hops: u8,
}

/// Tells an ultrapeer how many hits the leaf kept of a query, named by the GUID (VMSG-12).
///
/// ```text
/// 0  2  number of hits, little-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QueryStatus {
    pub results: u16,
}

impl HopsFlow {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { hops: body.u8(NO_HOPS)? })
    }
}

impl QueryStatus {
    /// The leaf has enough, or lost interest.
    pub const STOP: Self = Self { results: u16::MAX };

    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { results: body.u16_le(STATUS_CUT)? })
    }
}

impl Fields for HopsFlow {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.hops]);
    }
}

impl Fields for QueryStatus {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.results.to_le_bytes());
    }
}

impl fmt::Display for HopsFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hops {
            0 => f.write_str("no queries"),
            u8::MAX => f.write_str("all queries"),
            hops => write!(f, "below {hops} hops"),
        }
    }
}

impl fmt::Display for QueryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::STOP => f.write_str("stop"),
            Self { results } => write!(f, "{results} hits kept"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-09
    #[test]
    fn hops_are_one_byte() {
        let flow = |body| HopsFlow::decode(&mut Reader::new(body));
        assert_eq!(flow(b"\x05").unwrap(), HopsFlow { hops: 5 });
        assert_eq!(flow(b"").unwrap_err().rule.id(), "VMSG-09");
        let shown = [0, 5, 255].map(|hops| HopsFlow { hops }.to_string());
        assert_eq!(shown, ["no queries", "below 5 hops", "all queries"]);
    }

    /// VMSG-12
    #[test]
    fn a_status_is_two_bytes_low_byte_first() {
        let status = |body| QueryStatus::decode(&mut Reader::new(body));
        assert_eq!(status(b"\x03\x01").unwrap(), QueryStatus { results: 0x0103 });
        assert_eq!(status(b"\xff\xff").unwrap(), QueryStatus::STOP);
        assert_eq!(status(b"\x03").unwrap_err().rule.id(), "VMSG-12");
        assert_eq!(QueryStatus { results: 3 }.to_string(), "3 hits kept");
    }
}
