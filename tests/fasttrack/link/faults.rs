//! What a fault costs the side that has committed it.

use filbert::base::error::{Fault, Incompatible, Malformed, Misbehaved, Rule};
use filbert::base::limits::{SESSION_FAULT_LIFE_MS, SESSION_FAULTS_MAX};
use filbert::fasttrack::link::{Input, Profile};

use super::end::{ByHand, End, START, frame};

const MALFORMED: Fault =
    Fault::Malformed(Malformed { rule: Rule::new("FTSAFE-05"), offset: 3, what: "made up" });

/// FTSAFE-10
#[test]
fn three_malformed_messages_in_a_minute_are_forgiven_and_not_one_more() {
    let (mut end, _) = ByHand::open();
    for number in 0..SESSION_FAULTS_MAX {
        end.handle(Input::Blame(MALFORMED), START.after_ms(number as u64 * 1_000));
        assert_eq!(end.ending(), None);
    }
    let forgotten = START.after_ms(SESSION_FAULT_LIFE_MS);
    for number in 0..100 {
        let now = forgotten.after_ms(number * SESSION_FAULT_LIFE_MS / 3);
        end.handle(Input::Blame(MALFORMED), now.after_ms(2_000));
        assert_eq!(end.ending(), None, "three in a minute, all the time");
    }
    let (mut end, _) = ByHand::open();
    for _ in 0..SESSION_FAULTS_MAX {
        end.handle(Input::Blame(MALFORMED), START);
    }
    end.handle(Input::Blame(MALFORMED), START.after_ms(SESSION_FAULT_LIFE_MS - 1));
    assert_eq!(end.broken_rule(), Some("FTSAFE-05"));
}

/// FTSAFE-10: what is no slip is the end at once, and so is what cannot be mended.
#[test]
fn other_faults_end_a_session_at_once() {
    let rule = Rule::new("FTSAFE-12");
    let faults: [Fault; 2] = [
        Misbehaved { rule, what: "made up" }.into(),
        Incompatible { rule, what: "made up" }.into(),
    ];
    for fault in faults {
        let (mut end, _) = ByHand::open();
        end.handle(Input::Blame(fault), START);
        assert_eq!(end.broken_rule(), Some("FTSAFE-12"));
    }
}

/// FTSAFE-10, FTLINK-26: a byte out of step, with each value that it can have; what came before counts.
#[test]
fn a_byte_out_of_step_ends_a_session_at_once() {
    for byte in 0..=u8::MAX {
        let (mut end, mut by_hand) = ByHand::open();
        let good = frame(0x40, b"good".to_vec());
        let mut bytes = by_hand.say_frames(std::slice::from_ref(&good));
        bytes.extend(by_hand.encipher(&[byte, 0x50]));
        end.receive(&bytes, START);
        assert_eq!(end.frames(), [good]);
        let is_item = [0x50, 0x52, 0x4b].contains(&byte);
        assert_eq!(end.broken_rule(), (!is_item).then_some("FTLINK-26"), "{byte:02x}");
    }
}

/// Nobody is blamed before the session stands, nor after its end.
#[test]
fn blame_comes_to_nothing_where_no_session_stands() {
    let mut end = End::accepting(&Profile::default(), 1);
    (0..10).for_each(|_| end.handle(Input::Blame(MALFORMED), START));
    assert_eq!(end.ending(), None);
    end.handle(Input::Ended, START);
    let told = end.outputs.len();
    (0..10).for_each(|_| end.handle(Input::Blame(MALFORMED), START));
    assert_eq!(end.outputs.len(), told);
}
