use super::capture::{Item, Packet};
use super::fields::{Endian, byte, take, take_slice};
use super::packet::LinkType;
use super::time::Timestamp;
use crate::base::limits::{
    CAPTURE_BLOCK_LEN_MAX, CAPTURE_INTERFACES_MAX, CAPTURE_OTHER_BLOCK_LEN_MAX,
};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Type and length in front of a block, and the length again behind it.
const FRAMING_LEN: usize = 12;

const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// The format of Wireshark: a file is a list of blocks, in sections that may differ in byte order.
///
/// ```text
///  0  4  block type           12  4  (section header only) magic: the byte order
///  4  4  length of the block   n  4  length of the block again
/// ```
#[derive(Debug)]
pub(super) struct Pcapng {
    endian: Endian,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    snap_len: usize,
    tick: Tick,
    offset_seconds: i64,
}

/// What a time is counted in.
#[derive(Clone, Copy, Debug)]
enum Tick {
    /// 10^-n seconds.
    Decimal(u32),
    /// 2^-n seconds.
    Binary(u32),
}

impl Pcapng {
    /// Recognises the file by the type of its first block, which reads the same in both orders.
    pub(super) fn detect(mut front: &[u8]) -> Option<Self> {
        let kind = u32::from_be_bytes(take(&mut front)?);
        (kind == SECTION_HEADER).then(|| Self { endian: Endian::Little, interfaces: Vec::new() })
    }

    /// What stands at the front of `bytes`.
    pub(super) fn item(&mut self, bytes: &[u8]) -> Result<Item, &'static str> {
        let Some(kind) = self.kind(bytes)? else {
            return Ok(Item::Incomplete);
        };
        let Some(len) = self.endian.u32(&mut bytes.get(4..).unwrap_or_default()) else {
            return Ok(Item::Incomplete);
        };
        let block_len = usize::try_from(len).unwrap_or(usize::MAX);
        if block_len < FRAMING_LEN || len % 4 != 0 {
            return Err("a block with a length that no block has");
        }
        check_len(kind, block_len)?;
        let Some(block) = bytes.get(..block_len) else {
            return Ok(Item::Incomplete);
        };
        let (front, mut behind) = block.split_at(block_len.saturating_sub(4));
        if self.endian.u32(&mut behind) != Some(len) {
            return Err("a block whose two lengths differ");
        }
        self.block(kind, front.get(8..).unwrap_or_default(), block_len)
    }

    /// The type of the block; where it opens a section, the byte order changes with it.
    fn kind(&mut self, bytes: &[u8]) -> Result<Option<u32>, &'static str> {
        let Some(kind) = self.endian.u32(&mut &*bytes) else {
            return Ok(None);
        };
        if kind == SECTION_HEADER {
            let Some(magic) = bytes.get(8..12) else {
                return Ok(None);
            };
            self.endian = match magic {
                [0x4d, 0x3c, 0x2b, 0x1a] => Endian::Little,
                [0x1a, 0x2b, 0x3c, 0x4d] => Endian::Big,
                _ => return Err("a section without a byte order"),
            };
            self.interfaces.clear();
        }
        Ok(Some(kind))
    }

    fn block(&mut self, kind: u32, body: &[u8], block_len: usize) -> Result<Item, &'static str> {
        if kind == INTERFACE_DESCRIPTION {
            if self.interfaces.len() >= CAPTURE_INTERFACES_MAX {
                return Err("more interfaces than a machine has");
            }
            self.interfaces.push(self.interface(body).ok_or("an interface cut short")?);
            return Ok(Item::Skip(block_len as u64));
        }
        let packet = match kind {
            SIMPLE_PACKET => self.simple_packet(body),
            OBSOLETE_PACKET => self.obsolete_packet(body),
            ENHANCED_PACKET => self.enhanced_packet(body),
            _ => return Ok(Item::Skip(block_len as u64)),
        };
        let packet = packet.ok_or("a packet that leaves its block, or of an unknown interface")?;
        Ok(Item::Packet(packet, block_len))
    }

    fn interface(&self, mut body: &[u8]) -> Option<Interface> {
        let link = LinkType(u32::from(self.endian.u16(&mut body)?));
        self.endian.u16(&mut body)?;
        let snap_len = match self.endian.u32(&mut body)? {
            0 => usize::MAX,
            len => usize::try_from(len).unwrap_or(usize::MAX),
        };
        let mut interface = Interface { link, snap_len, tick: Tick::Decimal(6), offset_seconds: 0 };
        while let Some((code, value)) = self.option(&mut body) {
            interface.set(code, value, self.endian);
        }
        Some(interface)
    }

    fn option<'a>(&self, body: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
        let code = self.endian.u16(body).filter(|&code| code != 0)?;
        let len = usize::from(self.endian.u16(body)?);
        let value = take_slice(body, len.next_multiple_of(4))?;
        Some((code, value.get(..len)?))
    }

    fn enhanced_packet(&self, mut body: &[u8]) -> Option<Packet> {
        let interface = self.endian.u32(&mut body)?;
        self.stamped_packet(usize::try_from(interface).ok()?, body)
    }

    fn obsolete_packet(&self, mut body: &[u8]) -> Option<Packet> {
        let interface = self.endian.u16(&mut body)?;
        self.endian.u16(&mut body)?;
        self.stamped_packet(usize::from(interface), body)
    }

    fn stamped_packet(&self, interface: usize, mut body: &[u8]) -> Option<Packet> {
        let interface = self.interfaces.get(interface)?;
        let (high, low) = (self.endian.u32(&mut body)?, self.endian.u32(&mut body)?);
        let recorded_len = usize::try_from(self.endian.u32(&mut body)?).ok()?;
        self.endian.u32(&mut body)?;
        let data = body.get(..recorded_len)?.to_vec();
        let time = interface.time(u64::from(high) << 32 | u64::from(low));
        Some(Packet { time: Some(time), link: interface.link, data })
    }

    /// A packet without a time, always of the first interface.
    fn simple_packet(&self, mut body: &[u8]) -> Option<Packet> {
        let interface = self.interfaces.first()?;
        let packet_len = usize::try_from(self.endian.u32(&mut body)?).ok()?;
        let recorded_len = packet_len.min(interface.snap_len).min(body.len());
        let data = body.get(..recorded_len)?.to_vec();
        Some(Packet { time: None, link: interface.link, data })
    }
}

fn check_len(kind: u32, block_len: usize) -> Result<(), &'static str> {
    let holds_packet = matches!(kind, OBSOLETE_PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
    if holds_packet && block_len > CAPTURE_BLOCK_LEN_MAX {
        return Err("a packet longer than any network carries");
    }
    if block_len > CAPTURE_OTHER_BLOCK_LEN_MAX {
        return Err("a block longer than any program writes");
    }
    Ok(())
}

impl Interface {
    fn set(&mut self, code: u16, mut value: &[u8], endian: Endian) {
        match code {
            IF_TSRESOL => {
                let Some(resolution) = byte(&mut value) else {
                    return;
                };
                let exponent = u32::from(resolution & 0x7f);
                let is_binary = resolution & 0x80 != 0;
                self.tick =
                    if is_binary { Tick::Binary(exponent) } else { Tick::Decimal(exponent) };
            }
            IF_TSOFFSET => {
                self.offset_seconds = endian.u64(&mut value).unwrap_or_default().cast_signed();
            }
            _ => {}
        }
    }

    fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = self.tick.nanoseconds(ticks);
        let offset = u128::from(self.offset_seconds.unsigned_abs()).saturating_mul(1_000_000_000);
        Timestamp::from_nanoseconds(if self.offset_seconds < 0 {
            nanoseconds.saturating_sub(offset)
        } else {
            nanoseconds.saturating_add(offset)
        })
    }
}

impl Tick {
    /// 64 bits of ticks and the 30 of a billion leave room in 128 whatever the exponent.
    fn nanoseconds(self, ticks: u64) -> u128 {
        let billionths = u128::from(ticks).saturating_mul(1_000_000_000);
        match self {
            Self::Decimal(exponent) => 10_u128
                .checked_pow(exponent)
                .map_or(0, |unit| billionths.checked_div(unit).unwrap_or(0)),
            Self::Binary(exponent) => billionths.checked_shr(exponent).unwrap_or(0),
        }
    }
}
