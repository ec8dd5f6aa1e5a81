//! Two links of ours: they understand each other in any pieces.

use std::time::Duration;

use filbert::fasttrack::link::{Encryption, Ending, Input, Item, Link, Output, Profile, Reason};
use filbert::fasttrack::wire::Frame;
use proptest::collection::vec;
use proptest::prelude::*;

use super::end::{ByHand, End, Pair, START, frame, profile, unknown_answer};
use crate::support::properties::cases;

/// Messages of all lengths, among them none that has a pace.
fn messages(count: u16) -> Vec<Frame> {
    (0..count)
        .map(|number| {
            let len = usize::from(number) * usize::from(number) % 3_000;
            let payload: Vec<u8> =
                (0..len).map(|at| (at * 31 + usize::from(number)) as u8).collect();
            frame(0x800a ^ number.wrapping_mul(0x0101) | 0x40, payload)
        })
        .collect()
}

fn assert_frames_cross(pair: &mut Pair, what: &str) {
    let (up, down) = (messages(90), messages(120));
    pair.connecting.send(&up, pair.now);
    pair.connecting.handle(Input::Ping, pair.now);
    pair.accepting.send(&down, pair.now);
    pair.talk();
    assert!(pair.accepting.frames() == up, "{what}: up");
    assert!(pair.connecting.frames() == down, "{what}: down");
    assert_eq!(pair.connecting.pongs(), 1, "{what}");
}

/// FTCIPHER-01, FTCIPHER-02, FTLINK-19, FTLINK-25
#[test]
fn two_of_ours_understand_each_other_with_every_seed_and_in_any_pieces() {
    for choice in Encryption::ALL {
        for seed in 0..60 {
            let mut pair = Pair::new(&Profile::default(), &profile("KaZaA", choice), seed);
            pair.piece_len = [usize::MAX, 1, 7, 500][seed as usize % 4];
            pair.talk();
            assert_frames_cross(&mut pair, &format!("{choice:?}, {seed}"));
        }
    }
}

/// FTLINK-12: also where the mask of the seed is not known to who connects.
#[test]
fn two_of_ours_understand_each_other_where_the_type_is_found_by_trying() {
    for choice in Encryption::ALL {
        for seed in 0..60 {
            let profile = profile("KaZaA", choice);
            let answer = unknown_answer(seed * 0x0123_4567 + 4);
            let accepting = End::new(Link::accept_with(&profile, answer, START));
            let mut pair = Pair::of(End::connecting(&Profile::default()), accepting);
            pair.piece_len = [usize::MAX, 1, 7, 500][seed as usize % 4];
            pair.talk();
            assert_frames_cross(&mut pair, &format!("{choice:?}, {seed}"));
        }
    }
}

/// FTLINK-20, FTLINK-21: the time between the moment when a ping is written and that of the pong.
#[test]
fn a_ping_says_how_far_the_other_side_is() {
    let mut pair = Pair::open();
    pair.connecting.link.handle(Input::Ping, pair.now);
    assert_eq!(pair.connecting.link.poll(), None);
    pair.now = pair.now.after_ms(1_000);
    pair.connecting.write(pair.now);
    assert_eq!(pair.connecting.unread.len(), 1);
    let ping = pair.connecting.unread.split();
    pair.now = pair.now.after_ms(30);
    pair.accepting.receive(&ping, pair.now);
    pair.now = pair.now.after_ms(50);
    pair.talk();
    let round_trip = Duration::from_millis(80);
    assert_eq!(pair.connecting.outputs.last(), Some(&Output::Pong { round_trip }));
    assert_eq!(pair.accepting.pongs(), 0, "it has asked nothing");
}

/// FTLINK-21: asked twice, it asks once; and a pong that nobody asked for means nothing.
#[test]
fn one_question_at_a_time_is_enough() {
    let mut pair = Pair::open();
    for _ in 0..5 {
        pair.connecting.handle(Input::Ping, pair.now);
    }
    assert_eq!(pair.connecting.unread.len(), 1);
    pair.talk();
    assert_eq!(pair.connecting.pongs(), 1);
    let (mut end, mut by_hand) = ByHand::open();
    let told = end.outputs.len();
    end.receive(&by_hand.say(&[Item::Pong, Item::Pong]), START);
    assert_eq!((end.outputs.len(), end.ending()), (told, None));
    end.handle(Input::Ping, START);
    end.receive(&by_hand.say(&[Item::Pong, Item::Pong]), START);
    assert_eq!(end.pongs(), 1);
}

/// FTLINK-32: what was handed over before goes out, then the side is closed for writing; what arrives is not looked at,
/// and the end is the other side's or that of the grace.
#[test]
fn who_leaves_says_its_last_message_and_nothing_else() {
    let mut pair = Pair::open();
    let list = frame(0x00, [7; 1_600]);
    assert!(pair.accepting.link.send(&list));
    pair.accepting.handle(Input::Leave, pair.now);
    assert_eq!(pair.accepting.outputs.last(), Some(&Output::EndWriting));
    assert!(!pair.accepting.link.send(&list) && !pair.accepting.link.wants_frames());
    let (due, reason) = pair.accepting.link.next_timeout().unwrap();
    assert_eq!((due, reason), (pair.now.after_ms(5_000), Reason::Grace));
    pair.connecting.send(&messages(20), pair.now);
    pair.talk();
    assert_eq!(pair.connecting.frames(), [list]);
    assert_eq!(pair.connecting.ending(), Some(&Ending::Closed));
    assert_eq!(pair.accepting.ending(), Some(&Ending::Left));
    assert_eq!(pair.accepting.frames(), []);
}

/// A message that does not fit its header is not written, and the next one is in step.
#[test]
fn what_is_too_long_is_not_sent() {
    let mut pair = Pair::open();
    assert!(!pair.connecting.link.send(&frame(0x1f, [1; 65_536])));
    let longest = frame(0x1f, [1; 65_535]);
    pair.connecting.send(&[longest.clone(), frame(3, [])], pair.now);
    pair.talk();
    assert_eq!(pair.accepting.frames(), [longest, frame(3, [])]);
}

/// Before the session stands nothing is sent, and what is sent then is not kept.
#[test]
fn nothing_is_sent_before_the_session_stands() {
    let mut pair = Pair::new(&Profile::default(), &Profile::default(), 5);
    for end in [&mut pair.connecting, &mut pair.accepting] {
        assert!(!end.link.wants_frames());
        assert!(!end.link.send(&frame(3, [])));
        end.handle(Input::Ping, START);
    }
    pair.talk();
    assert_frames_cross(&mut pair, "afterwards");
}

proptest! {
    #![proptest_config(cases(300))]

    /// FTLINK-22, FTLINK-23, FTLINK-24, FTLINK-25: any messages, with pings between them, cut anywhere.
    #[test]
    fn any_messages_arrive_as_they_were_sent(
        sent in vec((any::<u16>(), vec(any::<u8>(), 0..80), any::<bool>()), 0..30),
        piece_len in 1..50_usize,
        seed in any::<u64>(),
        is_shuffled in any::<bool>(),
    ) {
        let choice = Encryption::ALL[usize::from(is_shuffled)];
        let mut pair = Pair::new(&Profile::default(), &profile("KaZaA", choice), seed);
        pair.piece_len = piece_len;
        pair.talk();
        // None of the few that have a pace of their own.
        let mut frames = Vec::new();
        for (kind, payload, pings) in sent {
            let frame = frame(kind | 0x0040, payload);
            pair.accepting.send(std::slice::from_ref(&frame), pair.now);
            frames.push(frame);
            if pings {
                pair.accepting.handle(Input::Ping, pair.now);
            }
        }
        pair.talk();
        prop_assert_eq!(pair.connecting.frames(), frames);
    }
}
