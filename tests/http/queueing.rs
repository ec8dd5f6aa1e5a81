use filbert::base::limits::{
    QUEUE_ID_LEN_MAX, QUEUE_POLL_MAX_S, QUEUE_POLL_MIN_S, RETRY_AFTER_MAX_S,
};
use filbert::gnutella::http::{
    Form, Giv, HeaderText, Queue, QueueCallback, QueueId, QueueVersion, Queued, RetryAfter,
};
use filbert::gnutella::link::Version;
use filbert::gnutella::wire::Guid;

use crate::{head, written};

/// QUEUE-01
#[test]
fn a_client_says_which_queues_it_understands() {
    for (value, version, is_passive) in [
        ("0.1", Version(0, 1), false),
        ("1.0", Version(1, 0), true),
        ("1.1", Version(1, 1), true),
        ("yes", Version(0, 1), false),
    ] {
        let read = QueueVersion::parse(value).unwrap();
        assert_eq!((read.0, read.is_passive()), (version, is_passive), "{value}");
    }
    assert_eq!(written(&QueueVersion::PASSIVE), "1.1");
}

/// QUEUE-02, QUEUE-03
#[test]
fn an_active_queue_gives_a_place_and_times() {
    let whole = "position=2, length=5, limit=4, pollMin=30, pollMax=90";
    let queue =
        Queue { position: 2, length: Some(5), limit: Some(4), poll_min_s: 30, poll_max_s: 90 };
    assert_eq!(Queue::parse(whole), Some(queue));
    assert_eq!(Queue::parse("POLLMAX=90;pollmin = 30;limit=4;Length=5;position=2"), Some(queue));
    assert_eq!(written(&queue), whole);
    let short = Queue::parse("position=1").unwrap();
    assert_eq!((short.poll_min_s, short.poll_max_s), (QUEUE_POLL_MIN_S, QUEUE_POLL_MAX_S));
    assert_eq!(Queue::parse("position=1,pollMin=600").unwrap().poll_max_s, 600);
    for value in ["0.1", "", "length=5, pollMin=30", "position=-1", "position=4294967296"] {
        assert_eq!(Queue::parse(value), None, "{value}");
    }
}

/// QUEUE-04
#[test]
fn the_time_to_come_again_is_a_number_or_a_date_and_has_an_end() {
    let after = |lines: &str| RetryAfter::of(&head(lines)).map(|after| after.0);
    let dates = "Date: Fri, 20 Nov 2026 15:53:35 GMT\r\nRetry-After: Fri, 20 Nov 2026 15:54:35 GMT";
    assert_eq!(after("Retry-After: 60"), Some(60));
    assert_eq!(after(dates), Some(60));
    assert_eq!(after(&dates.replace("15:54", "15:52")), Some(0));
    assert_eq!(after("Retry-After: Fri, 20 Nov 2026 15:54:35 GMT"), None);
    assert_eq!(after("Retry-After: soon"), None);
    assert_eq!(after(&format!("Retry-After: {RETRY_AFTER_MAX_S}")), Some(RETRY_AFTER_MAX_S));
    assert_eq!(after(&format!("Retry-After: {}", RETRY_AFTER_MAX_S + 1)), Some(RETRY_AFTER_MAX_S));
    assert_eq!(after("Retry-After: 18446744073709551615"), Some(RETRY_AFTER_MAX_S));
}

/// PARQ-01, PARQ-03
#[test]
fn a_passive_queue_gives_a_name_and_a_place() {
    let id = QueueId::new("0123456789abcdef0123456789abcdef");
    let whole = "ID=0123456789abcdef0123456789abcdef; position=2; length=5; ETA=60; lifetime=300";
    let queued = Queued {
        id: id.clone(),
        position: Some(2),
        length: Some(5),
        eta_s: Some(60),
        lifetime_s: Some(300),
    };
    assert_eq!(Queued::parse(whole), Some(queued.clone()));
    assert_eq!(written(&queued), whole);
    let from_gtk =
        "ID=0123456789abcdef0123456789abcdef; position=2; lifetime=300; length=5; ETA=60";
    assert_eq!(Queued::parse(from_gtk), Some(queued));
    let asked = Queued { id, position: Some(2), ..Queued::default() };
    assert_eq!(Queued::parse("position=2; ID=0123456789abcdef0123456789abcdef"), Some(asked));
}

/// PARQ-02
#[test]
fn the_name_of_a_place_is_a_plain_word() {
    let longest = "x".repeat(QUEUE_ID_LEN_MAX);
    assert_eq!(QueueId::new(&longest).unwrap().as_str(), longest);
    for text in [&format!("{longest}x"), "", "a b", "a\r\nb", "é", "a;b", "a/b"] {
        assert_eq!(QueueId::new(text), None, "{text:?}");
    }
    assert_eq!(Queued::parse("ID=a b; length=3"), None);
    assert_eq!(Queued::parse("ID=a b; position=3").unwrap().id, None);
}

/// PARQ-04
#[test]
fn whoever_has_his_turn_is_called_by_the_name_of_his_place() {
    let line = "QUEUE 0123456789abcdef0123456789abcdef 1.2.3.4:6346\r\n";
    let callback = QueueCallback::parse(line).unwrap();
    assert_eq!(callback.id.as_str(), "0123456789abcdef0123456789abcdef");
    assert_eq!(callback.address, Some("1.2.3.4:6346".parse().unwrap()));
    assert_eq!(callback.to_string(), line);
    assert_eq!(QueueCallback::parse("QUEUE abc").unwrap().address, None);
    assert_eq!(QueueCallback::parse("QUEUE abc 1.2.3.4:0 x").unwrap().address, None);
    for line in ["QUEUE", "QUEUE ", "QUEUE a;b 1.2.3.4:5", "GIV 0:x/", ""] {
        assert_eq!(QueueCallback::parse(line), None, "{line}");
    }
}

const SERVENT: Guid = Guid(*b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");

/// GIV-01, GIV-02
#[test]
fn whoever_was_pushed_says_who_he_is() {
    let line = "GIV 7:000102030405060708090a0b0c0d0e0f/a song.ogg\n\n";
    let giv = Giv { index: 7, servent: SERVENT, name: HeaderText::of("a song.ogg") };
    assert_eq!(Giv::parse(line), Some(giv.clone()));
    assert_eq!(Giv::parse(line.trim_end()), Some(giv.clone()));
    assert_eq!(giv.to_string(), line);
    let nameless = Giv::parse("GIV 0:000102030405060708090A0B0C0D0E0F/").unwrap();
    assert_eq!((nameless.servent, nameless.name.as_str()), (SERVENT, ""));
    for line in [
        "GIV 7:000102030405060708090a0b0c0d0e0f",
        "GIV 7:000102030405060708090a0b0c0d0e/x",
        "GIV x:000102030405060708090a0b0c0d0e0f/x",
        "GIV :000102030405060708090a0b0c0d0e0f/x",
        "GIV 4294967296:000102030405060708090a0b0c0d0e0f/x",
        "GIVE 7:000102030405060708090a0b0c0d0e0f/x",
    ] {
        assert_eq!(Giv::parse(line), None, "{line}");
    }
}

/// GIV-03
#[test]
fn a_giv_has_a_name_and_no_line_within_it() {
    let line =
        |name: &str| Giv { index: 0, servent: SERVENT, name: HeaderText::of(name) }.to_string();
    assert_eq!(line(""), "GIV 0:000102030405060708090a0b0c0d0e0f/file\n\n");
    assert_eq!(line("a\n\nGET /"), "GIV 0:000102030405060708090a0b0c0d0e0f/a__GET /\n\n");
    let read = Giv::parse("GIV 0:000102030405060708090a0b0c0d0e0f/a\u{1b}b\r\nGET /").unwrap();
    assert_eq!(read.name.as_str(), "a_b");
}
