//! The limits of a session in time, under a clock that only these tests move.

use std::time::Duration;

use filbert::base::limits::{
    FRAME_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, LEAVE_GRACE_MS, PING_ANSWER_TIMEOUT_MS,
    QUIET_TIMEOUT_MS,
};
use filbert::base::time::Time;
use filbert::fasttrack::link::{Answer, Ending, Hello, Input, Item, Output, Profile, Reason};

use super::end::{ByHand, End, START, frame, unknown_answer};

fn just_before(due: Time) -> Time {
    Time::from_micros(due.as_micros() - 1)
}

/// FTLINK-28: whatever has come, and whoever is slow.
#[test]
fn a_hello_may_take_its_time_and_not_a_microsecond_more() {
    let hello = Hello::with_wish(0x29).encode();
    let known = Answer { seed: 0x5b64_d199, word: 0x0d42_e423 }.encode();
    let unknown = unknown_answer(4).encode();
    let accepting = || End::accepting(&Profile::default(), 2);
    let connecting = || End::connecting(&Profile::default());
    let cases: [(End, &[u8]); 8] = [
        (accepting(), b""),
        (accepting(), &hello[..11]),
        (accepting(), &hello),
        (connecting(), b""),
        (connecting(), &known[..7]),
        (connecting(), &known),
        (connecting(), &unknown[..7]),
        (connecting(), &unknown),
    ];
    for (mut end, so_far) in cases {
        let deadline = START.after_ms(HANDSHAKE_TIMEOUT_MS);
        for (number, byte) in so_far.iter().enumerate() {
            end.receive(&[*byte], START.after_ms(number as u64 * 1_000));
            assert_eq!(end.link.next_timeout(), Some((deadline, Reason::Hello)));
        }
        let written = end.written.len();
        end.wait(just_before(deadline));
        assert_eq!(
            (end.ending(), end.link.next_timeout()),
            (None, Some((deadline, Reason::Hello)))
        );
        end.wait(deadline);
        assert_eq!(end.ending(), Some(&Ending::TimedOut(Reason::Hello)));
        assert_eq!((end.written.len(), end.link.next_timeout()), (written, None), "without a word");
        end.receive(&hello, deadline);
        assert_eq!(end.written.len(), written);
    }
}

/// FTLINK-30: from its first byte to its last, whatever comes in between.
#[test]
fn a_message_that_has_begun_must_come_to_its_end() {
    let (mut end, mut by_hand) = ByHand::open();
    let bytes = by_hand.say_frames(&[frame(0x40, [1; 100])]);
    let begun = START.after_ms(60_000);
    end.receive(&bytes[..1], begun);
    let due = begun.after_ms(FRAME_TIMEOUT_MS);
    for (number, byte) in bytes[1..60].iter().enumerate() {
        let now = begun.after_ms(1_000 + number as u64 * 2_000);
        end.receive(&[*byte], now);
        assert_eq!(
            end.link.next_timeout(),
            Some((due, Reason::Message)),
            "a trickle gains nothing"
        );
    }
    end.receive(&bytes[60..], just_before(due));
    assert_eq!(end.frames().len(), 1);
    let (_, reason) = end.link.next_timeout().unwrap();
    assert_eq!(reason, Reason::Quiet);

    let begun = due;
    end.receive(&by_hand.say_frames(&[frame(0x41, [1; 9])])[..13], begun);
    let due = begun.after_ms(FRAME_TIMEOUT_MS);
    end.wait(just_before(due));
    assert_eq!(end.ending(), None);
    end.wait(due);
    assert_eq!(end.broken_rule(), Some("FTLINK-30"));
}

/// FTLINK-30: a message that ends and the next one that begins in one piece are two messages.
#[test]
fn each_message_has_its_own_time() {
    let (mut end, mut by_hand) = ByHand::open();
    let bytes = by_hand.say_frames(&[frame(0x40, [1; 10]), frame(0x41, [1; 10])]);
    end.receive(&bytes[..14], START);
    let later = START.after_ms(100_000);
    end.receive(&bytes[14..20], later);
    end.wait(later.after_ms(FRAME_TIMEOUT_MS - 1));
    assert_eq!(end.ending(), None);
    end.wait(later.after_ms(FRAME_TIMEOUT_MS));
    assert_eq!(end.broken_rule(), Some("FTLINK-30"));
}

/// FTLINK-29: asked after 120 s, given up 20 s later.
#[test]
fn a_quiet_session_is_asked_and_closed_if_it_stays_quiet() {
    let (mut end, _) = ByHand::open();
    let written = end.written.len();
    let asks = START.after_ms(QUIET_TIMEOUT_MS);
    assert_eq!(end.link.next_timeout(), Some((asks, Reason::Quiet)));
    end.wait(just_before(asks));
    assert_eq!(end.written.len(), written);
    end.wait(asks);
    assert_eq!(end.written.len(), written + 1, "a ping");
    let due = asks.after_ms(PING_ANSWER_TIMEOUT_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Answer)));
    end.wait(just_before(due));
    assert_eq!(end.ending(), None);
    end.wait(due);
    assert_eq!(end.ending(), Some(&Ending::TimedOut(Reason::Answer)));
    assert_eq!(end.written.len(), written + 1);
}

/// FTLINK-29: any byte does, be it only the first of a message.
#[test]
fn who_says_anything_is_there() {
    let (mut end, mut by_hand) = ByHand::open();
    let mut now = START;
    for item in [Item::Ping, Item::Frame(frame(0x40, [])), Item::Pong, Item::Ping] {
        end.wait(now.after_ms(QUIET_TIMEOUT_MS));
        now = now.after_ms(QUIET_TIMEOUT_MS + PING_ANSWER_TIMEOUT_MS - 1);
        let is_pong = item == Item::Pong;
        end.receive(&by_hand.say(&[item]), now);
        assert_eq!(end.link.next_timeout(), Some((now.after_ms(QUIET_TIMEOUT_MS), Reason::Quiet)));
        if is_pong {
            let round_trip = Duration::from_millis(PING_ANSWER_TIMEOUT_MS - 1);
            assert_eq!(end.outputs.last(), Some(&Output::Pong { round_trip }));
        }
    }
    end.wait(now.after_ms(QUIET_TIMEOUT_MS));
    now = now.after_ms(QUIET_TIMEOUT_MS + 1);
    end.receive(&by_hand.say_frames(&[frame(0x40, [])])[..1], now);
    assert_eq!(end.link.next_timeout(), Some((now.after_ms(FRAME_TIMEOUT_MS), Reason::Quiet)));
    assert_eq!(end.ending(), None);
}

/// FTLINK-29: a link that cannot write is no reason to wait longer.
#[test]
fn a_ping_that_cannot_be_written_is_no_answer() {
    let (mut end, _) = ByHand::open();
    let asks = START.after_ms(QUIET_TIMEOUT_MS);
    end.link.handle(Input::Timeout, asks);
    assert_eq!(end.link.poll(), None);
    let due = asks.after_ms(PING_ANSWER_TIMEOUT_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Answer)));
    end.wait(due);
    assert_eq!(end.ending(), Some(&Ending::TimedOut(Reason::Answer)));
}

/// FTLINK-32
#[test]
fn a_last_message_has_its_time_to_arrive() {
    let (mut end, mut by_hand) = ByHand::open();
    end.handle(Input::Leave, START);
    let due = START.after_ms(LEAVE_GRACE_MS);
    end.receive(&by_hand.encipher(b"what is this?"), just_before(due));
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Grace)));
    end.wait(just_before(due));
    assert_eq!(end.ending(), None, "and nothing is understood");
    end.wait(due);
    assert_eq!(end.ending(), Some(&Ending::Left));
    end.handle(Input::Ended, due);
    assert_eq!(end.outputs.iter().filter(|it| matches!(it, Output::Closed(_))).count(), 1);
}

/// Whoever leaves before the session stands has nothing to say.
#[test]
fn who_leaves_in_the_hello_is_gone_at_once() {
    let mut end = End::accepting(&Profile::default(), 2);
    end.handle(Input::Leave, START);
    assert_eq!(end.ending(), Some(&Ending::Left));
}

/// FTLINK-28: a driver that comes too late sees what it would have seen in time.
#[test]
fn who_is_woken_late_does_all_that_was_due() {
    let (mut end, _) = ByHand::open();
    let late = START.after_ms(10 * QUIET_TIMEOUT_MS);
    end.wait(late);
    assert_eq!(
        end.link.next_timeout(),
        Some((late.after_ms(PING_ANSWER_TIMEOUT_MS), Reason::Answer))
    );
    let (mut end, mut by_hand) = ByHand::open();
    end.receive(&by_hand.encipher(b"\x4b"), START);
    end.wait(late);
    assert_eq!(end.broken_rule(), Some("FTLINK-30"));
}
