//! Tiger trees on their way: a list of digests in two records of DIME.

use bytes::{Bytes, BytesMut};

mod dime;
mod head;

use self::dime::{Kind, Place, Record, put, records};
use self::head::{BREADTH_FIRST, TreeHead, xml};
use crate::base::error::Malformed;
use crate::base::limits::THEX_BODY_LEN_MAX;
use crate::base::reader::Expect;

const TOO_LONG: Expect = Expect::new("THEX-09", "a tree is too long");
const NO_HEAD: Expect = Expect::new("THEX-06", "a tree has no record that describes it");
const NO_DIGESTS: Expect = Expect::new("THEX-06", "a tree has no record with digests");
const CUT_DIGEST: Expect = Expect::new("THEX-07", "a tree ends within a digest");
const NO_ROOT: Expect = Expect::new("THEX-07", "a tree has no root");

/// The value of `Content-Type` of a tree.
pub const CONTENT_TYPE: &str = "application/dime";

const XML_TYPE: &[u8] = b"text/xml";
const DIGEST_LEN: usize = 24;
const BLOCK_LEN: u64 = 1024;

/// The upper rows of a Tiger tree, as one servent tells them to another (THEX-02). Every row is whole, and
/// has as many digests as the size of the file demands (THEX-08).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRows {
    size: u64,
    depth: u8,
    digests: Vec<[u8; 24]>,
}

impl TreeRows {
    /// The rows of a file of so many bytes, the root first: as many whole rows as `digests` has, and what is
    /// behind them is dropped (THEX-08). Nothing without a root.
    pub fn new(size: u64, mut digests: Vec<[u8; 24]>) -> Option<Self> {
        let (mut depth, mut len) = (None, 0_usize);
        for (number, row) in (0..).zip(row_lens(size)) {
            let row = usize::try_from(row).unwrap_or(usize::MAX);
            let with_row = len.saturating_add(row);
            if with_row > digests.len() {
                break;
            }
            (depth, len) = (Some(number), with_row);
        }
        digests.truncate(len);
        Some(Self { size, depth: depth?, digests })
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Rows below the root.
    pub const fn depth(&self) -> u8 {
        self.depth
    }

    /// All digests, row by row, the root first.
    pub fn digests(&self) -> &[[u8; 24]] {
        &self.digests
    }

    /// The same without a copy.
    pub fn into_digests(self) -> Vec<[u8; 24]> {
        self.digests
    }

    /// The digest of the whole file, which nobody has checked.
    pub fn root(&self) -> [u8; 24] {
        self.digests.first().copied().unwrap_or_default()
    }

    /// The lowest row.
    pub fn last_row(&self) -> &[[u8; 24]] {
        let row = row_lens(self.size).nth(self.depth.into()).unwrap_or(1);
        let start = self.digests.len().saturating_sub(usize::try_from(row).unwrap_or(usize::MAX));
        self.digests.get(start..).unwrap_or_default()
    }

    /// Reads the body of a response. That the digests belong together, and to which file, is for others to
    /// see.
    pub fn decode(body: &[u8]) -> Result<Self, Malformed> {
        if body.len() > THEX_BODY_LEN_MAX {
            return Err(TOO_LONG.broken_at(THEX_BODY_LEN_MAX));
        }
        let records = records(body)?;
        let described = records.iter().find(|record| is_of(record, XML_TYPE));
        let head = TreeHead::read(&described.ok_or(NO_HEAD.broken_at(0))?.data)?;
        let digests = digests_of(&records, head.uri.as_deref());
        let (digests, rest) = digests.ok_or(NO_DIGESTS.broken_at(0))?.as_chunks::<DIGEST_LEN>();
        if !rest.is_empty() {
            return Err(CUT_DIGEST.broken_at(body.len()));
        }
        Self::new(head.size, digests.to_vec()).ok_or(NO_ROOT.broken_at(0))
    }

    /// The body of a response.
    pub fn encode(&self) -> Bytes {
        let uri = uuid(self.root());
        let xml = xml(self.size, self.depth, &uri);
        let digests = self.digests.concat();
        let mut out = BytesMut::with_capacity(digests.len().saturating_add(1024));
        let head = Record { id: Vec::new(), kind: XML_TYPE.to_vec(), data: xml.into_bytes() };
        put(&mut out, Place::First, Kind::MediaType, &head);
        let kind = BREADTH_FIRST.as_bytes().to_vec();
        let tree = Record { id: uri.into_bytes(), kind, data: digests };
        put(&mut out, Place::Last, Kind::Uri, &tree);
        out.freeze()
    }
}

/// How many digests the rows of a file have, from the root down to its blocks.
fn row_lens(size: u64) -> impl Iterator<Item = u64> {
    let blocks = size.div_ceil(BLOCK_LEN).max(1);
    let full_depth = u64::BITS.saturating_sub(blocks.saturating_sub(1).leading_zeros());
    (0..=full_depth).rev().map(move |above| {
        let last = blocks.saturating_sub(1).checked_shr(above).unwrap_or(0);
        last.saturating_add(1)
    })
}

fn is_of(record: &Record, kind: &[u8]) -> bool {
    record.kind.eq_ignore_ascii_case(kind)
}

/// The record that the XML names; some write another id into it, so that any record with digests will do.
fn digests_of<'a>(records: &'a [Record], uri: Option<&str>) -> Option<&'a [u8]> {
    let mut trees = records.iter().filter(|record| is_of(record, BREADTH_FIRST.as_bytes()));
    let is_named =
        |record: &&Record| uri.is_some_and(|uri| record.id.eq_ignore_ascii_case(uri.as_bytes()));
    let named = trees.clone().find(is_named);
    named.or_else(|| trees.next()).map(|record| record.data.as_slice())
}

/// A name for the second record, made of the root so that it is always the same.
fn uuid(root: [u8; 24]) -> String {
    let digits = data_encoding::HEXLOWER.encode(&root);
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let parts = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)];
    format!("uuid:{}", parts.join("-"))
}
