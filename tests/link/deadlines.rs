//! The limits of a link in time and in bytes: each at the limit and one past it, under a clock that
//! only these tests move.

use std::sync::Arc;

use filbert::base::limits::{
    AHEAD_LEN_MAX, BYE_GRACE_MS, DEFLATE_FLUSH_MS, DEFLATE_KEEP_MS, FRAME_TIMEOUT_MS,
    HANDSHAKE_TIMEOUT_MS, HEAD_HEADERS_MAX, HEAD_LEN_MAX, HEAD_LINE_LEN_MAX, OUTBOX_LEN_MAX,
    REFUSAL_GRACE_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Decision, Ending, Input, Link, Output, Profile, Question, Queue, Reason, Refusal, Role,
};
use filbert::gnutella::wire::{Frame, Function};

use crate::support::messages::filled_hit;
use crate::support::pair::{CONNECTING_AT, End, Pair};

const START: Time = Time::from_millis(5_000);
const REQUEST: &[u8] = b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\nBye-Packet: 0.1\r\n\r\n";
const LAST: &[u8] = b"GNUTELLA/0.6 200 OK\r\n\r\n";

fn willing(question: &Question) -> Decision {
    Decision::accept(question.role)
}

fn accepting() -> End {
    End::new(Link::accept(Arc::new(Profile::new(Role::Ultrapeer)), CONNECTING_AT, START))
}

fn receive(end: &mut End, bytes: &[u8], now: Time) {
    end.handle(Input::Received(bytes), &willing, now);
}

/// A link with a leaf that uses no compression.
fn open() -> End {
    let mut end = accepting();
    receive(&mut end, REQUEST, START);
    receive(&mut end, LAST, START);
    assert!(end.agreement().is_some());
    end
}

fn wait(end: &mut End, until: Time) {
    end.handle(Input::Timeout, &willing, until);
}

fn query(len: usize) -> Vec<u8> {
    let mut bytes = vec![7; 16];
    bytes.extend([0x80, 3, 0]);
    bytes.extend(u32::try_from(len).unwrap().to_le_bytes());
    bytes.extend(vec![b'x'; len]);
    bytes
}

/// SIZE-18, LINK-06, LINK-07: whatever arrives in between, and whoever is slow.
#[test]
fn a_handshake_may_take_its_time_and_not_a_microsecond_more() {
    let deadline = START.after_ms(HANDSHAKE_TIMEOUT_MS);
    let just_before = Time::from_micros(deadline.as_micros() - 1);
    for so_far in [&b""[..], b"GNU", REQUEST] {
        let mut end = accepting();
        receive(&mut end, so_far, START);
        assert_eq!(end.link.next_timeout(), Some((deadline, Reason::Handshake)));
        wait(&mut end, just_before);
        assert_eq!(end.ending(), None);
        wait(&mut end, deadline);
        assert_eq!(end.ending(), Some(&Ending::TimedOut(Reason::Handshake)));
        assert_eq!(end.written.is_empty(), so_far != REQUEST, "who is called does not begin");
        assert_eq!(end.link.next_timeout(), None);
    }
    let mut in_time = accepting();
    receive(&mut in_time, REQUEST, just_before);
    receive(&mut in_time, LAST, just_before);
    assert!(in_time.agreement().is_some());
    assert_eq!(in_time.link.next_timeout(), None, "an open link that is quiet waits for nothing");
}

/// LINK-07: one byte every 30 s, or every second, gets nothing.
#[test]
fn a_trickle_does_not_stretch_the_deadline() {
    for pause_ms in [1_000, 30_000] {
        let (mut end, mut now, mut sent) = (accepting(), START, 0);
        for &byte in REQUEST {
            let (due, _) = end.link.next_timeout().unwrap();
            if now.after_ms(pause_ms) >= due {
                wait(&mut end, due);
                break;
            }
            now = now.after_ms(pause_ms);
            receive(&mut end, &[byte], now);
            sent += 1;
        }
        assert_eq!(end.ending(), Some(&Ending::TimedOut(Reason::Handshake)));
        assert!(sent < 20, "{sent}");
        assert!(end.written.is_empty(), "and is told nothing");
    }
}

/// LINK-07: the node's own time to decide is part of it.
#[test]
fn a_question_without_an_answer_times_out_as_well() {
    let profile = Arc::new(Profile::new(Role::Ultrapeer));
    let mut link = Link::accept(profile, CONNECTING_AT, START);
    link.handle(Input::Received(REQUEST), START);
    assert!(matches!(link.poll(), Some(Output::Asked(_))));
    assert_eq!(link.poll(), None);
    let (due, reason) = link.next_timeout().unwrap();
    assert_eq!((due, reason), (START.after_ms(HANDSHAKE_TIMEOUT_MS), Reason::Handshake));
    link.handle(Input::Timeout, due);
    assert_eq!(link.poll(), Some(Output::Closed(Ending::TimedOut(Reason::Handshake))));
    assert_eq!(link.poll(), None);
    link.handle(Input::Decided(Decision::accept(Role::Ultrapeer)), due);
    assert_eq!((link.poll(), link.transmit(Queue::Dry, due)), (None, None), "too late");
}

/// HAND-65
#[test]
fn what_comes_ahead_of_an_answer_is_kept_up_to_its_limit() {
    for (ahead_len, is_kept) in [(AHEAD_LEN_MAX, true), (AHEAD_LEN_MAX + 1, false)] {
        let profile = Arc::new(Profile::new(Role::Ultrapeer));
        let mut link = Link::accept(profile, CONNECTING_AT, START);
        link.handle(Input::Received(REQUEST), START);
        assert!(matches!(link.poll(), Some(Output::Asked(_))));
        assert_eq!(link.poll(), None);
        let mut ahead = LAST.to_vec();
        ahead.extend(query(900).repeat(10));
        ahead.truncate(ahead_len);
        link.handle(Input::Received(&ahead), START);
        match link.poll() {
            None => assert!(is_kept),
            Some(Output::Closed(Ending::Fault(fault))) => {
                assert!(!is_kept);
                assert_eq!(fault.rule().id(), "HAND-65");
                continue;
            }
            other => panic!("{other:?}"),
        }
        link.handle(Input::Decided(Decision::accept(Role::Ultrapeer)), START);
        assert!(matches!(link.poll(), Some(Output::Opened(_))));
        let frames = (ahead_len - LAST.len()) / 923;
        for _ in 0..frames {
            assert!(matches!(link.poll(), Some(Output::Frame(_))));
        }
        assert_eq!(link.poll(), None);
    }
}

/// SIZE-09, SIZE-10, SIZE-11: a head past a limit is refused with 400, one at the limit is not.
#[test]
fn a_head_past_a_limit_is_refused_at_once() {
    let padded = |line: String| format!("GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\n{line}");
    let line = |len: usize| padded(format!("A: {}\r\n\r\n", "x".repeat(len - 3)));
    let headers = |count: usize| padded(format!("{}\r\n", "A: b\r\n".repeat(count - 1)));
    let head = |len: usize| {
        let mut head = padded(format!("A: {}\r\n", "x".repeat(900)).repeat(8));
        let rest = len - head.len() - "A: \r\n\r\n".len();
        head.push_str(&format!("A: {}\r\n\r\n", "x".repeat(rest)));
        head
    };
    for (fits, exceeds, rule) in [
        (line(HEAD_LINE_LEN_MAX), line(HEAD_LINE_LEN_MAX + 1), "SIZE-09"),
        (headers(HEAD_HEADERS_MAX), headers(HEAD_HEADERS_MAX + 1), "SIZE-10"),
        (head(HEAD_LEN_MAX), head(HEAD_LEN_MAX + 1), "SIZE-11"),
    ] {
        let mut end = accepting();
        receive(&mut end, fits.as_bytes(), START);
        assert!(matches!(end.outputs[..], [Output::Asked(_)]), "{rule}: {:?}", end.outputs);
        let mut end = accepting();
        receive(&mut end, exceeds.as_bytes(), START);
        assert!(end.take_text().starts_with("GNUTELLA/0.6 400 "), "{rule}");
        end.handle(Input::Ended, &willing, START);
        let Some(Ending::Refused(refusal, Some(fault))) = end.ending() else {
            panic!("{rule}: {:?}", end.ending());
        };
        assert_eq!((refusal.code, fault.rule().id()), (Refusal::BAD_HEAD, rule));
    }
}

/// LINK-08: from its first byte to its last; what is between messages does not count.
#[test]
fn a_message_that_has_begun_must_come_to_its_end() {
    let whole = query(100);
    let mut end = open();
    let begun = START.after_ms(600_000);
    receive(&mut end, &whole[..1], begun);
    let due = begun.after_ms(FRAME_TIMEOUT_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Frame)));
    let just_before = Time::from_micros(due.as_micros() - 1);
    receive(&mut end, &whole[1..100], just_before);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Frame)), "a trickle gains nothing");
    receive(&mut end, &whole[100..], just_before);
    assert_eq!((end.frames().len(), end.link.next_timeout()), (1, None));

    let again = just_before.after_ms(1);
    receive(&mut end, &whole[..122], again);
    wait(&mut end, again.after_ms(FRAME_TIMEOUT_MS));
    end.handle(Input::Ended, &willing, again.after_ms(FRAME_TIMEOUT_MS));
    let Some(Ending::Dismissed { code: 405, fault: Some(fault), .. }) = end.ending() else {
        panic!("{:?}", end.ending());
    };
    assert_eq!(fault.rule().id(), "LINK-08");
}

/// LINK-08: a message that ends and the next one that begins in one piece are two messages.
#[test]
fn each_message_has_its_own_time() {
    let (mut end, two) = (open(), query(10).repeat(2));
    receive(&mut end, &two[..20], START);
    let later = START.after_ms(100_000);
    receive(&mut end, &two[20..50], later);
    let due = later.after_ms(FRAME_TIMEOUT_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Frame)));
}

/// LINK-21, BYE-09, BYE-16: the end of writing comes with the Bye, the end of the link when the other
/// side has closed or the grace is over; until then nothing is understood any more (LINK-22).
#[test]
fn a_bye_has_its_time_to_arrive() {
    let mut end = open();
    end.take_text();
    end.handle(Input::Bye { code: 203, reason: "Changing" }, &willing, START);
    assert_eq!(end.outputs.last(), Some(&Output::EndWriting));
    let bye = Frame::decode(&end.written.split().freeze()).unwrap();
    assert_eq!((bye.function, bye.ttl, bye.hops), (Function::BYE, 1, 0));
    assert!(bye.payload.starts_with(b"\xcb\x00Changing\r\nServer: Filbert/"), "BYE-09");

    receive(&mut end, &query(10), START);
    end.send(&[bye], START);
    assert!(end.written.is_empty(), "nothing follows a Bye");
    assert!(end.frames().is_empty(), "and nothing is understood");
    let due = START.after_ms(BYE_GRACE_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Grace)));
    wait(&mut end, Time::from_micros(due.as_micros() - 1));
    assert_eq!(end.ending(), None);
    wait(&mut end, due);
    let reason = "Changing".to_owned();
    assert_eq!(end.ending(), Some(&Ending::Dismissed { code: 203, reason, fault: None }));
}

/// HAND-79
#[test]
fn a_refusal_has_its_time_to_arrive() {
    let mut end = accepting();
    let refuse = |_: &Question| Decision::Refuse(Refusal::no_room(Vec::new()));
    end.handle(Input::Received(REQUEST), &refuse, START);
    assert!(end.take_text().starts_with("GNUTELLA/0.6 503 "));
    let due = START.after_ms(REFUSAL_GRACE_MS);
    assert_eq!(end.link.next_timeout(), Some((due, Reason::Grace)));
    wait(&mut end, Time::from_micros(due.as_micros() - 1));
    assert_eq!(end.ending(), None);
    wait(&mut end, due);
    assert!(matches!(end.ending(), Some(Ending::Refused(_, None))));
}

/// HAND-39, LINK-15: a flush when the queue is dry, or when the time is over although it is not.
#[test]
fn compressed_bytes_wait_for_company_but_not_for_long() {
    let ultrapeer = || Profile::new(Role::Ultrapeer);
    let mut pair = Pair::new(ultrapeer(), ultrapeer());
    pair.talk();
    let start = pair.now;
    pair.connecting.link.send(&filled_hit(1, 100), start);
    pair.connecting.write(Queue::More, start);
    pair.talk_without_flush();
    assert_eq!(pair.accepting.frames().len(), 0, "it waits for more");
    let due = start.after_ms(DEFLATE_FLUSH_MS);
    assert_eq!(pair.connecting.link.next_timeout(), Some((due, Reason::Flush)));

    let just_before = Time::from_micros(due.as_micros() - 1);
    pair.connecting.link.send(&filled_hit(2, 100), just_before);
    pair.connecting.write(Queue::More, just_before);
    pair.talk_without_flush();
    assert_eq!(pair.accepting.frames().len(), 0, "a later message does not stretch the wait");
    assert_eq!(pair.connecting.link.next_timeout(), Some((due, Reason::Flush)));
    pair.connecting.link.handle(Input::Timeout, due);
    assert_eq!(pair.connecting.link.poll(), None);
    let (rest, reason) = pair.connecting.link.next_timeout().unwrap();
    assert!(rest > due && reason == Reason::Rest, "whoever cannot write now is not woken again");
    pair.connecting.write(Queue::More, due);
    pair.talk_without_flush();
    assert_eq!(pair.accepting.frames(), [filled_hit(1, 100), filled_hit(2, 100)]);

    pair.connecting.link.send(&filled_hit(3, 100), due);
    pair.connecting.write(Queue::Dry, due);
    pair.talk_without_flush();
    assert_eq!(pair.accepting.frames().len(), 3, "nothing waits when nothing follows");
}

/// LINK-14: the compressor goes, the stream goes on.
#[test]
fn a_quiet_link_gives_up_its_compressor_and_goes_on_all_the_same() {
    let ultrapeer = || Profile::new(Role::Ultrapeer);
    let mut pair = Pair::new(ultrapeer(), ultrapeer());
    pair.talk();
    for number in 0..5 {
        pair.connecting.send(&[filled_hit(number, 300)], pair.now);
        pair.talk();
        let due = pair.now.after_ms(DEFLATE_KEEP_MS);
        assert_eq!(pair.connecting.link.next_timeout(), Some((due, Reason::Rest)));
        let reasons = pair.pass(pair.now.after_ms(3_600_000));
        assert_eq!(reasons, [Reason::Rest]);
        assert_eq!(pair.connecting.link.next_timeout(), None);
    }
    let sent: Vec<_> = (0..5).map(|number| filled_hit(number, 300)).collect();
    assert_eq!(pair.accepting.frames(), sent);
}

#[test]
fn a_link_wants_no_more_frames_when_enough_waits() {
    let mut end = open();
    let frame = filled_hit(0, 1_000);
    let fitting = OUTBOX_LEN_MAX.div_ceil(frame.wire_len());
    for _ in 0..fitting {
        assert!(end.link.wants_frames());
        end.link.send(&frame, START);
    }
    assert!(!end.link.wants_frames());
    let waiting = end.link.transmit(Queue::Dry, START).unwrap();
    assert_eq!(waiting.len(), fitting * frame.wire_len());
    assert!(end.link.wants_frames());
}
