//! A link on a fake clock, and two of them with a wire between.

use bytes::{Bytes, BytesMut};
use filbert::base::time::Time;
use filbert::fasttrack::link::{
    Answer, Cipher, Encryption, Ending, Framing, Hello, Input, Item, Link, Output, Profile, Session,
};
use filbert::fasttrack::wire::{Frame, Kind};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub const START: Time = Time::from_millis(5_000);

/// One side: a link, what it told, and what it has written.
#[derive(Debug)]
pub struct End {
    pub link: Link,
    pub outputs: Vec<Output>,
    /// Everything that it has ever written.
    pub written: BytesMut,
    /// What it has written and nobody has read.
    pub unread: BytesMut,
    has_ended: bool,
}

impl End {
    pub fn new(link: Link) -> Self {
        let (written, unread) = (BytesMut::new(), BytesMut::new());
        Self { link, outputs: Vec::new(), written, unread, has_ended: false }
    }

    /// One that has connected, and has said hello.
    pub fn connecting(profile: &Profile) -> Self {
        let mut end = Self::new(Link::connect(profile, START));
        end.write(START);
        end
    }

    /// One to which somebody has connected.
    pub fn accepting(profile: &Profile, seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        Self::new(Link::accept(profile, &mut generator, START))
    }

    /// Hands in an input, takes all that follows from it, and writes.
    pub fn handle(&mut self, input: Input<'_>, now: Time) {
        self.link.handle(input, now);
        while let Some(output) = self.link.poll() {
            self.outputs.push(output);
        }
        self.write(now);
    }

    pub fn receive(&mut self, bytes: &[u8], now: Time) {
        self.handle(Input::Received(bytes), now);
    }

    pub fn wait(&mut self, until: Time) {
        self.handle(Input::Timeout, until);
    }

    /// Puts on the wire what the link wants to be written.
    pub fn write(&mut self, now: Time) {
        while let Some(bytes) = self.link.transmit(now) {
            self.written.extend_from_slice(&bytes);
            self.unread.extend_from_slice(&bytes);
        }
    }

    pub fn send(&mut self, frames: &[Frame], now: Time) {
        for frame in frames {
            assert!(self.link.send(frame), "{frame:?}");
        }
        self.write(now);
    }

    pub fn session(&self) -> Option<&Session> {
        self.outputs.iter().find_map(|output| match output {
            Output::Opened(session) => Some(&**session),
            _ => None,
        })
    }

    pub fn ending(&self) -> Option<&Ending> {
        match self.outputs.last() {
            Some(Output::Closed(ending)) => Some(ending),
            _ => None,
        }
    }

    /// The requirement for which it has ended.
    pub fn broken_rule(&self) -> Option<&'static str> {
        match self.ending() {
            Some(Ending::Fault(fault)) => Some(fault.rule().id()),
            _ => None,
        }
    }

    pub fn frames(&self) -> Vec<Frame> {
        let frame = |output: &Output| match output {
            Output::Frame(frame) => Some(frame.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(frame).collect()
    }

    /// How many pongs it told of.
    pub fn pongs(&self) -> usize {
        self.outputs.iter().filter(|output| matches!(output, Output::Pong { .. })).count()
    }
}

/// Two sides and the clock.
#[derive(Debug)]
pub struct Pair {
    pub connecting: End,
    pub accepting: End,
    pub now: Time,
    /// The wire hands over so many bytes at a time.
    pub piece_len: usize,
}

impl Pair {
    pub fn new(connecting: &Profile, accepting: &Profile, seed: u64) -> Self {
        Self::of(End::connecting(connecting), End::accepting(accepting, seed))
    }

    pub fn of(connecting: End, accepting: End) -> Self {
        Self { connecting, accepting, now: START, piece_len: usize::MAX }
    }

    /// One that has opened.
    pub fn open() -> Self {
        let mut pair = Self::new(&Profile::default(), &Profile::default(), 1);
        pair.talk();
        assert!(pair.connecting.session().is_some() && pair.accepting.session().is_some());
        pair
    }

    /// Lets both talk until neither has anything to say.
    pub fn talk(&mut self) {
        loop {
            let up = carry(&mut self.connecting, &mut self.accepting, self.piece_len, self.now);
            let down = carry(&mut self.accepting, &mut self.connecting, self.piece_len, self.now);
            if !up && !down {
                return;
            }
        }
    }
}

/// Hands over the next piece, and after the last one the end. False when there was nothing to do.
fn carry(from: &mut End, to: &mut End, piece_len: usize, now: Time) -> bool {
    if to.link.wants_bytes() && !from.unread.is_empty() {
        let piece = from.unread.split_to(from.unread.len().min(piece_len));
        to.receive(&piece, now);
        return true;
    }
    let is_end = |output: &Output| matches!(output, Output::EndWriting | Output::Closed(_));
    if from.unread.is_empty() && from.outputs.iter().any(is_end) && !to.has_ended {
        to.has_ended = true;
        to.handle(Input::Ended, now);
        return true;
    }
    false
}

pub fn frame(kind: u16, payload: impl Into<Vec<u8>>) -> Frame {
    Frame { kind: Kind(kind), payload: Bytes::from(payload.into()) }
}

/// A profile with this choice, in a network of this name.
pub fn profile(network: &str, choice: Encryption) -> Profile {
    Profile { network: network.to_owned().into(), choice, ..Profile::default() }
}

/// What an accepting side answers whose mask we do not know: the words of its seed lead nowhere.
pub fn unknown_answer(seed: u32) -> Answer {
    let answer = Answer { seed, word: 0 };
    assert_eq!(answer.choice(), None, "{seed:08x} is in the table");
    answer
}

/// A connecting side that is no link of ours: it says what it likes.
#[derive(Debug)]
pub struct ByHand {
    cipher: Cipher,
    framing: Framing,
}

impl ByHand {
    /// One that has said hello and its name to a link, with which a session stands.
    pub fn open() -> (End, Self) {
        Self::open_with(Encryption::Straight)
    }

    pub fn open_with(choice: Encryption) -> (End, Self) {
        let mut end = End::accepting(&profile("KaZaA", choice), 11);
        let hello = Hello::with_wish(0x29);
        end.receive(&hello.encode(), START);
        let answer = Answer::decode(*end.written.first_chunk().expect("an answer"));
        let cipher = Cipher::new(hello.seed ^ answer.seed, choice);
        let mut by_hand = Self { cipher, framing: Framing::new() };
        let name = by_hand.encipher(b"KaZaA\0");
        end.receive(&name, START);
        assert!(end.session().is_some());
        (end, by_hand)
    }

    /// The bytes of these items, as they go over the wire.
    pub fn say(&mut self, items: &[Item]) -> Vec<u8> {
        let mut plain = BytesMut::new();
        assert!(items.iter().all(|item| self.framing.put(item, &mut plain)));
        self.encipher(&plain)
    }

    pub fn say_frames(&mut self, frames: &[Frame]) -> Vec<u8> {
        let items: Vec<_> = frames.iter().cloned().map(Item::Frame).collect();
        self.say(&items)
    }

    /// Whatever these bytes mean.
    pub fn encipher(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut bytes = plain.to_vec();
        self.cipher.apply(&mut bytes);
        bytes
    }
}
