//! Builds recorded packets by hand, and says in a few words what was decoded of them.
use std::io::Write;

use bytes::{Bytes, BytesMut};
use filbert::dissect::{Dissector, Record, Refusal};
use filbert::gnutella::wire::{Frame, Function, Guid};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;
pub const RST: u8 = 0x04;
pub const ACK: u8 = 0x10;

pub const ETHERNET: u32 = 1;
pub const RAW_IP: u32 = 101;

/// Address and port of the side that connects, and of the other.
pub const CLIENT: Host = Host { address: [192, 0, 2, 1], port: 40_000 };
pub const SERVER: Host = Host { address: [192, 0, 2, 2], port: 6346 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    pub address: [u8; 4],
    pub port: u16,
}

/// A pcap file, a second between two packets.
pub struct Capture {
    pub file: Vec<u8>,
    seconds: u32,
}

impl Capture {
    pub fn new(link: u32) -> Self {
        let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
        file.extend([2, 0, 4, 0]);
        file.extend([0, 0, 262_144, link].map(u32::to_le_bytes).concat());
        Self { file, seconds: 1_795_190_571 }
    }

    pub fn of(packets: &[Vec<u8>]) -> Self {
        let mut capture = Self::new(RAW_IP);
        packets.iter().for_each(|packet| capture.add(packet));
        capture
    }

    pub fn add(&mut self, packet: &[u8]) {
        self.add_cut(packet, packet.len());
    }

    /// Adds a packet of which only `recorded_len` bytes were kept.
    pub fn add_cut(&mut self, packet: &[u8], recorded_len: usize) {
        self.seconds += 1;
        let lens = [recorded_len, packet.len()].map(|len| u32::try_from(len).unwrap());
        self.file.extend([self.seconds, 0, lens[0], lens[1]].map(u32::to_le_bytes).concat());
        self.file.extend(&packet[..recorded_len]);
    }

    pub fn records(&self) -> Vec<Record> {
        records(&self.file)
    }

    pub fn sketch(&self) -> Vec<String> {
        sketch(&self.records())
    }
}

/// A TCP connection whose packets are added in order.
pub struct Connection {
    pub packets: Vec<Vec<u8>>,
    pub client: Host,
    next: [u32; 2],
}

impl Connection {
    /// From its handshake on.
    pub fn open() -> Self {
        Self::open_from(CLIENT)
    }

    pub fn open_from(client: Host) -> Self {
        let mut connection = Self::midway_from(client);
        connection.packet(client, SYN, b"");
        connection.packet(SERVER, SYN | ACK, b"");
        connection.packet(client, ACK, b"");
        connection
    }

    /// From somewhere in its middle on.
    pub fn midway() -> Self {
        Self::midway_from(CLIENT)
    }

    fn midway_from(client: Host) -> Self {
        Self { packets: Vec::new(), client, next: [1000, u32::MAX - 5] }
    }

    pub fn send(mut self, from: Host, payload: impl AsRef<[u8]>) -> Self {
        self.packet(from, ACK, payload.as_ref());
        self
    }

    /// Sends bytes that are not recorded.
    pub fn lose(mut self, from: Host, len: u32) -> Self {
        let next = &mut self.next[usize::from(from != self.client)];
        *next = next.wrapping_add(len);
        self
    }

    pub fn close(mut self) -> Self {
        self.packet(self.client, FIN | ACK, b"");
        self.packet(SERVER, FIN | ACK, b"");
        self
    }

    pub fn reset(mut self, from: Host) -> Self {
        self.packet(from, RST | ACK, b"");
        self
    }

    pub fn sketch(&self) -> Vec<String> {
        Capture::of(&self.packets).sketch()
    }

    fn packet(&mut self, from: Host, flags: u8, payload: &[u8]) {
        let (own, to) = if from == self.client { (0, SERVER) } else { (1, self.client) };
        let acknowledged = self.next[1 - own];
        self.packets.push(tcp(from, to, self.next[own], acknowledged, flags, payload));
        let counted = payload.len() + usize::from(flags & (SYN | FIN) != 0);
        self.next[own] = self.next[own].wrapping_add(u32::try_from(counted).unwrap());
    }
}

/// A TCP segment from the client with this sequence number; the server acknowledges nothing.
pub fn segment(sequence: u32, payload: &[u8]) -> Vec<u8> {
    tcp(CLIENT, SERVER, sequence, 0, if payload.is_empty() { SYN } else { 0 }, payload)
}

pub fn tcp(
    from: Host,
    to: Host,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut segment = [from.port, to.port].map(u16::to_be_bytes).concat();
    segment.extend([sequence, acknowledged].map(u32::to_be_bytes).concat());
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    ipv4(from, to, 6, 0, &segment)
}

pub fn udp(from: Host, to: Host, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap();
    let mut datagram = [from.port, to.port, len, 0].map(u16::to_be_bytes).concat();
    datagram.extend(payload);
    ipv4(from, to, 17, 0, &datagram)
}

pub fn ipv4(from: Host, to: Host, protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend([from.address, to.address].concat());
    packet.extend(payload);
    packet
}

/// A descriptor with GUID bytes that are all the same.
pub fn frame(byte: u8, function: Function, payload: &[u8]) -> Vec<u8> {
    let payload = Bytes::copy_from_slice(payload);
    let guid = Guid([byte; 16]);
    let mut out = BytesMut::new();
    Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload }.encode(&mut out);
    out.to_vec()
}

pub fn ping(byte: u8) -> Vec<u8> {
    frame(byte, Function::PING, b"")
}

pub fn head(lines: &[&str]) -> String {
    format!("{}\r\n\r\n", lines.join("\r\n"))
}

pub fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// Decodes what must be readable.
pub fn records(input: &[u8]) -> Vec<Record> {
    let (records, result) = try_records(input);
    assert_eq!(result, Ok(()));
    records
}

/// Decodes input that arrives in pieces, and says how that ended.
pub fn try_records(input: &[u8]) -> (Vec<Record>, Result<(), Refusal>) {
    let mut records = Vec::new();
    let mut sink = |record| records.push(record);
    let mut dissector = Dissector::default();
    let pushed = input.chunks(1000).try_for_each(|piece| dissector.push(piece, &mut sink));
    let finished = dissector.finish(&mut sink);
    (records, pushed.and(finished))
}

/// Each record in a few words: direction, type, what it says, and the requirements it breaks.
pub fn sketch(records: &[Record]) -> Vec<String> {
    records.iter().map(sketch_of).collect()
}

fn sketch_of(record: &Record) -> String {
    let json = record.to_json();
    let to_server = record.route.to.is_none_or(|to| to.port() == SERVER.port);
    let kind = record.kind().name();
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
    let says = match kind {
        "handshake" | "http" => text("start").to_owned(),
        "tls" => json["bytes"].to_string(),
        "unknown" if json.contains_key("what") => {
            format!("{} {}", text("what"), json.get("bytes").unwrap_or(&Value::Null))
        }
        _ => text("guid").get(..2).unwrap_or_default().to_owned(),
    };
    let broken: String = record.broken_rules().iter().map(|id| format!(" !{id}")).collect();
    format!("{} {kind} {says}{broken}", if to_server { ">" } else { "<" })
}
