use super::capture::{Item, Packet};
use super::fields::{Endian, take, take_slice};
use super::packet::LinkType;
use super::time::Timestamp;
use crate::base::limits::CAPTURE_BLOCK_LEN_MAX;

const FILE_HEADER_LEN: u64 = 24;
const PACKET_HEADER_LEN: usize = 16;

/// The classic format of tcpdump.
///
/// ```text
///  0  4  magic: says the byte order, and whether times are in micro- or nanoseconds
///  4 16  version, time zone, accuracy, longest packet
/// 20  4  link type in the low 16 bits
///
/// then a packet after the other:
///  0  4  seconds since 1970     8  4  bytes recorded
///  4  4  micro- or nanoseconds 12  4  bytes that the packet had
/// 16     the bytes recorded
/// ```
#[derive(Debug)]
pub(super) struct Pcap {
    endian: Endian,
    nanoseconds_per_tick: u64,
    /// Known as soon as the header of the file has been read.
    link: Option<LinkType>,
}

impl Pcap {
    /// Recognises the file by its first four bytes.
    pub(super) fn detect(mut front: &[u8]) -> Option<Self> {
        let (endian, nanoseconds_per_tick) = match take(&mut front)? {
            [0xd4, 0xc3, 0xb2, 0xa1] => (Endian::Little, 1000),
            [0xa1, 0xb2, 0xc3, 0xd4] => (Endian::Big, 1000),
            [0x4d, 0x3c, 0xb2, 0xa1] => (Endian::Little, 1),
            [0xa1, 0xb2, 0x3c, 0x4d] => (Endian::Big, 1),
            _ => return None,
        };
        Some(Self { endian, nanoseconds_per_tick, link: None })
    }

    /// What stands at the front of `bytes`.
    pub(super) fn item(&mut self, bytes: &[u8]) -> Result<Item, &'static str> {
        let Some(link) = self.link else {
            return Ok(self.file_header(bytes).unwrap_or(Item::Incomplete));
        };
        let Some((time, len)) = self.packet_header(bytes) else {
            return Ok(Item::Incomplete);
        };
        if len > CAPTURE_BLOCK_LEN_MAX {
            return Err("a packet longer than any network carries");
        }
        let packet_len = PACKET_HEADER_LEN.saturating_add(len);
        Ok(bytes.get(PACKET_HEADER_LEN..packet_len).map_or(Item::Incomplete, |data| {
            Item::Packet(Packet { time: Some(time), link, data: data.to_vec() }, packet_len)
        }))
    }

    fn file_header(&mut self, mut bytes: &[u8]) -> Option<Item> {
        take_slice(&mut bytes, 20)?;
        let link = self.endian.u32(&mut bytes)?;
        self.link = Some(LinkType(link & 0xffff));
        Some(Item::Skip(FILE_HEADER_LEN))
    }

    fn packet_header(&self, mut bytes: &[u8]) -> Option<(Timestamp, usize)> {
        let seconds = self.endian.u32(&mut bytes)?;
        let ticks = self.endian.u32(&mut bytes)?;
        let recorded_len = self.endian.u32(&mut bytes)?;
        self.endian.u32(&mut bytes)?;
        let nanoseconds = u64::from(ticks).saturating_mul(self.nanoseconds_per_tick);
        let time = Timestamp::from_parts(u64::from(seconds), nanoseconds);
        Some((time, usize::try_from(recorded_len).unwrap_or(usize::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_header(magic: [u8; 4]) -> Vec<u8> {
        let mut header = magic.to_vec();
        header.extend([0; 16]);
        header.extend([113, 0, 0, 0]);
        header
    }

    fn packet_of(len: u32) -> Vec<u8> {
        [1_795_190_571, 245_386, len, len]
            .iter()
            .flat_map(|field: &u32| field.to_le_bytes())
            .collect()
    }

    #[test]
    fn the_magic_says_what_a_tick_is() {
        for (magic, time) in [
            ([0xd4, 0xc3, 0xb2, 0xa1], "2026-11-20T16:02:51.245386Z"),
            ([0x4d, 0x3c, 0xb2, 0xa1], "2026-11-20T16:02:51.000245Z"),
        ] {
            let mut pcap = Pcap::detect(&magic).unwrap();
            assert!(matches!(pcap.item(&file_header(magic)), Ok(Item::Skip(24))));
            let Ok(Item::Packet(packet, 16)) = pcap.item(&packet_of(0)) else { panic!() };
            assert_eq!(packet.time.unwrap().to_string(), time);
            assert_eq!(packet.link, LinkType(113));
        }
    }

    #[test]
    fn a_packet_over_the_limit_is_refused_before_it_arrives() {
        let mut pcap = Pcap::detect(&[0xd4, 0xc3, 0xb2, 0xa1]).unwrap();
        pcap.item(&file_header([0xd4, 0xc3, 0xb2, 0xa1])).unwrap();
        let len_max = u32::try_from(CAPTURE_BLOCK_LEN_MAX).unwrap();
        assert!(matches!(pcap.item(&packet_of(len_max)), Ok(Item::Incomplete)));
        assert!(pcap.item(&packet_of(len_max + 1)).is_err());
    }
}
