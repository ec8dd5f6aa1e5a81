//! The layers below: capture formats, link types, both versions of IP.

use filbert::base::limits::{CAPTURE_INTERFACES_MAX, CAPTURE_OTHER_BLOCK_LEN_MAX};
use filbert::dissect::{Dissector, Refusal, Timestamp};

use crate::made_packets::{
    CLIENT, Capture, ETHERNET, Host, RAW_IP, SERVER, ipv4, ping, records, sketch, try_records, udp,
};

const FROM: Host = Host { port: 6346, ..CLIENT };

fn datagram() -> Vec<u8> {
    udp(FROM, SERVER, &ping(1))
}

fn sketch_of_link(link: u32, layers: &[&[u8]], packet: &[u8]) -> Vec<String> {
    let mut capture = Capture::new(link);
    capture.add(&[&layers.concat(), packet].concat());
    capture.sketch()
}

/// An IPv6 packet whose extension headers are given, each with the number of what follows it.
fn ipv6(next: u8, extensions: &[&[u8]], payload: &[u8]) -> Vec<u8> {
    let behind = [&extensions.concat(), payload].concat();
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(behind.len()).unwrap().to_be_bytes());
    packet.extend([next, 64]);
    packet.extend([[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]].concat());
    packet.extend([[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 2]].concat());
    packet.extend(behind);
    packet
}

fn udp_part() -> Vec<u8> {
    datagram()[20..].to_vec()
}

#[test]
fn every_link_type_is_read() {
    let mac = [7; 12];
    let cooked = [0; 14];
    let cooked_2 = [0; 18];
    let layers: [(u32, &[&[u8]]); 12] = [
        (ETHERNET, &[&mac, &[8, 0]]),
        (ETHERNET, &[&mac, &[0x81, 0, 0, 5, 8, 0]]),
        (ETHERNET, &[&mac, &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 5, 8, 0]]),
        (RAW_IP, &[]),
        (12, &[]),
        (14, &[]),
        (228, &[]),
        (0, &[&[2, 0, 0, 0]]),
        (108, &[&[0, 0, 0, 2]]),
        (113, &[&cooked, &[8, 0]]),
        (276, &[&[8, 0], &cooked_2]),
        (276, &[&[0x81, 0], &cooked_2, &[0, 5, 8, 0]]),
    ];
    for (link, layers) in layers {
        assert_eq!(sketch_of_link(link, layers, &datagram()), ["> ping 01"], "{link} {layers:?}");
    }
}

#[test]
fn ipv6_is_read_on_every_link_type() {
    let packet = ipv6(17, &[], &udp_part());
    let layers: [(u32, &[&[u8]]); 4] =
        [(ETHERNET, &[&[7; 12], &[0x86, 0xdd]]), (RAW_IP, &[]), (229, &[]), (0, &[&[30, 0, 0, 0]])];
    for (link, layers) in layers {
        assert_eq!(sketch_of_link(link, layers, &packet), ["> ping 01"], "{link}");
    }
    let record = &records(&Capture::of(&[packet]).file)[0];
    assert_eq!(record.route.from.unwrap().to_string(), "[2001:db8::1]:6346");
}

#[test]
fn extension_headers_are_skipped() {
    let hop_by_hop = [43, 0, 0, 0, 0, 0, 0, 0];
    let routing = [60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let options = [51, 0, 0, 0, 0, 0, 0, 0];
    let authentication = [44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let whole_fragment = [17, 0, 0, 0, 0, 0, 0, 1];
    let extensions: [&[u8]; 5] =
        [&hop_by_hop, &routing, &options, &authentication, &whole_fragment];
    assert_eq!(Capture::of(&[ipv6(0, &extensions, &udp_part())]).sketch(), ["> ping 01"]);
}

#[test]
fn fragments_of_packets_are_told_and_not_read() {
    let part = udp_part();
    let first = ipv4(FROM, SERVER, 17, 0x2000, &part[..16]);
    let second = ipv4(FROM, SERVER, 17, 2, &part[16..]);
    let of_ipv6 = ipv6(44, &[&[17, 0, 0, 1, 0, 0, 0, 1]], &part[..16]);
    let sketch = Capture::of(&[first, second, of_ipv6]).sketch();
    let told = |len: usize| format!("< unknown fragment of an IP packet {len}");
    assert_eq!(sketch, [told(16), told(part.len() - 16), told(16)]);
}

#[test]
fn padding_is_no_part_of_a_packet() {
    let padded = [datagram(), vec![0; 9]].concat();
    assert_eq!(sketch_of_link(ETHERNET, &[&[7; 12], &[8, 0]], &padded), ["> ping 01"]);
}

#[test]
fn packets_cut_anywhere_do_no_harm() {
    let packet = ipv6(0, &[&[17, 0, 0, 0, 0, 0, 0, 0]], &udp_part());
    for len in 0..packet.len() {
        let mut capture = Capture::new(RAW_IP);
        capture.add_cut(&packet, len);
        let sketch = capture.sketch();
        assert!(sketch.iter().all(|line| line.contains("unknown")), "{len}: {sketch:?}");
    }
}

#[test]
fn packets_of_an_unknown_link_type_are_noted() {
    let mut capture = Capture::new(105);
    capture.add(b"radio");
    let mut dissector = Dissector::default();
    dissector.push(&capture.file, &mut |_| ()).unwrap();
    assert_eq!(dissector.finish(&mut |_| ()), Err(Refusal::UnknownLink(105)));
    let statistics = dissector.statistics();
    assert_eq!(
        (statistics.packets, statistics.other_packets, statistics.unknown_link),
        (1, 1, Some(105))
    );
}

/// The words of a pcapng file in either byte order.
struct Pcapng {
    file: Vec<u8>,
    is_big: bool,
}

impl Pcapng {
    fn new(is_big: bool) -> Self {
        let mut file = Self { file: Vec::new(), is_big };
        file.section();
        file
    }

    fn section(&mut self) {
        let body = [self.u32(0x1a2b_3c4d), self.u16(1), self.u16(0), vec![0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body);
    }

    fn interface(&mut self, snap_len: u32, options: &[(u16, &[u8])]) {
        let link = self.u16(u16::try_from(RAW_IP).unwrap());
        let mut body = [link, self.u16(0), self.u32(snap_len)].concat();
        for (code, value) in options {
            body.extend([self.u16(*code), self.u16(u16::try_from(value.len()).unwrap())].concat());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.block(1, &body);
    }

    fn packet(&mut self, interface: u32, ticks: u64, data: &[u8]) {
        let (high, low) = ((ticks >> 32) as u32, (ticks & 0xffff_ffff) as u32);
        let len = u32::try_from(data.len()).unwrap();
        let fields = [interface, high, low, len, len].map(|field| self.u32(field)).concat();
        self.block(6, &[&fields, data].concat());
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let padded_len = body.len().next_multiple_of(4);
        let len = self.u32(u32::try_from(padded_len + 12).unwrap());
        self.file.extend([self.u32(kind), len.clone(), body.to_vec()].concat());
        self.file.resize(self.file.len() + padded_len - body.len(), 0);
        self.file.extend(len);
    }

    fn u16(&self, value: u16) -> Vec<u8> {
        if self.is_big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    }

    fn u32(&self, value: u32) -> Vec<u8> {
        if self.is_big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
    }
}

const SECONDS: u64 = 1_795_190_571;

fn times(file: &[u8]) -> Vec<Option<Timestamp>> {
    records(file).iter().map(|record| record.time).collect()
}

#[test]
fn pcapng_is_read_in_both_byte_orders() {
    for is_big in [false, true] {
        let mut pcapng = Pcapng::new(is_big);
        pcapng.interface(0, &[]);
        pcapng.block(0x0bad, b"a block that nobody knows");
        pcapng.packet(0, SECONDS * 1_000_000 + 245_386, &datagram());
        let time = Timestamp::from_parts(SECONDS, 245_386_000);
        assert_eq!(times(&pcapng.file), [Some(time)], "{is_big}");
        assert_eq!(sketch(&records(&pcapng.file)), ["> ping 01"]);
    }
}

#[test]
fn interfaces_of_pcapng_count_time_in_their_own_ways() {
    let offset = 100_u64.to_le_bytes();
    let mut pcapng = Pcapng::new(false);
    pcapng.interface(0, &[(9, &[9])]);
    pcapng.interface(0, &[(9, &[3])]);
    pcapng.interface(0, &[(9, &[0x80 | 10])]);
    pcapng.interface(0, &[(2, b"eth0"), (14, &offset), (9, &[0]), (0, b""), (9, &[9])]);
    pcapng.packet(0, SECONDS * 1_000_000_000 + 7, &datagram());
    pcapng.packet(1, SECONDS * 1_000 + 7, &datagram());
    pcapng.packet(2, SECONDS * 1024 + 512, &datagram());
    pcapng.packet(3, SECONDS - 100, &datagram());
    let expected = [7, 7_000_000, 500_000_000, 0].map(|n| Some(Timestamp::from_parts(SECONDS, n)));
    assert_eq!(times(&pcapng.file), expected);
}

#[test]
fn other_packet_blocks_of_pcapng_are_read() {
    let mut pcapng = Pcapng::new(false);
    pcapng.interface(0, &[]);
    let packet = datagram();
    let len = u32::try_from(packet.len()).unwrap();
    pcapng.block(3, &[&len.to_le_bytes()[..], &packet].concat());
    let fields = [0, 0, 5, len, len].map(u32::to_le_bytes).concat();
    pcapng.block(2, &[&fields, &packet[..]].concat());
    assert_eq!(times(&pcapng.file), [None, Some(Timestamp::from_parts(0, 5_000))]);
}

#[test]
fn sections_of_pcapng_have_interfaces_of_their_own() {
    let mut first = Pcapng::new(false);
    first.interface(0, &[]);
    let mut second = Pcapng::new(true);
    second.interface(0, &[(9, &[3])]);
    second.packet(0, 5_000, &datagram());
    let file = [first.file.clone(), second.file].concat();
    assert_eq!(times(&file), [Some(Timestamp::from_parts(5, 0))]);
    let mut third = Pcapng::new(true);
    third.packet(0, 5_000, &datagram());
    let (records, result) = try_records(&[&first.file[..], &third.file].concat());
    let Err(Refusal::Damaged(damaged)) = result else { panic!("{result:?}") };
    assert_eq!((records.len(), damaged.offset), (0, first.file.len() as u64 + 28));
}

#[test]
fn interfaces_of_pcapng_are_known_up_to_their_limit() {
    let mut pcapng = Pcapng::new(false);
    for _ in 0..CAPTURE_INTERFACES_MAX {
        pcapng.interface(0, &[]);
    }
    let last = u32::try_from(CAPTURE_INTERFACES_MAX - 1).unwrap();
    pcapng.packet(last, 0, &datagram());
    assert_eq!(records(&pcapng.file).len(), 1);
    pcapng.interface(0, &[]);
    let (records, result) = try_records(&pcapng.file);
    assert_eq!(records.len(), 1);
    assert!(matches!(result, Err(Refusal::Damaged(_))), "{result:?}");
}

/// Damages the block behind the only packet; that packet and the place of the block are told.
#[track_caller]
fn assert_damaged_by(change: impl FnOnce(&mut Vec<u8>, usize)) {
    let mut pcapng = Pcapng::new(false);
    pcapng.interface(0, &[]);
    pcapng.packet(0, 0, &datagram());
    let place = pcapng.file.len();
    pcapng.block(0x0bad, b"a block that nobody knows");
    change(&mut pcapng.file, place);
    let (records, result) = try_records(&pcapng.file);
    assert_eq!(records.len(), 1);
    let Err(Refusal::Damaged(damaged)) = result else { panic!("{result:?}") };
    assert_eq!(damaged.offset, place as u64);
}

#[test]
fn both_lengths_of_a_block_are_the_same() {
    assert_damaged_by(|file, _| *file.last_mut().unwrap() = 1);
}

#[test]
fn blocks_without_packets_are_read_up_to_a_limit() {
    let with_len = |len: usize| {
        move |file: &mut Vec<u8>, place: usize| {
            let len = u32::try_from(len).unwrap().to_le_bytes();
            file[place + 4..place + 8].copy_from_slice(&len);
        }
    };
    assert_damaged_by(with_len(CAPTURE_OTHER_BLOCK_LEN_MAX + 4));
    let mut pcapng = Pcapng::new(false);
    pcapng.block(0x0bad, &vec![0; CAPTURE_OTHER_BLOCK_LEN_MAX - 12]);
    pcapng.interface(0, &[]);
    pcapng.packet(0, 0, &datagram());
    assert_eq!(records(&pcapng.file).len(), 1);
}

/// Everything before the place where a recording was interrupted is decoded.
#[test]
fn a_capture_that_is_cut_is_decoded_up_to_there() {
    let whole = Capture::of(&[datagram(), datagram()]).file;
    for cut_len in [1, 20, datagram().len() + 16] {
        let (mut dissector, mut count) = (Dissector::default(), 0);
        let is_whole = cut_len == datagram().len() + 16;
        dissector.push(&whole[..whole.len() - cut_len], &mut |_| count += 1).unwrap();
        dissector.finish(&mut |_| count += 1).unwrap();
        assert_eq!((count, dissector.is_cut()), (1, !is_whole), "without {cut_len} bytes");
    }
}

#[test]
fn a_damaged_capture_is_decoded_up_to_the_damage() {
    let mut file = Capture::of(&[datagram(), datagram()]).file;
    let second = 24 + 16 + datagram().len();
    file[second + 11] = 0x7f;
    let (records, result) = try_records(&file);
    let Err(Refusal::Damaged(damaged)) = result else { panic!("{result:?}") };
    assert_eq!((records.len(), damaged.offset), (1, second as u64));
}
