//! Addresses with their port, as six bytes (FTWIRE-01).

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{BufMut, BytesMut};

use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

pub(super) fn take(reader: &mut Reader<'_>, cut: Expect) -> Result<SocketAddrV4, Malformed> {
    let ip = Ipv4Addr::from(reader.array(cut)?);
    Ok(SocketAddrV4::new(ip, reader.u16_be(cut)?))
}

pub(super) fn put(out: &mut BytesMut, address: SocketAddrV4) {
    out.put_slice(&address.ip().octets());
    out.put_u16(address.port());
}
