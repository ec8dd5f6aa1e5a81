use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::ggep::{Items, Place, Value};
use super::{ExtensionArea, Part, QueryFlags};
use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};
use crate::base::show::{self, Quoted};

/// Bytes before the text.
const FLAGS_LEN: usize = 2;

const CUT: Expect = Expect::new("QUERY-01", "the query ends before its text");
const NO_NUL: Expect = Expect::new("QUERY-02", "the text of the query is not ended by a NUL");
const NOT_UTF8: Expect = Expect::new("QUERY-16", "the text of the query is not UTF-8");
const ASKS_NOTHING: Expect = Expect::new("QUERY-18", "the query asks for nothing");

/// Asks for files (QUERY-01).
///
/// ```text
/// 0  2  flags
/// 2  n  text, UTF-8
///    1  NUL
///    n  extensions: HUGE, GGEP, XML
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Query {
    pub flags: QueryFlags,
    #[serde(serialize_with = "show::text")]
    pub text: Bytes,
    pub extensions: ExtensionArea,
}

impl Query {
    /// The text that asks for what is new, and for nothing that is called so (QUERY-19).
    pub const WHATS_NEW: &str = "WhatIsNewXOXO";

    /// Fails where the flags are cut or the text has no end.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let flags = QueryFlags(reader.array(CUT)?);
        let text_len = reader.take_until(0, NO_NUL)?.len();
        let text = payload.slice(FLAGS_LEN..FLAGS_LEN.saturating_add(text_len));
        let extensions = ExtensionArea::new(payload.slice(reader.offset()..), Place::Query);
        Ok(Self { flags, text, extensions })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&self.flags.0);
        out.put_slice(&self.text);
        out.put_u8(0);
        out.put_slice(self.extensions.as_bytes());
    }

    /// Whether it asks for what is new: by GGEP WH, or as one did before there was that (QUERY-19).
    pub fn is_for_new(&self) -> bool {
        self.text.eq_ignore_ascii_case(Self::WHATS_NEW.as_bytes())
            || self.extensions.value("WH") == Some(Value::Number(1))
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        if std::str::from_utf8(&self.text).is_err() {
            faults.push(NOT_UTF8.broken_at(FLAGS_LEN));
        }
        let start = self.text.len().saturating_add(FLAGS_LEN).saturating_add(1);
        self.extensions.inspect(start, faults);
        if self.text.is_empty() && !self.asks_by_extension() {
            faults.push(ASKS_NOTHING.broken_at(FLAGS_LEN));
        }
    }

    fn asks_by_extension(&self) -> bool {
        let asks = |part| match part {
            Part::Urn(_) | Part::Xml(_) => true,
            Part::Ggep(block) => Items::one_block(block, 0)
                .map_while(Result::ok)
                .any(|item| matches!(item.id, b"H" | b"u" | b"XQ" | b"WH")),
            _ => false,
        };
        self.extensions.parts().any(|(_, part)| asks(part))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", Quoted(&self.text), self.flags)?;
        if !self.extensions.as_bytes().is_empty() {
            write!(f, " {}", self.extensions)?;
        }
        Ok(())
    }
}
