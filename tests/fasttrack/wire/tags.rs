//! Tags are read when asked for, in the form that their number says.

use bytes::Bytes;
use filbert::fasttrack::wire::{
    Kind, Message, Operator, Side, Tag, TagList, TagValue, TagWriter, Tags, Term,
};

use super::parse;

const SHARE: &[u8] = b"\0\x01\0\0aaaaaaaaaaaaaaaaaaaa\x01\x02\x05\
    \x02\x05a.mp3\x15\x01\x60\x0d\x04\x85\x00\x83\x60\x19\x01\x05\x05\x02\x01\x02";

/// FTWIRE-07, FTWIRE-08
#[test]
fn each_tag_has_the_form_of_its_number() {
    let Ok(Message::Share(share)) = parse(Kind::SHARE, Side::Up, SHARE) else { panic!("a share") };
    let tags = &share.tags;
    assert_eq!(tags.text(Tag::FILE_NAME).as_deref(), Some("a.mp3"));
    assert_eq!(tags.number(Tag::BITRATE), Some(96));
    assert_eq!(tags.find(Tag::RESOLUTION), Some(TagValue::Pair(640, 480)));
    assert_eq!(tags.find(Tag(0x19)), Some(TagValue::Bytes(&[5])));
    // Two numbers where there should be one.
    assert_eq!(tags.find(Tag::LENGTH), Some(TagValue::Bytes(&[1, 2])));
    assert_eq!(tags.number(Tag::LENGTH), None);
    assert_eq!(tags.find(Tag::YEAR), None);
    assert_eq!(tags.iter().count(), 5);
}

/// FTWIRE-08: what is kept of a share is what is sent on, byte for byte, and can be read there.
#[test]
fn tags_are_kept_and_sent_on_as_they_came() {
    let Ok(Message::Share(share)) = parse(Kind::SHARE, Side::Up, SHARE) else { panic!("a share") };
    let kept: Box<[u8]> = share.tags.as_bytes()[..].into();
    assert_eq!(*kept, SHARE[26..]);
    assert_eq!(Tags::of(&kept).first(Tag::BITRATE).and_then(TagValue::number), Some(96));
    assert_eq!(TagList::decode(&Bytes::from(kept)), Ok(share.tags));
}

/// FTWIRE-08: a list that shares the memory of its message is not a copy.
#[test]
fn reading_copies_nothing() {
    let payload = Bytes::from_static(SHARE);
    let frame = filbert::fasttrack::wire::Frame { kind: Kind::SHARE, payload: payload.clone() };
    let Ok(Message::Share(share)) = Message::parse(&frame, Side::Up) else { panic!("a share") };
    assert_eq!(share.tags.as_bytes().as_ptr(), payload[26..].as_ptr());
}

/// FTWIRE-09
#[test]
fn text_is_read_in_either_character_set() {
    for name in ["café.mp3".as_bytes(), b"caf\xe9.mp3"] {
        let tags = TagWriter::new().put(Tag::FILE_NAME, name).finish();
        assert_eq!(tags.text(Tag::FILE_NAME).as_deref(), Some("café.mp3"));
    }
}

/// FTWIRE-06, FTWIRE-07
#[test]
fn what_is_written_is_read() {
    let tags = TagWriter::new()
        .text(Tag::TITLE, "Tune")
        .number(Tag::YEAR, 2003)
        .pair(Tag::RESOLUTION, 640, 480)
        .put(Tag::HASH, &[7; 20])
        .finish();
    assert_eq!(
        tags.iter().map(|item| item.value()).collect::<Vec<_>>(),
        [
            TagValue::Text(b"Tune"),
            TagValue::Number(2003),
            TagValue::Pair(640, 480),
            TagValue::Hash(&[7; 20])
        ]
    );
    assert_eq!(TagList::default().as_bytes(), &b"\0"[..]);
    assert_eq!(TagWriter::new().finish(), TagList::EMPTY);
}

/// FTSEARCH-02, FTSEARCH-08: terms have the forms of tags; of a longer hash the first 20 bytes count.
#[test]
fn terms_are_written_as_they_are_read() {
    let hash = Term::hash(&[7; 20]);
    assert_eq!((hash.operator, hash.value().hash()), (Operator::EQUAL, Some([7; 20])));
    let size = Term::number(Operator::AT_LEAST, Tag::SIZE, 524_288);
    assert_eq!(size.value().number(), Some(524_288));
    let words = Term::words(Tag::ANY, "two words");
    assert_eq!(words.value().text().as_deref(), Some("two words"));
    let root = [[7; 20].as_slice(), &[9; 16]].concat();
    assert_eq!(Tag::KZHASH.value(&root).hash(), Some([7; 20]));
    assert_eq!(Tag::KZHASH.value(&root[..20]).hash(), None);
    assert_eq!(Tag::HASH.value(&root).hash(), None);
}
