//! The TCP connections of the captures in `tests/captures`, each direction put together to one
//! stream. Written apart from the decoder of captures, so that neither hides a fault of the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::files;

const FILE_HEADER_LEN: usize = 24;
const RECORD_HEADER_LEN: usize = 16;
const ETHERNET_LEN: usize = 14;
const TCP: u8 = 6;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// A connection from its SYN on, without the segments in which it had none.
#[derive(Clone, Debug)]
pub struct Connection {
    pub capture: String,
    /// `address:port` of the side that connected.
    pub client: String,
    pub server: String,
    /// All that the client sent, up to the first byte that was not recorded.
    pub up: Vec<u8>,
    /// The same of the server.
    pub down: Vec<u8>,
}

/// The connections of every capture that open a Gnutella handshake.
pub fn handshaken() -> Vec<Connection> {
    let paths = files::with_extension("tests/captures", "pcap");
    let connections = paths.iter().flat_map(|path| read(path));
    connections.filter(|connection| connection.up.starts_with(b"GNUTELLA ")).collect()
}

fn read(path: &Path) -> Vec<Connection> {
    let file = fs::read(path).expect("the capture is readable");
    let capture = files::stem(path);
    let mut open: Vec<Recorded> = Vec::new();
    for segment in segments(&file) {
        if segment.flags & (SYN | ACK) == SYN {
            open.push(Recorded::new(&segment));
        }
        // A port that is used again belongs to the last connection that used it.
        let mut known = open.iter_mut().rev();
        if let Some(recorded) = known.find(|recorded| recorded.is_between(&segment)) {
            recorded.add(segment);
        }
    }
    open.into_iter().map(|recorded| recorded.finish(&capture)).collect()
}

struct Segment {
    from: String,
    to: String,
    sequence: u32,
    flags: u8,
    payload: Vec<u8>,
}

/// Payloads by their distance from the SYN.
#[derive(Default)]
struct Stream {
    start: Option<u32>,
    pieces: BTreeMap<u32, Vec<u8>>,
}

struct Recorded {
    client: String,
    server: String,
    up: Stream,
    down: Stream,
}

impl Recorded {
    fn new(syn: &Segment) -> Self {
        let (client, server) = (syn.from.clone(), syn.to.clone());
        Self { client, server, up: Stream::default(), down: Stream::default() }
    }

    fn is_between(&self, segment: &Segment) -> bool {
        let ends = [&self.client, &self.server];
        ends == [&segment.from, &segment.to] || ends == [&segment.to, &segment.from]
    }

    fn add(&mut self, segment: Segment) {
        let stream = if segment.from == self.client { &mut self.up } else { &mut self.down };
        if segment.flags & SYN != 0 {
            stream.start = Some(segment.sequence.wrapping_add(1));
        }
        if let (Some(start), false) = (stream.start, segment.payload.is_empty()) {
            let piece = stream.pieces.entry(segment.sequence.wrapping_sub(start)).or_default();
            // What is sent again may be longer than the first time.
            if segment.payload.len() > piece.len() {
                *piece = segment.payload;
            }
        }
    }

    fn finish(self, capture: &str) -> Connection {
        let Self { client, server, up, down } = self;
        let (up, down) = (up.finish(), down.finish());
        Connection { capture: capture.to_owned(), client, server, up, down }
    }
}

impl Stream {
    fn finish(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, piece) in self.pieces {
            let Some(known_len) = bytes.len().checked_sub(at as usize) else { break };
            bytes.extend_from_slice(piece.get(known_len..).unwrap_or_default());
        }
        bytes
    }
}

fn segments(file: &[u8]) -> Vec<Segment> {
    assert_eq!(file[..4], 0xa1b2_c3d4_u32.to_le_bytes(), "pcap, little-endian");
    let (mut segments, mut rest) = (Vec::new(), &file[FILE_HEADER_LEN..]);
    while !rest.is_empty() {
        let (header, after) = rest.split_at(RECORD_HEADER_LEN);
        let len = u32::from_le_bytes(header[8..12].try_into().expect("four bytes"));
        let (packet, after) = after.split_at(len as usize);
        segments.extend(segment(packet));
        rest = after;
    }
    segments
}

/// The TCP segment in an Ethernet frame, if there is one.
fn segment(packet: &[u8]) -> Option<Segment> {
    let ip = packet.get(ETHERNET_LEN..).filter(|_| packet[12..14] == [0x08, 0x00])?;
    let (header_len, total_len) = (usize::from(ip[0] & 0x0f) * 4, be16(&ip[2..]));
    let tcp = ip.get(header_len..usize::from(total_len)).filter(|_| ip[9] == TCP)?;
    let host = |ip: &[u8], port| format!("{}.{}.{}.{}:{port}", ip[0], ip[1], ip[2], ip[3]);
    Some(Segment {
        from: host(&ip[12..], be16(tcp)),
        to: host(&ip[16..], be16(&tcp[2..])),
        sequence: u32::from_be_bytes(tcp[4..8].try_into().expect("four bytes")),
        flags: tcp[13],
        payload: tcp[usize::from(tcp[12] >> 4) * 4..].to_vec(),
    })
}

fn be16(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes[1]])
}
