use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::tag_list::TagItem;
use super::{Realm, Tag, TagValue};
use crate::base::error::Malformed;
use crate::base::limits::FASTTRACK_TERMS_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

const CUT: Expect = Expect::new("FTWIRE-13", "the search ends before its terms");
const TERM_CUT: Expect = Expect::new("FTSAFE-05", "a term goes beyond the end");
const TOO_FEW: Expect = Expect::new("FTSAFE-04", "there are fewer terms than counted");
const TOO_MANY: Expect = Expect::new("FTSAFE-06", "the search has more than 16 terms");
const TOO_LONG: Expect = Expect::new("FTSAFE-06", "the value of a term is too long");

/// What stands in front of the realm, and means nothing.
const REALM_MARK: u8 = 1;

/// Asks for files (FTSEARCH-01).
///
/// ```text
/// 0  1  0x00
/// 1  1  0x01, or 0x00 where a program asks again by itself
/// 2  2  most results wanted
/// 4  2  id
/// 6  1  0x01
/// 7  1  realm
/// 8  1  number of terms
/// 9  n  terms
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Search {
    pub by_hand: bool,
    /// Most results wanted.
    pub max: u16,
    pub id: u16,
    pub realm: Realm,
    /// All of them must hold (FTSEARCH-03); 16 at most.
    pub terms: Vec<Term>,
}

/// A search that a supernode asks of another one (FTPEER-17).
///
/// ```text
/// 0  4  id: a number of the supernode, and a count of its searches
/// 4  2  results still wanted
/// 6  1  0x01
/// 7  1  realm
/// 8  1  number of terms
/// 9  n  terms
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ForwardedSearch {
    pub id: u32,
    /// Results still wanted.
    pub max: u16,
    pub realm: Realm,
    pub terms: Vec<Term>,
}

/// What a file has to have (FTSEARCH-02).
///
/// ```text
///  1   operator
/// 1-5  number of the tag, dynint
/// 1-5  length of the value, dynint
///  n   value
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub operator: Operator,
    pub tag: Tag,
    pub bytes: Bytes,
}

/// How the value of a file is held against that of a term (FTSEARCH-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Operator(pub u8);

impl Operator {
    pub const EQUAL: Self = Self(0);
    pub const AT_MOST: Self = Self(2);
    pub const ABOUT: Self = Self(3);
    pub const AT_LEAST: Self = Self(4);
    pub const CONTAINS: Self = Self(5);
    /// Excludes nothing, and nobody knows what it is for (FTSEARCH-06).
    pub const OPTION: Self = Self(6);
}

impl Search {
    /// Fails where the bytes cannot be told apart, or ask for more than the limits (FTSAFE-06).
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [_, by_hand] = reader.array(CUT)?;
        Ok(Self {
            by_hand: by_hand != 0,
            max: reader.u16_be(CUT)?,
            id: reader.u16_be(CUT)?,
            realm: take_realm(reader)?,
            terms: take_terms(payload, reader)?,
        })
    }

    /// The id of a search that may be malformed elsewhere, so that its end can be told (FTSAFE-06).
    pub fn id_of(payload: &[u8]) -> Option<u16> {
        let mut reader = Reader::new(payload);
        reader.take(4, CUT).and_then(|_| reader.u16_be(CUT)).ok()
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&[0, self.by_hand.into()]);
        out.put_u16(self.max);
        out.put_u16(self.id);
        put_terms(out, self.realm, &self.terms);
    }
}

impl ForwardedSearch {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: reader.u32_be(CUT)?,
            max: reader.u16_be(CUT)?,
            realm: take_realm(reader)?,
            terms: take_terms(payload, reader)?,
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.id);
        out.put_u16(self.max);
        put_terms(out, self.realm, &self.terms);
    }
}

impl Term {
    /// Words that a text has to contain.
    pub fn words(tag: Tag, words: &str) -> Self {
        let bytes = Bytes::copy_from_slice(words.as_bytes());
        Self { operator: Operator::CONTAINS, tag, bytes }
    }

    /// The hash that a file has to have.
    pub fn hash(hash: &[u8; 20]) -> Self {
        let bytes = Bytes::copy_from_slice(hash);
        Self { operator: Operator::EQUAL, tag: Tag::HASH, bytes }
    }

    /// A number that one of a file is held against.
    pub fn number(operator: Operator, tag: Tag, number: u32) -> Self {
        let mut value = BytesMut::new();
        super::dynint::put(&mut value, number);
        Self { operator, tag, bytes: value.freeze() }
    }

    /// The value in the form that its tag has.
    pub fn value(&self) -> TagValue<'_> {
        self.tag.value(&self.bytes)
    }
}

fn take_realm(reader: &mut Reader<'_>) -> Result<Realm, Malformed> {
    let [_, realm] = reader.array(CUT)?;
    Ok(Realm(realm))
}

fn take_terms(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Vec<Term>, Malformed> {
    let count = usize::from(reader.u8(CUT)?);
    let mut terms = Vec::with_capacity(count.min(FASTTRACK_TERMS_MAX));
    for _ in 0..count {
        let start = reader.offset();
        if reader.is_empty() {
            return Err(TOO_FEW.broken_at(start));
        }
        if terms.len() >= FASTTRACK_TERMS_MAX && !mutant!(TakesManyTerms) {
            return Err(TOO_MANY.broken_at(start));
        }
        let operator = Operator(reader.u8(TERM_CUT)?);
        let item = TagItem::take(reader)?;
        if item.is_long() {
            return Err(TOO_LONG.broken_at(start));
        }
        terms.push(Term { operator, tag: item.tag, bytes: payload.slice_ref(item.bytes) });
    }
    Ok(terms)
}

/// Appends what both searches have in common. Terms beyond the 16th are left out.
fn put_terms(out: &mut BytesMut, realm: Realm, terms: &[Term]) {
    let count = terms.len().min(FASTTRACK_TERMS_MAX);
    out.put_slice(&[REALM_MARK, realm.0, u8::try_from(count).unwrap_or(u8::MAX)]);
    for term in terms.iter().take(count) {
        out.put_u8(term.operator.0);
        TagItem { tag: term.tag, bytes: &term.bytes }.put(out);
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("operator", &self.operator)?;
        map.serialize_entry("tag", &self.tag)?;
        self.value().serialize_into(&mut map)?;
        map.end()
    }
}
