//! Bytes that are no recording: raw, and in hexadecimal.

use data_encoding::HEXLOWER;
use filbert::dissect::{Refusal, Transport};
use filbert::gnutella::wire::Function;

use crate::made_packets::{
    CLIENT, Capture, Host, SERVER, deflate, frame, head, ping, records, sketch, try_records, udp,
};

fn sketch_of(input: impl AsRef<[u8]>) -> Vec<String> {
    sketch(&records(input.as_ref()))
}

fn refusal(input: &[u8]) -> Refusal {
    let (records, result) = try_records(input);
    assert!(records.is_empty(), "{:?}", sketch(&records));
    result.unwrap_err()
}

/// A dump as xxd prints it.
fn dump(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).enumerate().map(|(position, line)| {
        let groups: Vec<_> = line.chunks(2).map(|pair| HEXLOWER.encode(pair)).collect();
        let text = line.escape_ascii().to_string().replace('\\', ".");
        format!("{:08x}: {:<39}  {}\n", position * 16, groups.join(" "), text)
    });
    lines.collect()
}

/// FRAME-05.
#[test]
fn raw_frames_follow_one_another() {
    let records = records(&[ping(1), ping(2)].concat());
    assert_eq!(sketch(&records), ["> ping 01", "> ping 02"]);
    assert!(records.iter().all(|record| record.time.is_none() && record.route.from.is_none()));
}

/// FRAME-03, FRAME-04, SIZE-01: here the bytes end for good.
#[test]
fn raw_frames_that_are_cut_are_malformed() {
    let cut_header = [&ping(1)[..], &ping(2)[..22]].concat();
    assert_eq!(
        sketch_of(cut_header),
        ["> ping 01", "> unknown beginning of a message 22 !FRAME-03"]
    );
    let pong = frame(2, Function::PONG, &[0; 14]);
    assert_eq!(sketch_of(&pong[..36]), ["> pong 02 !FRAME-04"]);
    let mut too_long = ping(3);
    too_long[21] = 1;
    assert_eq!(sketch_of(HEXLOWER.encode(&too_long)), ["> ping 03 !SIZE-01"]);
}

/// HAND-08.
#[test]
fn a_raw_connection_is_followed_in_one_direction() {
    let heads = head(&["GNUTELLA CONNECT/0.6"]) + &head(&["GNUTELLA/0.6 200 OK"]);
    let stream = [heads.as_bytes(), &ping(1)].concat();
    let told = ["> handshake GNUTELLA CONNECT/0.6", "> handshake GNUTELLA/0.6 200 OK", "> ping 01"];
    assert_eq!(sketch_of(&stream), told);
    let whole_handshake = heads + &head(&["GNUTELLA/0.6 200 OK", "X: y"]);
    assert_eq!(sketch_of(&whole_handshake), [told[0], told[1], told[1]]);
    let cut = whole_handshake.trim_end();
    assert_eq!(sketch_of(cut)[2], "> handshake GNUTELLA/0.6 200 OK !HAND-08");
    assert_eq!(sketch_of(head(&["GET / HTTP/1.1"])), ["> http GET / HTTP/1.1"]);
}

/// HAND-38: the last head of a direction tells that it is compressed.
#[test]
fn a_raw_connection_may_be_compressed() {
    let request = head(&["GNUTELLA CONNECT/0.6"]);
    let closing = head(&["GNUTELLA/0.6 200 OK", "Content-Encoding: deflate"]);
    let stream = [request.as_bytes(), closing.as_bytes(), &deflate(&ping(1))].concat();
    assert_eq!(sketch_of(stream)[2..], ["> ping 01"]);
}

/// UDP-05, UDP-12.
#[test]
fn a_single_datagram_is_recognised() {
    let fragment = [b"GTA\x02\x01\x02\x01\x01", &ping(1)[..]].concat();
    let plain = frame(2, Function::PONG, &[0; 14]);
    let deflated = deflate(&plain[23..]);
    let mut compressed = plain[..23].to_vec();
    compressed[17] |= 0x80;
    compressed[19] = u8::try_from(deflated.len()).unwrap();
    compressed.extend(deflated);
    for (datagram, told) in [(fragment, "> ping 01"), (compressed, "> pong 02")] {
        let records = records(&datagram);
        assert_eq!(records[0].route.transport, Transport::Udp);
        assert!(sketch(&records)[0].starts_with(told), "{:?}", sketch(&records));
    }
}

/// UDP-07, UDP-12, UDP-14: what has the form of a datagram is judged as one.
#[test]
fn a_single_datagram_may_be_broken() {
    let mut no_zlib = frame(2, Function::PONG, b"no zlib");
    no_zlib[17] |= 0x80;
    assert_eq!(sketch_of(no_zlib), ["> pong 02 !UDP-07"]);
    let bad_flag = [b"GTA\x0c\x01\x02\x01\x01", &ping(1)[..]].concat();
    assert_eq!(sketch_of(bad_flag), ["> unknown datagram 31 !UDP-14"]);
    assert_eq!(sketch_of(b"GTA"), ["> unknown datagram 3 !UDP-12"]);
}

/// UDP-32: a message whose GUID begins like a fragment.
#[test]
fn whole_messages_come_before_fragments() {
    let mut message = ping(1);
    message[..3].copy_from_slice(b"GTA");
    assert_eq!(sketch_of([message, ping(2)].concat()), ["> ping 47", "> ping 02"]);
}

#[test]
fn hexadecimal_is_read_as_people_paste_it() {
    let digits = HEXLOWER.encode(&[ping(1), ping(2)].concat());
    let spaced: String = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| format!("0x{}, ", String::from_utf8_lossy(pair)))
        .collect();
    for text in [
        digits.clone(),
        digits.to_uppercase() + "\n",
        format!("# two pings\n{} # the first\n{}", &digits[..46], &digits[46..]),
        spaced,
        dump(&[ping(1), ping(2)].concat()),
    ] {
        assert_eq!(sketch_of(&text), ["> ping 01", "> ping 02"], "{text}");
    }
}

/// As tcpdump -X and tshark -x print them: with all their headers, and lines of words between them.
#[test]
fn dumps_of_whole_packets_are_read_as_packets() {
    let from = Host { port: 6346, ..CLIENT };
    let packet = |byte| udp(from, SERVER, &ping(byte));
    let ethernet = |byte| [&[7; 12][..], &[8, 0], &packet(byte), &[0; 4]].concat();
    for dumps in [[dump(&packet(1)), dump(&packet(2))], [dump(&ethernet(1)), dump(&ethernet(2))]] {
        let text =
            format!("10:00:00 IP somebody > somebody\n{}\n10:00:01 IP\n{}", dumps[0], dumps[1]);
        let records = records(text.as_bytes());
        assert_eq!(sketch(&records), ["> ping 01", "> ping 02"]);
        assert_eq!(records[0].route.from.unwrap().to_string(), "192.0.2.1:6346");
    }
    assert_eq!(sketch_of(HEXLOWER.encode(&packet(1))), ["> ping 01"]);
}

#[test]
fn a_dump_of_a_whole_capture_is_read_as_one() {
    let capture = Capture::of(&[udp(CLIENT, SERVER, &ping(1)), udp(CLIENT, SERVER, &ping(2))]);
    assert_eq!(sketch_of(dump(&capture.file)), ["> ping 01", "> ping 02"]);
    assert_eq!(sketch_of(HEXLOWER.encode(&capture.file)), ["> ping 01", "> ping 02"]);
}

#[test]
fn a_long_hexadecimal_stream_is_read_in_pieces() {
    let frames: Vec<u8> = (0..4000).flat_map(|_| ping(1)).collect();
    assert_eq!(sketch_of(HEXLOWER.encode(&frames)).len(), 4000);
    assert_eq!(sketch_of(dump(&frames)).len(), 4000);
    assert_eq!(sketch_of(&frames).len(), 4000);
}

#[test]
fn what_is_not_gnutella_is_refused() {
    assert_eq!(refusal(b""), Refusal::Empty);
    assert_eq!(refusal(b"# nothing but a comment\n"), Refusal::Empty);
    assert_eq!(refusal(b"Dear Sir or Madam,\n"), Refusal::Foreign);
    assert_eq!(refusal(&[0xff; 5000]), Refusal::Foreign);
    assert_eq!(refusal(&[0x1f, 0x8b, 8, 0]), Refusal::Compressed("gzip"));
    assert_eq!(refusal(b"PK\x03\x04..."), Refusal::Compressed("zip"));
}

#[test]
fn a_text_that_ceases_to_be_hexadecimal_is_refused_with_its_line() {
    let text = format!("{}\nand so on\n", "00 ".repeat(2000));
    let (_, result) = try_records(text.as_bytes());
    let expected = Refusal::BadHex { line: 2, what: "has something else than hexadecimal digits" };
    assert_eq!(result, Err(expected));
    let (_, result) = try_records(b"00 11 2");
    assert_eq!(result, Err(Refusal::BadHex { line: 1, what: "has an odd number of digits" }));
}
