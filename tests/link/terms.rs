//! What each head decides, and nothing else: cases in which a small slip would go unseen.

use std::sync::Arc;

use bytes::BytesMut;
use filbert::base::limits::{
    AHEAD_LEN_MAX, DEFLATE_KEEP_MS, FRAME_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Decision, Deflater, Ending, Head, Input, Link, Output, Profile, Question, Queue, Reason, Role,
};
use filbert::gnutella::wire::{Frame, Function};

use crate::support::messages::filled_hit;
use crate::support::pair::{ACCEPTING_AT, CONNECTING_AT, End, Pair};

const START: Time = Time::from_millis(5_000);

fn willing(question: &Question) -> Decision {
    Decision::accept(question.role)
}

fn with_tls(role: Role) -> Arc<Profile> {
    Arc::new(Profile { upgrades_to_tls: true, ..Profile::new(role) })
}

fn drain(link: &mut Link, now: Time) -> Vec<Output> {
    let mut outputs = Vec::new();
    while let Some(output) = link.poll() {
        if matches!(output, Output::Asked(_) | Output::Answered(_)) {
            assert!(link.poll().is_none());
            link.handle(Input::Decided(Decision::accept(Role::Ultrapeer)), now);
        }
        outputs.push(output);
    }
    outputs
}

fn receive(link: &mut Link, bytes: &[u8], now: Time) -> Vec<Output> {
    link.handle(Input::Received(bytes), now);
    drain(link, now)
}

const TLS_REQUEST: &[u8] =
    b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: True\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n";
const TLS_LAST: &[u8] = b"GNUTELLA/0.6 200 OK\r\nConnection: Upgrade\r\n\r\n";
const LAST: &[u8] = b"GNUTELLA/0.6 200 OK\r\n\r\n";

/// HAND-50: what arrives while TLS is set up is none of Gnutella; LINK-07: and that time is part of
/// the handshake's.
#[test]
fn nothing_is_read_while_tls_is_set_up() {
    let mut link = Link::accept(with_tls(Role::Ultrapeer), CONNECTING_AT, START);
    receive(&mut link, TLS_REQUEST, START);
    let late = START.after_ms(HANDSHAKE_TIMEOUT_MS - 1);
    let outputs = receive(&mut link, &[TLS_LAST, b"\x16\x03hello"].concat(), late);
    let [Output::StartTls { unread }] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(unread, &b"\x16\x03hello"[..]);
    let deadline = START.after_ms(HANDSHAKE_TIMEOUT_MS);
    assert_eq!(link.next_timeout(), Some((deadline, Reason::Handshake)));
    let mut frame = BytesMut::new();
    filled_hit(7, 10).encode(&mut frame);
    assert_eq!(receive(&mut link, &frame, late), [], "it is ciphertext, whatever it looks like");
    link.handle(Input::Encrypted, late);
    assert!(matches!(drain(&mut link, late)[..], [Output::Opened(_)]));
    assert_eq!(receive(&mut link, &frame, late), [Output::Frame(filled_hit(7, 10))]);
}

/// HAND-49: the last head has the last word on TLS, not the request.
#[test]
fn a_request_alone_does_not_switch_to_tls() {
    let mut link = Link::accept(with_tls(Role::Ultrapeer), CONNECTING_AT, START);
    receive(&mut link, TLS_REQUEST, START);
    let outputs = receive(&mut link, LAST, START);
    let [Output::Opened(agreement)] = &outputs[..] else { panic!("{outputs:?}") };
    assert!(!agreement.tls);
}

/// HAND-65: on the side that connected as well.
#[test]
fn what_comes_ahead_of_a_last_head_is_bounded_too() {
    for (ahead_len, is_kept) in [(AHEAD_LEN_MAX, true), (AHEAD_LEN_MAX + 1, false)] {
        let profile = Arc::new(Profile::new(Role::Leaf));
        let mut link = Link::connect(profile, ACCEPTING_AT, START);
        link.handle(Input::Received(b"GNUTELLA/0.6 200 OK\r\nX-Ultrapeer: True\r\n\r\n"), START);
        assert!(matches!(link.poll(), Some(Output::Answered(_))));
        assert_eq!(link.poll(), None);
        link.handle(Input::Received(&vec![0; ahead_len]), START);
        let output = link.poll();
        assert_eq!(output.is_none(), is_kept, "{output:?}");
        // Nothing more is nothing more.
        if is_kept {
            link.handle(Input::Received(b""), START);
            assert_eq!(link.poll(), None);
        } else {
            assert!(matches!(output, Some(Output::Closed(Ending::Fault(_)))));
        }
    }
}

/// HAND-24: a leaf gives no guidance.
#[test]
fn what_a_leaf_needs_is_of_no_account() {
    let mut link = Link::connect(Arc::new(Profile::new(Role::Ultrapeer)), ACCEPTING_AT, START);
    let answer = b"GNUTELLA/0.6 200 OK\r\nX-Ultrapeer: False\r\nX-Ultrapeer-Needed: False\r\n\r\n";
    link.handle(Input::Received(answer), START);
    let Some(Output::Answered(question)) = link.poll() else { panic!("it asks") };
    assert_eq!((question.peer_role, question.guidance), (Some(Role::Leaf), None));
}

/// HAND-68: what the last head lists counts, and what only a request means does not.
#[test]
fn the_last_head_is_heard() {
    let mut link = Link::accept(Arc::new(Profile::new(Role::Ultrapeer)), CONNECTING_AT, START);
    receive(
        &mut link,
        b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: True\r\nX-Try-Ultrapeers: 203.0.113.7:1\r\n\r\n",
        START,
    );
    let last = b"GNUTELLA/0.6 200 OK\r\nX-Try-Ultrapeers: 203.0.113.8:2\r\nX-Degree: 20\r\n\
        Accept: application/x-gnutella2\r\nCrawler: 0.1\r\nX-Auth-Challenge: x\r\n\r\n";
    let outputs = receive(&mut link, last, START);
    let [Output::Opened(agreement)] = &outputs[..] else { panic!("{outputs:?}") };
    let peer = &agreement.peer;
    assert_eq!(peer.try_ultrapeers, Some(vec!["203.0.113.8:2".parse().unwrap()]));
    assert_eq!(peer.degree, Some(20));
    assert!(!peer.is_of_another_network() && !peer.challenge && peer.crawler.is_none());
}

/// HAND-29, HAND-30, HAND-25: we say what our profile says, and no more than the other side.
#[test]
fn our_answer_says_what_we_are() {
    let profile = Profile { degree: 17, max_ttl: 3, ..Profile::new(Role::Ultrapeer) };
    let mut end = End::new(Link::accept(Arc::new(profile), CONNECTING_AT, START));
    let request = b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\nX-Query-Routing: 0.1\r\n\r\n";
    end.handle(Input::Received(request), &willing, START);
    let text = end.take_text();
    let (answer, _) = Head::decode(text.as_bytes()).unwrap();
    let said = |name| answer.value(name).unwrap();
    assert_eq!((said("X-Degree"), said("X-Max-TTL")), ("17", "3"));
    assert_eq!(said("X-Query-Routing"), "0.1");
}

/// LINK-08: from its first byte as inflated.
#[test]
fn a_message_in_a_compressed_stream_must_come_to_its_end_as_well() {
    let mut link = Link::accept(Arc::new(Profile::new(Role::Ultrapeer)), CONNECTING_AT, START);
    receive(&mut link, b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: True\r\n\r\n", START);
    receive(&mut link, b"GNUTELLA/0.6 200 OK\r\nContent-Encoding: deflate\r\n\r\n", START);
    let (mut plain, mut deflated) = (BytesMut::new(), BytesMut::new());
    filled_hit(7, 100).encode(&mut plain);
    let mut deflater = Deflater::new();
    deflater.write(&plain[..60], &mut deflated);
    deflater.flush(&mut deflated);
    assert_eq!(receive(&mut link, &deflated.split(), START), []);
    let due = START.after_ms(FRAME_TIMEOUT_MS);
    assert_eq!(link.next_timeout(), Some((due, Reason::Frame)));
    deflater.write(&plain[60..], &mut deflated);
    deflater.flush(&mut deflated);
    let later = START.after_ms(FRAME_TIMEOUT_MS - 1);
    assert_eq!(receive(&mut link, &deflated, later), [Output::Frame(filled_hit(7, 100))]);
    assert_eq!(link.next_timeout(), None);
}

/// LINK-14: a compressor rests a while after its last use, and never with bytes in it.
#[test]
fn a_compressor_rests_after_its_last_use() {
    let ultrapeer = || Profile::new(Role::Ultrapeer);
    let mut pair = Pair::new(ultrapeer(), ultrapeer());
    pair.talk();
    let start = pair.now;
    pair.connecting.send(&[filled_hit(7, 10)], start);
    let later = start.after_ms(DEFLATE_KEEP_MS / 2);
    pair.connecting.send(&[filled_hit(7, 10)], later);
    let due = later.after_ms(DEFLATE_KEEP_MS);
    assert_eq!(pair.connecting.link.next_timeout(), Some((due, Reason::Rest)));
    assert!(pair.connecting.link.send(&filled_hit(7, 10), later));
    let timeout = pair.connecting.link.next_timeout();
    assert!(matches!(timeout, Some((_, Reason::Flush))), "{timeout:?}");
    assert!(pair.connecting.link.transmit(Queue::Dry, later).is_some());
}

/// LINK-23, FRAME-04: what came whole counts, what is cut off does not, and nothing more is said.
#[test]
fn the_end_of_what_is_sent_is_the_end_of_the_link() {
    let ultrapeer = || Profile { sends_deflate: false, ..Profile::new(Role::Ultrapeer) };
    let mut pair = Pair::new(ultrapeer(), ultrapeer());
    pair.talk();
    let mut wire = BytesMut::new();
    filled_hit(7, 5).encode(&mut wire);
    filled_hit(7, 6).encode(&mut wire);
    let end = &mut pair.accepting;
    end.take_text();
    end.handle(Input::Received(&wire[..wire.len() - 1]), &willing, pair.now);
    end.handle(Input::Ended, &willing, pair.now);
    assert_eq!((end.frames(), end.ending()), (vec![filled_hit(7, 5)], Some(&Ending::Closed)));
    assert!(end.written.is_empty());
}

/// HAND-64, SIZE-01, SIZE-06, LINK-19: what would cost us the link is not sent, nor are marks.
#[test]
fn nothing_is_sent_that_others_must_refuse() {
    let ultrapeer = || Profile { sends_deflate: false, ..Profile::new(Role::Ultrapeer) };
    let mut pair = Pair::new(ultrapeer(), ultrapeer());
    assert!(!pair.connecting.link.send(&filled_hit(7, 5), pair.now), "not before the last head");
    pair.talk();
    let marked = Frame { size_flags: Some(3), ..filled_hit(7, 5) };
    let too_long = Frame { function: Function::PING, ..filled_hit(7, 40_961) };
    let longest = Frame { function: Function::PING, ..filled_hit(7, 40_960) };
    let link = &mut pair.connecting.link;
    assert!(link.send(&marked, pair.now) && !link.send(&too_long, pair.now));
    assert!(link.send(&longest, pair.now));
    pair.connecting.write(Queue::Dry, pair.now);
    pair.talk();
    assert_eq!(pair.accepting.frames(), [filled_hit(7, 5), longest]);
    assert_eq!(pair.accepting.ending(), None);
}
