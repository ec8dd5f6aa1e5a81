use std::fmt::{self, Write};

use bytes::{Bytes, BytesMut};
use data_encoding::BASE32_NOPAD;

use super::form::after;
use crate::base::error::Malformed;
use crate::base::limits::BROWSE_BODY_LEN_MAX;
use crate::base::percent::Encoded;
use crate::base::reader::Expect;
use crate::base::show::is_harmful;
use crate::gnutella::link::{Head, Inflater};
use crate::gnutella::wire::{Frame, Function, QueryHit};

const TOO_LONG: Expect = Expect::new("HTTP-33", "a list of files is too long");
const FOREIGN: Expect =
    Expect::new("HTTP-30", "a list of files has a message that is no query hit");
const UNKNOWN_CODING: Expect = Expect::new("HTTP-30", "a list of files has an unknown encoding");

/// The query hits of a list of files (HTTP-30).
const PACKETS: &str = "application/x-gnutella-packets";

/// In which form our files are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowseForm {
    /// Query hits (HTTP-30).
    Packets,
    /// A page for people (HTTP-31).
    Html,
}

impl BrowseForm {
    /// What the header `Accept` asks for; nothing where it takes neither (HTTP-29). Whoever sends none is
    /// a person.
    pub fn of(head: &Head) -> Option<Self> {
        let is_in = |known: &str| {
            let mut items = head.items("Accept").filter_map(|item| item.split(';').next());
            items.any(|item| item.trim().eq_ignore_ascii_case(known))
        };
        let takes_page = ["text/html", "text/*", "*/*"].into_iter().any(is_in);
        match head.value("Accept") {
            _ if is_in(PACKETS) => Some(Self::Packets),
            None => Some(Self::Html),
            Some(value) => (takes_page || value.is_empty()).then_some(Self::Html),
        }
    }

    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Packets => PACKETS,
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Reads a list of files that comes as query hits, plain or compressed, with bounds (HTTP-33).
#[derive(Debug)]
pub struct BrowseReader {
    inflater: Option<Inflater>,
    plain: BytesMut,
    len: usize,
}

impl BrowseReader {
    /// In front of the body that follows this head.
    pub fn new(head: &Head) -> Result<Self, Malformed> {
        let inflater = match head.value("Content-Encoding").map(str::trim) {
            None | Some("") => None,
            Some(coding) if coding.eq_ignore_ascii_case("identity") => None,
            Some(coding) if coding.eq_ignore_ascii_case("deflate") => Some(Inflater::new()),
            Some(coding) if after(coding, "gzip").is_some() => Some(Inflater::gzip()),
            Some(_) => return Err(UNKNOWN_CODING.broken_at(0)),
        };
        Ok(Self { inflater, plain: BytesMut::new(), len: 0 })
    }

    /// Reads more of the body, and hands each query hit that is whole to `found`. After an error nothing of
    /// the rest is worth anything.
    pub fn receive(
        &mut self,
        mut body: Bytes,
        mut found: impl FnMut(QueryHit),
    ) -> Result<(), Malformed> {
        loop {
            let before = self.plain.len();
            let goes_on = match &mut self.inflater {
                Some(inflater) => inflater.step(&mut body, &mut self.plain)?,
                None => {
                    self.plain.extend_from_slice(&body);
                    false
                }
            };
            self.add(self.plain.len().saturating_sub(before))?;
            self.hits(&mut found)?;
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// True where nothing is left that is only a part of a query hit.
    pub fn is_whole(&self) -> bool {
        self.plain.is_empty()
    }

    fn add(&mut self, len: usize) -> Result<(), Malformed> {
        self.len = self.len.saturating_add(len);
        if self.len > BROWSE_BODY_LEN_MAX { Err(TOO_LONG.broken_at(self.len)) } else { Ok(()) }
    }

    fn hits(&mut self, found: &mut impl FnMut(QueryHit)) -> Result<(), Malformed> {
        while let Some(frame) = Frame::take_from(&mut self.plain)? {
            if frame.function != Function::QUERY_HIT {
                return Err(FOREIGN.broken_at(0));
            }
            if let Ok(hit) = QueryHit::decode(&frame.payload) {
                found(hit);
            }
        }
        Ok(())
    }
}

/// A file in a page for people.
#[derive(Clone, Copy, Debug)]
pub struct PageEntry<'a> {
    pub index: u32,
    pub name: &'a str,
    pub size: u64,
    pub sha1: Option<[u8; 20]>,
}

/// The beginning of a page (HTTP-31).
#[derive(Clone, Copy, Debug)]
pub struct PageStart<'a> {
    pub title: &'a str,
}

/// The end of a page.
#[derive(Clone, Copy, Debug)]
pub struct PageEnd {
    /// There are more files than it lists.
    pub is_cut: bool,
}

impl fmt::Display for PageStart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = Escaped(self.title);
        write!(
            f,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <title>{title}</title></head>\n<body><h1>{title}</h1>\n<ul>\n"
        )
    }
}

/// A row: a link to the file, and its size.
impl fmt::Display for PageEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<li><a href=\"")?;
        match self.sha1 {
            Some(sha1) => write!(f, "/uri-res/N2R?urn:sha1:{}", BASE32_NOPAD.encode(&sha1))?,
            None => write!(f, "/get/{}/{}", self.index, Encoded(self.name.as_bytes()))?,
        }
        writeln!(f, "\">{}</a> {} bytes</li>", Escaped(self.name), self.size)
    }
}

impl fmt::Display for PageEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.is_cut { "<p>There are more files: search for them.</p>" } else { "" };
        writeln!(f, "</ul>{more}</body></html>")
    }
}

/// A text in a page: nothing in it is markup, and nothing turns or hides other text (HTTP-32).
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ if is_harmful(character) => f.write_char('\u{fffd}'),
            _ => f.write_char(character),
        })
    }
}
