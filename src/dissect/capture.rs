use bytes::{Buf, BytesMut};
use thiserror::Error;

use super::packet::LinkType;
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use super::time::Timestamp;

/// A packet as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// When; a simple packet block of pcapng does not say it.
    pub(super) time: Option<Timestamp>,
    /// What the first bytes of `data` are.
    pub(super) link: LinkType,
    /// From the link layer up, as much of it as was recorded.
    pub(super) data: Vec<u8>,
}

/// A capture that contradicts itself: nothing behind this point can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the capture is damaged at byte {offset}: {what}")]
pub struct Damaged {
    /// Where the packet or block that does not fit begins, counted from the start of the file.
    pub offset: u64,
    /// What does not fit.
    pub what: &'static str,
}

/// Takes the packets out of a capture that arrives in pieces of any size.
#[derive(Debug)]
pub(super) struct CaptureReader {
    format: Format,
    buffer: BytesMut,
    /// Bytes of the file that are behind us.
    consumed: u64,
    /// Bytes of a block without packets that are still to come.
    to_skip: u64,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// What stands at the front of the buffer.
#[derive(Debug)]
pub(super) enum Item {
    /// A whole packet, and how many bytes it took in the file.
    Packet(Packet, usize),
    /// Bytes without a packet; there may be more of them than have arrived.
    Skip(u64),
    /// Too little to say.
    Incomplete,
}

impl CaptureReader {
    /// A reader for the capture that begins with `front`, if it is in a format known here.
    pub(super) fn detect(front: &[u8]) -> Option<Self> {
        let format = Pcap::detect(front)
            .map(Format::Pcap)
            .or_else(|| Pcapng::detect(front).map(Format::Pcapng))?;
        Some(Self { format, buffer: BytesMut::new(), consumed: 0, to_skip: 0 })
    }

    /// More of the file.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.skip_arrived();
    }

    /// The next packet that has arrived as a whole.
    pub(super) fn next_packet(&mut self) -> Result<Option<Packet>, Damaged> {
        while self.to_skip == 0 {
            let item = match &mut self.format {
                Format::Pcap(pcap) => pcap.item(&self.buffer),
                Format::Pcapng(pcapng) => pcapng.item(&self.buffer),
            };
            match item.map_err(|what| Damaged { offset: self.consumed, what })? {
                Item::Packet(packet, len) => {
                    self.advance(len);
                    return Ok(Some(packet));
                }
                Item::Skip(len) => {
                    self.to_skip = len;
                    self.skip_arrived();
                }
                Item::Incomplete => break,
            }
        }
        Ok(None)
    }

    /// True when the file could end here: not within a packet or a block.
    pub(super) fn is_between_packets(&self) -> bool {
        self.buffer.is_empty() && self.to_skip == 0
    }

    fn skip_arrived(&mut self) {
        let arrived = usize::try_from(self.to_skip).unwrap_or(usize::MAX).min(self.buffer.len());
        self.advance(arrived);
        self.to_skip = self.to_skip.saturating_sub(arrived as u64);
    }

    fn advance(&mut self, len: usize) {
        let len = len.min(self.buffer.len());
        self.buffer.advance(len);
        self.consumed = self.consumed.saturating_add(len as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A big-endian pcap file with one packet of four bytes.
    const FILE: [u8; 44] = [
        0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0,
        101, //
        0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, b'd', b'a', b't', b'a',
    ];

    #[test]
    fn a_file_may_arrive_in_pieces_of_any_size() {
        for piece_len in 1..=FILE.len() {
            let mut reader = CaptureReader::detect(&FILE).unwrap();
            let mut seen = Vec::new();
            for piece in FILE.chunks(piece_len) {
                reader.push(piece);
                seen.extend(reader.next_packet().unwrap());
            }
            assert_eq!(seen.len(), 1, "in pieces of {piece_len}");
            assert_eq!(seen[0].data, b"data");
            assert!(reader.is_between_packets());
        }
    }

    #[test]
    fn a_file_that_ends_within_a_packet_is_noticed() {
        for len in 25..FILE.len() {
            let mut reader = CaptureReader::detect(&FILE).unwrap();
            reader.push(&FILE[..len]);
            assert_eq!(reader.next_packet(), Ok(None));
            assert!(!reader.is_between_packets(), "at {len}");
        }
    }

    #[test]
    fn an_impossible_length_is_damage_with_its_place() {
        let mut file = FILE;
        file[32] = 0x7f;
        let mut reader = CaptureReader::detect(&file).unwrap();
        reader.push(&file);
        assert_eq!(reader.next_packet().unwrap_err().offset, 24);
    }

    #[test]
    fn other_files_are_no_captures() {
        assert!(CaptureReader::detect(b"").is_none());
        assert!(CaptureReader::detect(b"\xd4\xc3\xb2").is_none());
        assert!(CaptureReader::detect(b"GNUTELLA CONNECT/0.6\r\n").is_none());
    }
}
