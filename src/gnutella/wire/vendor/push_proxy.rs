use std::fmt;
use std::net::SocketAddrV4;

use serde::Serialize;

use super::body::Fields;
use super::parts::{Sink, address, put_address};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const V1_CUT: Expect = Expect::new("VMSG-36", "the port of the push proxy ends early");
const V2_CUT: Expect = Expect::new("VMSG-37", "the address of the push proxy ends early");

/// An ultrapeer will take pushes for a leaf, named by the GUID, at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PushProxyAcknowledgement {
    /// Version 1 (VMSG-36); the address is that of the connection.
    ///
    /// ```text
    /// 0  2  port, little-endian
    /// ```
    Port { port: u16 },
    /// Version 2 (VMSG-37).
    ///
    /// ```text
    /// 0  4  IPv4 address
    /// 4  2  port, little-endian
    /// ```
    Address { address: SocketAddrV4 },
}

impl PushProxyAcknowledgement {
    pub(super) fn decode_v1(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::Port { port: body.u16_le(V1_CUT)? })
    }

    pub(super) fn decode_v2(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::Address { address: address(body, V2_CUT)? })
    }
}

impl Fields for PushProxyAcknowledgement {
    fn encode(&self, out: &mut dyn Sink) {
        match *self {
            Self::Port { port } => out.put(&port.to_le_bytes()),
            Self::Address { address } => put_address(out, address),
        }
    }
}

impl fmt::Display for PushProxyAcknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { port } => write!(f, "at port {port}"),
            Self::Address { address } => write!(f, "at {address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-36, VMSG-37
    #[test]
    fn a_proxy_names_its_port_or_its_address() {
        let decode_v1 = |body| PushProxyAcknowledgement::decode_v1(&mut Reader::new(body));
        let decode_v2 = |body| PushProxyAcknowledgement::decode_v2(&mut Reader::new(body));
        assert_eq!(decode_v1(b"\xca\x18").unwrap().to_string(), "at port 6346");
        let v2 = decode_v2(b"\x2d\x0f\x00\x02\xca\x18").unwrap();
        assert_eq!(serde_json::to_string(&v2).unwrap(), r#"{"address":"45.15.0.2:6346"}"#);
        assert_eq!(decode_v1(b"\xca").unwrap_err().rule.id(), "VMSG-36");
        assert_eq!(decode_v2(b"\x2d\x0f\x00\x02\xca").unwrap_err().rule.id(), "VMSG-37");
    }
}
