//! What several messages have in common.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{Bytes, BytesMut};

use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::GgepArea;
use crate::gnutella::wire::ggep::{Items, Place};

/// Where the bytes of a body go: into a buffer, or nowhere but counted.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for BytesMut {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// How many bytes were put here.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count(pub(super) usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

/// Four bytes of IPv4 address and two of port, low byte first.
pub(super) fn address(body: &mut Reader<'_>, cut: Expect) -> Result<SocketAddrV4, Malformed> {
    let ip = Ipv4Addr::from(body.array(cut)?);
    Ok(SocketAddrV4::new(ip, body.u16_le(cut)?))
}

/// Appends what [`address`] reads.
pub(super) fn put_address(out: &mut dyn Sink, address: SocketAddrV4) {
    out.put(&address.ip().octets());
    out.put(&address.port().to_le_bytes());
}

/// The one GGEP block that begins here. Where none can be read, nothing is consumed.
pub(super) fn block(
    payload: &Bytes,
    body: &mut Reader<'_>,
    place: Place,
    not_ggep: Expect,
) -> Result<GgepArea, Malformed> {
    let mut items = Items::one_block(body.rest(), 0);
    if !items.by_ref().all(|item| item.is_ok()) {
        return Err(not_ggep.broken_at(body.offset()));
    }
    let block = body.take(items.offset(), not_ggep)?;
    Ok(GgepArea::new(payload.slice_ref(block), place))
}
