use bytes::BytesMut;

use crate::gnutella::link::Head;

/// In which form our files are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowseForm {
    /// Query hits (HTTP-30).
    Packets,
    /// A page for people (HTTP-31).
    Html,
}

/// A file in a page for people.
#[derive(Clone, Copy, Debug)]
pub struct PageEntry<'a> {
    pub index: u32,
    pub name: &'a str,
    pub size: u64,
    pub sha1: Option<[u8; 20]>,
}

impl BrowseForm {
    /// What the header `Accept` asks for; nothing where it takes neither (HTTP-29).
    pub fn of(_head: &Head) -> Option<Self> {
        None
    }

    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Packets => "application/x-gnutella-packets",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Appends the beginning of a page.
pub fn page_start(_title: &str, _out: &mut BytesMut) {}

/// Appends a row of a page.
pub fn page_row(_entry: &PageEntry<'_>, _out: &mut BytesMut) {}

/// Appends the end of a page.
pub fn page_end(_out: &mut BytesMut) {}
