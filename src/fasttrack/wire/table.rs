use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Serialize, Serializer};

use super::{Bandwidth, Media, address};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::FASTTRACK_RECORDS_MAX;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

/// Bytes of a record.
const RECORD_LEN: usize = 26;

const CUT: Expect = Expect::new("FTWIRE-13", "a record of the table is cut");
const TOO_MANY: Expect = Expect::new("FTSAFE-03", "the table has more than 1,001 records");

/// The supernodes that a supernode knows, itself first (FTPEER-06).
///
/// Kept as the bytes it came in: how many records there are follows from their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table(Bytes);

/// What is known of one supernode (FTPEER-04).
///
/// ```text
///  0   6  address
///  6   2  sequence number in the upper 11 bits, 2 in the lower 5
///  8   1  children
///  9   1  load in per cent
/// 10   1  bandwidth
/// 11   2  unknown
/// 13  12  for each media type: files, size
/// 25   1  distance, 0 for the sender
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableRecord {
    #[serde(serialize_with = "show::display")]
    pub address: SocketAddrV4,
    /// Below 2,048.
    pub sequence: u16,
    pub children: u8,
    pub load: u8,
    pub bandwidth: Bandwidth,
    pub unknown: u16,
    /// By media type: files and MiB.
    pub media: [[Logarithm; 2]; Media::COUNT],
    pub distance: u8,
}

/// A count or a size, of which the logarithm is written (FTPEER-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Logarithm(pub u8);

impl Table {
    /// Takes whole records; nothing is wrong with what is no whole one (FTSAFE-01).
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Self {
        let whole = reader.len().saturating_sub(reader.len() % RECORD_LEN);
        Self(reader.take(whole, CUT).map_or_else(|_| Bytes::new(), |it| payload.slice_ref(it)))
    }

    /// The payload.
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The first 1,001, in their order (FTSAFE-03).
    pub fn records(&self) -> impl Iterator<Item = TableRecord> {
        let records = self.0.chunks_exact(RECORD_LEN).take(FASTTRACK_RECORDS_MAX);
        records.filter_map(|record| TableRecord::decode(&mut Reader::new(record)).ok())
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        let len_max = FASTTRACK_RECORDS_MAX.saturating_mul(RECORD_LEN);
        if self.0.len() > len_max {
            faults.push(TOO_MANY.broken_at(len_max));
        }
    }
}

impl TableRecord {
    /// How many sequence numbers there are.
    pub const SEQUENCES: u16 = 1 << 11;

    /// Bits below the sequence number, and what stands there.
    const LOW_BITS: u32 = 5;
    const LOW: u16 = 2;

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let address = address::take(reader, CUT)?;
        let sequence = reader.u16_be(CUT)?.wrapping_shr(Self::LOW_BITS);
        let [children, load, bandwidth] = reader.array(CUT)?;
        let unknown = reader.u16_be(CUT)?;
        let mut media = [[Logarithm::default(); 2]; Media::COUNT];
        for of_media in &mut media {
            *of_media = reader.array(CUT)?.map(Logarithm);
        }
        let bandwidth = Bandwidth(bandwidth);
        let distance = reader.u8(CUT)?;
        Ok(Self { address, sequence, children, load, bandwidth, unknown, media, distance })
    }

    fn encode(&self, out: &mut BytesMut) {
        address::put(out, self.address);
        out.put_u16(self.sequence.wrapping_shl(Self::LOW_BITS) | Self::LOW);
        out.put_slice(&[self.children, self.load, self.bandwidth.0]);
        out.put_u16(self.unknown);
        self.media.iter().flatten().for_each(|Logarithm(byte)| out.put_u8(*byte));
        out.put_u8(self.distance);
    }
}

impl Logarithm {
    /// Steps in which a number doubles.
    const STEPS: u8 = 4;

    /// 2 to the power of n / 4, in parts of 2^32.
    const ROOTS: [u64; 4] = [1 << 32, 5_107_605_667, 6_074_001_000, 7_223_245_206];

    /// The nearest that there is.
    pub fn from_number(number: u64) -> Self {
        let wanted = u128::from(number).saturating_add(1).wrapping_shl(ROOT_BITS);
        let distance = |byte: &u8| Self(*byte).power().abs_diff(wanted);
        Self((0..=u8::MAX).min_by_key(distance).unwrap_or(u8::MAX))
    }

    /// 2^(n / 4) - 1, rounded.
    pub fn number(self) -> u64 {
        let half = 1_u128 << (ROOT_BITS - 1);
        let rounded = self.power().saturating_add(half).wrapping_shr(ROOT_BITS);
        u64::try_from(rounded).unwrap_or(u64::MAX).saturating_sub(1)
    }

    /// 2^(n / 4) in parts of 2^32.
    fn power(self) -> u128 {
        let root = Self::ROOTS.get(usize::from(self.0 % Self::STEPS)).copied().unwrap_or_default();
        u128::from(root).wrapping_shl(u32::from(self.0 / Self::STEPS))
    }
}

/// Bits behind the point in [`Logarithm::ROOTS`].
const ROOT_BITS: u32 = 32;

/// Records beyond the 1,001st are left out.
impl FromIterator<TableRecord> for Table {
    fn from_iter<I: IntoIterator<Item = TableRecord>>(records: I) -> Self {
        let mut out = BytesMut::new();
        records.into_iter().take(FASTTRACK_RECORDS_MAX).for_each(|record| record.encode(&mut out));
        Self(out.freeze())
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            records: Vec<TableRecord>,
        }
        Shown { records: self.records().collect() }.serialize(serializer)
    }
}
