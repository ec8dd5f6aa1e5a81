use crate::base::limits::{HANDSHAKE_TIMEOUT_MS, OUTBOX_LEN_MAX, PONGS_WAITING_MAX};
use crate::base::time::Time;
use crate::fasttrack::link::{
    Answer, Encryption, Ending, Input, Link, Output, Profile, Reason, Session,
};
use crate::fasttrack::wire::Frame;

pub(super) const START: Time = Time::from_millis(7_000);

/// Times that a link is woken between two inputs. With a pace, once for each message that waits.
const WAKES_MAX: usize = 400;

/// Bytes of one message more than may wait, and of answers to pings.
const OUTBOX_SURPLUS_LEN: usize = 65_540 + PONGS_WAITING_MAX + 1;

/// Where a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Greeting,
    Open,
    Leaving,
    Closed,
}

/// Which side a link plays, and what it knows of the hello.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    /// With this choice.
    Accepting(Answer, Encryption),
    Connecting,
}

/// Turns a link as its contract wants it, and asserts what holds for every link, whatever arrives.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) link: Link,
    pub(super) side: Side,
    now: Time,
    phase: Phase,
    pub(super) told: Vec<Output>,
    /// What was handed in while it listened.
    pub(super) received: Vec<u8>,
    /// What waits until it wants bytes.
    unread: Vec<u8>,
    pub(super) written: Vec<u8>,
    /// Those that it took.
    pub(super) sent: Vec<Frame>,
    /// It has once not wanted bytes.
    pub(super) was_held: bool,
    /// It was told to say something since it wrote last.
    has_more_to_say: bool,
}

impl Driver {
    pub(super) fn new(side: Side) -> Self {
        let link = match side {
            Side::Accepting(answer, choice) => {
                Link::accept_with(&Profile { choice, ..Profile::default() }, answer, START)
            }
            Side::Connecting => Link::connect(&Profile::default(), START),
        };
        Self {
            link,
            side,
            now: START,
            phase: Phase::Greeting,
            told: Vec::new(),
            received: Vec::new(),
            unread: Vec::new(),
            written: Vec::new(),
            sent: Vec::new(),
            was_held: false,
            has_more_to_say: true,
        }
    }

    pub(super) fn session(&self) -> Option<&Session> {
        self.told.iter().find_map(|output| match output {
            Output::Opened(session) => Some(&**session),
            _ => None,
        })
    }

    pub(super) fn ending(&self) -> Option<&Ending> {
        match self.told.last() {
            Some(Output::Closed(ending)) => Some(ending),
            _ => None,
        }
    }

    /// True when it writes no more than it has.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Leaving | Phase::Closed)
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &Frame> {
        self.told.iter().filter_map(|output| match output {
            Output::Frame(frame) => Some(frame),
            _ => None,
        })
    }

    /// Hands over what has come, as far as it is wanted.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        if !self.link.wants_bytes() {
            self.unread.extend_from_slice(bytes);
            return;
        }
        if matches!(self.phase, Phase::Greeting | Phase::Open) {
            self.received.extend_from_slice(bytes);
        }
        self.handle(Input::Received(bytes));
    }

    pub(super) fn wants_bytes(&self) -> bool {
        self.link.wants_bytes()
    }

    pub(super) fn handle(&mut self, input: Input<'_>) {
        self.link.handle(input, self.now);
        while let Some(output) = self.link.poll() {
            self.hear(output);
        }
        self.was_held |= !self.link.wants_bytes();
        assert!(self.link.wants_bytes() || self.phase == Phase::Open);
        assert_eq!(self.link.next_timeout().is_none(), self.phase == Phase::Closed);
        assert!(self.phase == Phase::Open || !self.link.wants_frames());
        if self.phase == Phase::Greeting {
            let deadline = START.after_ms(HANDSHAKE_TIMEOUT_MS);
            assert_eq!(self.link.next_timeout(), Some((deadline, Reason::Hello)));
        }
    }

    fn hear(&mut self, output: Output) {
        self.phase = match (&output, self.phase) {
            (Output::Opened(_), Phase::Greeting)
            | (Output::Frame(_) | Output::Pong { .. }, Phase::Open) => Phase::Open,
            (Output::EndWriting, Phase::Open) => Phase::Leaving,
            (Output::Closed(_), phase) if phase != Phase::Closed => Phase::Closed,
            (output, phase) => panic!("{output:?} in {phase:?}"),
        };
        self.told.push(output);
    }

    /// Wakes it, due or not.
    pub(super) fn wake(&mut self) {
        let is_due = self.link.next_timeout().is_some_and(|(due, _)| due <= self.now);
        let told = self.told.len();
        self.handle(Input::Timeout);
        assert!(is_due || self.told.len() == told, "woken too early");
        let timeout = self.link.next_timeout();
        assert!(timeout.is_none_or(|(due, _)| due > self.now), "{timeout:?} is left undone");
        if self.link.wants_bytes() && !self.unread.is_empty() {
            let unread = std::mem::take(&mut self.unread);
            self.receive(&unread);
        }
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
        }
        // It is woken for each message that waits; the rest waits for the next time.
        self.now = until;
    }

    pub(super) fn send(&mut self, frames: &[Frame]) {
        for frame in frames {
            let is_short = frame.payload.len() <= usize::from(u16::MAX);
            if self.phase == Phase::Open && !self.link.wants_frames() {
                return;
            }
            let was_sent = self.link.send(frame);
            assert_eq!(was_sent, self.phase == Phase::Open && is_short);
            self.sent.extend(was_sent.then(|| frame.clone()));
            self.has_more_to_say |= was_sent;
        }
    }

    /// Takes what is to be written.
    pub(super) fn transmit(&mut self) {
        let bytes = self.link.transmit(self.now).unwrap_or_default();
        assert_eq!(self.link.transmit(self.now), None, "not everything comes at once");
        assert!(self.phase != Phase::Closed || bytes.is_empty(), "it writes when it is closed");
        assert!(bytes.len() <= OUTBOX_LEN_MAX + OUTBOX_SURPLUS_LEN, "{} bytes wait", bytes.len());
        let says_little = bytes.len() <= PONGS_WAITING_MAX + 1;
        assert!(says_little || self.has_more_to_say, "{} pongs", bytes.len());
        self.has_more_to_say = self.phase == Phase::Greeting;
        self.written.extend_from_slice(&bytes);
    }

    /// Writes the last, closes it if it is not closed yet, and looks back.
    pub(super) fn finish(&mut self) {
        self.transmit();
        let was_open = self.phase == Phase::Open;
        let was_greeting = self.phase == Phase::Greeting;
        if self.phase != Phase::Closed {
            self.handle(Input::Ended);
        }
        assert_eq!(self.phase, Phase::Closed, "the other side has closed");
        let is_closed = |output: &&Output| matches!(output, Output::Closed(_));
        assert_eq!(self.told.iter().filter(is_closed).count(), 1);
        self.check_heard(was_greeting, was_open);
        self.check_written(was_open);
    }
}
