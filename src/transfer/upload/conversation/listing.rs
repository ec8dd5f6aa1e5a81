//! The list of all our files, as it is sent piece by piece (UPLOAD-19).

use std::fmt::{self, Write};

use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress, Status};

use super::{About, World};
use crate::base::limits::{
    BROWSE_CHUNK_LEN, BROWSE_FILES_AT_ONCE, BROWSE_FILES_MAX, HIT_MESSAGE_LEN_MAX,
};
use crate::base::mutant::mutant;
use crate::gnutella::holder::{Said, packed, record};
use crate::gnutella::http::{BrowseForm, PageEnd, PageEntry, PageStart, Request};
use crate::gnutella::wire::{Frame, Function, Guid};
use crate::index::files::{FileId, FileView};
use crate::transfer::upload::shelf::Item;

/// A list that is being sent.
pub(super) struct Listing {
    form: BrowseForm,
    deflate: Option<Compress>,
    behind: Option<FileId>,
    listed: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Begins,
    Runs,
    Over,
}

impl Listing {
    pub(super) fn new(form: BrowseForm, request: &Request) -> Self {
        let mut accepted = request.head.items("Accept-Encoding");
        let takes_deflate = accepted.any(|coding| {
            let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let is_refused = weight.replace(' ', "").starts_with("q=0")
                && !weight.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
            coding.trim().eq_ignore_ascii_case("deflate") && !is_refused
        });
        let takes_deflate = takes_deflate || mutant!(DeflatesLists);
        let deflate = takes_deflate.then(|| Compress::new(Compression::fast(), true));
        Self { form, deflate, behind: None, listed: 0, state: State::Begins }
    }

    /// The value of `Content-Encoding`.
    pub(super) fn encoding(&self) -> Option<&'static str> {
        self.deflate.is_some().then_some("deflate")
    }

    /// The next piece; nothing behind the last one.
    pub(super) fn next_piece(&mut self, world: &World<'_>) -> Option<Bytes> {
        let mut piece = BytesMut::new();
        while piece.is_empty() && self.state != State::Over {
            let mut plain = BytesMut::new();
            self.write_plain(world, &mut plain);
            piece = self.deflated(plain);
        }
        (!piece.is_empty()).then(|| piece.freeze())
    }

    fn write_plain(&mut self, world: &World<'_>, out: &mut BytesMut) {
        let is_page = self.form == BrowseForm::Html;
        if self.state == State::Begins && is_page {
            put(out, PageStart { title: &world.about.server });
        }
        self.state = State::Runs;
        while out.len() < BROWSE_CHUNK_LEN {
            let limit = BROWSE_FILES_AT_ONCE.min(BROWSE_FILES_MAX.saturating_sub(self.listed));
            let items = world.shelf.list(self.behind, limit);
            let Some(last) = items.last() else {
                if is_page {
                    put(out, PageEnd { is_cut: self.is_cut(world) });
                }
                self.state = State::Over;
                return;
            };
            (self.behind, self.listed) = (Some(last.id), self.listed.saturating_add(items.len()));
            if is_page {
                items.iter().for_each(|item| put(out, entry(item)));
            } else {
                write_hits(&items, world.about, out);
            }
        }
    }

    /// Whether files are left that are not listed.
    fn is_cut(&self, world: &World<'_>) -> bool {
        self.listed >= BROWSE_FILES_MAX && !world.shelf.list(self.behind, 1).is_empty()
    }

    fn deflated(&mut self, plain: BytesMut) -> BytesMut {
        let Some(deflate) = &mut self.deflate else { return plain };
        let is_last = self.state == State::Over;
        let flush = if is_last { FlushCompress::Finish } else { FlushCompress::None };
        let (mut rest, mut out) = (&plain[..], Vec::new());
        loop {
            out.reserve(BROWSE_CHUNK_LEN);
            let before = deflate.total_in();
            // The only error is a stream that was ended already.
            let Ok(status) = deflate.compress_vec(rest, &mut out, flush) else { break };
            let taken = deflate.total_in().saturating_sub(before);
            rest = rest.get(usize::try_from(taken).unwrap_or(usize::MAX)..).unwrap_or_default();
            let is_done = if is_last { status == Status::StreamEnd } else { rest.is_empty() };
            if is_done {
                break;
            }
        }
        BytesMut::from(&out[..])
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("form", &self.form).field("listed", &self.listed).finish()
    }
}

/// Room is made for whatever is shown.
fn put(out: &mut BytesMut, shown: impl fmt::Display) {
    let _ = write!(out, "{shown}");
}

fn entry(item: &Item) -> PageEntry<'_> {
    PageEntry { index: item.id.0, name: &item.name, size: item.size, sha1: item.sha1 }
}

/// Query hits, as if somebody had asked for all of these (HIT-28).
fn write_hits(items: &[Item], about: &About, out: &mut BytesMut) {
    let records = items.iter().map(|item| record(item.id, view(item), Said::default())).collect();
    for payload in packed(&about.holder, records, HIT_MESSAGE_LEN_MAX) {
        let (guid, function) = (Guid::ZERO, Function::QUERY_HIT);
        Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload }.encode(out);
    }
}

fn view(item: &Item) -> FileView<'_> {
    let Item { name, size, sha1, tiger_root, .. } = item;
    let (size, sha1, tiger_root) = (*size, *sha1, *tiger_root);
    FileView { name, size, sha1, tiger_root, kzhash: None, modified_s: None }
}
