//! How an open link has to read and to write, said a second time: all at once, in the simplest way,
//! and from the rules instead of the machine.

use std::collections::VecDeque;

use bytes::BytesMut;

use super::link_zlib::{End, Zlib};
use crate::base::error::Faults;
use crate::base::limits::{
    BYE_LEN_MAX, DEFLATE_FLUSH_MS, FRAME_TIMEOUT_MS, OTHER_PAYLOAD_LEN_MAX, PAYLOAD_LEN_MAX,
    QUERY_LEN_MAX,
};
use crate::base::time::Time;
use crate::gnutella::link::{Ending, Inflater, Output, Queue, Reason, Role};
use crate::gnutella::wire::{Bye, Frame, Function, Header};

/// Functions of messages by TCP, but for a Bye.
const KNOWN: [Function; 9] = [
    Function::PING,
    Function::PONG,
    Function::QUERY_TABLE,
    Function::VENDOR,
    Function::VENDOR_STANDARD,
    Function::PUSH,
    Function::QUERY,
    Function::QUERY_HIT,
    Function::HSEP,
];

/// What has to come of a frame (LINK-17, LINK-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken,
    /// By this requirement.
    Dropped(&'static str),
    /// It is a Bye.
    Farewell,
    /// The link ends with a Bye of this code.
    Dismissal(u16),
    /// The link ends.
    End,
}

/// The verdict on a frame from a side in this role. The last two do not wait for the payload.
pub(super) fn verdict(header: &Header, from: Role) -> Verdict {
    let (function, len) = (header.function, header.payload_len);
    let limit = match function {
        Function::QUERY => QUERY_LEN_MAX,
        Function::BYE => BYE_LEN_MAX,
        Function::QUERY_HIT => PAYLOAD_LEN_MAX,
        _ => OTHER_PAYLOAD_LEN_MAX,
    };
    let crosses_one_link = header.ttl <= 1 && header.hops == 0;
    match function {
        _ if header.size_flags.is_some() || len > PAYLOAD_LEN_MAX => Verdict::Dismissal(400),
        Function::BYE if len > limit => Verdict::End,
        _ if len > limit => Verdict::Dismissal(400),
        _ if from.is_leaf() && header.hops > 0 => Verdict::Dismissal(414),
        Function::RUDP | Function::DHT => Verdict::Dropped("FRAME-22"),
        Function::BYE if !crosses_one_link => Verdict::Dropped("BYE-14"),
        Function::BYE => Verdict::Farewell,
        Function::QUERY_TABLE | Function::VENDOR | Function::VENDOR_STANDARD | Function::HSEP
            if !crosses_one_link =>
        {
            Verdict::Dropped("TTL-09")
        }
        Function::QUERY if len < 4 => Verdict::Dropped("SIZE-04"),
        _ if !KNOWN.contains(&function) => Verdict::Dropped("FRAME-08"),
        _ => Verdict::Taken,
    }
}

/// Bytes of one direction, inflated where they are compressed.
#[derive(Debug)]
struct Plain {
    inflater: Option<Box<Inflater>>,
    bytes: BytesMut,
}

impl Plain {
    fn new(is_deflated: bool) -> Self {
        Self { inflater: is_deflated.then(Box::default), bytes: BytesMut::new() }
    }

    /// Moves some of `stream`, and says whether there may be more.
    fn step(&mut self, stream: &mut &[u8]) -> Result<bool, &'static str> {
        let Some(inflater) = &mut self.inflater else {
            self.bytes.extend_from_slice(stream);
            *stream = &[];
            return Ok(false);
        };
        inflater.step(stream, &mut self.bytes).map_err(|fault| fault.rule.id())
    }

    fn has_ended(&self) -> bool {
        self.inflater.as_ref().is_some_and(|inflater| inflater.has_ended())
    }
}

/// What a link has to make of what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Frame(Frame),
    Dropped(Header, &'static str),
    Farewell(Bye),
    Dismissal(u16),
    End,
    StreamEnd,
}

/// What an open link reads, and what it still has to tell of that.
#[derive(Debug)]
pub(super) struct Reading {
    from: Role,
    plain: Plain,
    events: VecDeque<Event>,
    has_ended: bool,
    /// When the first byte of a frame came that is not complete.
    since: Option<Time>,
}

impl Reading {
    pub(super) fn new(from: Role, is_deflated: bool) -> Self {
        let plain = Plain::new(is_deflated);
        Self { from, plain, events: VecDeque::new(), has_ended: false, since: None }
    }

    /// Takes in what arrives.
    pub(super) fn feed(&mut self, mut bytes: &[u8], now: Time) {
        let mut may_hold_more = true;
        while may_hold_more && !self.has_ended {
            let step = self.plain.step(&mut bytes);
            let end = match step {
                Ok(more) => {
                    may_hold_more = more;
                    (!more && self.plain.has_ended()).then_some(Event::StreamEnd)
                }
                Err("SIZE-14") => Some(Event::Dismissal(400)),
                Err(_) => Some(Event::Dismissal(501)),
            };
            while !self.has_ended && self.take(now) {}
            if let Some(end) = end.filter(|_| !self.has_ended) {
                self.end(end);
            }
        }
        let has_begun = !self.plain.bytes.is_empty();
        self.since = self.since.or(Some(now)).filter(|_| has_begun);
    }

    /// Takes the next frame, if it is complete.
    fn take(&mut self, now: Time) -> bool {
        let stream = &mut self.plain.bytes;
        let Ok(header) = Header::decode(stream) else { return false };
        let verdict = verdict(&header, self.from);
        match verdict {
            Verdict::Dismissal(code) => {
                self.end(Event::Dismissal(code));
                return true;
            }
            Verdict::End => {
                self.end(Event::End);
                return true;
            }
            _ => {}
        }
        let Ok(Some(frame)) = Frame::take_from(stream) else { return false };
        self.since = (!stream.is_empty()).then_some(now);
        match (verdict, Bye::decode(&frame.payload)) {
            (Verdict::Dropped(rule), _) => self.events.push_back(Event::Dropped(header, rule)),
            (Verdict::Farewell, Ok(bye)) => self.end(Event::Farewell(bye)),
            // Even without a code (BYE-03).
            (Verdict::Farewell, Err(_)) => self.end(Event::End),
            _ => self.events.push_back(Event::Frame(frame)),
        }
        true
    }

    fn end(&mut self, event: Event) {
        self.events.push_back(event);
        self.has_ended = true;
    }

    /// What is told next, if there is anything left to tell.
    pub(super) fn next(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Holds an output against what is due.
    pub(super) fn check(&mut self, output: &Output) {
        let due = self.next().unwrap_or_else(|| panic!("nothing is left to tell, but {output:?}"));
        match (output, &due) {
            (Output::Frame(frame), Event::Frame(due)) => assert_eq!(frame, due),
            (Output::Dropped { header, fault }, Event::Dropped(due, rule)) => {
                assert_eq!((header, fault.rule.id()), (due, *rule));
            }
            (Output::Closed(Ending::Farewell(bye)), Event::Farewell(due)) => assert_eq!(bye, due),
            (Output::Closed(Ending::Fault(_)), Event::End)
            | (Output::Closed(Ending::StreamEnded), Event::StreamEnd) => {}
            _ => panic!("{due:?} is due, but there is {output:?}"),
        }
    }

    pub(super) fn is_told(&self) -> bool {
        self.events.is_empty()
    }

    /// When the frame that has begun must be complete.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.since.map(|since| since.after_ms(FRAME_TIMEOUT_MS))
    }
}

/// What an open link was given to write, and what it has written of that.
#[derive(Debug)]
pub(super) struct Writing {
    inflate: Option<Zlib>,
    plain: Vec<u8>,
    /// What cannot be read by the other side yet, and since when.
    sent: VecDeque<(Frame, Time)>,
}

impl Writing {
    pub(super) fn new(is_deflated: bool) -> Self {
        let inflate = is_deflated.then(Zlib::default);
        Self { inflate, plain: Vec::new(), sent: VecDeque::new() }
    }

    pub(super) fn send(&mut self, frame: &Frame, now: Time) {
        self.sent.push_back((frame.clone(), now));
    }

    /// Reads what was written, as the other side will. Each frame is the next that was sent; one
    /// more, which nobody sent, comes back: it can only be a Bye.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<Frame> {
        match &mut self.inflate {
            None => self.plain.extend_from_slice(bytes),
            Some(inflate) => {
                let end = inflate.feed(bytes, &mut self.plain, usize::MAX);
                assert_eq!(end, End::Never, "we write what cannot be inflated, or end a stream");
            }
        }
        let mut stream = BytesMut::from(&self.plain[..]);
        let mut surplus = None;
        while let Some(frame) = Frame::take_from(&mut stream).expect("we write frames") {
            match self.sent.pop_front() {
                Some((sent, _)) => assert_eq!(frame, sent, "another frame was sent"),
                None => assert!(surplus.replace(frame).is_none(), "nobody sent this"),
            }
        }
        self.plain = stream.to_vec();
        surplus
    }

    /// Holds what was written against what has to be out: with nothing more to come, or after some
    /// time, everything (HAND-39). For what is held back the link asks to be woken.
    pub(super) fn check(&self, queue: Queue, now: Time, timeout: Option<(Time, Reason)>) {
        let oldest = self.sent.front();
        let deadline = oldest.map(|(_, since)| since.after_ms(DEFLATE_FLUSH_MS));
        let is_due = deadline.is_none_or(|due| due <= now);
        let must_be_out = self.inflate.is_none() || queue == Queue::Dry || is_due;
        assert!(!must_be_out || self.is_out(), "{} frames are held back", self.sent.len());
        let is_in_time = timeout.is_some_and(|(due, _)| Some(due) <= deadline);
        assert!(deadline.is_none() || is_in_time, "{timeout:?} to flush");
    }

    /// Everything that was sent is out, and behind it a Bye of this code (BYE-15), and no more.
    pub(super) fn check_last_word(&self, surplus: Option<&Frame>, bye_code: Option<u16>) {
        assert!(self.is_out(), "what was sent is lost, or something follows the last word");
        let code = surplus.map(|frame| {
            assert_eq!(verdict(&frame.header(), Role::Leaf), Verdict::Farewell);
            let bye = Bye::decode(&frame.payload).expect("we write what can be read");
            let mut faults = Faults::new();
            bye.inspect(&mut faults);
            assert!(faults.is_empty(), "{faults:?}");
            assert!(!bye.reason().iter().any(u8::is_ascii_control), "it is no text: {bye:?}");
            bye.code
        });
        assert_eq!(code, bye_code, "another Bye");
    }

    /// Whether everything that was sent can be read now.
    fn is_out(&self) -> bool {
        self.sent.is_empty() && self.plain.is_empty()
    }
}
