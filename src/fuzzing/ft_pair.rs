use super::ft_driver::{Driver, Side};
use super::ft_script::frame;
use super::splitter::Splitter;
use crate::base::limits::{HANDSHAKE_TIMEOUT_MS, QUIET_TIMEOUT_MS};
use crate::fasttrack::link::{Answer, Encryption, Ending, Input, Output, mask};

/// More would only make each run slower.
const OPS_MAX: usize = 64;

/// Turns in which both sides say everything that they have to say.
const TURNS_MAX: usize = 64;

const WAITS_MS: [u64; 8] = [0, 1, 200, 5_000, 19_999, 20_000, 60_000, 120_000];

/// Two sessions, and the wires between them.
///
/// ```text
/// byte 0     bit 0: the accepting side has chosen 0x09; bit 1: the mask of its seed may not be known
/// byte 1..4  its seed
/// then operations, each a byte: bit 0..2 its name, bit 3 the side, bit 4..7 its choice
///   0, 1   the side sends messages: a byte of their number, a byte of length
///   2, 3   so many bytes reach the other side: a byte of length
///   4      everything reaches the other side
///   5      the side writes what it has to write
///   6      time passes
///   7      the side leaves; choice 15 cuts the connection; an odd choice asks how far the other one is
/// ```
pub(super) fn ft_pair(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let what = splitter.byte();
    let seed = u32::from_be_bytes([(); 4].map(|()| splitter.byte()));
    let choice = Encryption::ALL[usize::from(what & 1)];
    let seed = if what & 2 == 0 { 0x5b64_d199 } else { seed };
    // A mask that nobody knows may be anything.
    let answer = Answer::with_choice((seed, mask(seed).unwrap_or(seed)), choice);
    let sides = [Side::Connecting, Side::Accepting(answer, choice)];
    let mut pair = Pair { ends: sides.map(End::new), waited_ms: 0, is_cut: false };
    for _ in 0..OPS_MAX {
        if splitter.is_empty() {
            break;
        }
        pair.step(&mut splitter);
    }
    pair.finish();
}

/// One side.
#[derive(Debug)]
struct End {
    driver: Driver,
    /// Bytes of what it has written that have arrived.
    carried_len: usize,
    has_left: bool,
    /// It was told that the other side has ended.
    has_heard_end: bool,
}

struct Pair {
    ends: [End; 2],
    waited_ms: u64,
    is_cut: bool,
}

impl End {
    fn new(side: Side) -> Self {
        let mut driver = Driver::new(side);
        driver.transmit();
        Self { driver, carried_len: 0, has_left: false, has_heard_end: false }
    }
}

impl Pair {
    fn step(&mut self, splitter: &mut Splitter<'_>) {
        let what = splitter.byte();
        let (side, choice) = (usize::from(what >> 3 & 1), what >> 4);
        match what & 7 {
            0 | 1 => {
                let count = usize::from(splitter.byte() % 16);
                let frame = frame(choice, usize::from(splitter.byte()) * 20, choice);
                self.ends[side].driver.send(&vec![frame; count]);
            }
            2 | 3 => drop(self.carry(side, splitter.byte().into())),
            4 => drop(self.carry(side, usize::MAX)),
            5 => self.ends[side].driver.transmit(),
            6 => self.pass(WAITS_MS[usize::from(choice & 7)], choice & 8 != 0),
            _ if choice == 15 => self.cut(),
            _ if choice & 1 != 0 => self.ends[side].driver.handle(Input::Ping),
            _ => {
                self.ends[side].has_left = true;
                self.ends[side].driver.handle(Input::Leave);
            }
        }
    }

    /// Hands over what one side has written, and behind it the end. False if there was nothing.
    fn carry(&mut self, from: usize, len_max: usize) -> bool {
        let [first, second] = &mut self.ends;
        let (from, to) = if from == 0 { (first, second) } else { (second, first) };
        if !to.driver.wants_bytes() {
            return false;
        }
        let bytes = &from.driver.written[from.carried_len..];
        let bytes = &bytes[..bytes.len().min(len_max)];
        if !bytes.is_empty() {
            from.carried_len += bytes.len();
            to.driver.receive(bytes);
            to.driver.transmit();
            return true;
        }
        let ends = from.driver.is_done() && !to.has_heard_end;
        if ends && from.carried_len == from.driver.written.len() {
            to.has_heard_end = true;
            to.driver.handle(Input::Ended);
        }
        ends
    }

    fn pass(&mut self, wait_ms: u64, is_late: bool) {
        self.waited_ms += wait_ms;
        self.ends.iter_mut().for_each(|end| end.driver.pass(wait_ms, is_late));
    }

    fn cut(&mut self) {
        self.is_cut = true;
        for end in &mut self.ends {
            end.has_heard_end = true;
            end.driver.handle(Input::Ended);
        }
    }

    /// Lets both say all that they have to say, and looks at what came of it.
    fn finish(mut self) {
        for _ in 0..TURNS_MAX {
            self.ends.iter_mut().for_each(|end| end.driver.transmit());
            let up = self.carry(0, usize::MAX);
            let down = self.carry(1, usize::MAX);
            if !up && !down {
                break;
            }
        }
        assert!(!self.carry(0, 0) && !self.carry(1, 0), "they go on and on");
        self.check_sessions();
        for side in [0, 1] {
            self.check_messages(side);
            self.check_ending(side);
        }
        self.ends.iter_mut().for_each(|end| end.driver.finish());
    }

    fn check_sessions(&self) {
        let [Some(up), Some(down)] = [0, 1].map(|side| self.ends[side].driver.session()) else {
            return;
        };
        assert_eq!((up.encryption, &up.network), (down.encryption, &down.network));
        assert_eq!((up.wish, down.wish), (Some(0x29), Some(0x29)));
        assert!(up.round_trip.is_some() && down.round_trip.is_none());
    }

    /// What one side sent is what the other one got, as far as it got.
    fn check_messages(&self, from: usize) {
        let (from, to) = (&self.ends[from], &self.ends[1 - from]);
        let mut sent = from.driver.sent.iter();
        for frame in to.driver.messages() {
            assert_eq!(sent.next(), Some(frame));
        }
        let goes_on = from.driver.ending().is_none() && to.driver.ending().is_none();
        let is_open = goes_on && !from.driver.is_done() && !to.driver.is_done();
        let is_complete = is_open && to.driver.session().is_some() && to.driver.wants_bytes();
        assert!(!is_complete || sent.next().is_none(), "a message is lost");
        let left = matches!(from.driver.told.last(), Some(Output::EndWriting));
        let heard_all = left && to.has_heard_end && !to.has_left && !to.driver.was_held;
        let ended_well = to.driver.ending() == Some(&Ending::Closed);
        assert!(!(heard_all && ended_well) || sent.next().is_none(), "a last message is lost");
    }

    /// An end has a cause on the other side, in time, or in what the node wanted.
    fn check_ending(&self, side: usize) {
        let (end, other) = (&self.ends[side], &self.ends[1 - side]);
        let is_explained = match end.driver.ending() {
            None => true,
            Some(Ending::Closed) => self.is_cut || other.driver.is_done(),
            Some(Ending::Left) => end.has_left,
            Some(Ending::TimedOut(_)) => {
                self.waited_ms >= HANDSHAKE_TIMEOUT_MS.min(QUIET_TIMEOUT_MS)
            }
            // A part of a message may have come late.
            Some(Ending::Fault(fault)) => {
                fault.rule().id() == "FTLINK-30" && self.waited_ms >= QUIET_TIMEOUT_MS
            }
        };
        assert!(is_explained, "{:?} against {:?}", end.driver.ending(), other.driver.ending());
    }
}
