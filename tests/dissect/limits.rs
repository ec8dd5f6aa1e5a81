//! What a recording can make the decoder hold is bounded, and what it gives up is told.

use filbert::base::limits::{
    CONNECTIONS_MAX, DATAGRAM_FLOWS_MAX, DETECT_LEN, DISSECT_FOOTPRINT_LEN_MAX,
    FRAGMENTED_MESSAGES_MAX, SPEAKERS_MAX, TCP_PENDING_LEN_MAX,
};
use filbert::dissect::{Dissector, Record, Refusal, Statistics};

use crate::made_packets as packets;
use crate::made_packets::{
    CLIENT, Capture, Connection, Host, SERVER, head, ping, segment, sketch, tcp, udp,
};

struct Outcome {
    records: Vec<Record>,
    statistics: Statistics,
    footprint_len_max: usize,
}

fn outcome(capture: &Capture) -> Outcome {
    let (mut records, mut footprint_len_max) = (Vec::new(), 0);
    let mut dissector = Dissector::default();
    for piece in capture.file.chunks(64 * 1024) {
        dissector.push(piece, &mut |record| records.push(record)).unwrap();
        footprint_len_max = footprint_len_max.max(dissector.footprint_len());
    }
    dissector.finish(&mut |record| records.push(record)).unwrap();
    Outcome { records, statistics: dissector.statistics(), footprint_len_max }
}

/// So many connections, of each of which one byte is missing.
fn connections(count: usize) -> Capture {
    let mut capture = Capture::of(&[]);
    for number in 0..count {
        let [_, _, high, low] = u32::try_from(number).unwrap().to_be_bytes();
        let client = Host { address: [10, 0, high, low], ..CLIENT };
        for packet in Connection::open_from(client).send(client, b"EHLO there").packets {
            capture.add(&packet);
        }
    }
    capture
}

#[test]
fn connections_are_followed_up_to_their_limit_and_the_most_silent_is_given_up_past_it() {
    let at_limit = outcome(&connections(CONNECTIONS_MAX));
    assert_eq!(at_limit.statistics.evicted_connections, 0);
    let past_it = outcome(&connections(CONNECTIONS_MAX + 1));
    assert_eq!(past_it.statistics.evicted_connections, 1);
    assert_eq!(past_it.records.len(), CONNECTIONS_MAX + 1, "what was given up is told");
    let first = past_it.records[0].route.from.unwrap();
    assert_eq!(first.ip().to_string(), "10.0.0.0", "it was silent for longest");
}

/// Each connection keeps as much as one may, waiting for a byte that never comes.
#[test]
fn connections_that_hold_too_much_together_are_given_up() {
    const SEGMENT_LEN: usize = 60_000;
    let payload = [7; SEGMENT_LEN];
    let per_connection = TCP_PENDING_LEN_MAX / SEGMENT_LEN;
    let enough = DISSECT_FOOTPRINT_LEN_MAX / (per_connection * SEGMENT_LEN) + 20;
    let mut capture = Capture::of(&[]);
    for number in 0..enough {
        let [_, _, high, low] = u32::try_from(number).unwrap().to_be_bytes();
        let client = Host { address: [10, 0, high, low], ..CLIENT };
        capture.add(&tcp(client, SERVER, 0, 0, packets::SYN, b""));
        for part in 0..per_connection {
            let sequence = u32::try_from(2 + part * SEGMENT_LEN).unwrap();
            capture.add(&tcp(client, SERVER, sequence, 0, 0, &payload));
        }
    }
    let outcome = outcome(&capture);
    assert!(outcome.statistics.evicted_connections > 0);
    let held_len = outcome.footprint_len_max;
    assert!(held_len <= DISSECT_FOOTPRINT_LEN_MAX, "{held_len}");
    assert!(held_len > DISSECT_FOOTPRINT_LEN_MAX / 2, "{held_len}: the test shows nothing");
}

/// A hole is waited for until too much waits behind it.
#[test]
fn a_hole_is_given_up_when_too_much_waits_behind_it() {
    let payload = [7; 60_000];
    let count = TCP_PENDING_LEN_MAX.div_ceil(payload.len());
    let mut packets = vec![segment(0, b"")];
    for part in 0..count {
        packets.push(segment(u32::try_from(2 + part * payload.len()).unwrap(), &payload));
    }
    let last = packets.pop().unwrap();
    let waiting = outcome(&Capture::of(&packets));
    assert_eq!(waiting.statistics.gaps, 1, "at the end it is given up");
    packets.push(last);
    packets.push(segment(1, b"x"));
    let sketch = sketch(&outcome(&Capture::of(&packets)).records);
    assert_eq!(sketch[0], "> unknown gap 1", "too late, the missing byte came");
}

#[test]
fn messages_in_fragments_are_kept_up_to_their_limit() {
    let from = Host { port: 6346, ..CLIENT };
    let part = |sequence: usize, part: u8| {
        let [high, low] = u16::try_from(sequence).unwrap().to_be_bytes();
        let whole = ping(1);
        let payload = if part == 1 { &whole[..9] } else { &whole[9..] };
        udp(from, SERVER, &[&[b'G', b'T', b'A', 2, high, low, part, 2][..], payload].concat())
    };
    let started = |count: usize| (0..count).map(|sequence| part(sequence, 1)).collect::<Vec<_>>();
    // All packets at the same time, for messages do not wait for long.
    let sketch_of = |mut packets: Vec<Vec<u8>>| {
        packets.push(part(0, 2));
        let mut capture = Capture::of(&packets);
        let mut start = 24;
        for packet in &packets {
            capture.file[start..start + 4].fill(1);
            start += 16 + packet.len();
        }
        capture.sketch()
    };
    assert_eq!(sketch_of(started(FRAGMENTED_MESSAGES_MAX))[0], "> ping 01");
    let past_it = sketch_of(started(FRAGMENTED_MESSAGES_MAX + 1));
    assert_eq!(past_it[0], "> unknown fragments of a message 9", "the oldest was given up");
}

/// Hosts in a network of the lab, and a port that Gnutella does not use.
fn host(number: usize) -> Host {
    let [_, a, b, c] = u32::try_from(number).unwrap().to_be_bytes();
    Host { address: [10, a, b, c], port: 7000 }
}

#[test]
fn those_who_talk_gnutella_are_remembered_up_to_a_limit() {
    let mut capture = Capture::of(&[]);
    // The server is the first of them.
    for number in 1..=SPEAKERS_MAX {
        capture.add(&udp(host(number), SERVER, &ping(1)));
    }
    let [last, one_more] = [SPEAKERS_MAX - 1, SPEAKERS_MAX].map(host);
    capture.add(&udp(last, SERVER, b"nonsense"));
    capture.add(&udp(one_more, SERVER, b"nonsense"));
    let sketch = capture.sketch();
    assert_eq!(sketch[SPEAKERS_MAX], "> unknown datagram 8 !UDP-11");
    assert_eq!(sketch[SPEAKERS_MAX + 1], "> unknown not Gnutella 8");
}

#[test]
fn other_datagrams_are_counted_for_so_many_hosts_at_a_time() {
    for (count, told_early) in [(DATAGRAM_FLOWS_MAX, 0), (DATAGRAM_FLOWS_MAX + 1, 1)] {
        let packets: Vec<_> =
            (0..count).map(|number| udp(host(number), SERVER, b"nonsense")).collect();
        let (mut dissector, mut told) = (Dissector::default(), 0);
        dissector.push(&Capture::of(&packets).file, &mut |_| told += 1).unwrap();
        assert_eq!(told, told_early);
        dissector.finish(&mut |_| told += 1).unwrap();
        assert_eq!(told, count);
    }
}

#[test]
fn a_dump_is_recognised_behind_some_text_and_not_behind_too_much() {
    let dump = "00000000: 0101\n";
    let behind = |len: usize| format!("{}\n{dump}", "x".repeat(len - 1));
    let recognised = |len: usize| {
        let mut dissector = Dissector::default();
        let pushed = dissector.push(behind(len).as_bytes(), &mut |_| ());
        pushed.and(dissector.finish(&mut |_| ())) != Err(Refusal::Foreign)
    };
    assert!(recognised(DETECT_LEN - dump.len()));
    assert!(!recognised(DETECT_LEN));
}

/// A connection whose heads never end is refused by their length, not kept.
#[test]
fn an_endless_head_is_not_kept() {
    let mut connection = Connection::open().send(CLIENT, "GNUTELLA CONNECT/0.6\r\n");
    for _ in 0..100 {
        connection = connection.send(CLIENT, "X-Header: value\r\n".repeat(50));
    }
    let outcome = outcome(&Capture::of(&connection.packets));
    assert!(outcome.footprint_len_max < 64 * 1024);
    assert_eq!(sketch(&outcome.records)[0], "> handshake GNUTELLA CONNECT/0.6 !SIZE-11");
}

#[test]
fn an_endless_request_is_not_kept() {
    for start in ["GET /", "QUEUE ", "HTTP/1.1 "] {
        let mut connection = Connection::open().send(CLIENT, start);
        for _ in 0..100 {
            connection = connection.send(CLIENT, "x".repeat(1000));
        }
        let outcome = outcome(&Capture::of(&connection.packets));
        assert!(outcome.footprint_len_max < 128 * 1024, "{start} {}", outcome.footprint_len_max);
        assert_eq!(sketch(&outcome.records).len(), 1, "{start}");
    }
    assert_eq!(Connection::open().send(CLIENT, head(&["GET / HTTP/1.1"])).sketch().len(), 1);
}
