use flate2::{Compress, Compression, FlushCompress};

use super::link_parts::{encoded, frame, head, profile};
use super::splitter::{Splitter, in_pieces};
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::gnutella::link::{Profile, Queue};
use crate::gnutella::wire::Frame;

/// More would only make each run slower.
const OPS_MAX: usize = 64;
const RECEIVED_LEN_MAX: usize = 96 * 1024;

/// Times around which something is due.
const WAITS_MS: [u64; 8] = [19_999, 1, 199, 200, 5_000, 10_000, 20_000, 120_000];

/// Something that happens to a link.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Receive(Vec<u8>),
    End,
    Pass { wait_ms: u64, is_late: bool },
    Wake,
    Decide(u8),
    Encrypted,
    Send(Vec<Frame>),
    Transmit(Queue),
    SayBye(u16, String),
    Blame(Fault),
}

/// What a link is, and all that happens to it.
///
/// ```text
/// byte 0   what we are and can, see `profile`
/// byte 1   bit 7: questions wait for the operation that decides; the others: how they are decided
/// byte 2   the length of pieces in which all is received once more; 0 is 256
/// then operations, each with bit 0..3 of a byte as its name, and bit 4..7 as its choice:
///   0, 1   bytes arrive: two bytes of length, little-endian, and so many bytes
///   2      a head arrives: a byte of headers
///   3      a frame arrives: two bytes, see `frame`
///   4      the same, compressed
///   5      bytes arrive, compressed: a byte of length, and so many bytes; choice 15 ends the stream
///   6      bytes arrive over and over: a byte of times, a byte of length, and so many bytes
///   7      time passes: choice of a time, upper half late
///   8      woken, whether or not that is due
///   9      decided as the next byte says
///   10     TLS stands
///   11     we send a frame, some times: two bytes, see `frame`
///   12     we write what there is to be written
///   13     the node says Bye
///   14     the node blames
///   15     the other side ends
/// ```
#[derive(Debug)]
pub(super) struct Script {
    pub(super) profile: Profile,
    /// How a question is decided as soon as it is asked.
    pub(super) at_once: Option<u8>,
    pub(super) ops: Vec<Op>,
    piece_len: u8,
}

impl Script {
    pub(super) fn read(input: &[u8]) -> Self {
        let mut splitter = Splitter::new(input);
        let profile = profile(splitter.byte());
        let how = splitter.byte();
        let piece_len = splitter.byte();
        let mut compressor = None;
        let (mut ops, mut received_len) = (Vec::new(), 0);
        while !splitter.is_empty() && ops.len() < OPS_MAX && received_len < RECEIVED_LEN_MAX {
            let op = op(&mut splitter, &mut compressor);
            if let Op::Receive(bytes) = &op {
                received_len += bytes.len();
            }
            ops.push(op);
        }
        Self { profile, at_once: (how & 0x80 == 0).then_some(how), ops, piece_len }
    }

    /// The same, with all that arrives at one moment in one piece.
    pub(super) fn joined(&self) -> Vec<Op> {
        let mut joined: Vec<Op> = Vec::new();
        for op in &self.ops {
            match (joined.last_mut(), op) {
                (Some(Op::Receive(before)), Op::Receive(bytes)) => before.extend_from_slice(bytes),
                _ => joined.push(op.clone()),
            }
        }
        joined
    }

    /// The same, with all that arrives in small pieces.
    pub(super) fn cut(&self) -> Vec<Op> {
        let pieces = |op: &Op| match op {
            Op::Receive(bytes) => {
                let pieces = in_pieces(bytes, &[self.piece_len]).into_iter();
                pieces.map(|piece| Op::Receive(piece.to_vec())).collect()
            }
            op => vec![op.clone()],
        };
        self.ops.iter().flat_map(pieces).collect()
    }
}

fn op(splitter: &mut Splitter<'_>, compressor: &mut Option<Compressor>) -> Op {
    let what = splitter.byte();
    let choice = what >> 4;
    let mut deflated = |plain: &[u8], ends| {
        Op::Receive(compressor.get_or_insert_with(Compressor::default).deflate(plain, ends))
    };
    match what & 0x0f {
        0 | 1 => Op::Receive(bytes(splitter).to_vec()),
        2 => Op::Receive(head(choice, splitter.byte())),
        3 => Op::Receive(encoded(&frame(choice, splitter)).to_vec()),
        4 => deflated(&encoded(&frame(choice, splitter)), false),
        5 => deflated(splitter.piece(), choice == 15),
        6 => Op::Receive(repeated(splitter)),
        7 => Op::Pass { wait_ms: WAITS_MS[usize::from(choice & 7)], is_late: choice & 8 != 0 },
        8 => Op::Wake,
        9 => Op::Decide(splitter.byte()),
        10 => Op::Encrypted,
        11 => Op::Send(vec![frame(choice, splitter); usize::from(splitter.byte() % 8)]),
        12 => Op::Transmit(if choice & 1 == 0 { Queue::Dry } else { Queue::More }),
        13 => Op::SayBye(200 + u16::from(choice), "goodbye\0 ".repeat(usize::from(choice) * 64)),
        14 => Op::Blame(fault(choice)),
        _ => Op::End,
    }
}

/// Two bytes of length, and so many bytes.
fn bytes<'a>(splitter: &mut Splitter<'a>) -> &'a [u8] {
    let [low, high] = [splitter.byte(), splitter.byte()];
    splitter.take(u16::from_le_bytes([low, high]).into())
}

fn repeated(splitter: &mut Splitter<'_>) -> Vec<u8> {
    let times = usize::from(splitter.byte());
    splitter.piece().repeat(times)
}

fn fault(choice: u8) -> Fault {
    let rules =
        ["QRP-04", "TTL-09", "SIZE-07", "TTL-10", "SIZE-01", "LINK-13", "PONG-01", "GGEP-21"];
    let rule = Rule::new(rules[usize::from(choice & 7)]);
    Misbehaved { rule, what: "the node found this" }.into()
}

/// Compresses what the other side says, each time up to a flush.
#[derive(Debug)]
struct Compressor(Compress);

impl Default for Compressor {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Compressor {
    fn deflate(&mut self, plain: &[u8], ends: bool) -> Vec<u8> {
        let flush = if ends { FlushCompress::Finish } else { FlushCompress::Sync };
        // Behind its end a stream yields nothing more.
        let mut deflated = Vec::with_capacity(plain.len() + 1_024);
        let _ = self.0.compress_vec(plain, &mut deflated, flush);
        deflated
    }
}
