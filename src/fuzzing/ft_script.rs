use bytes::Bytes;

use super::splitter::{Splitter, in_pieces};
use crate::base::error::{Fault, Malformed, Misbehaved, Rule};
use crate::fasttrack::link::Encryption;
use crate::fasttrack::wire::{Frame, Kind};

/// More would only make each run slower.
const OPS_MAX: usize = 64;
const RECEIVED_LEN_MAX: usize = 160 * 1024;

/// Times around which something is due.
const WAITS_MS: [u64; 8] = [1, 200, 2_000, 5_000, 19_999, 20_000, 60_000, 120_000];

/// Types of messages: those with a pace first, then some without.
const KINDS: [u16; 8] = [0x02, 0x05, 0x06, 0x0d, 0x22, 0x00, 0x77, 0x800a];

/// Something that happens to a link.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// The other side says this, enciphered behind its hello.
    Say(Vec<u8>),
    /// Bytes arrive as they are.
    Damage(Vec<u8>),
    /// The other side sends a message.
    Frame(Frame),
    Pass {
        wait_ms: u64,
        is_late: bool,
    },
    Wake,
    Ping,
    Leave,
    Blame(Fault),
    Send(Vec<Frame>),
    Transmit,
    End,
}

/// What a session is, and all that happens to it.
///
/// ```text
/// byte 0     bit 0: the accepting side has chosen 0x09; bit 1: its mask is not known; bit 2: a hello and
///            a name of the other side come first; bit 3..7: what is added to the number of the choice
/// byte 1     the length of pieces in which all is received once more; 0 is 256
/// byte 2..5  the seed of the other side
/// then operations, each with bit 0..3 of a byte as its name, and bit 4..7 as its choice:
///   0, 1   the other side says something: a byte of length, and so many bytes
///   2      bytes arrive as they are: the same
///   3      the other side sends a message: choice of a type, a byte of length, a byte
///   4      the same, several times: a byte of times before
///   5      the other side pings: a byte of times
///   6      time passes: choice of a time, upper half late
///   7      woken, whether or not that is due
///   8      the node wants to know how far the other side is
///   9      we send messages: choice of a type, a byte of times, a byte of length
///   10     the node blames: a slip, or with a choice of 15 something worse
///   11     we write what there is to be written
///   12     we write, and the node leaves
///   13     the node leaves
///   14     the other side says something long: choice of a type, a byte of length in KiB
///   15     the other side ends
/// ```
#[derive(Debug)]
pub(super) struct Script {
    pub(super) choice: Encryption,
    pub(super) knows_mask: bool,
    pub(super) greets: bool,
    /// What makes the number of the choice another one.
    pub(super) odd: u32,
    pub(super) seed: u32,
    pub(super) ops: Vec<Op>,
    piece_len: u8,
}

impl Script {
    pub(super) fn read(input: &[u8]) -> Self {
        let mut splitter = Splitter::new(input);
        let what = splitter.byte();
        let piece_len = splitter.byte();
        let seed = [(); 4].map(|()| splitter.byte());
        let (mut ops, mut received_len) = (Vec::new(), 0);
        while !splitter.is_empty() && ops.len() < OPS_MAX && received_len < RECEIVED_LEN_MAX {
            let before = ops.len();
            add_ops(&mut splitter, &mut ops);
            received_len += ops[before..].iter().map(Op::len).sum::<usize>();
        }
        Self {
            choice: Encryption::ALL[usize::from(what & 1)],
            knows_mask: what & 2 == 0,
            greets: what & 4 != 0,
            odd: (what >> 3).into(),
            seed: u32::from_be_bytes(seed),
            ops,
            piece_len,
        }
    }

    /// Lengths of pieces, the second time.
    pub(super) fn cut<'a>(&self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        in_pieces(bytes, &[self.piece_len])
    }
}

impl Op {
    /// Bytes that arrive.
    fn len(&self) -> usize {
        match self {
            Self::Say(bytes) | Self::Damage(bytes) => bytes.len(),
            Self::Frame(frame) => frame.payload.len() + 5,
            _ => 0,
        }
    }
}

fn add_ops(splitter: &mut Splitter<'_>, ops: &mut Vec<Op>) {
    let what = splitter.byte();
    let choice = what >> 4;
    match what & 0x0f {
        0 | 1 => ops.push(Op::Say(splitter.piece().to_vec())),
        2 => ops.push(Op::Damage(splitter.piece().to_vec())),
        3 => ops.push(Op::Frame(frame(choice, splitter.byte().into(), splitter.byte()))),
        4 => {
            let times = usize::from(splitter.byte());
            let frame = frame(choice, splitter.byte().into(), splitter.byte());
            ops.extend(std::iter::repeat_n(Op::Frame(frame), times));
        }
        5 => ops.push(Op::Say(vec![0x50; usize::from(splitter.byte())])),
        6 => ops.push(Op::Pass {
            wait_ms: WAITS_MS[usize::from(choice & 7)],
            is_late: choice & 8 != 0,
        }),
        7 => ops.push(Op::Wake),
        8 => ops.push(Op::Ping),
        9 => {
            let times = usize::from(splitter.byte());
            let frame = frame(choice, usize::from(splitter.byte()) * 300, choice);
            ops.push(Op::Send(vec![frame; times]));
        }
        10 => ops.push(Op::Blame(fault(choice))),
        11 => ops.push(Op::Transmit),
        12 => ops.extend([Op::Transmit, Op::Leave]),
        13 => ops.push(Op::Leave),
        14 => ops.push(Op::Frame(frame(choice, usize::from(splitter.byte()) * 1_024, choice))),
        _ => ops.push(Op::End),
    }
}

/// Of a length that a header can say, or one more.
pub(super) fn frame(choice: u8, len: usize, byte: u8) -> Frame {
    let kind = Kind(KINDS[usize::from(choice) % KINDS.len()]);
    Frame { kind, payload: Bytes::from(vec![byte; len.min(65_536)]) }
}

fn fault(choice: u8) -> Fault {
    let (rule, what) = (Rule::new("FTSAFE-05"), "made up");
    if choice == 15 {
        Misbehaved { rule, what }.into()
    } else {
        Malformed { rule, offset: 0, what }.into()
    }
}
