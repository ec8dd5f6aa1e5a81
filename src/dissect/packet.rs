use std::net::{IpAddr, SocketAddr};

use super::fields::{byte, take, take_slice, u16_be, u32_be};
use super::ip::{self, Datagram};

const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_IPV6: u16 = 0x86dd;
/// VLAN tags: 802.1Q, 802.1ad, and the number used before the latter.
const ETHERTYPES_VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];

/// Short frames of Ethernet are filled up to 60 bytes, and perhaps have a checksum behind them.
const PADDING_LEN_MAX: usize = 60;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// What the first bytes of a recorded packet are, in the numbers that all capture formats share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkType(pub(super) u32);

/// What a recorded packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Tcp(TcpSegment<'a>),
    Udp(UdpDatagram<'a>),
    /// A piece of a TCP or UDP packet that the network had to split.
    Fragment(Fragment),
    /// Nothing that this room is about, or not understood.
    Other,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TcpSegment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that were sent but not recorded.
    pub(super) unrecorded_len: usize,
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UdpDatagram<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that were sent but not recorded.
    pub(super) unrecorded_len: usize,
}

/// A piece of an IP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) is_tcp: bool,
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) len: usize,
}

impl LinkType {
    pub(super) const ETHERNET: Self = Self(1);
    pub(super) const RAW_IP: Self = Self(101);

    /// True for TCP or UDP in a packet with a length that fits: nothing is missing, and nothing
    /// but the padding of Ethernet follows it.
    pub(super) fn is_exactly(self, data: &[u8]) -> bool {
        let Some(datagram) = self.datagram(data) else {
            return false;
        };
        let surplus_len_max = if self == Self::ETHERNET { PADDING_LEN_MAX } else { 0 };
        let fits = datagram.unrecorded_len == 0 && datagram.surplus_len <= surplus_len_max;
        fits && content(datagram).is_some()
    }

    /// True for the link types that can be read.
    pub(super) const fn is_known(self) -> bool {
        matches!(self.0, 0 | 1 | 12 | 14 | 101 | 108 | 113 | 228 | 229 | 276)
    }

    /// Finds the TCP or UDP packet in what was recorded.
    pub(super) fn content(self, data: &[u8]) -> Content<'_> {
        self.datagram(data).and_then(content).unwrap_or(Content::Other)
    }

    fn datagram(self, mut data: &[u8]) -> Option<Datagram<'_>> {
        match self.0 {
            // BSD loopback: the address family in the byte order of the machine, or the network's.
            0 | 108 => {
                take::<4>(&mut data)?;
                ip::any_version(data)
            }
            // Ethernet.
            1 => {
                take::<12>(&mut data)?;
                let ethertype = u16_be(&mut data)?;
                ip_by_ethertype(ethertype, data)
            }
            // Bare IP, under its own number and under two that leaked out of old systems.
            12 | 14 | 101 => ip::any_version(data),
            // "Cooked" packets of Linux, which know no link layer.
            113 => {
                take::<14>(&mut data)?;
                let ethertype = u16_be(&mut data)?;
                ip_by_ethertype(ethertype, data)
            }
            228 => ip::version_4(data),
            229 => ip::version_6(data),
            // The same, second version.
            276 => {
                let ethertype = u16_be(&mut data)?;
                take::<18>(&mut data)?;
                ip_by_ethertype(ethertype, data)
            }
            _ => None,
        }
    }
}

fn ip_by_ethertype(mut ethertype: u16, mut data: &[u8]) -> Option<Datagram<'_>> {
    while ETHERTYPES_VLAN.contains(&ethertype) {
        take::<2>(&mut data)?;
        ethertype = u16_be(&mut data)?;
    }
    match ethertype {
        ETHERTYPE_IPV4 => ip::version_4(data),
        ETHERTYPE_IPV6 => ip::version_6(data),
        _ => None,
    }
}

fn content(datagram: Datagram<'_>) -> Option<Content<'_>> {
    if !matches!(datagram.protocol, ip::TCP | ip::UDP) {
        return None;
    }
    let is_tcp = datagram.protocol == ip::TCP;
    if datagram.is_fragment {
        let Datagram { from, to, payload, .. } = datagram;
        return Some(Content::Fragment(Fragment { is_tcp, from, to, len: payload.len() }));
    }
    if is_tcp { tcp(&datagram).map(Content::Tcp) } else { udp(&datagram).map(Content::Udp) }
}

/// ```text
///  0  2  source port       12  1  header length in units of four bytes, in the high four bits
///  2  2  destination port  13  1  flags
///  4  4  sequence number   14  6  window, checksum, urgent pointer
///  8  4  acknowledgement   20     options up to the header length, then the payload
/// ```
fn tcp<'a>(datagram: &Datagram<'a>) -> Option<TcpSegment<'a>> {
    let mut rest = datagram.payload;
    let (from, to) = (u16_be(&mut rest)?, u16_be(&mut rest)?);
    let (sequence, acknowledged) = (u32_be(&mut rest)?, u32_be(&mut rest)?);
    let header_len = usize::from(byte(&mut rest)? >> 4).saturating_mul(4);
    let flags = byte(&mut rest)?;
    take_slice(&mut rest, 6)?;
    take_slice(&mut rest, header_len.checked_sub(20)?)?;
    Some(TcpSegment {
        from: SocketAddr::new(datagram.from, from),
        to: SocketAddr::new(datagram.to, to),
        sequence,
        acknowledged: (flags & ACK != 0).then_some(acknowledged),
        syn: flags & SYN != 0,
        fin: flags & FIN != 0,
        rst: flags & RST != 0,
        payload: rest,
        unrecorded_len: datagram.unrecorded_len,
    })
}

fn udp<'a>(datagram: &Datagram<'a>) -> Option<UdpDatagram<'a>> {
    let mut rest = datagram.payload;
    let (from, to) = (u16_be(&mut rest)?, u16_be(&mut rest)?);
    let payload_len = usize::from(u16_be(&mut rest)?).checked_sub(8)?;
    u16_be(&mut rest)?;
    Some(UdpDatagram {
        from: SocketAddr::new(datagram.from, from),
        to: SocketAddr::new(datagram.to, to),
        payload: rest.get(..payload_len).unwrap_or(rest),
        unrecorded_len: payload_len.saturating_sub(rest.len()),
    })
}
