//! How much children share, and what they are told of the network.

use crate::fasttrack::wire::{Media, MediaStats, StatsSize};

/// Files and bytes of each media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    media: [OfMedia; Media::COUNT],
}

/// Files and bytes of one media type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct OfMedia {
    files: u32,
    bytes: u64,
}

impl Totals {
    /// How many files there are, whatever they are.
    pub fn files(&self) -> u32 {
        self.media.iter().fold(0, |sum, of_media| sum.saturating_add(of_media.files))
    }

    /// How many bytes they have.
    pub fn bytes(&self) -> u64 {
        self.media.iter().fold(0, |sum, of_media| sum.saturating_add(of_media.bytes))
    }

    /// Files and bytes by media type; those of unknown types are among type 0.
    pub fn by_media(&self) -> impl Iterator<Item = (u32, u64)> {
        self.media.iter().map(|of_media| (of_media.files, of_media.bytes))
    }

    /// The same as messages have it.
    pub fn stats(&self) -> [MediaStats; Media::COUNT] {
        self.media.map(|OfMedia { files, bytes }| MediaStats {
            files,
            size: StatsSize::from_bytes(bytes),
        })
    }

    /// One file more.
    pub fn add(&mut self, media: Media, bytes: u64) {
        if let Some(of_media) = self.of(media) {
            of_media.files = of_media.files.saturating_add(1);
            of_media.bytes = of_media.bytes.saturating_add(bytes);
        }
    }

    pub(super) fn take(&mut self, media: Media, bytes: u64) {
        if let Some(of_media) = self.of(media) {
            of_media.files = of_media.files.saturating_sub(1);
            of_media.bytes = of_media.bytes.saturating_sub(bytes);
        }
    }

    pub(super) fn take_all(&mut self, gone: &Self) {
        for (of_media, gone) in self.media.iter_mut().zip(&gone.media) {
            of_media.files = of_media.files.saturating_sub(gone.files);
            of_media.bytes = of_media.bytes.saturating_sub(gone.bytes);
        }
    }

    fn of(&mut self, media: Media) -> Option<&mut OfMedia> {
        let place = usize::from(media.0);
        self.media.get_mut(if place < Media::COUNT { place } else { 0 })
    }
}
