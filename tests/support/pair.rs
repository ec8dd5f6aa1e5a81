//! Two links on a fake clock, connected by a wire that can cut what it carries into pieces.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::BytesMut;
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Agreement, Decision, Ending, Input, Link, Output, Profile, Question, Queue, Reason,
};
use filbert::gnutella::wire::Frame;

pub const CONNECTING_AT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
pub const ACCEPTING_AT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 2));

/// One side: a link, what it told, and what it has written.
#[derive(Debug)]
pub struct End {
    pub link: Link,
    pub outputs: Vec<Output>,
    /// Everything that it has ever written.
    pub written: BytesMut,
    /// What it has written and nobody has read.
    unread: BytesMut,
    has_ended: bool,
}

/// How a side answers to what its link asks.
pub type Answer<'a> = &'a dyn Fn(&Question) -> Decision;

impl End {
    pub fn new(link: Link) -> Self {
        let (written, unread) = (BytesMut::new(), BytesMut::new());
        Self { link, outputs: Vec::new(), written, unread, has_ended: false }
    }

    /// Hands in an input, and goes on until nothing more follows from it. TLS is taken as set up as
    /// soon as it is asked for, and changes no byte.
    pub fn handle(&mut self, input: Input<'_>, answer: Answer<'_>, now: Time) {
        self.link.handle(input, now);
        while let Some(output) = self.link.poll() {
            self.outputs.push(output.clone());
            match output {
                Output::Asked(question) | Output::Answered(question) => {
                    assert_eq!(self.link.poll(), None, "a link that asks waits for the answer");
                    self.link.handle(Input::Decided(answer(&question)), now);
                }
                Output::StartTls { unread } => {
                    assert_eq!(self.link.poll(), None, "a link waits for TLS");
                    self.handle(Input::Encrypted, answer, now);
                    self.handle(Input::Received(&unread), answer, now);
                    return;
                }
                _ => {}
            }
        }
        self.write(Queue::Dry, now);
    }

    /// Hands in bytes, and writes nothing.
    fn receive(&mut self, bytes: &[u8], now: Time) {
        self.link.handle(Input::Received(bytes), now);
        while let Some(output) = self.link.poll() {
            self.outputs.push(output);
        }
    }

    /// Puts on the wire what the link wants to be written.
    pub fn write(&mut self, queue: Queue, now: Time) {
        while let Some(bytes) = self.link.transmit(queue, now) {
            self.written.extend_from_slice(&bytes);
            self.unread.extend_from_slice(&bytes);
        }
    }

    /// Sends frames, and puts them on the wire.
    pub fn send(&mut self, frames: &[Frame], now: Time) {
        frames.iter().for_each(|frame| _ = self.link.send(frame, now));
        self.write(Queue::Dry, now);
    }

    pub fn agreement(&self) -> Option<&Agreement> {
        self.outputs.iter().find_map(|output| match output {
            Output::Opened(agreement) => Some(&**agreement),
            _ => None,
        })
    }

    pub fn ending(&self) -> Option<&Ending> {
        self.outputs.iter().find_map(|output| match output {
            Output::Closed(ending) => Some(ending),
            _ => None,
        })
    }

    pub fn frames(&self) -> Vec<Frame> {
        let frame = |output: &Output| match output {
            Output::Frame(frame) => Some(frame.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(frame).collect()
    }

    /// What it has written since the last time, as text.
    pub fn take_text(&mut self) -> String {
        String::from_utf8(self.written.split().to_vec()).unwrap()
    }

    /// True when it will write no more.
    fn is_done_writing(&self) -> bool {
        let is_end = |output: &Output| matches!(output, Output::EndWriting | Output::Closed(_));
        self.outputs.iter().any(is_end)
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
    pub fn new(connecting: Profile, accepting: Profile) -> Self {
        let now = Time::from_millis(1_000);
        let connecting = Link::connect(Arc::new(connecting), ACCEPTING_AT, now);
        let accepting = Link::accept(Arc::new(accepting), CONNECTING_AT, now);
        let (connecting, accepting) = (End::new(connecting), End::new(accepting));
        Self { connecting, accepting, now, piece_len: usize::MAX }
    }

    /// Lets both talk until neither has anything to say. Each side accepts in its own role.
    pub fn talk(&mut self) {
        let willing = |question: &Question| Decision::accept(question.role);
        self.talk_with(&willing, &willing);
    }

    /// The same, with each side's own answers.
    pub fn talk_with(&mut self, connecting: Answer<'_>, accepting: Answer<'_>) {
        self.connecting.write(Queue::Dry, self.now);
        let (piece_len, now) = (self.piece_len, self.now);
        loop {
            let up = carry(&mut self.connecting, &mut self.accepting, accepting, piece_len, now);
            let down = carry(&mut self.accepting, &mut self.connecting, connecting, piece_len, now);
            if !up && !down {
                return;
            }
        }
    }

    /// Carries what is on the wires, and makes nobody flush.
    pub fn talk_without_flush(&mut self) {
        let unread = self.connecting.unread.split();
        self.accepting.receive(&unread, self.now);
        let unread = self.accepting.unread.split();
        self.connecting.receive(&unread, self.now);
    }

    /// Lets time pass until both sides have nothing more to wait for, or `until`.
    pub fn pass(&mut self, until: Time) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let refuse = |_: &Question| unreachable!("no question follows from time");
        loop {
            let ends = [&mut self.connecting, &mut self.accepting];
            let due = ends.into_iter().filter_map(|end| Some((end.link.next_timeout()?, end)));
            let Some(((due, reason), end)) = due.min_by_key(|((due, _), _)| *due) else {
                return reasons;
            };
            if due > until {
                return reasons;
            }
            self.now = self.now.max(due);
            end.handle(Input::Timeout, &refuse, self.now);
            reasons.push(reason);
        }
    }
}

/// Hands over the next piece, and after the last one the end. False when there was nothing to do.
fn carry(from: &mut End, to: &mut End, answer: Answer<'_>, piece_len: usize, now: Time) -> bool {
    let piece = from.unread.split_to(from.unread.len().min(piece_len));
    if !piece.is_empty() {
        to.handle(Input::Received(&piece), answer, now);
        return true;
    }
    if from.is_done_writing() && !to.has_ended {
        to.has_ended = true;
        to.handle(Input::Ended, answer, now);
        return true;
    }
    false
}
