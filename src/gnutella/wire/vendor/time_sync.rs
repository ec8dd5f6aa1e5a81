use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::body::Fields;
use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const REQUEST_CUT: Expect = Expect::new("VMSG-15", "the question for the time has no flags");
const REPLY_CUT: Expect = Expect::new("VMSG-16", "the time ends early");

const NTP: u8 = 0x01;

/// Asks what time it is (VMSG-15).
///
/// ```text
/// 0  1  flags: 0x01 the clock of the sender is set by NTP
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSyncRequest {
    flags: u8,
}

/// Tells when the request came in (VMSG-16).
///
/// ```text
/// 0  1  flags, as in the request
/// 1  4  seconds since 1970, big-endian
/// 5  4  microseconds, big-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSyncReply {
    flags: u8,
    pub seconds: u32,
    pub microseconds: u32,
}

impl TimeSyncRequest {
    /// A question by somebody whose clock is set by NTP, or not.
    pub const fn new(ntp: bool) -> Self {
        Self { flags: if ntp { NTP } else { 0 } }
    }

    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { flags: body.u8(REQUEST_CUT)? })
    }

    /// The clock of the sender is set by NTP.
    pub const fn ntp(self) -> bool {
        self.flags & NTP != 0
    }
}

impl TimeSyncReply {
    /// An answer by somebody whose clock is set by NTP, or not.
    pub const fn new(ntp: bool, seconds: u32, microseconds: u32) -> Self {
        Self { flags: TimeSyncRequest::new(ntp).flags, seconds, microseconds }
    }

    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let flags = body.u8(REPLY_CUT)?;
        let (seconds, microseconds) = (body.u32_be(REPLY_CUT)?, body.u32_be(REPLY_CUT)?);
        Ok(Self { flags, seconds, microseconds })
    }

    /// The clock of the sender is set by NTP.
    pub const fn ntp(self) -> bool {
        self.flags & NTP != 0
    }
}

impl Fields for TimeSyncRequest {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.flags]);
    }
}

impl Fields for TimeSyncReply {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.flags]);
        out.put(&self.seconds.to_be_bytes());
        out.put(&self.microseconds.to_be_bytes());
    }
}

impl Serialize for TimeSyncRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("ntp", self.ntp())])
    }
}

impl Serialize for TimeSyncReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ntp", &self.ntp())?;
        map.serialize_entry("seconds", &self.seconds)?;
        map.serialize_entry("microseconds", &self.microseconds)?;
        map.end()
    }
}

const fn clock(ntp: bool) -> &'static str {
    if ntp { "clock set by NTP" } else { "clock not set by NTP" }
}

impl fmt::Display for TimeSyncRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(clock(self.ntp()))
    }
}

impl fmt::Display for TimeSyncReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s, {}", self.seconds, self.microseconds, clock(self.ntp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-15
    #[test]
    fn other_flags_are_ignored_and_never_set() {
        let request = |body| TimeSyncRequest::decode(&mut Reader::new(body));
        assert!(request(b"\xff").unwrap().ntp() && !request(b"\xfe").unwrap().ntp());
        assert_eq!(request(b"\x01"), Ok(TimeSyncRequest::new(true)));
        assert_eq!(request(b"\x00"), Ok(TimeSyncRequest::new(false)));
        assert_eq!(request(b"").unwrap_err().rule.id(), "VMSG-15");
    }

    /// VMSG-16
    #[test]
    fn the_time_is_big_endian() {
        let body = b"\x01\x6b\x00\x6f\x39\x00\x07\xd1\xba";
        let reply = TimeSyncReply::decode(&mut Reader::new(body)).unwrap();
        assert_eq!(reply, TimeSyncReply::new(true, 0x6b00_6f39, 0x0007_d1ba));
        assert_eq!(reply.to_string(), "1795190585.512442 s, clock set by NTP");
        let cut = TimeSyncReply::decode(&mut Reader::new(&body[..8])).unwrap_err();
        assert_eq!(cut.rule.id(), "VMSG-16");
    }
}
