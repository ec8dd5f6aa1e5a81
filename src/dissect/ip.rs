use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fields::{byte, take, take_slice, u16_be};

pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;

/// An IP packet of either version, without its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) protocol: u8,
    pub(super) is_fragment: bool,
    /// Without the padding that a link layer may add.
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that were sent but not recorded.
    pub(super) unrecorded_len: usize,
    /// Bytes of padding behind the payload.
    pub(super) surplus_len: usize,
}

/// Reads the version off the first four bits.
pub(super) fn any_version(data: &[u8]) -> Option<Datagram<'_>> {
    match data.first()? >> 4 {
        4 => version_4(data),
        6 => version_6(data),
        _ => None,
    }
}

/// ```text
/// 0 1 version, header length in units of four bytes    9  1  protocol
/// 2 2 length of all of it; 0 where the network card    12 4  source
///     was to split the packet                          16 4  destination
/// 6 2 flags and fragment offset                        20    options, then the payload
/// ```
pub(super) fn version_4(data: &[u8]) -> Option<Datagram<'_>> {
    let mut rest = data;
    let version_and_len = byte(&mut rest)?;
    if version_and_len >> 4 != 4 {
        return None;
    }
    let header_len = usize::from(version_and_len & 0x0f).saturating_mul(4);
    byte(&mut rest)?;
    let total_len = usize::from(u16_be(&mut rest)?);
    take::<2>(&mut rest)?;
    let fragment = u16_be(&mut rest)?;
    byte(&mut rest)?;
    let protocol = byte(&mut rest)?;
    take::<2>(&mut rest)?;
    let from = IpAddr::V4(Ipv4Addr::from(take::<4>(&mut rest)?));
    let to = IpAddr::V4(Ipv4Addr::from(take::<4>(&mut rest)?));
    take_slice(&mut rest, header_len.checked_sub(20)?)?;
    let payload_len = match total_len {
        0 => rest.len(),
        _ => total_len.checked_sub(header_len)?,
    };
    // The flag "more fragments follow", and the offset of this one.
    let is_fragment = fragment & 0x3fff != 0;
    let ends = Ends { from, to, protocol, is_fragment };
    Some(ends.with_payload(rest, payload_len))
}

/// ```text
///  0  4  version, class, flow       8 16  source
///  4  2  length of what follows    24 16  destination
///  6  1  next header               40     extension headers, then the payload
/// ```
pub(super) fn version_6(data: &[u8]) -> Option<Datagram<'_>> {
    let mut rest = data;
    if take::<4>(&mut rest)?.first()? >> 4 != 6 {
        return None;
    }
    let payload_len = usize::from(u16_be(&mut rest)?);
    let mut protocol = byte(&mut rest)?;
    byte(&mut rest)?;
    let from = IpAddr::V6(Ipv6Addr::from(take::<16>(&mut rest)?));
    let to = IpAddr::V6(Ipv6Addr::from(take::<16>(&mut rest)?));
    let payload_len = if payload_len == 0 { rest.len() } else { payload_len };
    let behind_header_len = rest.len();
    let mut is_fragment = false;
    while let HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION_OPTIONS | MOBILITY =
        protocol
    {
        is_fragment |= protocol == FRAGMENT && is_a_piece(rest)?;
        protocol = extension(protocol, &mut rest)?;
    }
    let extensions_len = behind_header_len.saturating_sub(rest.len());
    let payload_len = payload_len.checked_sub(extensions_len)?;
    let ends = Ends { from, to, protocol, is_fragment };
    Some(ends.with_payload(rest, payload_len))
}

/// Skips an extension header; the number of what follows it comes back.
fn extension(kind: u8, rest: &mut &[u8]) -> Option<u8> {
    let next = byte(rest)?;
    let len = usize::from(byte(rest)?);
    let header_len = match kind {
        FRAGMENT => 8,
        AUTHENTICATION => len.saturating_add(2).saturating_mul(4),
        _ => len.saturating_add(1).saturating_mul(8),
    };
    take_slice(rest, header_len.saturating_sub(2))?;
    Some(next)
}

/// False for a fragment header that says: the first and the last piece.
fn is_a_piece(mut fragment: &[u8]) -> Option<bool> {
    take::<2>(&mut fragment)?;
    Some(u16_be(&mut fragment)? & 0xfff9 != 0)
}

/// All of a datagram but its payload.
struct Ends {
    from: IpAddr,
    to: IpAddr,
    protocol: u8,
    is_fragment: bool,
}

impl Ends {
    /// Cuts what was recorded to the length that the header announced.
    fn with_payload(self, recorded: &[u8], payload_len: usize) -> Datagram<'_> {
        let Self { from, to, protocol, is_fragment } = self;
        Datagram {
            from,
            to,
            protocol,
            is_fragment,
            payload: recorded.get(..payload_len).unwrap_or(recorded),
            unrecorded_len: payload_len.saturating_sub(recorded.len()),
            surplus_len: recorded.len().saturating_sub(payload_len),
        }
    }
}
