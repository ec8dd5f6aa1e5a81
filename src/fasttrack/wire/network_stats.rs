use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::Media;
use crate::base::error::Malformed;
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("FTWIRE-13", "the numbers of the network end early");

/// Bytes of one network's name and users, without the name.
const USERS_LEN: usize = 4;

/// Tells how large the network is (FTWIRE-19).
///
/// ```text
///  0  4  users
///  4  4  files
///  8  4  size
/// 12 48  for each media type: files (4), size (4)
/// 60  n  networks: name, NUL, users (4)
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NetworkStats {
    pub users: u32,
    pub files: u32,
    pub size: StatsSize,
    /// By media type.
    pub media: [MediaStats; Media::COUNT],
    pub networks: Networks,
}

/// How much there is of one media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaStats {
    pub files: u32,
    pub size: StatsSize,
}

/// A size as mantissa * 2^(exponent - 30) GB: mantissa * 2^exponent bytes, a GB taken as 2^30.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatsSize {
    pub mantissa: u16,
    pub exponent: u16,
}

/// Users of each network that is connected with this one. Kept as the bytes they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Bytes);

impl NetworkStats {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let users = reader.u32_be(CUT)?;
        let files = reader.u32_be(CUT)?;
        let size = StatsSize::decode(reader)?;
        let mut media = [MediaStats::default(); Media::COUNT];
        for of_media in &mut media {
            let files = reader.u32_be(CUT)?;
            *of_media = MediaStats { files, size: StatsSize::decode(reader)? };
        }
        Ok(Self { users, files, size, media, networks: Networks::take(payload, reader) })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.users);
        out.put_u32(self.files);
        self.size.encode(out);
        for of_media in &self.media {
            out.put_u32(of_media.files);
            of_media.size.encode(out);
        }
        out.put_slice(&self.networks.0);
    }
}

impl StatsSize {
    /// So many bytes, or a little less.
    pub fn from_bytes(bytes: u64) -> Self {
        let used = u64::BITS.saturating_sub(bytes.leading_zeros());
        let exponent = used.saturating_sub(u16::BITS);
        let mantissa = u16::try_from(bytes.wrapping_shr(exponent)).unwrap_or(u16::MAX);
        Self { mantissa, exponent: u16::try_from(exponent).unwrap_or(u16::MAX) }
    }

    /// So many bytes, as far as they can be counted.
    pub fn to_bytes(self) -> u64 {
        let mantissa = u64::from(self.mantissa);
        let fits = u32::from(self.exponent) <= mantissa.leading_zeros();
        let shifted = mantissa.checked_shl(self.exponent.into()).filter(|_| fits);
        if self.mantissa == 0 { 0 } else { shifted.unwrap_or(u64::MAX) }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { mantissa: reader.u16_be(CUT)?, exponent: reader.u16_be(CUT)? })
    }

    fn encode(self, out: &mut BytesMut) {
        out.put_u16(self.mantissa);
        out.put_u16(self.exponent);
    }
}

impl Networks {
    /// Takes those that are whole.
    fn take(payload: &Bytes, reader: &mut Reader<'_>) -> Self {
        let all = reader.rest();
        while take_network(reader).is_ok() {}
        let len = all.len().saturating_sub(reader.len());
        Self(payload.slice_ref(all.get(..len).unwrap_or_default()))
    }

    /// Name and users of each.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        let mut reader = Reader::new(&self.0);
        std::iter::from_fn(move || take_network(&mut reader).ok())
    }
}

/// Takes one network, or nothing where it is not whole.
fn take_network<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], u32), Malformed> {
    let mut ahead = *reader;
    let name = ahead.take_until(0, CUT)?;
    let users = ahead.u32_be(CUT)?;
    *reader = ahead;
    Ok((name, users))
}

/// Names end at their first NUL.
impl<'a> FromIterator<(&'a [u8], u32)> for Networks {
    fn from_iter<I: IntoIterator<Item = (&'a [u8], u32)>>(networks: I) -> Self {
        let mut out = BytesMut::new();
        for (name, users) in networks {
            let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
            out.reserve(name.len().saturating_add(USERS_LEN).saturating_add(1));
            out.put_slice(name);
            out.put_u8(0);
            out.put_u32(users);
        }
        Self(out.freeze())
    }
}

impl Serialize for StatsSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.mantissa, self.exponent).serialize(serializer)
    }
}

impl Serialize for MediaStats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(3)?;
        tuple.serialize_element(&self.files)?;
        tuple.serialize_element(&self.size.mantissa)?;
        tuple.serialize_element(&self.size.exponent)?;
        tuple.end()
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(name, users)| (legacy_text::read(name), users)))
    }
}
