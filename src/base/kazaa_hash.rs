//! Names of file contents, as FastTrack has them.

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Serialize, Serializer};

/// Bytes of the beginning that a [`UuHash`] has the MD5 of, and of each part further on that it covers (FTHASH-01).
pub const PART_LEN: u64 = 307_200;

/// The generator of the file number (FTWIRE-29).
const GENERATOR: u16 = 0x1021;
const NUMBER_BITS: u16 = 0x3fff;

/// The name of a content by some parts of it (FTHASH-01).
///
/// ```text
/// 0   16  MD5 of the first 307,200 bytes
/// 16   4  small hash of parts and the size, lowest byte first
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UuHash(pub [u8; 20]);

/// The name of a content by all of it (FTHASH-06): 36 bytes, first those of its [`UuHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KzHash {
    pub uuhash: UuHash,
    /// Of the MD5 tree (FTHASH-07).
    pub root: [u8; 16],
}

impl UuHash {
    /// Reads 40 hexadecimal digits, of either case (FTHASH-08).
    pub fn from_hex(digits: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// Reads `=` and base64, or base64 without the sign in front of it or at its end (FTHASH-09).
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('=').unwrap_or(text);
        let digits = digits.strip_suffix('=').unwrap_or(digits);
        BASE64_NOPAD.decode(digits.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// As people and headers write it: `=` and base64 (FTHASH-09).
    pub fn to_text(self) -> String {
        format!("={}", BASE64.encode(&self.0))
    }

    /// Whether a file with so many bytes may have it: of a short one no part is in the small hash but the size (FTHASH-02).
    pub fn may_be_of(&self, size: u64) -> bool {
        let [.., a, b, c, d] = self.0;
        let small = u64::from(!u32::from_le_bytes([a, b, c, d]));
        size > PART_LEN || small == size
    }

    /// Whether the MD5 of a file with so many bytes is that of all of them (FTHASH-04).
    pub const fn covers_all_of(size: u64) -> bool {
        size <= PART_LEN
    }

    /// The number that goes with the hash in messages (FTWIRE-29).
    pub fn file_id(&self) -> u16 {
        let with_bit = |crc: u16| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ GENERATOR };
        let with_byte =
            |crc, byte: &u8| (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| with_bit(crc));
        self.0.iter().fold(0, with_byte) & NUMBER_BITS
    }
}

impl KzHash {
    /// Reads 72 hexadecimal digits, of either case (FTHASH-11).
    pub fn from_hex(digits: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    /// Both of its parts, one behind the other.
    pub fn from_bytes(bytes: [u8; 36]) -> Self {
        let (mut uuhash, mut root) = ([0; 20], [0; 16]);
        let places = uuhash.iter_mut().chain(&mut root);
        places.zip(bytes).for_each(|(place, byte)| *place = byte);
        Self { uuhash: UuHash(uuhash), root }
    }

    /// Both of its parts, one behind the other.
    pub fn to_bytes(self) -> [u8; 36] {
        let mut bytes = [0; 36];
        let parts = self.uuhash.0.into_iter().chain(self.root);
        bytes.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

/// As it stands in URLs: 40 digits in lower case (FTHASH-08).
impl fmt::Display for UuHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// 72 digits in lower case (FTHASH-11).
impl fmt::Display for KzHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.uuhash, HEXLOWER.encode(&self.root))
    }
}

impl Serialize for UuHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for KzHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff";
    const TEXT: &str = "=ndOuamyODLTbQrlweIThEv9P+/8=";

    /// FTHASH-08, FTHASH-09
    #[test]
    fn a_hash_is_read_in_each_of_its_forms_and_written_in_one() {
        let hash = UuHash::from_hex(HEX).unwrap();
        assert_eq!((hash.to_string(), hash.to_text()), (HEX.to_owned(), TEXT.to_owned()));
        assert_eq!(UuHash::from_hex(&HEX.to_uppercase()), Some(hash));
        for text in [TEXT, &TEXT[1..], &TEXT[..28], &TEXT[1..28]] {
            assert_eq!(UuHash::from_text(text), Some(hash), "{text}");
        }
    }

    /// FTHASH-08, FTHASH-09
    #[test]
    fn what_is_longer_or_shorter_or_has_other_characters_is_no_hash() {
        for hex in [&HEX[1..], &format!("{HEX}0"), &HEX.replace('9', "g"), &HEX[..38], ""] {
            assert_eq!(UuHash::from_hex(hex), None, "{hex}");
        }
        let other = ["==ndOuamyODLTbQrlweIThEv9P+/8=", "=ndOuamyODLTbQrlweIThEv9P+/8==", "", "="];
        let url_letters = TEXT.replace('+', "-");
        for text in other.into_iter().chain([url_letters.as_str(), &TEXT[..27], HEX]) {
            assert_eq!(UuHash::from_text(text), None, "{text}");
        }
    }

    /// FTHASH-11
    #[test]
    fn a_kzhash_begins_with_the_uuhash() {
        let hex = format!("{HEX}73ecb9b592fff03d0bb5631b39842c13");
        let hash = KzHash::from_hex(&hex).unwrap();
        assert_eq!((hash.uuhash.to_string(), hash.to_string()), (HEX.to_owned(), hex.clone()));
        assert_eq!(KzHash::from_bytes(hash.to_bytes()), hash);
        assert_eq!(KzHash::from_hex(&hex.to_uppercase()), Some(hash));
        assert_eq!(KzHash::from_hex(HEX), None);
    }
}
