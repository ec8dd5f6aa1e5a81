//! Sessions under whatever a peer may send and a driver may do.

use filbert::base::limits::HANDSHAKE_TIMEOUT_MS;
use filbert::base::time::Time;
use filbert::fasttrack::link::{Encryption, Input, Item, Output, Profile, Reason};
use proptest::collection::vec;
use proptest::prelude::*;

use super::end::{ByHand, End, START, frame, profile};
use crate::support::properties::cases;

/// What a driver does.
#[derive(Clone, Debug)]
enum Step {
    /// So many bytes of a session that makes sense.
    Receive(usize),
    /// Bytes that make none.
    Damage(Vec<u8>),
    Wait(u64),
    Ping,
    Leave,
    Send(usize),
    End,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (1..300_usize).prop_map(Step::Receive),
        1 => vec(any::<u8>(), 0..20).prop_map(Step::Damage),
        4 => (0..70_000_u64).prop_map(Step::Wait),
        2 => Just(Step::Ping),
        1 => Just(Step::Leave),
        2 => (0..2_000_usize).prop_map(Step::Send),
        1 => Just(Step::End),
    ]
}

/// Feeds a stream in pieces of these lengths, over and over.
fn feed(end: &mut End, bytes: &[u8], lengths: &[usize]) {
    let (mut rest, mut lengths) = (bytes, lengths.iter().cycle());
    while !rest.is_empty() && end.link.wants_bytes() {
        let len = lengths.next().map_or(rest.len(), |len| (*len).clamp(1, rest.len()));
        end.receive(&rest[..len], START);
        rest = &rest[len..];
    }
}

fn assert_ended_once(end: &End) {
    let is_closed = |output: &&Output| matches!(output, Output::Closed(_));
    assert_eq!(end.outputs.iter().filter(is_closed).count(), 1);
    assert!(end.ending().is_some(), "the end is the last that it tells");
    assert_eq!(end.link.next_timeout(), None);
    assert!(!end.link.wants_frames());
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// FTSAFE-16: any bytes, on both sides, in any pieces.
    #[test]
    fn any_bytes_mean_the_same_in_any_pieces_and_end_in_one_ending(
        bytes in vec(any::<u8>(), 0..300),
        lengths in vec(1..20_usize, 1..8),
        accepts in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let make = || match accepts {
            true => End::accepting(&Profile::default(), seed),
            false => End::connecting(&Profile::default()),
        };
        let (mut whole, mut cut) = (make(), make());
        feed(&mut whole, &bytes, &[usize::MAX]);
        feed(&mut cut, &bytes, &lengths);
        prop_assert_eq!(&whole.outputs, &cut.outputs);
        // What ends in the piece in which it began has no answer any more.
        prop_assert!(whole.written == cut.written || whole.ending().is_some());
        prop_assert!(cut.written.starts_with(&whole.written));
        if whole.ending().is_none() {
            whole.handle(Input::Ended, START);
        }
        assert_ended_once(&whole);
    }

    /// FTSAFE-16: the same behind a name, where every byte may mean something.
    #[test]
    fn any_plain_bytes_mean_the_same_in_any_pieces(
        plain in vec(prop_oneof![Just(0x4b), Just(0x50), Just(0x52), any::<u8>()], 0..400),
        lengths in vec(1..20_usize, 1..8),
        is_shuffled in any::<bool>(),
    ) {
        let choice = Encryption::ALL[usize::from(is_shuffled)];
        let [whole, cut] = [&[usize::MAX][..], &lengths].map(|lengths| {
            let (mut end, mut by_hand) = ByHand::open_with(choice);
            // A length of no more than some hundred bytes, so that a message has a chance to end.
            let mut bytes = by_hand.say_frames(&[frame(0x40, plain.clone())]);
            bytes.extend(by_hand.encipher(&plain));
            feed(&mut end, &bytes, lengths);
            end
        });
        prop_assert_eq!(whole.outputs, cut.outputs);
        // Pings of a flood in one piece have sixteen answers, those in several have more.
        prop_assert!(whole.written.len() <= cut.written.len());
    }

    /// FTSAFE-16: whatever a driver does, and at moments that nobody thought of.
    #[test]
    fn any_driver_sees_one_ending(
        steps in vec(any_step(), 0..40),
        kinds in vec((0..0x30_u16, 0..200_usize), 0..30),
        accepts in any::<bool>(),
    ) {
        let (mut end, mut by_hand) = ByHand::open();
        if !accepts {
            end = End::connecting(&profile("KaZaA", Encryption::Straight));
        }
        let items = kinds.iter().map(|(kind, len)| Item::Frame(frame(*kind, vec![7; *len])));
        let mut stream = by_hand.say(&items.collect::<Vec<_>>());
        let mut now = START;
        for step in steps {
            match step {
                Step::Receive(len) if end.link.wants_bytes() => {
                    let piece = stream.drain(..len.min(stream.len())).collect::<Vec<_>>();
                    end.receive(&piece, now);
                }
                Step::Damage(bytes) if end.link.wants_bytes() => end.receive(&bytes, now),
                Step::Receive(_) | Step::Damage(_) => {}
                Step::Wait(wait_ms) => now = pass(&mut end, now, now.after_ms(wait_ms)),
                Step::Ping => end.handle(Input::Ping, now),
                Step::Leave => end.handle(Input::Leave, now),
                Step::Send(len) => _ = end.link.send(&frame(0x07, vec![1; len])),
                Step::End => end.handle(Input::Ended, now),
            }
        }
        if end.ending().is_none() {
            end.handle(Input::Ended, now);
        }
        assert_ended_once(&end);
    }

    /// FTLINK-28: a peer that falls silent is not waited for for ever, whatever came before.
    #[test]
    fn any_silence_ends(bytes in vec(any::<u8>(), 0..40), accepts in any::<bool>()) {
        let mut end = match accepts {
            true => End::accepting(&Profile::default(), 3),
            false => End::connecting(&Profile::default()),
        };
        end.receive(&bytes, START);
        pass(&mut end, START, START.after_ms(HANDSHAKE_TIMEOUT_MS + 140_000));
        assert_ended_once(&end);
    }
}

/// Lets time pass, and wakes the link whenever it wants to be.
fn pass(end: &mut End, now: Time, until: Time) -> Time {
    for _ in 0..10_000 {
        let Some((due, _)) = end.link.next_timeout().filter(|(due, _)| *due <= until) else {
            return until;
        };
        end.wait(due.max(now));
        let again = end.link.next_timeout();
        let is_later = again.is_none_or(|(next, reason)| next > due || reason == Reason::Pace);
        assert!(is_later, "{again:?} is left undone");
    }
    panic!("it asks again and again to be woken: {:?}", end.link.next_timeout());
}
