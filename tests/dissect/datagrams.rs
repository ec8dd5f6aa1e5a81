//! UDP: single messages, compressed ones, fragments of semi-reliable UDP, and other protocols.

use filbert::dissect::{Body, Packing};
use filbert::gnutella::wire::Function;

use crate::made_packets as packets;
use crate::made_packets::{
    CLIENT, Capture, Connection, Host, SERVER, deflate, frame, head, ping, udp,
};

const TALKER: Host = Host { address: [192, 0, 2, 1], port: 6347 };

fn sent(payloads: &[Vec<u8>]) -> Capture {
    let packets: Vec<_> = payloads.iter().map(|payload| udp(TALKER, SERVER, payload)).collect();
    Capture::of(&packets)
}

/// A fragment with these flags of the message 0x0102.
fn fragment(flags: u8, part: u8, count: u8, payload: &[u8]) -> Vec<u8> {
    [&[b'G', b'T', b'A', flags, 1, 2, part, count][..], payload].concat()
}

/// A pong without extensions.
fn pong(byte: u8) -> Vec<u8> {
    frame(byte, Function::PONG, &[0xca, 0x18, 192, 0, 2, 1, 1, 0, 0, 0, 1, 0, 0, 0])
}

/// UDP-01.
#[test]
fn a_datagram_is_a_message() {
    assert_eq!(sent(&[ping(1), pong(2)]).sketch(), ["> ping 01", "> pong 02"]);
}

/// UDP-05, UDP-06.
#[test]
fn a_deflated_datagram_is_inflated() {
    let plain = pong(2);
    let deflated = deflate(&plain[23..]);
    let mut datagram = plain[..23].to_vec();
    datagram[17] |= 0x80;
    datagram[19] = u8::try_from(deflated.len()).unwrap();
    datagram.extend(deflated);
    let records = sent(&[datagram]).records();
    let Body::Frame(decoded) = &records[0].body else { panic!("no frame") };
    assert_eq!((decoded.packing, &decoded.payload[..]), (Packing::DeflatedDatagram, &plain[23..]));
    assert!(!records[0].is_malformed());
}

/// UDP-02: it decodes, and is malformed at this place.
#[test]
fn a_message_that_does_not_come_by_udp_is_malformed() {
    let bye = frame(3, Function::BYE, &[200, 0, 0]);
    assert_eq!(sent(&[bye]).sketch(), ["> bye 03 !UDP-02"]);
}

/// UDP-19: whatever the order of the fragments.
#[test]
fn fragments_are_put_together() {
    let message = pong(2);
    let parts = [
        fragment(2, 1, 3, &message[..10]),
        fragment(2, 2, 3, &message[10..20]),
        fragment(2, 3, 3, &message[20..]),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let payloads = order.map(|part: usize| parts[part].clone());
        let records = sent(&payloads).records();
        assert_eq!(packets::sketch(&records), ["> pong 02"]);
        let Body::Frame(decoded) = &records[0].body else { panic!("no frame") };
        assert_eq!(decoded.packing, Packing::Fragments { sequence: 0x0102, count: 3 });
    }
}

/// UDP-19: the whole message is compressed, not each fragment.
#[test]
fn a_deflated_message_is_inflated_after_it_was_put_together() {
    let deflated = deflate(&pong(2));
    let (front, back) = deflated.split_at(9);
    assert_eq!(sent(&[fragment(3, 1, 2, front), fragment(3, 2, 2, back)]).sketch(), ["> pong 02"]);
}

/// UDP-21.
#[test]
fn fragments_sent_again_are_passed_over() {
    let message = pong(2);
    let payloads = [
        fragment(2, 1, 2, &message[..10]),
        fragment(2, 1, 2, &message[..10]),
        fragment(2, 2, 2, &message[10..]),
        fragment(2, 2, 2, &message[10..]),
        fragment(2, 1, 2, &message[..10]),
    ];
    assert_eq!(sent(&payloads).sketch(), ["> pong 02"]);
}

/// UDP-21: they differ in what they hold, in their count, or in a flag.
#[test]
fn fragments_that_disagree_are_told_and_malformed() {
    let message = pong(2);
    for misfit in [
        fragment(2, 1, 2, b"other"),
        fragment(2, 2, 3, b"other"),
        fragment(3, 2, 2, b"other"),
        fragment(0, 2, 2, b"other"),
    ] {
        let payloads = [
            fragment(2, 1, 2, &message[..10]),
            misfit.clone(),
            fragment(2, 2, 2, &message[10..]),
            misfit,
        ];
        let told = "> unknown fragment that does not fit 13 !UDP-21";
        assert_eq!(sent(&payloads).sketch(), [told, "> pong 02", told]);
    }
}

/// A receiver forgets a message after 70 s, and then the number names another one.
#[test]
fn a_number_is_used_again_after_a_while() {
    let mut payloads = vec![fragment(2, 1, 1, &pong(2))];
    payloads.extend((0..70).map(|_| ping(1)));
    payloads.push(fragment(2, 1, 1, &pong(3)));
    let sketch = sent(&payloads).sketch();
    assert_eq!((&sketch[0][..], &sketch[71][..]), ("> pong 02", "> pong 03"));
    payloads.remove(1);
    let sketch = sent(&payloads).sketch();
    let told = "> unknown fragment that does not fit 45 !UDP-21";
    assert_eq!(sketch[70], told, "a second earlier it is the same message");
}

/// UDP-19.
#[test]
fn fragments_that_join_to_no_message_are_malformed() {
    let sketch = sent(&[fragment(2, 1, 2, &pong(2)), fragment(2, 2, 2, b"more")]).sketch();
    assert_eq!(sketch, ["> unknown fragments of a message 41 !UDP-19"]);
}

#[test]
fn a_message_that_never_becomes_whole_is_told_at_the_end() {
    let sketch = sent(&[fragment(2, 1, 3, &pong(2)), ping(1)]).sketch();
    assert_eq!(sketch, ["> ping 01", "> unknown fragments of a message 37"]);
}

/// SIZE-13: neither the fragments nor what they inflate to may be longer than a message.
#[test]
fn fragments_stop_at_the_length_of_a_message() {
    const LEN_MAX: usize = 65_535 + 23;
    let mut message = frame(1, Function::QUERY_HIT, &[0; 65_535]);
    message.extend([0; 1]);
    let parts = |len: usize| -> Vec<Vec<u8>> {
        [(1, &message[..30_000]), (2, &message[30_000..60_000]), (3, &message[60_000..len])]
            .map(|(part, bytes)| fragment(2, part, 3, bytes))
            .to_vec()
    };
    let whole = sent(&parts(LEN_MAX)).sketch();
    assert!(whole[0].starts_with("> query_hit 01"), "{whole:?}");
    assert_eq!(
        sent(&parts(LEN_MAX + 1)).sketch(),
        [format!("> unknown fragments of a message {} !SIZE-13", LEN_MAX + 1)]
    );
    let parts = [(1, 40_000), (2, 40_000), (3, 4)];
    let endless = parts.map(|(part, len)| fragment(2, part, 3, &vec![0; len]));
    assert_eq!(sent(&endless).sketch()[1], "> unknown fragment that does not fit 12 !SIZE-13");
}

/// UDP-22, UDP-17.
#[test]
fn acknowledgements_are_told_and_impossible_parts_are_malformed() {
    let sketch = sent(&[fragment(0, 1, 0, b""), fragment(2, 4, 3, b"x")]).sketch();
    assert_eq!(
        sketch,
        ["> unknown acknowledgement of a fragment null", "> unknown datagram 9 !UDP-17"]
    );
}

/// UDP-11: what belongs to other protocols is counted by hosts, and not malformed.
#[test]
fn other_datagrams_are_counted() {
    let asker = |port| Host { address: [192, 0, 2, 1], port };
    let name_server = Host { address: [192, 0, 2, 53], port: 53 };
    let packets: Vec<_> =
        (0..5).map(|n| udp(asker(50_000 + n), name_server, b"a question")).collect();
    assert_eq!(Capture::of(&packets).sketch(), ["< unknown not Gnutella 50"]);
}

/// UDP-11, UDP-01: between two who were seen to talk Gnutella, nonsense is malformed.
#[test]
fn nonsense_between_servents_is_malformed() {
    let sketch =
        sent(&[b"nonsense".to_vec(), ping(1), b"nonsense".to_vec(), [ping(2), vec![0]].concat()])
            .sketch();
    assert_eq!(sketch[..3], ["> ping 01", "> unknown datagram 8 !UDP-11", "> ping 02 !UDP-01"]);
    assert_eq!(sketch[3], "> unknown not Gnutella 8", "nobody knew that before the ping");
}

/// Whoever takes Gnutella connections on a port takes datagrams there.
#[test]
fn the_handshake_tells_who_talks_gnutella() {
    let other = Host { address: [192, 0, 2, 7], port: 6346 };
    let mut packets = Connection::open().send(CLIENT, head(&["GNUTELLA CONNECT/0.6"])).packets;
    packets.push(udp(other, Host { port: 9, ..SERVER }, b"nonsense"));
    packets.push(udp(other, SERVER, &ping(1)));
    packets.push(udp(SERVER, other, b"nonsense"));
    let sketch = Capture::of(&packets).sketch();
    let expected = [
        "> handshake GNUTELLA CONNECT/0.6",
        "> ping 01",
        "> unknown datagram 8 !UDP-11",
        "< unknown not Gnutella 8",
    ];
    assert_eq!(sketch, expected);
}

#[test]
fn a_datagram_recorded_in_part_is_not_malformed() {
    let packet = udp(TALKER, SERVER, &pong(1));
    let mut capture = Capture::of(&[udp(TALKER, SERVER, &ping(1))]);
    capture.add_cut(&packet, packet.len() - 1);
    assert_eq!(capture.sketch(), ["> ping 01", "> unknown datagram recorded in part 36"]);
}
