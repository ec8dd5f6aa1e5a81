//! What is kept of a file, and how it is counted.

use filbert::base::limits::LEAF_FILE_DETAILS_LEN_MAX;
use filbert::fasttrack::wire::{Media, Message, Share, Tag, TagWriter};

use super::family::{Family, name, tagged, words};

/// FTSUPER-09: wherever it stands.
#[test]
fn the_name_stays_before_all_else_that_would_fit() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let comment = "c".repeat(300);
    let tags = (0..3).fold(TagWriter::new(), |tags, _| tags.text(Tag::COMMENT, &comment));
    let tags = tags.text(Tag::FILE_NAME, "a song.mp3").finish();
    family.receive(holder, Message::Share(tagged(1, tags)));
    let (found, _) = family.search_for(asker, words("song"));
    assert_eq!(name(&found[0]), "a song.mp3");
    let kept: Vec<_> = found[0].tags.iter().map(|item| item.tag).collect();
    assert_eq!(kept, [Tag::FILE_NAME, Tag::COMMENT, Tag::COMMENT]);
}

/// FTSUPER-09
#[test]
fn a_name_may_be_as_long_as_there_is_room_and_not_longer() {
    let mut family = Family::new(1);
    let holder = family.child(1);
    // Behind media type, file number and count, and with two numbers of five bytes in front.
    let room = LEAF_FILE_DETAILS_LEN_MAX - 1 - 5 - 1 - 10;
    for (len, is_kept) in [(room, true), (room + 1, false)] {
        let tags = TagWriter::new().text(Tag::FILE_NAME, &"n".repeat(len));
        let share = tagged(len as u32, tags.text(Tag::COMMENT, &"c".repeat(500)).finish());
        let before = family.supernode.files_of(holder);
        family.receive(holder, Message::Share(share));
        assert_eq!(family.supernode.files_of(holder) > before, is_kept, "{len} bytes");
    }
}

/// FTSUPER-21, FTWIRE-12
#[test]
fn media_that_nobody_knows_are_counted_as_unknown() {
    let mut family = Family::new(1);
    let holder = family.child(1);
    for (number, media) in (0..).zip([0, 5, 6, 255]) {
        let tags = TagWriter::new().text(Tag::FILE_NAME, "a song.mp3").finish();
        family
            .receive(holder, Message::Share(Share { media: Media(media), ..tagged(number, tags) }));
    }
    let files: Vec<_> = family.supernode.totals().by_media().map(|(files, _)| files).collect();
    assert_eq!(files, [3, 0, 0, 0, 0, 1]);
    family.close(holder);
    assert_eq!(family.supernode.totals().files(), 0);
}

/// FTSUPER-05: who has no room at all is full.
#[test]
fn the_load_of_a_supernode_without_room_is_a_hundred() {
    for (room, load) in [(0, 100), (1, 0)] {
        assert_eq!(Family::new(room).supernode.load(), load, "room for {room}");
    }
}
