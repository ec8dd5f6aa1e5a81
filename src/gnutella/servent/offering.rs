//! What the driver tells of what we offer.

use std::net::SocketAddrV4;

use super::Servent;
use super::Serving;
use super::offered::{Offer, PartialFile, is_bare_name};
use crate::base::addresses::is_callable;
use crate::index::files::{File, Files};

impl Servent {
    /// Offers exactly these files from now on, but for those that cannot be named in a hit (HIT-13).
    pub fn share(&mut self, files: impl IntoIterator<Item = File>) {
        let mut shared = Files::new();
        shared.extend(files.into_iter().filter(|file| is_bare_name(&file.name)));
        self.offer(Offer::of(shared));
    }

    /// The same with what was made of the files elsewhere.
    pub fn offer(&mut self, offer: Offer) {
        let Offer { files, words, kib } = offer;
        self.shared_kib = kib;
        self.query_tables.offer(words);
        if !files.is_empty() {
            self.offered.enter().files = Some(files);
        } else if let Some(offered) = self.offered.peek_mut() {
            offered.files = None;
        }
        self.leave_what_is_empty();
    }

    /// What our hits say of us from now on.
    pub fn be_serving(&mut self, serving: Serving) {
        self.offered.enter().serving = serving;
        self.leave_what_is_empty();
    }

    /// Offers a part of a file to those who take parts.
    pub fn offer_partial(&mut self, part: PartialFile) {
        let partial = &mut self.offered.enter().partial;
        if partial.offer(part) {
            self.query_tables.offer_parts(partial.words());
        }
        self.leave_what_is_empty();
    }

    /// Offers it no longer.
    pub fn withdraw_partial(&mut self, sha1: &[u8; 20]) {
        if let Some(offered) = self.offered.peek_mut() {
            let partial = &mut offered.partial;
            if partial.withdraw(sha1) {
                self.query_tables.offer_parts(partial.words());
            }
        }
        self.leave_what_is_empty();
    }

    /// These have a content too: our hits name some of them, but none that strangers cannot call.
    pub fn name_sources(&mut self, sha1: [u8; 20], mut sources: Vec<SocketAddrV4>) {
        let own = self.listen_v4();
        let may_be_named = |at: &SocketAddrV4| {
            Some(*at) != own && is_callable((*at).into(), self.settings.allow_private)
        };
        sources.retain(may_be_named);
        self.offered.enter().name_sources(sha1, sources);
        self.leave_what_is_empty();
    }

    /// How many whole files we offer.
    pub(super) fn files_count(&self) -> usize {
        self.offered.peek().and_then(|offered| offered.files.as_ref()).map_or(0, Files::len)
    }

    /// What our hits say of us.
    pub(super) fn serving(&self) -> Serving {
        self.offered.peek().map_or_else(Serving::default, |offered| offered.serving)
    }

    fn leave_what_is_empty(&mut self) {
        if self.offered.peek().is_some_and(super::Offered::is_empty) {
            self.offered.leave();
        }
    }
}
