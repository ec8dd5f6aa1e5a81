//! TCP connections as they are recorded: out of order, twice, in part, compressed, encrypted.

use filbert::gnutella::wire::Function;

use crate::made_packets::{
    ACK, CLIENT, Capture, Connection, FIN, RST, SERVER, deflate, frame, head, ping, segment, tcp,
};

const REQUEST: &[&str] = &["GNUTELLA CONNECT/0.6", "Accept-Encoding: deflate"];
const ANSWER: &[&str] = &["GNUTELLA/0.6 200 OK", "Accept-Encoding: deflate"];
const CLOSING: &[&str] = &["GNUTELLA/0.6 200 OK"];
const DEFLATED: &str = "Content-Encoding: deflate";

/// A connection after its handshake, in which these sides compress.
fn greeted(client_deflates: bool, server_deflates: bool) -> Connection {
    let with = |lines: &[&str], deflates| match deflates {
        true => head(&[lines, &[DEFLATED]].concat()),
        false => head(lines),
    };
    Connection::open()
        .send(CLIENT, head(REQUEST))
        .send(SERVER, with(ANSWER, server_deflates))
        .send(CLIENT, with(CLOSING, client_deflates))
}

const HEADS: [&str; 3] = [
    "> handshake GNUTELLA CONNECT/0.6",
    "< handshake GNUTELLA/0.6 200 OK",
    "> handshake GNUTELLA/0.6 200 OK",
];

fn after_heads(sketch: &[String]) -> &[String] {
    assert_eq!(sketch[..3], HEADS);
    &sketch[3..]
}

/// HAND-09, FRAME-05, FRAME-06: frames follow the last head, however segments cut them.
#[test]
fn a_connection_is_followed_from_its_handshake_on() {
    let frames = [ping(1), ping(2), ping(3)].concat();
    let (front, back) = frames.split_at(30);
    let connection =
        greeted(false, false).send(CLIENT, front).send(CLIENT, back).send(SERVER, ping(4));
    assert_eq!(
        after_heads(&connection.close().sketch()),
        ["> ping 01", "> ping 02", "> ping 03", "< ping 04"]
    );
}

/// HAND-09: a head and what follows it may share a segment.
#[test]
fn nothing_behind_a_head_is_lost() {
    let connection = Connection::open()
        .send(CLIENT, head(REQUEST))
        .send(SERVER, [head(ANSWER).into_bytes(), ping(4)].concat())
        .send(CLIENT, [head(CLOSING).into_bytes(), ping(1)].concat());
    let sketch = connection.sketch();
    assert_eq!(
        sketch[1..],
        [
            "< handshake GNUTELLA/0.6 200 OK",
            "< ping 04",
            "> handshake GNUTELLA/0.6 200 OK",
            "> ping 01"
        ]
    );
}

#[test]
fn segments_out_of_order_are_put_back() {
    let mut connection = greeted(false, false);
    for byte in 1..=5 {
        connection = connection.send(CLIENT, ping(byte));
    }
    let len = connection.packets.len();
    connection.packets.swap(len - 4, len - 1);
    connection.packets.swap(len - 3, len - 2);
    let pings = ["> ping 01", "> ping 02", "> ping 03", "> ping 04", "> ping 05"];
    assert_eq!(after_heads(&connection.sketch()), pings);
}

#[test]
fn segments_sent_again_count_once() {
    let connection = greeted(false, false).send(CLIENT, ping(1)).send(CLIENT, ping(2));
    let twice: Vec<_> =
        connection.packets.iter().flat_map(|packet| [packet.clone(), packet.clone()]).collect();
    assert_eq!(after_heads(&Capture::of(&twice).sketch()), ["> ping 01", "> ping 02"]);
}

#[test]
fn overlapping_segments_are_joined_without_a_seam() {
    let stream =
        [head(REQUEST).into_bytes(), head(CLOSING).into_bytes(), ping(1), ping(2)].concat();
    let end = stream.len();
    let packets = [
        segment(99, b""),
        segment(100, &stream[..40]),
        segment(130, &stream[30..60]),
        segment(110, &stream[10..50]),
        segment(150, &stream[50..end]),
        segment(100, &stream),
    ];
    let sketch = Capture::of(&packets).sketch();
    assert_eq!(sketch[2..], ["> ping 01", "> ping 02"]);
}

#[test]
fn sequence_numbers_may_wrap_around_within_a_frame() {
    let stream =
        [head(REQUEST).into_bytes(), head(CLOSING).into_bytes(), ping(1), ping(2)].concat();
    let first = u32::MAX - u32::try_from(stream.len()).unwrap() + 10;
    let mut packets = vec![segment(first.wrapping_sub(1), b"")];
    for (position, piece) in stream.chunks(7).enumerate() {
        packets.push(segment(first.wrapping_add(u32::try_from(position * 7).unwrap()), piece));
    }
    let sketch = Capture::of(&packets).sketch();
    assert_eq!(sketch[2..], ["> ping 01", "> ping 02"]);
}

#[test]
fn a_gap_within_a_frame_costs_that_frame_only() {
    let long = frame(1, Function::QUERY_TABLE, &[0; 100]);
    let connection = greeted(false, false)
        .send(CLIENT, &long[..50])
        .lose(CLIENT, 30)
        .send(CLIENT, [&long[80..], &ping(2)].concat())
        .send(SERVER, ping(4));
    assert_eq!(after_heads(&connection.sketch()), ["> unknown gap 30", "> ping 02", "< ping 04"]);
}

#[test]
fn after_a_gap_between_frames_a_segment_that_begins_with_a_frame_is_found() {
    let connection = greeted(false, false)
        .send(CLIENT, ping(1))
        .lose(CLIENT, 30)
        .send(CLIENT, &ping(2)[3..])
        .send(CLIENT, ping(3))
        .send(SERVER, ping(4));
    let expected = [
        "> ping 01",
        "> unknown gap 30",
        "> unknown stream without its beginning 20",
        "> ping 03",
        "< ping 04",
    ];
    assert_eq!(after_heads(&connection.sketch()), expected);
}

#[test]
fn a_hole_is_given_up_at_the_end_at_the_latest() {
    let connection = greeted(false, false).lose(CLIENT, 23).send(CLIENT, ping(2));
    assert_eq!(after_heads(&connection.sketch()), ["> unknown gap 23", "> ping 02"]);
}

/// HAND-38: each direction decides for itself.
#[test]
fn each_direction_is_compressed_or_not() {
    for (client_deflates, server_deflates) in [(true, true), (true, false), (false, true)] {
        let coded = |plain: Vec<u8>, deflates| if deflates { deflate(&plain) } else { plain };
        let connection = greeted(client_deflates, server_deflates)
            .send(CLIENT, coded([ping(1), ping(2)].concat(), client_deflates))
            .send(SERVER, coded(ping(4), server_deflates));
        let expected = ["> ping 01", "> ping 02", "< ping 04"];
        assert_eq!(after_heads(&connection.sketch()), expected);
    }
}

#[test]
fn a_compressed_stream_inflates_as_it_arrives() {
    let deflated = deflate(&[ping(1), ping(2)].concat());
    let mut connection = greeted(true, false);
    for byte in &deflated {
        connection = connection.send(CLIENT, [*byte]);
    }
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01", "> ping 02"]);
}

/// LINK-13: a stream that does not inflate is malformed, once, and is not followed.
#[test]
fn a_broken_compressed_stream_is_told_once() {
    let connection = greeted(true, false).send(CLIENT, b"no zlib").send(CLIENT, ping(1)).close();
    let expected = ["> unknown inflated so far 0 !LINK-13", "> unknown compressed stream 30"];
    assert_eq!(after_heads(&connection.sketch()), expected);
}

/// HAND-38: compression is for those who offered to inflate.
#[test]
fn compression_without_an_offer_is_malformed() {
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/0.6"]))
        .send(SERVER, head(&["GNUTELLA/0.6 200 OK", DEFLATED]))
        .send(CLIENT, head(CLOSING))
        .send(SERVER, deflate(&ping(4)));
    let sketch = connection.sketch();
    assert_eq!(sketch[1], "< handshake GNUTELLA/0.6 200 OK !HAND-38");
    assert_eq!(sketch[3], "< ping 04");
}

/// SIZE-14.
#[test]
fn a_compressed_stream_that_swells_is_given_up() {
    let bomb = deflate(&vec![0; 8 << 20]);
    let connection = greeted(true, false).send(CLIENT, bomb);
    let capture = Capture::of(&connection.packets);
    let sketch = capture.sketch();
    assert!(sketch.iter().any(|line| line.ends_with("!SIZE-14")), "{:?}", sketch.last());
    assert!(sketch.len() < 128 * 1024, "{} records", sketch.len());
}

/// HAND-49: TLS begins after heads that agree on it, and is not looked into.
#[test]
fn after_an_upgrade_nothing_is_looked_into() {
    let hello = [&[0x16, 3, 1, 0, 40][..], &[7; 40]].concat();
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/0.6", "Upgrade: TLS/1.0"]))
        .send(SERVER, head(&["GNUTELLA/0.6 200 OK", "Upgrade: TLS/1.0", "Connection: Upgrade"]))
        .send(CLIENT, head(&["GNUTELLA/0.6 200 OK", "Connection: Upgrade"]))
        .send(CLIENT, &hello)
        .send(SERVER, &hello)
        .send(CLIENT, ping(1))
        .close();
    assert_eq!(after_heads(&connection.sketch()), ["> tls 68", "< tls 45"]);
}

#[test]
fn an_upgrade_that_is_not_accepted_changes_nothing() {
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/0.6", "Upgrade: TLS/1.0"]))
        .send(SERVER, head(ANSWER))
        .send(CLIENT, head(CLOSING))
        .send(CLIENT, ping(1));
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01"]);
}

#[test]
fn a_connection_may_be_encrypted_from_its_first_byte() {
    let connection = Connection::open().send(CLIENT, b"\x16\x03\x01\0\x05hello").close();
    assert_eq!(connection.sketch(), ["> tls 10"]);
}

/// HAND-04, and what follows a head that is none is not guessed at.
#[test]
fn a_first_line_that_is_none_is_malformed() {
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/six"]))
        .send(CLIENT, ping(1))
        .close();
    let expected = ["> handshake GNUTELLA CONNECT/six !HAND-04", "> unknown rest of a stream 23"];
    assert_eq!(connection.sketch(), expected);
}

/// SIZE-09.
#[test]
fn a_head_that_is_too_long_is_malformed_with_its_first_line() {
    let long = "x".repeat(1025);
    let connection =
        Connection::open().send(CLIENT, head(&["GNUTELLA CONNECT/0.6", &long])).close();
    let expected = ["> handshake GNUTELLA CONNECT/0.6 !SIZE-09", "> unknown rest of a stream 1029"];
    assert_eq!(connection.sketch(), expected);
}

/// HAND-14.
#[test]
fn a_line_that_is_no_header_is_malformed_and_passed_over() {
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/0.6", "nonsense"]))
        .send(CLIENT, head(CLOSING))
        .send(CLIENT, ping(1));
    let expected = [
        "> handshake GNUTELLA CONNECT/0.6 !HAND-14",
        "> handshake GNUTELLA/0.6 200 OK",
        "> ping 01",
    ];
    assert_eq!(connection.sketch(), expected);
}

#[test]
fn a_refusal_ends_the_handshake() {
    let connection = Connection::open()
        .send(CLIENT, head(REQUEST))
        .send(SERVER, head(&["GNUTELLA/0.6 503 Full"]))
        .send(SERVER, ping(4))
        .close();
    let expected = ["< handshake GNUTELLA/0.6 503 Full", "< unknown rest of a stream 23"];
    assert_eq!(connection.sketch()[1..], expected);
}

/// HAND-59: one head from each side, and then messages.
#[test]
fn the_old_handshake_has_two_heads() {
    let connection = Connection::open()
        .send(CLIENT, "GNUTELLA CONNECT/0.4\n\n")
        .send(SERVER, "GNUTELLA OK\n\n")
        .send(CLIENT, ping(1))
        .send(SERVER, ping(4));
    let expected =
        ["> handshake GNUTELLA CONNECT/0.4", "< handshake GNUTELLA OK", "> ping 01", "< ping 04"];
    assert_eq!(connection.sketch(), expected);
}

/// SIZE-01: the stream cannot be framed behind such a length, and is not.
#[test]
fn an_impossible_length_is_told_once() {
    let mut broken = ping(2);
    broken[19..23].copy_from_slice(&[0, 0, 1, 0]);
    let connection = greeted(false, false)
        .send(CLIENT, [ping(1), broken].concat())
        .send(CLIENT, ping(3))
        .close();
    let expected = ["> ping 01", "> ping 02 !SIZE-01", "> unknown rest of a stream 23"];
    assert_eq!(after_heads(&connection.sketch()), expected);
}

#[test]
fn a_message_cut_off_by_the_end_is_not_malformed() {
    let connection = greeted(false, false).send(CLIENT, &ping(1)[..20]).close();
    assert_eq!(after_heads(&connection.sketch()), ["> unknown beginning of a message 20"]);
}

#[test]
fn a_connection_without_its_beginning_is_recognised_by_its_frames() {
    let connection = Connection::midway()
        .send(CLIENT, &ping(1)[5..])
        .send(CLIENT, [ping(2), ping(3)].concat())
        .send(SERVER, ping(4));
    let expected =
        ["> unknown stream without its beginning 18", "> ping 02", "> ping 03", "< ping 04"];
    assert_eq!(connection.sketch(), expected);
}

#[test]
fn other_protocols_are_counted_and_not_malformed() {
    let connection = Connection::open()
        .send(CLIENT, b"EHLO there\r\n")
        .send(SERVER, b"250 well\r\n")
        .send(CLIENT, b"QUIT\r\n")
        .close();
    assert_eq!(connection.sketch(), ["> unknown not Gnutella 18", "< unknown not Gnutella 10"]);
}

#[test]
fn a_port_that_is_used_again_is_another_connection() {
    let first = Connection::open().send(CLIENT, head(REQUEST)).close();
    let mut packets = first.packets.clone();
    packets.push(segment(77, b""));
    packets.push(segment(78, head(REQUEST).as_bytes()));
    assert_eq!(Capture::of(&packets).sketch(), [HEADS[0], HEADS[0]]);
}

#[test]
fn a_reset_ends_both_directions() {
    let mut connection =
        Connection::open().send(CLIENT, b"EHLO there\r\n").send(SERVER, b"250 well\r\n");
    connection = connection.reset(SERVER);
    let told = ["> unknown not Gnutella 12", "< unknown not Gnutella 10"];
    assert_eq!(connection.sketch(), told);
    connection = connection.send(CLIENT, ping(1));
    let sketch = connection.sketch();
    assert_eq!(
        (&sketch[..2], &sketch[2..]),
        (&told.map(String::from)[..], &["> ping 01".into()][..])
    );
}

#[test]
fn a_reset_at_an_impossible_place_ends_nothing() {
    let mut connection = greeted(true, true).send(CLIENT, deflate(&ping(1)));
    connection.packets.push(tcp(SERVER, CLIENT, 123_456_789, 0, RST | ACK, b""));
    let connection = connection.send(SERVER, deflate(&ping(4)));
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01", "< ping 04"]);
}

#[test]
fn an_end_before_what_was_sent_already_ends_nothing() {
    let mut connection = greeted(true, false);
    connection.packets.push(tcp(CLIENT, SERVER, 1001, 0, FIN | ACK, b""));
    let connection = connection.send(CLIENT, deflate(&ping(1)));
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01"]);
}

#[test]
fn what_is_sent_behind_an_end_is_told() {
    let connection = greeted(false, false)
        .send(CLIENT, ping(1))
        .close()
        .send(CLIENT, ping(2))
        .send(SERVER, b"neither a head nor a message");
    let expected = ["> ping 01", "> ping 02", "< unknown stream without its beginning 28"];
    assert_eq!(after_heads(&connection.sketch()), expected);
}

#[test]
fn what_comes_again_behind_an_end_is_not_told_again() {
    let mut connection = greeted(false, false).send(CLIENT, ping(1));
    let last = connection.packets.last().unwrap().clone();
    connection = connection.close();
    connection.packets.push(last);
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01"]);
}

/// Whoever recorded it missed how the second connection began, and perhaps how the first ended.
#[test]
fn ports_used_again_unseen_hide_nothing() {
    for (is_closed, sequence) in [(true, 500_000), (true, 900), (false, 3_000_000_000)] {
        let mut connection = Connection::open().send(CLIENT, head(REQUEST));
        if is_closed {
            connection = connection.close();
        }
        let again = tcp(CLIENT, SERVER, sequence, 0, ACK, head(REQUEST).as_bytes());
        connection.packets.push(again);
        assert_eq!(connection.sketch(), [HEADS[0], HEADS[0]], "from {sequence}");
    }
}

#[test]
fn a_segment_recorded_behind_the_end_is_not_lost() {
    let mut connection = greeted(true, false).send(CLIENT, deflate(&ping(1))).close();
    let len = connection.packets.len();
    connection.packets[len - 3..].rotate_left(1);
    assert_eq!(after_heads(&connection.sketch()), ["> ping 01"]);
}

#[test]
fn packets_of_which_only_a_part_was_recorded_leave_gaps() {
    let connection = greeted(false, false)
        .send(CLIENT, frame(1, Function::QUERY_TABLE, &[0; 100]))
        .send(CLIENT, ping(2));
    let mut capture = Capture::of(&[]);
    for (position, packet) in connection.packets.iter().enumerate() {
        let is_table = position + 2 == connection.packets.len();
        capture.add_cut(packet, if is_table { packet.len() - 60 } else { packet.len() });
    }
    assert_eq!(after_heads(&capture.sketch()), ["> unknown gap 60", "> ping 02"]);
}
