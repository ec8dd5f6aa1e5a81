//! Files as children of a FastTrack supernode share them.

use filbert::fasttrack::wire::{Media, Share, Tag, TagWriter};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::names::Maker;

/// A file with tags as in real shares: "Artist - Title.mp3", with both of them again.
pub fn share(maker: &mut Maker, rng: &mut ChaCha8Rng) -> Share {
    let name = maker.name();
    let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
    let middle = (stem.len() / 2..=stem.len()).find(|&at| stem.is_char_boundary(at)).unwrap_or(0);
    let (artist, title) = stem.split_at(middle);
    let other = maker.name();
    let other: String = other.chars().take(24).collect();
    let mut tags = TagWriter::new().text(Tag::FILE_NAME, &name);
    let mut chance = |percent| rng.random_range(0..100) < percent;
    let (is_music, has_album, has_genre) = (chance(72), chance(45), chance(38));
    let (has_year, has_picture, has_comment) = (chance(24), chance(19), chance(18));
    let is_best = chance(2);
    if is_music {
        tags = tags.text(Tag::ARTIST, artist.trim()).text(Tag::TITLE, title.trim());
        tags = tags.number(Tag::LENGTH, 210).number(Tag::BITRATE, if is_best { 320 } else { 128 });
    }
    if has_album {
        tags = tags.text(Tag::ALBUM, &other);
    }
    if has_genre {
        tags = tags.text(Tag::CATEGORY, ["Rock", "Pop", "Folk", "Other"][name.len() % 4]);
    }
    if has_year {
        tags = tags.number(Tag::YEAR, 1999);
    }
    if has_picture {
        tags = tags.pair(Tag::RESOLUTION, 640, 480).number(Tag::BIT_DEPTH, 24);
    }
    if has_comment {
        tags = tags.text(Tag::COMMENT, "ripped by somebody with some program");
    }
    Share {
        media: Media::AUDIO,
        hash: rng.random(),
        file_id: rng.random_range(0..1 << 14),
        size: rng.random_range(100_000..10_000_000),
        tags: tags.finish(),
    }
}

/// Its tags, for whoever reads what was measured.
pub fn shown(share: &Share) -> String {
    let tags: Vec<_> =
        share.tags.iter().map(|item| format!("{}:{:?}", item.tag.0, item.value())).collect();
    tags.join(" ")
}
