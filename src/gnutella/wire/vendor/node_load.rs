//! What a node says of its load, if its answer flags announce it (VMSG-22). All numbers are
//! big-endian.

use serde::Serialize;

use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("VMSG-22", "announced information about the node is missing");

/// What the node allows itself to send and to receive: answer flag 0x10.
///
/// ```text
///  0  2  flags
///  2  4  from all
///  6  4  to all
/// 10  4  from leaves
/// 14  4  to leaves
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bandwidth {
    pub flags: u16,
    #[serde(rename = "in")]
    pub incoming: u32,
    #[serde(rename = "out")]
    pub outgoing: u32,
    pub leaves_in: u32,
    pub leaves_out: u32,
}

/// How many packets were dropped: answer flag 0x20.
///
/// ```text
/// 0  4  that were to be sent
/// 4  4  that were received
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    pub sent: u32,
    pub received: u32,
}

/// How many hits there were: answer flag 0x40.
///
/// ```text
///  0  2  results at most
///  2  4  hits on files
///  6  4  hits by TCP
/// 10  4  hits by UDP
/// 14  8  bytes by TCP
/// 22  8  bytes by UDP
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hits {
    pub results_max: u16,
    pub files: u32,
    pub tcp: u32,
    pub udp: u32,
    pub tcp_bytes: u64,
    pub udp_bytes: u64,
}

/// How long the processor worked: answer flag 0x80.
///
/// ```text
/// 0  8  milliseconds for the node
/// 8  8  milliseconds for the system on its behalf
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Processor {
    pub user_ms: u64,
    pub system_ms: u64,
}

impl Bandwidth {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            flags: body.u16_be(CUT)?,
            incoming: body.u32_be(CUT)?,
            outgoing: body.u32_be(CUT)?,
            leaves_in: body.u32_be(CUT)?,
            leaves_out: body.u32_be(CUT)?,
        })
    }

    pub(super) fn encode(self, out: &mut dyn Sink) {
        out.put(&self.flags.to_be_bytes());
        out.put(&self.incoming.to_be_bytes());
        out.put(&self.outgoing.to_be_bytes());
        out.put(&self.leaves_in.to_be_bytes());
        out.put(&self.leaves_out.to_be_bytes());
    }
}

impl Dropped {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { sent: body.u32_be(CUT)?, received: body.u32_be(CUT)? })
    }

    pub(super) fn encode(self, out: &mut dyn Sink) {
        out.put(&self.sent.to_be_bytes());
        out.put(&self.received.to_be_bytes());
    }
}

impl Hits {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            results_max: body.u16_be(CUT)?,
            files: body.u32_be(CUT)?,
            tcp: body.u32_be(CUT)?,
            udp: body.u32_be(CUT)?,
            tcp_bytes: u64_be(body)?,
            udp_bytes: u64_be(body)?,
        })
    }

    pub(super) fn encode(self, out: &mut dyn Sink) {
        out.put(&self.results_max.to_be_bytes());
        out.put(&self.files.to_be_bytes());
        out.put(&self.tcp.to_be_bytes());
        out.put(&self.udp.to_be_bytes());
        out.put(&self.tcp_bytes.to_be_bytes());
        out.put(&self.udp_bytes.to_be_bytes());
    }
}

impl Processor {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { user_ms: u64_be(body)?, system_ms: u64_be(body)? })
    }

    pub(super) fn encode(self, out: &mut dyn Sink) {
        out.put(&self.user_ms.to_be_bytes());
        out.put(&self.system_ms.to_be_bytes());
    }
}

fn u64_be(body: &mut Reader<'_>) -> Result<u64, Malformed> {
    body.array(CUT).map(u64::from_be_bytes)
}
