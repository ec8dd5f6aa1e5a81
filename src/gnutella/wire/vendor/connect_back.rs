use std::fmt;
use std::net::SocketAddrV4;

use serde::Serialize;

use super::body::Fields;
use super::parts::{Sink, address, put_address};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::Guid;

const TCP_CUT: Expect = Expect::new("VMSG-10", "the request to connect back by TCP ends early");
const UDP_V1_CUT: Expect = Expect::new("VMSG-13", "the request for a ping by UDP ends early");
const UDP_V2_CUT: Expect = Expect::new("VMSG-14", "the request for a ping by UDP ends early");
const TCP_REDIRECT_CUT: Expect = Expect::new("VMSG-28", "the address to try by TCP ends early");
const UDP_REDIRECT_CUT: Expect = Expect::new("VMSG-29", "the address to try by UDP ends early");

/// Asks for a TCP connection to the sender, so that it learns whether it can be reached (VMSG-10).
///
/// ```text
/// 0  2  port, little-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TcpConnectBack {
    pub port: u16,
}

/// Asks for a ping by UDP to the sender (VMSG-13, VMSG-14).
///
/// ```text
/// 0   2  port, little-endian
/// 2  16  GUID of the ping; in version 1 only, version 2 means that of the message
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UdpConnectBack {
    pub port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<Guid>,
}

/// An ultrapeer asks a third servent to try whether a leaf can be reached (VMSG-28, VMSG-29).
///
/// ```text
/// 0  4  IPv4 address of the leaf
/// 4  2  port, little-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Redirect {
    pub address: SocketAddrV4,
}

impl TcpConnectBack {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { port: body.u16_le(TCP_CUT)? })
    }
}

impl UdpConnectBack {
    pub(super) fn decode_v1(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let port = body.u16_le(UDP_V1_CUT)?;
        Ok(Self { port, guid: Some(Guid(body.array(UDP_V1_CUT)?)) })
    }

    pub(super) fn decode_v2(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { port: body.u16_le(UDP_V2_CUT)?, guid: None })
    }
}

impl Redirect {
    pub(super) fn decode_tcp(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { address: address(body, TCP_REDIRECT_CUT)? })
    }

    pub(super) fn decode_udp(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { address: address(body, UDP_REDIRECT_CUT)? })
    }
}

impl Fields for TcpConnectBack {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.port.to_le_bytes());
    }
}

impl Fields for UdpConnectBack {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.port.to_le_bytes());
        if let Some(guid) = self.guid {
            out.put(&guid.0);
        }
    }
}

impl Fields for Redirect {
    fn encode(&self, out: &mut dyn Sink) {
        put_address(out, self.address);
    }
}

impl fmt::Display for TcpConnectBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}", self.port)
    }
}

impl fmt::Display for UdpConnectBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}", self.port)?;
        self.guid.map_or(Ok(()), |guid| write!(f, ", ping {guid}"))
    }
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-10, VMSG-13, VMSG-14
    #[test]
    fn a_request_names_a_port_and_in_one_version_a_guid() {
        let body = b"\xca\x180123456789abcdef";
        let tcp = TcpConnectBack::decode(&mut Reader::new(body)).unwrap();
        assert_eq!(tcp, TcpConnectBack { port: 6346 });
        let v1 = UdpConnectBack::decode_v1(&mut Reader::new(body)).unwrap();
        assert_eq!(v1, UdpConnectBack { port: 6346, guid: Some(Guid(*b"0123456789abcdef")) });
        let v2 = UdpConnectBack::decode_v2(&mut Reader::new(body)).unwrap();
        assert_eq!(v2, UdpConnectBack { port: 6346, guid: None });
        assert_eq!(v2.to_string(), "port 6346");
    }

    /// VMSG-10, VMSG-13, VMSG-14
    #[test]
    fn a_request_that_is_cut_is_refused() {
        let rule = |result: Result<(), Malformed>| result.unwrap_err().rule.id();
        let cut = || Reader::new(b"\xca");
        assert_eq!(rule(TcpConnectBack::decode(&mut cut()).map(drop)), "VMSG-10");
        assert_eq!(rule(UdpConnectBack::decode_v2(&mut cut()).map(drop)), "VMSG-14");
        let guid_cut = &mut Reader::new(b"\xca\x180123456789abcde");
        assert_eq!(rule(UdpConnectBack::decode_v1(guid_cut).map(drop)), "VMSG-13");
    }

    /// VMSG-28, VMSG-29
    #[test]
    fn a_redirect_names_an_address() {
        let body = b"\xcb\x00\x71\x01\xca\x18";
        let redirect = Redirect::decode_tcp(&mut Reader::new(body)).unwrap();
        assert_eq!(redirect.to_string(), "to 203.0.113.1:6346");
        assert_eq!(Redirect::decode_udp(&mut Reader::new(body)), Ok(redirect));
        let cut = &body[..5];
        let faults = [
            Redirect::decode_tcp(&mut Reader::new(cut)).unwrap_err().rule.id(),
            Redirect::decode_udp(&mut Reader::new(cut)).unwrap_err().rule.id(),
        ];
        assert_eq!(faults, ["VMSG-28", "VMSG-29"]);
    }
}
