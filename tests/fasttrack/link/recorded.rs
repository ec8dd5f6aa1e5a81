//! The recorded sessions of giFT-FastTrack and mldonkey, and those that were made up: our link in the place of each
//! side understands what that side heard, and writes byte by byte what that side wrote.

use filbert::fasttrack::link::{
    Answer, Encryption, Input, Item, Link, Overheard, Profile, Said, overhear,
};
use filbert::fasttrack::wire::Frame;
use proptest::collection::vec;
use proptest::prelude::*;

use super::end::{End, START, profile};
use crate::support::properties::cases;
use crate::support::vectors;

/// What each side of a session wrote, and what that means.
struct Recorded {
    id: String,
    connecting: Vec<u8>,
    accepting: Vec<u8>,
    heard: Overheard,
}

/// Whether messages come behind a pong.
fn has_pong_amid(said: &Said) -> bool {
    let pong = said.items.iter().position(|item| *item == Item::Pong);
    pong.is_some_and(|pong| said.items[pong..].iter().any(|item| matches!(item, Item::Frame(_))))
}

/// Those that go well.
fn recorded() -> Vec<Recorded> {
    let all = vectors::all().into_iter();
    let sessions = all.filter(|it| it.entry.kind == "session" && it.entry.error.is_none());
    let sessions = sessions.map(|vector| {
        let [connecting, accepting] = vector.messages().try_into().expect("two sides");
        let heard = overhear(&connecting, &accepting).expect("it goes well");
        Recorded { id: vector.entry.id, connecting, accepting, heard }
    });
    // Where pings stand among messages, the order of what a link writes is another one.
    let sessions: Vec<_> = sessions.filter(|it| !has_pong_amid(&it.heard.connecting)).collect();
    assert!(sessions.len() >= 7 && sessions.iter().any(|it| it.id == "session-gift"));
    sessions
}

fn frames(said: &Said) -> Vec<Frame> {
    let frame = |item: &Item| match item {
        Item::Frame(frame) => Some(frame.clone()),
        Item::Ping | Item::Pong => None,
    };
    said.items.iter().filter_map(frame).collect()
}

/// Hands over the bytes in pieces of these lengths, over and over.
fn feed(end: &mut End, bytes: &[u8], lengths: &[usize]) {
    let (mut rest, mut lengths) = (bytes, lengths.iter().cycle());
    while !rest.is_empty() {
        let len = *lengths.next().expect("there is a length");
        let (piece, after) = rest.split_at(len.clamp(1, rest.len()));
        end.receive(piece, START);
        rest = after;
    }
}

/// Says what was said, but for pongs, which a link says by itself.
fn say(end: &mut End, said: &Said) {
    for item in &said.items {
        match item {
            Item::Frame(frame) => end.send(std::slice::from_ref(frame), START),
            Item::Ping => end.handle(Input::Ping, START),
            Item::Pong => {}
        }
    }
}

fn check(end: &End, it: &Recorded, heard: &Said, written: &[u8]) {
    let session = end.session().unwrap_or_else(|| panic!("{}: {:?}", it.id, end.outputs));
    assert_eq!((&session.network, session.encryption), (&heard.network, it.heard.encryption));
    assert_eq!(session.wish, Some(0x29), "{}", it.id);
    assert_eq!(end.frames(), frames(heard), "{}", it.id);
    assert_eq!(end.ending(), None, "{}", it.id);
    assert!(end.written == written, "{} writes other bytes", it.id);
}

fn play_connecting(it: &Recorded, lengths: &[usize]) {
    let mut end = End::connecting(&profile(&it.heard.connecting.network, Encryption::Straight));
    // Up to the name, so that it can speak before the rest comes.
    let name_end = Answer::LEN + it.heard.accepting.network.len() + 1;
    let (name, rest) = it.accepting.split_at(name_end);
    feed(&mut end, name, lengths);
    say(&mut end, &it.heard.connecting);
    feed(&mut end, rest, lengths);
    check(&end, it, &it.heard.accepting, &it.connecting);
}

fn play_accepting(it: &Recorded, lengths: &[usize]) {
    let profile = profile(&it.heard.accepting.network, it.heard.encryption);
    let mut end = End::new(Link::accept_with(&profile, it.heard.answer, START));
    feed(&mut end, &it.connecting, lengths);
    say(&mut end, &it.heard.accepting);
    check(&end, it, &it.heard.connecting, &it.accepting);
}

/// FTLINK-19
#[test]
fn recorded_sessions_are_understood_and_written_whole_and_byte_by_byte() {
    for it in recorded() {
        for lengths in [&[usize::MAX][..], &[1], &[2, 3], &[13], &[64]] {
            play_connecting(&it, lengths);
            play_accepting(&it, lengths);
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// FTLINK-19
    #[test]
    fn recorded_sessions_are_the_same_however_they_are_cut(lengths in vec(1..40_usize, 1..12)) {
        for it in recorded() {
            play_connecting(&it, &lengths);
            play_accepting(&it, &lengths);
        }
    }
}

/// FTLINK-12: that no table helps with the recordings of real programs is what makes them worth playing.
#[test]
fn the_types_of_real_programs_are_found_by_trying() {
    for it in recorded().iter().filter(|it| ["session-gift", "session-mldonkey"].contains(&&*it.id))
    {
        assert_eq!(it.heard.answer.choice(), None, "{}", it.id);
        assert_eq!(it.heard.encryption, Encryption::Straight, "{}", it.id);
    }
}

/// FTLINK-13, FTLINK-18, FTLINK-26, FTCIPHER-03: sessions that cannot go well end for their reason, in any pieces.
#[test]
fn sessions_that_cannot_go_well_end_for_their_reason() {
    let all = vectors::all().into_iter();
    let broken = all.filter_map(|it| Some((it.entry.error.clone()?, it)));
    let mut count = 0;
    for (rule, vector) in broken.filter(|(_, it)| it.entry.kind == "session") {
        let accepting = &vector.messages()[1];
        for lengths in [&[usize::MAX][..], &[1]] {
            let mut end = End::connecting(&Profile::default());
            feed(&mut end, accepting, lengths);
            assert_eq!(end.broken_rule(), Some(&*rule), "{}", vector.entry.id);
            assert_eq!(end.link.next_timeout(), None);
        }
        count += 1;
    }
    assert!(count >= 4);
}

/// FTLINK-03, FTLINK-05, FTLINK-19: a recording that ends too soon says where.
#[test]
fn recordings_that_end_too_soon_say_so() {
    let it = &recorded()[0];
    let rule = |connecting: &[u8], accepting: &[u8]| {
        overhear(connecting, accepting).err().map(|fault| fault.rule().id())
    };
    assert_eq!(rule(&it.connecting[..11], &it.accepting), Some("FTLINK-03"));
    assert_eq!(rule(&it.connecting, &it.accepting[..7]), Some("FTLINK-05"));
    assert_eq!(rule(&it.connecting, &it.accepting[..13]), Some("FTLINK-19"));
    assert_eq!(rule(&it.connecting[..17], &it.accepting), Some("FTLINK-19"));
    assert_eq!(rule(&it.connecting[..18], &it.accepting[..14]), None);
}
