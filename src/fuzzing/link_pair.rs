use super::link::answer;
use super::link_driver::Driver;
use super::link_parts::{frame, profile};
use super::link_streams::{Verdict, verdict};
use super::link_witness::Side;
use super::splitter::Splitter;
use crate::base::limits::{FRAME_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, STREAM_INFLATE_FREE_LEN};
use crate::gnutella::link::{Agreement, Ending, Output, Queue, Role};
use crate::gnutella::wire::Frame;

/// More would only make each run slower.
const OPS_MAX: usize = 64;

/// Turns in which both sides say everything that they have to say: heads, frames, and ends.
const TURNS_MAX: usize = 16;

const WAITS_MS: [u64; 8] = [0, 1, 200, 5_000, 10_000, 20_000, 30_000, 120_000];

/// Two links, and the wires between them.
///
/// ```text
/// byte 0, 1   what each side is and can, see `link_parts::profile`
/// byte 2, 3   how each side decides
/// then operations, each a byte: bit 0..2 its name, bit 3 the side, bit 4..7 its choice
///   0, 1   the side sends frames: a byte of their number, and two bytes, see `link_parts::frame`
///   2, 3   so many bytes reach the other side: a byte of length
///   4      everything reaches the other side
///   5      the side writes what it has to write
///   6      time passes
///   7      the side says Bye; choice 15 cuts the connection
/// ```
pub(super) fn link_pair(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let profiles = [profile(splitter.byte()), profile(splitter.byte())];
    let choices = [splitter.byte(), splitter.byte()];
    let sides = [Side::Connecting, Side::Accepting];
    let mut ends = profiles.into_iter().zip(sides).zip(choices);
    let mut end = || {
        let ((profile, side), choice) = ends.next().expect("there are two ends");
        End::new(Driver::new(side, profile), choice)
    };
    let mut pair = Pair { ends: [end(), end()], waited_ms: 0, is_cut: false };
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
    choice: u8,
    /// Bytes of what it has written that have arrived.
    carried_len: usize,
    /// What it has sent.
    sent: Vec<Frame>,
    has_said_bye: bool,
    /// It was told that the other side has ended.
    has_heard_end: bool,
}

struct Pair {
    ends: [End; 2],
    waited_ms: u64,
    is_cut: bool,
}

impl End {
    fn new(driver: Driver, choice: u8) -> Self {
        let sent = Vec::new();
        let mut end = Self {
            driver,
            choice,
            carried_len: 0,
            sent,
            has_said_bye: false,
            has_heard_end: false,
        };
        end.driver.transmit(Queue::Dry);
        end
    }

    fn send(&mut self, frames: &[Frame]) {
        let sent = self.driver.send(frames);
        self.sent.extend(sent);
    }

    /// Whether it has sent a frame for which the other side ends the link.
    fn has_overdone(&self) -> bool {
        let verdict = |frame: &Frame| verdict(&frame.header(), self.role());
        let goes_on = |verdict| matches!(verdict, Verdict::Taken | Verdict::Dropped(_));
        self.sent.iter().map(verdict).any(|verdict| !goes_on(verdict))
    }

    /// Whether what it has sent may be a bomb to the other side. Frames of real programs swell
    /// tenfold at most.
    fn swells(&self) -> bool {
        let sent_len: usize = self.sent.iter().map(Frame::wire_len).sum();
        sent_len > usize::try_from(STREAM_INFLATE_FREE_LEN).expect("it is short")
    }

    fn role(&self) -> Role {
        self.driver.agreement().map_or(Role::Leaf, |agreement| agreement.role)
    }
}

impl Pair {
    fn step(&mut self, splitter: &mut Splitter<'_>) {
        let what = splitter.byte();
        let (side, choice) = (usize::from(what >> 3 & 1), what >> 4);
        match what & 7 {
            0 | 1 => {
                let count = usize::from(splitter.byte() % 8);
                self.ends[side].send(&vec![frame(choice, splitter); count]);
            }
            2 | 3 => drop(self.carry(side, splitter.byte().into())),
            4 => drop(self.carry(side, usize::MAX)),
            5 => {
                let queue = if choice & 1 == 0 { Queue::Dry } else { Queue::More };
                self.ends[side].driver.transmit(queue);
            }
            6 => self.pass(WAITS_MS[usize::from(choice & 7)], choice & 8 != 0),
            _ if choice == 15 => self.cut(),
            _ => self.say_bye(side, choice),
        }
    }

    /// Hands over what one side has written, and behind it the end. False if there was nothing.
    fn carry(&mut self, from: usize, len_max: usize) -> bool {
        let [first, second] = &mut self.ends;
        let (from, to) = if from == 0 { (first, second) } else { (second, first) };
        let bytes = &from.driver.written()[from.carried_len..];
        let bytes = &bytes[..bytes.len().min(len_max)];
        if !bytes.is_empty() {
            from.carried_len += bytes.len();
            to.driver.receive(bytes);
            answer(&mut to.driver, Some(to.choice));
            to.driver.transmit(Queue::More);
            return true;
        }
        let ends = from.driver.is_done() && !to.has_heard_end;
        if ends && from.carried_len == from.driver.written().len() {
            to.has_heard_end = true;
            to.driver.end();
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
            end.driver.end();
        }
    }

    fn say_bye(&mut self, side: usize, choice: u8) {
        let end = &mut self.ends[side];
        end.has_said_bye = true;
        end.driver.say_bye(200 + u16::from(choice), "goodbye");
    }

    /// Lets both say all that they have to say, and looks at what came of it.
    fn finish(mut self) {
        for _ in 0..TURNS_MAX {
            self.ends.iter_mut().for_each(|end| end.driver.transmit(Queue::Dry));
            let up = self.carry(0, usize::MAX);
            let down = self.carry(1, usize::MAX);
            if !up && !down {
                break;
            }
        }
        assert!(!self.carry(0, 0) && !self.carry(1, 0), "they go on and on");
        self.check_agreements();
        for side in [0, 1] {
            self.check_frames(side);
            self.check_ending(side);
        }
        self.ends.iter_mut().for_each(|end| end.driver.finish());
    }

    /// Both come to the same agreement from their own ends.
    fn check_agreements(&self) {
        let [Some(up), Some(down)] = [0, 1].map(|side| self.ends[side].driver.agreement()) else {
            return;
        };
        let mirrored = Agreement {
            role: down.peer_role,
            peer_role: down.role,
            sends_deflate: down.receives_deflate,
            receives_deflate: down.sends_deflate,
            peer: up.peer.clone(),
            ..down.clone()
        };
        assert_eq!(*up, mirrored, "they agree on different things");
        assert!(up.fault.is_none(), "we deflate for who does not inflate");
        assert_eq!(down.peer.ultrapeer, Some(up.role.is_ultrapeer()), "the last head decides");
    }

    /// What one side sent is what the other one got, as far as it got.
    fn check_frames(&self, from: usize) {
        let (from, to) = (&self.ends[from], &self.ends[1 - from]);
        let mut sent = from.sent.iter();
        let due = |frame: &Frame| verdict(&frame.header(), from.role());
        for output in to.driver.told() {
            match output {
                Output::Frame(frame) => {
                    let next = sent.next();
                    assert_eq!((next, next.map(due)), (Some(frame), Some(Verdict::Taken)));
                }
                Output::Dropped { header, .. } => {
                    let next = sent.next();
                    assert_eq!(next.map(Frame::header), Some(*header));
                    assert!(matches!(next.map(due), Some(Verdict::Dropped(_))), "{header:?}");
                }
                _ => {}
            }
        }
        let is_complete = match to.driver.ending() {
            None => to.driver.is_open(),
            Some(Ending::Farewell(_)) => !from.has_overdone(),
            Some(_) => false,
        };
        assert!(!is_complete || sent.next().is_none(), "a frame is lost");
    }

    /// An end has a cause on the other side, in time, or in what the node wanted.
    fn check_ending(&self, side: usize) {
        let (end, other) = (&self.ends[side], &self.ends[1 - side]);
        let theirs = other.driver.ending();
        let is_explained = match end.driver.ending() {
            None => theirs.is_none(),
            Some(Ending::Farewell(bye)) => match theirs {
                Some(Ending::Dismissed { code, .. }) if !other.has_overdone() => *code == bye.code,
                _ => other.has_overdone(),
            },
            Some(Ending::Dismissed { fault, .. }) => match fault {
                None => end.has_said_bye,
                Some(fault) if fault.rule().id() == "LINK-08" => self.waited_ms >= FRAME_TIMEOUT_MS,
                Some(fault) if fault.rule().id() == "SIZE-14" => other.swells(),
                Some(_) => other.has_overdone(),
            },
            Some(Ending::Fault(_)) => other.has_overdone(),
            Some(Ending::Declined(declined)) => match theirs {
                Some(Ending::Refused(refusal, _)) => refusal.code == declined.code,
                _ => false,
            },
            Some(Ending::Refused(..)) => !end.driver.is_open(),
            Some(Ending::StreamEnded | Ending::Crawled) => false,
            Some(Ending::TimedOut(_)) => self.waited_ms >= HANDSHAKE_TIMEOUT_MS,
            Some(Ending::Closed) => self.is_cut || !self.was_told(side),
        };
        assert!(is_explained, "{:?} against {theirs:?}", end.driver.ending());
    }

    /// Whether the other side had a last word that this one should have heard.
    fn was_told(&self, side: usize) -> bool {
        let (end, other) = (&self.ends[side], &self.ends[1 - side]);
        match other.driver.ending() {
            Some(Ending::Dismissed { .. }) => {
                let agreement = end.driver.agreement().and(other.driver.agreement());
                agreement.is_some_and(|agreement| agreement.bye)
            }
            Some(Ending::Refused(..)) => true,
            _ => false,
        }
    }
}
