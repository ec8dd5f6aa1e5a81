//! How files and searches are held against each other.

use bytes::Bytes;
use filbert::base::limits::{
    FASTTRACK_SEARCH_FITTING_MAX, FASTTRACK_SEARCH_READINGS_MAX, FASTTRACK_TERM_WORDS_MAX,
    LEAF_FILE_WORDS_MAX,
};
use filbert::fasttrack::wire::{
    Media, Message, Operator, Realm, Search, Share, Tag, TagWriter, Term,
};

use super::family::{Family, hash, tagged, terms, words};

fn term(operator: Operator, tag: Tag, text: &str) -> Term {
    Term { operator, tag, bytes: Bytes::copy_from_slice(text.as_bytes()) }
}

/// A song with all that can be said of one.
fn song() -> Share {
    let tags = TagWriter::new()
        .text(Tag::FILE_NAME, "Hazel Nuts - The Été.mp3")
        .text(Tag::TITLE, "The Summer")
        .text(Tag::ARTIST, "Hazel Nuts")
        .text(Tag::ALBUM, "Seasons of Oak")
        .text(Tag::KEYWORDS, "warm")
        .text(Tag::CATEGORY, "Folk")
        .text(Tag::COMMENT, "recorded outside")
        .number(Tag::BITRATE, 128)
        .number(Tag::YEAR, 1999)
        .pair(Tag::RESOLUTION, 640, 480)
        .put(Tag(0x31), b"\x07\x08")
        .finish();
    Share { size: 4_000_000, ..tagged(1, tags) }
}

/// Whether the song is found by these terms.
fn finds(search: Search) -> bool {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    family.receive(holder, Message::Share(song()));
    match family.search(asker, search).len() {
        0 => false,
        1 => true,
        more => panic!("{more} results"),
    }
}

/// FTSEARCH-04, FTSEARCH-07
#[test]
fn any_text_fits_where_each_word_occurs_somewhere() {
    for (text, is_found) in [
        ("hazel", true),
        ("HAZEL nuts mp3", true),
        ("summer ete", true),
        ("oak warm folk", true),
        ("été-summer", true),
        ("", true),
        (" - ", true),
        ("haze", false),
        ("hazel winter", false),
        // What a comment says is not sought by any text.
        ("outside", false),
        ("hazel outside", false),
        ("128", false),
    ] {
        assert_eq!(finds(words(text)), is_found, "{text:?}");
    }
}

/// FTSEARCH-04
#[test]
fn texts_are_equal_or_contain_words() {
    use Operator as Op;
    for (operator, tag, text, is_found) in [
        (Op::CONTAINS, Tag::ARTIST, "nuts hazel", true),
        (Op::CONTAINS, Tag::ARTIST, "hazel summer", false),
        (Op::CONTAINS, Tag::TITLE, "hazel", false),
        (Op::CONTAINS, Tag::COMMENT, "OUTSIDE", true),
        (Op::CONTAINS, Tag::COMMENT, "", true),
        (Op::CONTAINS, Tag::LANGUAGE, "", false),
        (Op::CONTAINS, Tag::LANGUAGE, "english", false),
        (Op::EQUAL, Tag::ARTIST, "HAZEL NUTS", true),
        (Op::EQUAL, Tag::ARTIST, "hazel", false),
        (Op::EQUAL, Tag::ARTIST, "nuts hazel", false),
        (Op::EQUAL, Tag::ANY, "the summer", true),
        (Op::EQUAL, Tag::ANY, "summer", false),
        (Op::EQUAL, Tag::COMMENT, "Recorded Outside", true),
        // FTSEARCH-05
        (Op::ABOUT, Tag::ARTIST, "nuts hazel", true),
        (Op::ABOUT, Tag::ANY, "summer oak", true),
        (Op::ABOUT, Tag::ANY, "summer elm", false),
        // Texts are not more and not less.
        (Op::AT_LEAST, Tag::ARTIST, "hazel nuts", false),
        (Op::AT_MOST, Tag::ARTIST, "hazel nuts", false),
    ] {
        assert_eq!(
            finds(terms(vec![term(operator, tag, text)])),
            is_found,
            "{operator:?} {tag:?} {text}"
        );
    }
}

/// FTSEARCH-04, FTSEARCH-05
#[test]
fn numbers_are_equal_about_at_most_or_at_least() {
    use Operator as Op;
    for (operator, tag, number, is_found) in [
        (Op::EQUAL, Tag::BITRATE, 128, true),
        (Op::EQUAL, Tag::BITRATE, 129, false),
        (Op::AT_LEAST, Tag::BITRATE, 128, true),
        (Op::AT_LEAST, Tag::BITRATE, 129, false),
        (Op::AT_MOST, Tag::BITRATE, 128, true),
        (Op::AT_MOST, Tag::BITRATE, 127, false),
        (Op::ABOUT, Tag::BITRATE, 140, true),
        (Op::ABOUT, Tag::BITRATE, 142, true),
        (Op::ABOUT, Tag::BITRATE, 143, false),
        (Op::ABOUT, Tag::BITRATE, 117, true),
        (Op::ABOUT, Tag::BITRATE, 116, false),
        (Op::ABOUT, Tag::BITRATE, 0, false),
        (Op::CONTAINS, Tag::BITRATE, 128, false),
        // What the file does not say does not fit.
        (Op::AT_LEAST, Tag::LENGTH, 0, false),
        (Op::AT_LEAST, Tag::SIZE, 4_000_000, true),
        (Op::AT_LEAST, Tag::SIZE, 4_000_001, false),
        (Op::AT_MOST, Tag::SIZE, 4_000_000, true),
        (Op::AT_MOST, Tag::SIZE, 3_999_999, false),
        (Op::ABOUT, Tag::SIZE, 4_400_000, true),
        (Op::CONTAINS, Tag::SIZE, 4_000_000, false),
    ] {
        let search = terms(vec![Term::number(operator, tag, number)]);
        assert_eq!(finds(search), is_found, "{operator:?} {tag:?} {number}");
    }
}

/// FTSEARCH-04, FTWIRE-08
#[test]
fn pairs_are_held_against_each_other_part_by_part_and_bytes_as_a_whole() {
    use Operator as Op;
    let pair = |operator, bytes: &'static [u8]| {
        terms(vec![Term { operator, tag: Tag::RESOLUTION, bytes: Bytes::from_static(bytes) }])
    };
    assert!(finds(pair(Op::EQUAL, b"\x85\x00\x83\x60")));
    assert!(finds(pair(Op::AT_LEAST, b"\x85\x00\x01")));
    assert!(!finds(pair(Op::AT_LEAST, b"\x85\x01\x01")));
    assert!(!finds(pair(Op::AT_MOST, b"\x85\x00\x01")));
    let unknown = |operator, text| terms(vec![term(operator, Tag(0x31), text)]);
    assert!(finds(unknown(Op::EQUAL, "\u{7}\u{8}")));
    assert!(!finds(unknown(Op::EQUAL, "\u{7}")));
    assert!(!finds(unknown(Op::CONTAINS, "\u{7}\u{8}")));
}

/// FTSEARCH-03
#[test]
fn all_terms_must_hold() {
    let both = |text, least| {
        let least = Term::number(Operator::AT_LEAST, Tag::BITRATE, least);
        finds(terms(vec![Term::words(Tag::ANY, text), least]))
    };
    assert!(both("hazel", 128));
    assert!(!both("hazel", 129));
    assert!(!both("walnut", 128));
    let by_hash = |text| finds(terms(vec![Term::hash(&hash(1)), Term::words(Tag::ANY, text)]));
    assert!(by_hash("hazel") && !by_hash("walnut"));
    assert!(finds(terms(vec![])));
}

/// FTSEARCH-06
#[test]
fn a_term_that_nobody_knows_excludes_nothing() {
    for operator in [1, 6, 7, 255] {
        let option = |tag| Term { operator: Operator(operator), tag, bytes: vec![2].into() };
        let all = [Tag(0x25), Tag(0x2d), Tag::HASH, Tag::BITRATE, Tag::ANY].map(option);
        let found = finds(terms([Term::words(Tag::ANY, "hazel")].into_iter().chain(all).collect()));
        assert!(found, "{operator}");
    }
}

/// FTSEARCH-08
#[test]
fn a_hash_has_all_its_bytes_and_of_a_longer_one_the_first_twenty_count() {
    let by = |tag, bytes: &[u8]| {
        let bytes = Bytes::copy_from_slice(bytes);
        finds(terms(vec![Term { operator: Operator::EQUAL, tag, bytes }]))
    };
    let (right, mut long) = (hash(1), [9; 36]);
    assert!(by(Tag::HASH, &right));
    assert!(!by(Tag::HASH, &right[..19]) && !by(Tag::HASH, &[&right[..], &[0]].concat()));
    assert!(!by(Tag::HASH, b""));
    assert!(!by(Tag::KZHASH, &long));
    long[..20].copy_from_slice(&right);
    assert!(by(Tag::KZHASH, &long));
    assert!(!by(Tag::KZHASH, &right));
    let two = |other: &[u8; 20]| finds(terms(vec![Term::hash(&right), Term::hash(other)]));
    assert!(two(&right) && !two(&hash(2)));
    let least = Term { operator: Operator::AT_LEAST, ..Term::hash(&right) };
    assert!(!finds(terms(vec![least])));
}

/// FTSEARCH-01, FTSEARCH-09
#[test]
fn the_realm_says_which_media_are_wanted() {
    for (realm, is_found) in [
        (0xa1, true),
        (0x21, true),
        (0x01, true),
        (0xa2, false),
        (0xa5, false),
        (0xbf, true),
        (0x3f, true),
        (0x1f, true),
        (0xa0, false),
    ] {
        let search = Search { realm: Realm(realm), ..words("hazel") };
        assert_eq!(finds(search), is_found, "{realm:#x}");
    }
    let search = Search { realm: Realm::of(Media::AUDIO), by_hand: false, ..words("hazel") };
    assert!(finds(search));
}

/// FTSAFE-06
#[test]
fn a_term_may_have_so_many_words_and_not_one_more() {
    let text = |count| vec!["hazel"; count].join(" ");
    assert!(finds(words(&text(FASTTRACK_TERM_WORDS_MAX))));
    assert!(!finds(words(&text(FASTTRACK_TERM_WORDS_MAX + 1))));
}

/// FTSEARCH-03: no word is left out of account, however many there are.
#[test]
fn words_beyond_those_that_the_index_takes_count_too() {
    let all: Vec<_> = (0..=LEAF_FILE_WORDS_MAX).map(|number| format!("word{number}")).collect();
    let (first, last) = all.split_at(LEAF_FILE_WORDS_MAX);
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    family.share(holder, 1, &first.join(" "));
    let search = |words: &[String]| {
        let terms_of = words.chunks(FASTTRACK_TERM_WORDS_MAX);
        terms(terms_of.map(|chunk| Term::words(Tag::ANY, &chunk.join(" "))).collect())
    };
    assert_eq!(family.search(asker, search(first)).len(), 1);
    assert_eq!(family.search(asker, search(&all)), [""; 0]);
    assert_eq!(family.search(asker, search(last)), [""; 0]);
}

/// FTSAFE-15
#[test]
fn so_many_files_are_read_for_one_search_and_not_one_more() {
    let readings = usize::try_from(FASTTRACK_SEARCH_READINGS_MAX).unwrap();
    let mut family = Family::new(100);
    let asker = family.child(200);
    let share = |family: &mut Family, number: usize, bitrate: u32| {
        let holder = family.child(u8::try_from(number / 100).unwrap());
        let numbers = number..number + 100;
        for number in numbers {
            let writer = TagWriter::new().text(Tag::FILE_NAME, "a song.mp3");
            let tags = writer.number(Tag::BITRATE, bitrate).finish();
            let number = u32::try_from(number).unwrap();
            family.receive(holder, Message::Share(tagged(number, tags)));
        }
    };
    for number in (0..readings - 100).step_by(100) {
        share(&mut family, number, 128);
    }
    let search = || {
        let best = Term::number(Operator::EQUAL, Tag::BITRATE, 320);
        terms(vec![Term::words(Tag::ANY, "song"), best])
    };
    share(&mut family, readings - 100, 320);
    assert_eq!(family.search(asker, search()).len(), 100);
    share(&mut family, readings, 320);
    assert_eq!(family.search(asker, search()).len(), 100, "these are not looked at");
}

/// Files that fit are gathered up to a limit, and results are chosen of them.
#[test]
fn of_so_many_files_that_fit_the_results_are_chosen() {
    let mut family = Family::new(100);
    let asker = family.child(200);
    let mut holders = Vec::new();
    for number in 0..FASTTRACK_SEARCH_FITTING_MAX + 200 {
        if number.is_multiple_of(200) {
            holders.push(family.child(u8::try_from(number / 200).unwrap()));
        }
        let number = u32::try_from(number).unwrap();
        family.share(*holders.last().unwrap(), number, "a song.mp3");
    }
    let (found, _) = family.search_for(asker, words("song"));
    let of = |holder: u8| {
        let address = super::family::at(&format!("6.{holder}.1.1:1214"));
        found.iter().filter(|found| found.address == address).count()
    };
    assert_eq!([0, 1, 2, 3, 4, 5].map(of), [40, 40, 40, 40, 40, 0]);
}
