use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::link_streams::{Reading, Writing};
use super::link_witness::{Phase, Side, Witness};
use crate::base::error::Fault;
use crate::base::limits::{AHEAD_LEN_MAX, OUTBOX_LEN_MAX};
use crate::base::time::Time;
use crate::gnutella::link::{
    Agreement, Cost, Decision, Ending, Input, Link, Output, Profile, Question, Queue, Reason,
};
use crate::gnutella::wire::Frame;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
const START: Time = Time::from_millis(7_000);

/// Times that a link is woken between two inputs: for a flush, a rest, a frame, a handshake and a
/// last word.
const WAKES_MAX: usize = 5;

/// Bytes of the longest frame, and of what a compressor lets go at once.
const OUTBOX_SURPLUS_LEN: usize = 3 * 65_536;

/// Turns a link as its contract wants it, and asserts what holds for every link, whatever arrives and
/// whatever the node decides.
#[derive(Debug)]
pub(super) struct Driver {
    link: Link,
    now: Time,
    witness: Witness,
    /// What it has written, heads first.
    written: Vec<u8>,
    heads_len: usize,
    writing: Option<Writing>,
    has_said_last_word: bool,
}

impl Driver {
    pub(super) fn new(side: Side, profile: Profile) -> Self {
        let profile = Arc::new(profile);
        let witness = Witness::new(side, Arc::clone(&profile), START);
        let link = match side {
            Side::Connecting => Link::connect(profile, PEER, START),
            Side::Accepting => Link::accept(profile, PEER, START),
        };
        Self {
            link,
            now: START,
            witness,
            written: Vec::new(),
            heads_len: 0,
            writing: None,
            has_said_last_word: false,
        }
    }

    /// What the link has told.
    pub(super) fn told(&self) -> &[Output] {
        &self.witness.told
    }

    /// What it has written.
    pub(super) fn written(&self) -> &[u8] {
        &self.written
    }

    pub(super) fn agreement(&self) -> Option<&Agreement> {
        self.witness.agreement.as_ref()
    }

    /// What the link has asked and waits for.
    pub(super) fn question(&self) -> Option<&Question> {
        self.witness.question.as_ref().filter(|_| self.witness.phase == Phase::Greeting)
    }

    pub(super) fn is_encrypting(&self) -> bool {
        self.witness.phase == Phase::Encrypting
    }

    pub(super) fn is_open(&self) -> bool {
        self.witness.phase == Phase::Open
    }

    /// True when it writes no more.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.witness.phase, Phase::Leaving(_) | Phase::Closed)
    }

    pub(super) fn ending(&self) -> Option<&Ending> {
        match self.told().last() {
            Some(Output::Closed(ending)) => Some(ending),
            _ => None,
        }
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        let (told_len, phase) = (self.told().len(), self.witness.phase);
        let is_ahead = self.question().is_some() && !bytes.is_empty();
        self.witness.receive(bytes, self.now);
        self.handle(Input::Received(bytes));
        if is_ahead {
            let is_too_much = self.witness.unread().len() > AHEAD_LEN_MAX;
            assert_eq!(self.witness.phase == Phase::Closed, is_too_much, "what came ahead");
        }
        let listens = matches!(phase, Phase::Greeting | Phase::Open);
        assert!(listens || self.told().len() == told_len, "it listens in {phase:?}");
    }

    pub(super) fn end(&mut self) {
        self.handle(Input::Ended);
        assert_eq!(self.witness.phase, Phase::Closed, "the other side has closed");
    }

    /// Decides, whether or not anything was asked.
    pub(super) fn decide(&mut self, decision: Decision) {
        let told_len = self.told().len();
        let was_asked = self.witness.decide(&decision);
        self.handle(Input::Decided(decision));
        assert!(was_asked || self.told().len() == told_len, "nothing was asked");
    }

    /// TLS stands, whether or not it was asked for.
    pub(super) fn encrypted(&mut self) {
        let (is_due, told_len) = (self.is_encrypting(), self.told().len());
        self.handle(Input::Encrypted);
        assert_eq!(self.told().len(), told_len + usize::from(is_due), "{:?}", self.witness.phase);
        let unread = std::mem::take(&mut self.witness.unread);
        if is_due && !unread.is_empty() {
            self.receive(&unread);
        }
    }

    pub(super) fn say_bye(&mut self, code: u16, reason: &str) {
        self.expect_bye(code);
        self.handle(Input::Bye { code, reason });
        assert!(self.is_done(), "nobody said bye");
    }

    pub(super) fn blame(&mut self, fault: Fault) {
        let (told_len, was_open) = (self.told().len(), self.is_open());
        let cost = Cost::of(&fault);
        if let Cost::Bye(code) = cost {
            self.expect_bye(code);
        }
        self.handle(Input::Blame(fault));
        match cost {
            Cost::Bye(_) if was_open => assert!(self.is_done(), "{fault} costs nothing"),
            Cost::Close if was_open => assert_eq!(self.witness.phase, Phase::Closed),
            _ => assert_eq!(self.told().len(), told_len, "there is nothing to pay for {fault}"),
        }
    }

    /// Sends as long as frames are wanted, and says what went in: not what is too long, and nothing
    /// with marks (LINK-19). Where none may be sent, it does nothing to try.
    pub(super) fn send(&mut self, frames: &[Frame]) -> Vec<Frame> {
        let mut sent = Vec::new();
        for frame in frames {
            let is_wanted = self.link.wants_frames();
            assert!(!is_wanted || self.is_open(), "frames in {:?}", self.witness.phase);
            let may_be_sent = is_wanted && frame.header().check_size().is_ok();
            if is_wanted || !self.is_open() {
                assert_eq!(self.link.send(frame, self.now), may_be_sent, "{:?}", frame.header());
            }
            let Some(writing) = self.writing.as_mut().filter(|_| is_wanted) else {
                return sent;
            };
            if may_be_sent {
                let frame = Frame { size_flags: None, ..frame.clone() };
                writing.send(&frame, self.now);
                sent.push(frame);
            }
        }
        sent
    }

    /// Wakes it, due or not.
    pub(super) fn wake(&mut self) {
        let is_due = self.link.next_timeout().is_some_and(|(due, _)| due <= self.now);
        let told_len = self.told().len();
        self.handle(Input::Timeout);
        assert!(is_due || self.told().len() == told_len, "woken too early");
        let timeout = self.link.next_timeout();
        assert!(timeout.is_none_or(|(due, _)| due > self.now), "{timeout:?} is left undone");
    }

    /// Lets time pass. Who is late wakes it only at the end of that.
    pub(super) fn pass(&mut self, wait_ms: u64, is_late: bool) {
        let until = self.now.after_ms(wait_ms);
        for _ in 0..=WAKES_MAX {
            let due = self.link.next_timeout().map(|(due, _)| due);
            let Some(due) = due.filter(|&due| due <= until) else {
                self.now = until;
                return;
            };
            self.now = if is_late { until } else { due.max(self.now) };
            self.wake();
            self.transmit(Queue::More);
        }
        panic!("it asks again and again to be woken: {:?}", self.link.next_timeout());
    }

    /// Takes what is to be written.
    pub(super) fn transmit(&mut self, queue: Queue) {
        let bytes = self.link.transmit(queue, self.now).unwrap_or_default();
        assert_eq!(self.link.transmit(queue, self.now), None, "not everything comes at once");
        let may_write = self.witness.phase != Phase::Closed && !self.has_said_last_word;
        assert!(may_write || bytes.is_empty(), "it writes in {:?}", self.witness.phase);
        assert!(bytes.len() <= OUTBOX_LEN_MAX + OUTBOX_SURPLUS_LEN, "{} bytes wait", bytes.len());
        self.written.extend_from_slice(&bytes);
        let Some(writing) = &mut self.writing else {
            self.heads_len += bytes.len();
            return;
        };
        let surplus = writing.feed(&bytes);
        if self.witness.phase == Phase::Open {
            assert_eq!(surplus, None, "nobody sent this");
            writing.check(queue, self.now, self.link.next_timeout());
        } else if may_write {
            writing.check_last_word(surplus.as_ref(), self.witness.bye_code());
            self.has_said_last_word = true;
        }
    }

    /// Closes it if it is not closed yet, and looks back.
    pub(super) fn finish(&mut self) {
        if self.witness.phase != Phase::Closed {
            self.end();
        }
        self.transmit(Queue::Dry);
        self.witness.check_heads(&self.written[..self.heads_len]);
    }

    fn handle(&mut self, input: Input<'_>) {
        self.link.handle(input, self.now);
        while let Some(output) = self.link.poll() {
            let agreement = match &output {
                Output::Opened(agreement) => Some(agreement.clone()),
                _ => None,
            };
            if agreement.is_some() {
                // The last head goes out before anything else.
                self.transmit(Queue::More);
            }
            self.witness.hear(output, self.now);
            if let Some(agreement) = agreement {
                self.writing = Some(Writing::new(agreement.sends_deflate));
            }
        }
        self.witness.settle();
        if matches!(self.witness.phase, Phase::Leaving(_)) {
            self.transmit(Queue::Dry);
            self.transmit(Queue::Dry);
        }
        self.check_timeout();
    }

    fn expect_bye(&mut self, code: u16) {
        if self.is_open() {
            self.witness.expected_bye = Some(code);
        }
    }

    fn check_timeout(&self) {
        let timeout = self.link.next_timeout();
        match self.witness.phase {
            Phase::Greeting | Phase::Encrypting => {
                let deadline = self.witness.handshake_deadline();
                assert_eq!(timeout, Some((deadline, Reason::Handshake)));
            }
            Phase::Open => {
                let deadline = self.witness.reading.as_ref().and_then(Reading::deadline);
                let is_in_time = timeout.is_some_and(|(due, _)| Some(due) <= deadline);
                assert!(deadline.is_none() || is_in_time, "{timeout:?} for {deadline:?}");
                let is_for_frame = timeout.is_some_and(|(_, reason)| reason == Reason::Frame);
                assert!(deadline.is_some() || !is_for_frame, "no frame has begun");
            }
            Phase::Leaving(until) => assert_eq!(timeout, Some((until, Reason::Grace))),
            Phase::Closed => assert_eq!(timeout, None),
        }
    }
}
