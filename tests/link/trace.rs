//! What a link makes of a stream that arrives in pieces, written down so that two ways of cutting
//! it can be compared.
use std::fmt::{Display, Write};

use bytes::{Bytes, BytesMut};
use filbert::base::error::Fault;
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Ending, Input, Link, Output, Question, Queue};
use filbert::gnutella::wire::Frame;

pub const NOW: Time = Time::from_millis(1_000);

/// When the node answers to what a link asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    AtOnce,
    /// When [`Trace::decide`] is called.
    Later,
}

/// Everything that has come out of a link. TLS is set up as soon as it is asked for, and changes no
/// byte; what is handed over to it depends on the pieces and is taken out of the outputs.
#[derive(Debug)]
pub struct Trace {
    pub link: Link,
    pub now: Time,
    pub outputs: Vec<Output>,
    pub written: BytesMut,
    answers: Answers,
    question: Option<Box<Question>>,
}

impl Trace {
    pub fn new(link: Link, answers: Answers) -> Self {
        let mut trace = Self {
            link,
            now: NOW,
            outputs: Vec::new(),
            written: BytesMut::new(),
            answers,
            question: None,
        };
        trace.write();
        trace
    }

    /// A link whose peer says all this, and then closes.
    pub fn of<'a>(link: Link, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut trace = Self::new(link, Answers::AtOnce);
        pieces.into_iter().for_each(|piece| trace.handle(Input::Received(piece)));
        trace.handle(Input::Ended);
        trace.assert_ended_once();
        trace
    }

    /// Hands in an input, and goes on until nothing more follows from it.
    pub fn handle(&mut self, input: Input<'_>) {
        self.link.handle(input, self.now);
        // An answer is on its way before anything that came ahead of it is read.
        self.write();
        while let Some(output) = self.link.poll() {
            match output {
                Output::Asked(_) | Output::Answered(_) => self.ask(output),
                Output::StartTls { unread } => self.start_tls(&unread),
                _ => self.outputs.push(output),
            }
            self.write();
        }
        self.write();
    }

    /// Sends these messages, one after the other.
    pub fn send(&mut self, messages: &[u8]) {
        let mut messages = BytesMut::from(messages);
        while let Some(frame) = Frame::take_from(&mut messages).expect("they are whole") {
            self.link.send(&frame, self.now);
        }
        self.write();
    }

    /// The node lets everybody in who asks, and names nobody to crawlers.
    pub fn decide(&mut self) {
        if let Some(question) = self.question.take() {
            self.handle(Input::Decided(willing(&question)));
        }
    }

    /// The frames that came out.
    pub fn frames(&self) -> Vec<Frame> {
        let frame = |output: &Output| match output {
            Output::Frame(frame) => Some(frame.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(frame).collect()
    }

    /// In a few words: how many frames came out, how many were dropped and why, and how it ended.
    pub fn verdict(&self) -> String {
        let mut verdict = format!("{} frames", self.frames().len());
        for output in &self.outputs {
            match output {
                Output::StartTls { .. } => verdict.insert_str(0, "TLS, "),
                Output::Dropped { fault, .. } => {
                    write!(verdict, ", dropped {}", fault.rule).expect("a text takes everything");
                }
                _ => {}
            }
        }
        match self.outputs.last() {
            Some(Output::Closed(ending)) => format!("{verdict}, {}", verdict_on(ending)),
            _ => verdict,
        }
    }

    /// The same came out, and the same was written.
    pub fn assert_like(&self, other: &Self, context: impl Display) {
        for (ours, theirs) in self.outputs.iter().zip(&other.outputs) {
            assert_eq!(ours, theirs, "{context}");
        }
        assert_eq!(self.outputs.len(), other.outputs.len(), "{context}");
        assert_eq!(self.written, other.written, "{context}");
    }

    /// A link says once that it has ended, and nothing after that, whatever is handed in.
    pub fn assert_ended_once(&mut self) {
        let is_end = |output: &Output| matches!(output, Output::Closed(_));
        assert_eq!(self.outputs.iter().filter(|output| is_end(output)).count(), 1, "{self:?}");
        assert!(self.outputs.last().is_some_and(is_end), "{self:?}");
        assert_eq!(self.link.next_timeout(), None);
        let before = (self.outputs.len(), self.written.len());
        for input in [Input::Received(b"GNUTELLA"), Input::Ended, Input::Timeout, Input::Encrypted]
        {
            self.handle(input);
        }
        self.handle(Input::Bye { code: 200, reason: "too late" });
        assert_eq!((self.outputs.len(), self.written.len()), before, "{self:?}");
    }

    fn ask(&mut self, output: Output) {
        if let Output::Asked(question) | Output::Answered(question) = &output {
            assert_eq!(self.link.poll(), None, "a link that asks waits for the answer");
            match self.answers {
                Answers::AtOnce => {
                    self.link.handle(Input::Decided(willing(question)), self.now);
                }
                Answers::Later => self.question = Some(question.clone()),
            }
        }
        self.outputs.push(output);
    }

    fn start_tls(&mut self, unread: &[u8]) {
        assert_eq!(self.link.poll(), None, "a link waits for TLS");
        self.outputs.push(Output::StartTls { unread: Bytes::new() });
        self.handle(Input::Encrypted);
        self.handle(Input::Received(unread));
    }

    fn write(&mut self) {
        while let Some(bytes) = self.link.transmit(Queue::Dry, self.now) {
            self.written.extend_from_slice(&bytes);
        }
    }
}

fn willing(question: &Question) -> Decision {
    match question.is_crawler {
        true => Decision::Crawl { peers: Vec::new(), leaves: Vec::new() },
        false => Decision::accept(question.role),
    }
}

fn verdict_on(ending: &Ending) -> String {
    let rule = |fault: &Option<Fault>| match fault {
        Some(fault) => fault.rule().id(),
        None => "for its own reasons",
    };
    match ending {
        Ending::Declined(declined) => format!("declined {}", declined.code),
        Ending::Refused(refusal, fault) => format!("refused {} {}", refusal.code, rule(fault)),
        Ending::Crawled => "crawled".to_owned(),
        Ending::Farewell(bye) => format!("farewell {}", bye.code),
        Ending::Dismissed { code, fault, .. } => format!("dismissed {code} {}", rule(fault)),
        Ending::Fault(fault) => format!("fault {}", fault.rule()),
        Ending::Closed => "closed".to_owned(),
        Ending::StreamEnded => "stream ended".to_owned(),
        Ending::TimedOut(reason) => format!("timed out: {reason}"),
    }
}
