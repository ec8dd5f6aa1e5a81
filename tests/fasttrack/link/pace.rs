//! Messages that cost more than reading come at a bounded rate.

use filbert::base::limits::{
    QUIET_TIMEOUT_MS, SESSION_NODE_INFO_EVERY_MS, SESSION_NODE_INFOS_BURST, SESSION_PUSH_EVERY_MS,
    SESSION_PUSHES_BURST, SESSION_SEARCHES_A_SECOND, SESSION_SEARCHES_BURST,
    SESSION_SHARES_A_SECOND, SESSION_SHARES_BURST,
};
use filbert::base::time::Time;
use filbert::fasttrack::link::{Ending, Input, Item, Reason};
use filbert::fasttrack::wire::Frame;

use super::end::{ByHand, START, frame};

/// Types with a pace, how many are taken at once, and how many milliseconds the next one takes.
const PACES: [(u16, u32, u32); 5] = [
    (0x22, SESSION_SHARES_BURST, 1_000 / SESSION_SHARES_A_SECOND),
    (0x05, SESSION_SHARES_BURST, 1_000 / SESSION_SHARES_A_SECOND),
    (0x06, SESSION_SEARCHES_BURST, 1_000 / SESSION_SEARCHES_A_SECOND),
    (0x0d, SESSION_PUSHES_BURST, SESSION_PUSH_EVERY_MS),
    (0x02, SESSION_NODE_INFOS_BURST, SESSION_NODE_INFO_EVERY_MS),
];

fn many(kind: u16, count: u32) -> Vec<Frame> {
    (0..count).map(|number| frame(kind, number.to_be_bytes())).collect()
}

/// FTSAFE-07
#[test]
fn what_goes_beyond_the_pace_waits_unread() {
    for (kind, burst, every_ms) in PACES {
        let (mut end, mut by_hand) = ByHand::open();
        let sent = many(kind, burst + 5);
        let bytes = by_hand.say_frames(&sent);
        let (at_once, beyond) = sent.split_at(burst as usize);
        end.receive(&bytes, START);
        assert_eq!(end.frames(), at_once, "{kind:#x}");
        let mut now = START;
        for number in 1..=beyond.len() {
            assert!(!end.link.wants_bytes());
            let due = START.after_ms(u64::from(every_ms) * number as u64);
            assert_eq!(end.link.next_timeout(), Some((due, Reason::Pace)), "{kind:#x}");
            end.wait(Time::from_micros(due.as_micros() - 1));
            assert_eq!(end.frames().len(), at_once.len() + number - 1);
            now = due;
            end.wait(now);
            assert_eq!(end.frames().len(), at_once.len() + number);
        }
        assert!(end.link.wants_bytes());
        assert_eq!((end.frames(), end.ending()), (sent, None));
        end.receive(&by_hand.say(&[Item::Ping]), now);
    }
}

/// FTSAFE-07: the store fills again, and each kind has its own.
#[test]
fn each_kind_has_a_store_that_fills_again() {
    let (mut end, mut by_hand) = ByHand::open();
    end.receive(&by_hand.say_frames(&many(0x06, SESSION_SEARCHES_BURST)), START);
    end.receive(&by_hand.say_frames(&many(0x22, SESSION_SHARES_BURST)), START);
    assert!(end.link.wants_bytes(), "nobody has gone beyond");
    let later = START.after_ms(60_000);
    end.receive(&by_hand.say_frames(&many(0x06, SESSION_SEARCHES_BURST)), later);
    assert!(end.link.wants_bytes());
    end.receive(&by_hand.say_frames(&many(0x06, 1)), later);
    assert!(!end.link.wants_bytes());
}

/// FTSAFE-07: what the others send is read and passed on, whatever its number.
#[test]
fn what_costs_only_reading_has_no_pace() {
    let (mut end, mut by_hand) = ByHand::open();
    for kind in [0x00, 0x01, 0x03, 0x07, 0x08, 0x09, 0x26, 0x77, 0x800a] {
        end.receive(&by_hand.say_frames(&many(kind, 2_000)), START);
    }
    assert_eq!(end.frames().len(), 9 * 2_000);
}

/// FTSAFE-07, FTLINK-29: whoever is not listened to is not taken for dead, but hears that we are there.
#[test]
fn who_has_to_wait_is_not_given_up() {
    let (mut end, mut by_hand) = ByHand::open();
    let sent = many(0x02, SESSION_NODE_INFOS_BURST + 40);
    end.receive(&by_hand.say_frames(&sent), START);
    let (mut now, written) = (START, end.written.len());
    while !end.link.wants_bytes() {
        let (due, reason) = end.link.next_timeout().unwrap();
        assert!(matches!(reason, Reason::Pace | Reason::Quiet), "{reason}");
        now = due;
        end.wait(now);
        assert_eq!(end.ending(), None);
    }
    assert_eq!(end.frames(), sent);
    let waited_ms = now.since(START).as_millis() as u64;
    assert_eq!(waited_ms, 40 * u64::from(SESSION_NODE_INFO_EVERY_MS));
    assert_eq!((end.written.len() - written) as u64, waited_ms / QUIET_TIMEOUT_MS);
}

/// What waits when the other side goes away was never read.
#[test]
fn who_goes_away_takes_along_what_waits() {
    let (mut end, mut by_hand) = ByHand::open();
    end.receive(&by_hand.say_frames(&many(0x0d, SESSION_PUSHES_BURST + 1)), START);
    end.handle(Input::Ended, START);
    assert_eq!(
        (end.frames().len(), end.ending()),
        (SESSION_PUSHES_BURST as usize, Some(&Ending::Closed))
    );
}
