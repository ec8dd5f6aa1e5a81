//! Very many bytes leave nothing behind.

use filbert::base::limits::{OUTBOX_LEN_MAX, PONGS_WAITING_MAX};
use filbert::fasttrack::link::{Input, Item};

use super::end::{ByHand, START, frame};

/// What a link holds on the heap beyond what it held before.
fn growth(link: &mut impl FnMut()) -> i64 {
    allocation_counter::measure(link).bytes_current
}

/// FTLINK-21: one pong for each ping, as long as they are few; of a flood that nobody lets out, sixteen.
#[test]
fn pings_are_answered_and_a_flood_of_them_is_not() {
    let (mut end, mut by_hand) = ByHand::open();
    let written = end.written.len();
    for count in [1, PONGS_WAITING_MAX - 1, PONGS_WAITING_MAX] {
        let before = end.written.len();
        end.receive(&by_hand.say(&vec![Item::Ping; count]), START);
        assert_eq!(end.written.len() - before, count);
    }
    let before = end.written.len();
    for _ in 0..100 {
        end.link.handle(Input::Received(&by_hand.say(&vec![Item::Ping; 10_000])), START);
        assert_eq!(end.link.poll(), None);
    }
    end.write(START);
    assert_eq!(end.written.len() - before, PONGS_WAITING_MAX);
    assert_eq!(end.ending(), None);
    assert!(before > written);
}

/// A million messages, read by a node that drops them.
#[test]
fn a_million_messages_leave_nothing_behind() {
    let (mut end, mut by_hand) = ByHand::open();
    let mut count = 0;
    let mut flood = |rounds: usize| {
        for round in 0..rounds {
            let frames = [frame(0x26, [1; 4]), frame(0x1d, [2; 40]), frame(0x77, [round as u8; 9])];
            let mut bytes = by_hand.say_frames(&frames);
            bytes.extend(by_hand.say(&[Item::Pong]));
            end.link.handle(Input::Received(&bytes), START);
            while end.link.poll().is_some() {
                count += 1;
            }
        }
    };
    flood(10);
    let grown = growth(&mut || flood(333_334));
    assert_eq!(grown, 0);
    assert!(count >= 1_000_000);
}

/// FTLINK-22: a flood in pieces that never end where a message does keeps one message and one piece.
#[test]
fn a_long_message_in_pieces_is_kept_once() {
    let (mut end, mut by_hand) = ByHand::open();
    let bytes = by_hand.say_frames(&vec![frame(0x40, [7; 65_535]); 20]);
    let mut most = 0;
    let mut held: i64 = 0;
    for piece in bytes.chunks(16_000) {
        held += growth(&mut || {
            end.link.handle(Input::Received(piece), START);
            while end.link.poll().is_some() {}
        });
        most = most.max(held);
    }
    println!("at most {most} bytes for messages of 65,540 in pieces of 16,000");
    assert!(most < 3 * 65_540, "{most}");
    assert!(held < 20_000, "{held}");
}

/// A link wants no more messages when enough waits, and takes one more all the same.
#[test]
fn what_waits_to_be_written_is_bounded() {
    let (mut end, _) = ByHand::open();
    let frame = frame(0x07, [1; 1_000]);
    let mut count = 0;
    while end.link.wants_frames() {
        assert!(end.link.send(&frame));
        count += 1;
    }
    assert_eq!(count, OUTBOX_LEN_MAX.div_ceil(1_005));
    end.write(START);
    assert!(end.link.wants_frames());
}
