//! What children share, and for how long.

use filbert::base::limits::{LEAF_FILE_DETAILS_LEN_MAX, LEAF_FILES_MAX};
use filbert::fasttrack::wire::{
    Bandwidth, Found, Media, Message, Names, Share, Tag, TagList, TagWriter, Term, Unshare,
};

use super::family::{Family, at, hash, info, share, tagged, terms, words};

/// A child takes back what it has shared so.
fn unshare(number: u32, name: &str) -> Message {
    taken_back(share(number, name))
}

fn taken_back(share: Share) -> Message {
    let Share { hash, file_id, size, tags, .. } = share;
    Message::Unshare(Unshare { hash, file_id, size, tags })
}

/// FTSUPER-08, FTSUPER-15, FTSUPER-16, FTWIRE-08, FTSEARCH-11, FTSEARCH-13
#[test]
fn a_share_is_found_at_once_with_all_that_was_said_of_it() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let tags = TagWriter::new()
        .number(Tag::LENGTH, 180)
        .put(Tag(0x31), &[1, 2, 3])
        .put(Tag::FILE_NAME, b"caf\xe9 song.mp3")
        .text(Tag::ARTIST, "The Hazels")
        .finish();
    let mut file = tagged(1, tags.clone());
    file.media = Media::VIDEO;
    family.receive(holder, Message::Share(file));
    family.receive(asker, Message::Search(words("CAFE hazels")));
    let heard = family.heard(asker);
    let Message::Results(results) = &heard[0] else { panic!("{heard:?}") };
    assert_eq!(results.supernode, at(super::family::OWN));
    let expected = Found {
        address: at("6.1.1.1:1214"),
        bandwidth: Bandwidth(0x60),
        names: Names::full("user1", "KaZaA"),
        hash: hash(1),
        file_id: 16_221,
        size: 1_000,
        tags,
    };
    assert_eq!(results.results, [expected]);
}

/// FTSUPER-08
#[test]
fn hash_and_name_again_are_the_same_file_with_a_new_description() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let described = |artist: &str, media, size| {
        let tags = TagWriter::new().text(Tag::ARTIST, artist).text(Tag::FILE_NAME, "a song.mp3");
        Message::Share(Share { media, size, ..tagged(1, tags.finish()) })
    };
    family.receive(holder, described("Hazel", Media::AUDIO, 1_000));
    family.receive(holder, described("Walnut", Media::VIDEO, 700));
    assert_eq!(family.search(asker, words("hazel")), [""; 0]);
    assert_eq!(family.search(asker, words("song walnut")), ["a song.mp3"]);
    assert_eq!((family.supernode.files_len(), family.supernode.files_of(holder)), (1, 1));
    let by_media: Vec<_> = family.supernode.totals().by_media().collect();
    assert_eq!(by_media, [(0, 0), (0, 0), (1, 700), (0, 0), (0, 0), (0, 0)]);
}

/// giFT may say all that it shares twice (FTSUPER-08).
#[test]
fn what_is_shared_twice_counts_once() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    for _ in 0..2 {
        for number in 0..50 {
            family.share(holder, number, &format!("song {number}.mp3"));
        }
    }
    let mut found = family.search(asker, words("song"));
    found.sort();
    found.dedup();
    assert_eq!((found.len(), family.supernode.files_of(holder)), (50, 50));
    let totals = family.supernode.totals();
    assert_eq!((totals.files(), totals.bytes()), (50, 50_000));
    family.close(holder);
    assert_eq!(family.supernode.totals().files(), 0);
}

/// mldonkey gives all files one hash whose first 300 KiB are alike (FTSUPER-08, FTSUPER-10).
#[test]
fn files_of_one_hash_are_told_apart_by_their_names() {
    let mut family = Family::new(3);
    let (holder, other, asker) = (family.child(1), family.child(2), family.child(3));
    let by_hash = |family: &mut Family| {
        let mut found = family.search(asker, terms(vec![Term::hash(&hash(1))]));
        found.sort();
        found
    };
    for name in ["first part.avi", "second part.avi", "third part.avi"] {
        family.share(holder, 1, name);
    }
    family.share(other, 1, "second part.avi");
    assert_eq!(family.search(asker, words("first")), ["first part.avi"]);
    assert_eq!(family.search(asker, words("third")), ["third part.avi"]);
    assert_eq!(by_hash(&mut family).len(), 4);
    assert_eq!((family.supernode.files_of(holder), family.supernode.totals().files()), (3, 4));
    // One is taken back, and one that is not there.
    family.receive(holder, unshare(1, "second part.avi"));
    family.receive(holder, unshare(1, "Third part.avi"));
    let left = ["first part.avi", "second part.avi", "third part.avi"];
    assert_eq!(by_hash(&mut family), left, "that of somebody else stays");
    assert_eq!(family.supernode.totals().files(), 3);
    // Without a name, the hash says it all.
    family.receive(holder, taken_back(tagged(1, TagList::EMPTY)));
    assert_eq!(by_hash(&mut family), ["second part.avi"]);
    assert_eq!((family.supernode.files_of(holder), family.supernode.totals().files()), (0, 1));
}

/// FTSUPER-09: nobody could show it or judge it.
#[test]
fn a_file_without_a_name_is_not_kept() {
    let mut family = Family::new(1);
    let holder = family.child(1);
    let long = "n".repeat(LEAF_FILE_DETAILS_LEN_MAX);
    for (number, tags) in [
        TagList::EMPTY,
        TagWriter::new().text(Tag::TITLE, "a song").finish(),
        TagWriter::new().text(Tag::FILE_NAME, &long).finish(),
    ]
    .into_iter()
    .enumerate()
    {
        family.receive(holder, Message::Share(tagged(number as u32, tags)));
        assert_eq!(family.supernode.files_of(holder), 0, "{number}");
    }
    assert_eq!((family.supernode.totals().files(), family.outputs()), (0, vec![]));
}

/// FTSUPER-10
#[test]
fn what_is_taken_back_is_found_no_more_and_of_others_it_is() {
    let mut family = Family::new(3);
    let (one, other, asker) = (family.child(1), family.child(2), family.child(3));
    family.share(one, 1, "a song.mp3");
    family.share(other, 1, "that song.mp3");
    family.receive(one, unshare(2, "a song.mp3"));
    assert_eq!(family.supernode.files_len(), 2);
    family.receive(one, unshare(1, "a song.mp3"));
    family.receive(one, unshare(1, "a song.mp3"));
    assert_eq!(family.search(asker, words("song")), ["that song.mp3"]);
    let totals = family.supernode.totals();
    assert_eq!((totals.files(), totals.bytes()), (1, 1_000));
}

/// FTSUPER-11
#[test]
fn when_a_child_leaves_its_files_leave() {
    let mut family = Family::new(3);
    let (one, other, asker) = (family.child(1), family.child(2), family.child(3));
    for number in 0..50 {
        family.share(one, number, "a song.mp3");
        family.share(other, number, "that song.mp3");
    }
    assert_eq!(family.supernode.totals().files(), 100);
    family.close(one);
    assert_eq!(family.search(asker, words("song")), ["that song.mp3"; 50]);
    family.close(other);
    assert_eq!(family.search(asker, words("song")), [""; 0]);
    let totals = family.supernode.totals();
    assert_eq!((family.supernode.files_len(), totals.files(), totals.bytes()), (0, 0, 0));
}

/// FTSUPER-09, FTSAFE-04
#[test]
fn a_child_may_share_so_many_files_and_what_is_beyond_is_dropped_without_a_word() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    const { assert!(LEAF_FILES_MAX >= 70) };
    let count = u32::try_from(LEAF_FILES_MAX).unwrap();
    for number in 0..count + 1 {
        family.share(holder, number, "a song.mp3");
    }
    assert_eq!(family.supernode.files_of(holder), LEAF_FILES_MAX);
    assert_eq!(family.outputs(), []);
    // It goes on: what was shared may change, and what is taken back makes room.
    family.share(holder, 0, "a song.mp3");
    family.receive(holder, unshare(1, "a song.mp3"));
    family.share(holder, count, "one more song.mp3");
    assert_eq!(family.search(asker, words("more")), ["one more song.mp3"]);
    assert_eq!(family.supernode.files_of(holder), LEAF_FILES_MAX);
}

/// FTSUPER-08, FTSAFE-04
#[test]
fn of_tags_that_are_too_much_the_name_stays() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let file = |comment_len: usize| {
        let comment = "c".repeat(comment_len);
        let writer = TagWriter::new().text(Tag::COMMENT, &comment);
        tagged(1, writer.text(Tag::FILE_NAME, "a song.mp3").number(Tag::BITRATE, 128).finish())
    };
    let fits = LEAF_FILE_DETAILS_LEN_MAX - 6 - file(0).tags.as_bytes().len() - 1;
    for (comment_len, is_kept) in [(fits, true), (fits + 1, false)] {
        let share = file(comment_len);
        family.receive(holder, Message::Share(share.clone()));
        let (found, _) = family.search_for(asker, words("song"));
        let [found] = &found[..] else { panic!("{found:?}") };
        assert_eq!(found.tags == share.tags, is_kept, "{comment_len}");
        assert_eq!(found.tags.text(Tag::FILE_NAME).unwrap(), "a song.mp3");
        assert_eq!(found.tags.number(Tag::BITRATE), Some(128));
    }
}

/// FTSUPER-16, FTSAFE-09
#[test]
fn a_child_is_who_its_connection_says() {
    for (from, said, shown) in [
        // It is there, and says so.
        ("6.1.1.1:40000", "6.1.1.1:1214", "6.1.1.1:1214"),
        // It says it is somebody else.
        ("6.1.1.1:40000", "9.9.9.9:1214", "6.1.1.1:1214"),
        // It cannot be called, and says so.
        ("6.1.1.1:40000", "192.168.1.2:1214", "192.168.1.2:1214"),
        ("6.1.1.1:40000", "6.1.1.1:0", "6.1.1.1:0"),
        // That is nobody's address.
        ("6.1.1.1:40000", "0.0.0.0:1214", "6.1.1.1:1214"),
        ("6.1.1.1:40000", "224.0.0.1:1214", "6.1.1.1:1214"),
        // We are in one private network.
        ("192.168.1.2:40000", "10.0.0.1:1214", "192.168.1.2:1214"),
    ] {
        let mut family = Family::new(2);
        let (holder, asker) = (family.open(from, &info(said, "me")), family.child(2));
        family.supernode.give_nodes(holder, [], family.now);
        family.share(holder, 1, "a song.mp3");
        family.forget();
        let (found, _) = family.search_for(asker, words("song"));
        assert_eq!(found[0].address, at(shown), "{from} says {said}");
    }
}

/// FTSUPER-16, FTSAFE-08, FTWIRE-11
#[test]
fn what_a_child_says_anew_of_itself_counts_and_its_name_is_made_harmless() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    family.share(holder, 1, "a song.mp3");
    let evil = "a\u{1}b\0c d@e\r\nX: y and very much more of that kind of name";
    family.receive(holder, Message::NodeInfo(info("192.168.0.9:7", evil)));
    let (found, _) = family.search_for(asker, words("song"));
    assert_eq!(found[0].address, at("192.168.0.9:7"));
    let Names::Full { user, .. } = &found[0].names else { panic!("{found:?}") };
    assert_eq!(&user[..], b"a_b_c_d_e__X:_y_and_very_much_m");
}
