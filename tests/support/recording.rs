//! Writes packet captures of made-up conversations, for programs that read pcap files.
//!
//! ```text
//! file     24 bytes, then records
//! record   16 bytes, Ethernet 14, IPv4 20, TCP 20 or UDP 8, payload
//! ```

use std::fs;
use std::path::{Path, PathBuf};

/// Where Gnutella listens; programs recognise it by this.
pub const PORT: u16 = 6346;

/// Bytes of payload in one packet: what an Ethernet frame has room for.
const SEGMENT_LEN: usize = 1460;

/// Who sends. The client has called the server, which listens on [`PORT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    const fn address(self) -> [u8; 4] {
        match self {
            Self::Client => [192, 0, 2, 1],
            Self::Server => [192, 0, 2, 2],
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 1,
        }
    }
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;

const TCP: u8 = 6;
const UDP: u8 = 17;

/// One TCP connection from its SYN, and datagrams between the same two hosts.
pub struct Recording {
    file: Vec<u8>,
    packets: u32,
    client_port: u16,
    /// The sequence number that comes next, of client and server.
    next: [u32; 2],
}

impl Recording {
    /// An empty file.
    pub fn new() -> Self {
        let mut file = Vec::new();
        file.extend(0xa1b2_c3d4_u32.to_le_bytes());
        file.extend([2_u16, 4].map(u16::to_le_bytes).concat());
        // Zone, accuracy, bytes kept of a packet, Ethernet.
        file.extend([0_u32, 0, 65_535, 1].map(u32::to_le_bytes).concat());
        Self { file, packets: 0, client_port: 40_000, next: [1_000, 2_000] }
    }

    /// Opens a connection; a former one is left as it is.
    pub fn connect(&mut self) {
        self.client_port += 1;
        self.segment(Side::Client, SYN, &[]);
        self.segment(Side::Server, SYN | ACK, &[]);
        self.segment(Side::Client, ACK, &[]);
    }

    /// Sends bytes in as few packets as they need.
    pub fn send(&mut self, from: Side, bytes: &[u8]) {
        for segment in bytes.chunks(SEGMENT_LEN) {
            self.segment(from, PUSH | ACK, segment);
        }
    }

    /// Ends both directions.
    pub fn close(&mut self) {
        self.segment(Side::Client, FIN | ACK, &[]);
        self.segment(Side::Server, FIN | ACK, &[]);
        self.segment(Side::Client, ACK, &[]);
    }

    /// Sends one datagram from port to port 6346.
    pub fn datagram(&mut self, from: Side, payload: &[u8]) {
        let mut datagram = [PORT, PORT, length(8 + payload.len())].map(u16::to_be_bytes).concat();
        datagram.extend([0, 0]);
        datagram.extend(payload);
        let checksum = transport_checksum(from, UDP, &datagram);
        datagram[6..8].copy_from_slice(&checksum);
        self.packet(from, UDP, &datagram);
    }

    /// Writes the file into a folder for things that pass.
    pub fn write(&self, name: &str) -> PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, &self.file).expect("the folder for temporary files takes one");
        path
    }

    fn segment(&mut self, from: Side, flags: u8, payload: &[u8]) {
        let ports = match from {
            Side::Client => [self.client_port, PORT],
            Side::Server => [PORT, self.client_port],
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { self.next[from.other().index()] };
        let mut segment = ports.map(u16::to_be_bytes).concat();
        segment.extend([self.next[from.index()], acknowledged].map(u32::to_be_bytes).concat());
        // A header of five words; the window; room for the checksum; nothing urgent.
        segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        segment.extend(payload);
        let checksum = transport_checksum(from, TCP, &segment);
        segment[16..18].copy_from_slice(&checksum);
        self.packet(from, TCP, &segment);
        let counted = payload.len() + usize::from(flags & (SYN | FIN) != 0);
        self.next[from.index()] += u32::from(length(counted));
    }

    fn packet(&mut self, from: Side, protocol: u8, payload: &[u8]) {
        let mut packet = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]].concat();
        packet.extend([0x08, 0x00]);
        let mut ip = vec![0x45, 0];
        ip.extend(length(20 + payload.len()).to_be_bytes());
        ip.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        ip.extend([from.address(), from.other().address()].concat());
        let checksum = checksum(&ip);
        ip[10..12].copy_from_slice(&checksum);
        packet.extend(ip);
        packet.extend(payload);
        self.packets += 1;
        let (seconds, len) = (self.packets, u32::from(length(packet.len())));
        self.file.extend([seconds, 0, len, len].map(u32::to_le_bytes).concat());
        self.file.extend(packet);
    }
}

fn length(len: usize) -> u16 {
    u16::try_from(len).expect("a packet has at most 65,535 bytes")
}

/// The checksum of TCP and UDP, which covers the addresses too.
fn transport_checksum(from: Side, protocol: u8, payload: &[u8]) -> [u8; 2] {
    let mut covered = [from.address(), from.other().address()].concat();
    covered.extend([0, protocol]);
    covered.extend(length(payload.len()).to_be_bytes());
    covered.extend(payload);
    checksum(&covered)
}

/// The complement of the sum in one's complement (RFC 1071).
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes
        .chunks(2)
        .map(|word| u32::from(u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    (!u16::try_from(sum).expect("the sum was folded")).to_be_bytes()
}
