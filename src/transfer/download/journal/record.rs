use std::net::SocketAddr;

use super::{Intent, intent, place};
use crate::base::error::Malformed;
use crate::base::ranges::ByteRange;
use crate::base::reader::{Expect, Reader};
use crate::transfer::download::contract::Finding;
use crate::transfer::download::known_by::KnownBy;
use crate::transfer::download::leaves::TigerDigest;
use crate::transfer::download::row::Row;

pub(super) const CUT: Expect = Expect::new("DOWN-10", "the record is cut");
pub(super) const KIND: Expect = Expect::new("DOWN-10", "there is no such record");
pub(super) const TEXT: Expect = Expect::new("DOWN-10", "the text is no UTF-8");
const ROW: Expect = Expect::new("DOWN-10", "the tree does not fit the file");
pub(super) const ADDRESS: Expect = Expect::new("DOWN-10", "there is no such address");

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The first one: what is wanted. One that FastTrack knows is another kind, so that older programs leave it alone.
    Intent(Intent),
    /// The program has started again.
    Run(u64),
    /// The file has so many bytes.
    Size(u64),
    /// Nobody knows how many bytes it has: who said it has lied.
    NoSize,
    /// What the pieces must be. Trusted where the root is the one that was asked for.
    Tree { row: Row, is_trusted: bool },
    /// The tree is not believed any more.
    NoTree,
    /// These bytes are on the disk and what the tree says.
    Verified(ByteRange),
    /// This piece is on the disk, and no tree says what it must be.
    Taken { range: ByteRange, root: TigerDigest },
    /// These bytes are to be fetched again.
    Again(ByteRange),
    /// The user wants it to wait, or not any more.
    Paused(bool),
    /// The SHA-1 of what is on the disk is right.
    Whole,
    /// Who has the file, or some of it, and is asked for it by its URN.
    Source(SocketAddr),
    /// The same of somebody who is reached otherwise, or whom the user has named.
    Known(Finding),
    /// What most sources call it: the user has not said what it is to be called.
    Name(String),
}

impl Record {
    /// The number that stands for its kind.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Intent(Intent { known_by: KnownBy::Sha1(_), .. }) => 1,
            Self::Intent(_) => 15,
            Self::Run(_) => 2,
            Self::Size(_) => 3,
            Self::Tree { .. } => 4,
            Self::NoTree => 5,
            Self::Verified(_) => 6,
            Self::Taken { .. } => 7,
            Self::Again(_) => 8,
            Self::Paused(_) => 9,
            Self::Whole => 10,
            Self::Source(_) => 11,
            Self::NoSize => 12,
            Self::Known(_) => 13,
            Self::Name(_) => 14,
        }
    }

    /// Whether it says that bytes are there.
    pub(in crate::transfer::download) const fn is_claim(&self) -> bool {
        matches!(self, Self::Verified(_) | Self::Taken { .. })
    }

    /// Whether it takes back that bytes are there.
    pub(in crate::transfer::download) const fn is_revocation(&self) -> bool {
        matches!(self, Self::Again(_) | Self::NoTree | Self::Size(_) | Self::NoSize)
    }

    /// Whether it is about what is to become of the whole.
    pub(in crate::transfer::download) const fn is_wish(&self) -> bool {
        matches!(self, Self::Paused(_) | Self::Whole)
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Intent(wanted) => match wanted.known_by {
                KnownBy::Sha1(sha1) => intent::write(wanted, sha1, &mut out),
                KnownBy::Kazaa(kazaa) | KnownBy::Both(_, kazaa) => {
                    intent::write_of_kazaa(wanted, kazaa, &mut out);
                }
            },
            Self::Run(number) | Self::Size(number) => out.extend(number.to_le_bytes()),
            Self::Tree { row, is_trusted } => {
                out.push((*is_trusted).into());
                out.extend(row.size().to_le_bytes());
                out.extend(row.piece_len().to_le_bytes());
                row.digests().iter().for_each(|digest| out.extend(digest));
            }
            Self::NoTree | Self::NoSize | Self::Whole => {}
            Self::Verified(range) | Self::Again(range) => write_range(*range, &mut out),
            Self::Taken { range, root } => {
                write_range(*range, &mut out);
                out.extend(root);
            }
            Self::Paused(is_paused) => out.push((*is_paused).into()),
            Self::Known(finding) => place::write(finding, &mut out),
            Self::Name(name) => out.extend(name.as_bytes()),
            Self::Source(address) => out.extend(address.to_string().into_bytes()),
        }
        out
    }

    pub(super) fn read(kind: u8, payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let record = match kind {
            1 => Self::Intent(intent::read(&mut reader)?),
            2 => Self::Run(reader.u64_le(CUT)?),
            3 => Self::Size(reader.u64_le(CUT)?),
            4 => read_tree(&mut reader)?,
            5 => Self::NoTree,
            6 => Self::Verified(read_range(&mut reader)?),
            7 => Self::Taken { range: read_range(&mut reader)?, root: reader.array(CUT)? },
            8 => Self::Again(read_range(&mut reader)?),
            9 => Self::Paused(reader.u8(CUT)? != 0),
            10 => Self::Whole,
            11 => {
                let text = String::from_utf8_lossy(reader.rest()).into_owned();
                return Ok(Self::Source(text.parse().map_err(|_| ADDRESS.broken_at(0))?));
            }
            12 => Self::NoSize,
            13 => Self::Known(place::read(&mut reader)?),
            14 => Self::Name(read_name(&mut reader)?),
            15 => Self::Intent(intent::read_of_kazaa(&mut reader)?),
            _ => return Err(KIND.broken_at(0)),
        };
        if reader.is_empty() { Ok(record) } else { Err(CUT.broken_at(reader.offset())) }
    }
}

pub(super) fn read_name(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let name = reader.take(reader.len(), CUT)?;
    let name = std::str::from_utf8(name).map_err(|_| TEXT.broken_at(reader.offset()))?;
    Ok(name.to_owned())
}

fn read_tree(reader: &mut Reader<'_>) -> Result<Record, Malformed> {
    let is_trusted = reader.u8(CUT)? != 0;
    let (size, piece_len) = (reader.u64_le(CUT)?, reader.u64_le(CUT)?);
    let mut digests = Vec::new();
    while !reader.is_empty() {
        digests.push(reader.array(CUT)?);
    }
    let row = Row::new(size, piece_len, digests).ok_or(ROW.broken_at(reader.offset()))?;
    Ok(Record::Tree { row, is_trusted })
}

fn write_range(range: ByteRange, out: &mut Vec<u8>) {
    out.extend(range.start.to_le_bytes());
    out.extend(range.end.to_le_bytes());
}

fn read_range(reader: &mut Reader<'_>) -> Result<ByteRange, Malformed> {
    Ok(ByteRange::new(reader.u64_le(CUT)?, reader.u64_le(CUT)?))
}
