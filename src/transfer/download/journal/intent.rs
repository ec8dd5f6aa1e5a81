use crate::base::error::Malformed;
use crate::base::file_name::SafeName;
use crate::base::kazaa_hash::UuHash;
use crate::base::limits::FILE_LEN_MAX;
use crate::base::reader::Reader;
use crate::transfer::download::contract::Hashes;
use crate::transfer::download::known_by::{KazaaName, KnownBy};
use crate::transfer::download::leaves::TigerDigest;

use super::record::{CUT, read_name};

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The name that the file gets, as safe as names are here.
    pub name: String,
    pub known_by: KnownBy,
    /// Bytes, where whoever wants it knows.
    pub size: Option<u64>,
    /// Root of the Tiger tree, where whoever wants it knows.
    pub root: Option<TigerDigest>,
}

impl Intent {
    /// Whether there is such a file with so many bytes. One that has none has a hash that everybody knows.
    pub fn may_have(&self, size: u64) -> bool {
        let kazaa = self.known_by.kazaa();
        let fits = kazaa.is_none_or(|kazaa| kazaa.uuhash.may_be_of(size));
        let range = if self.known_by.is_nothing() { 0..=0 } else { 1..=FILE_LEN_MAX };
        range.contains(&size) && fits
    }

    /// Whether the user has not said what it is to be called: it has the name of its content.
    pub fn is_nameless(&self) -> bool {
        SafeName::from_remote(&self.known_by.to_string()).as_str() == self.name
    }

    /// How many bytes the file has, where no source needs to say it.
    pub fn sure_size(&self) -> Option<u64> {
        let nothing = self.known_by.is_nothing().then_some(0);
        nothing.or(self.size.filter(|size| self.may_have(*size)))
    }

    /// Whether a file is the one that is wanted (DOWN-01, FTHTTP-16): by its SHA-1 where that is known, else by all that
    /// is.
    pub fn is_met_by(&self, hashes: &Hashes) -> bool {
        if let Some(sha1) = self.known_by.sha1() {
            return sha1 == hashes.sha1;
        }
        let (Some(kazaa), Some((found, root))) = (self.known_by.kazaa(), hashes.others) else {
            return false;
        };
        kazaa.uuhash == found.uuhash
            && kazaa.root.is_none_or(|wanted| wanted == found.root)
            && self.root.is_none_or(|wanted| wanted == root)
    }

    /// Whether it is known what all bytes of it are, where there are so many as far as is known: else what comes stays
    /// unverified (FTHASH-04).
    pub fn is_of_all_bytes(&self, size: Option<u64>) -> bool {
        self.known_by.covers_all(size) || self.root.is_some()
    }
}

/// Which of the following are known, as bits.
const SIZE: u8 = 1;
const ROOT: u8 = 2;
const SHA1: u8 = 4;
const KAZAA_ROOT: u8 = 8;

const fn flag(is_known: bool, flag: u8) -> u8 {
    if is_known { flag } else { 0 }
}

/// As it is written of a file that only Gnutella knows: flags, SHA-1, size, root, and the rest is the name.
pub(super) fn write(intent: &Intent, sha1: [u8; 20], out: &mut Vec<u8>) {
    out.push(flag(intent.size.is_some(), SIZE) | flag(intent.root.is_some(), ROOT));
    out.extend(sha1);
    write_rest(intent, out);
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Intent, Malformed> {
    let flags = reader.u8(CUT)?;
    let known_by = KnownBy::Sha1(reader.array(CUT)?);
    read_rest(flags, known_by, reader)
}

/// The same of one that FastTrack knows: flags, SHA-1 or zeros, UUHash, root of the MD5 tree or zeros, size, root, name.
pub(super) fn write_of_kazaa(intent: &Intent, kazaa: KazaaName, out: &mut Vec<u8>) {
    let sha1 = intent.known_by.sha1();
    out.push(
        flag(intent.size.is_some(), SIZE)
            | flag(intent.root.is_some(), ROOT)
            | flag(sha1.is_some(), SHA1)
            | flag(kazaa.root.is_some(), KAZAA_ROOT),
    );
    out.extend(sha1.unwrap_or_default());
    out.extend(kazaa.uuhash.0);
    out.extend(kazaa.root.unwrap_or_default());
    write_rest(intent, out);
}

pub(super) fn read_of_kazaa(reader: &mut Reader<'_>) -> Result<Intent, Malformed> {
    let flags = reader.u8(CUT)?;
    let (sha1, uuhash) = (reader.array(CUT)?, UuHash(reader.array(CUT)?));
    let root = reader.array(CUT)?;
    let kazaa = KazaaName { uuhash, root: (flags & KAZAA_ROOT != 0).then_some(root) };
    let known_by =
        if flags & SHA1 == 0 { KnownBy::Kazaa(kazaa) } else { KnownBy::Both(sha1, kazaa) };
    read_rest(flags, known_by, reader)
}

fn write_rest(intent: &Intent, out: &mut Vec<u8>) {
    out.extend(intent.size.unwrap_or_default().to_le_bytes());
    out.extend(intent.root.unwrap_or_default());
    out.extend(intent.name.as_bytes());
}

fn read_rest(flags: u8, known_by: KnownBy, reader: &mut Reader<'_>) -> Result<Intent, Malformed> {
    let size = reader.u64_le(CUT)?;
    let root = reader.array(CUT)?;
    let name = read_name(reader)?;
    Ok(Intent {
        name,
        known_by,
        size: (flags & SIZE != 0).then_some(size),
        root: (flags & ROOT != 0).then_some(root),
    })
}
