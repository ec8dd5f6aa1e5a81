use bytes::{Buf, Bytes, BytesMut};

use super::agreement::{Agreement, Coding, Deflate, Next, Side};
use super::frames::{DeflatedFrames, Frames};
use super::greeting::{cut_head, greeting};
use super::http::{Exchange, Http, Step};
use super::outlet::Outlet;
use super::record::{Body, Greeting, Stretch, Unknown, Why};
use super::sniff::{self, Guess};
use crate::base::error::Faults;
use crate::base::limits::HEAD_LEN_MAX;
use crate::base::reader::Expect;
use crate::gnutella::link::{HeadReader, Inflater};
use crate::gnutella::wire::HEADER_LEN;

const CUT_HEADER: Expect = Expect::new("FRAME-03", "the bytes end within the header");
const CUT_PAYLOAD: Expect = Expect::new("FRAME-04", "the bytes end within the payload");
const CUT_HEAD: Expect = Expect::new("HAND-08", "the head has no empty line at its end");

/// What both directions of a connection know of each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    agreement: Agreement,
    exchange: Exchange,
}

/// One direction of a connection: bytes in order, with gaps, in; records out.
///
/// ```text
/// Start ─► Handshake ─► Greeted ─► Frames, Deflated ─► Opaque
///       └► Http, Frames, Opaque
/// ```
#[derive(Debug)]
pub(super) struct Stream {
    side: Side,
    buffer: BytesMut,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is known yet. Where the beginning is missing, a segment may begin with a descriptor,
    /// and those are passed over that do not.
    Start {
        is_beginning_missing: bool,
        passed_over: Stretch,
    },
    /// In front of a head, or within it.
    Handshake(HeadReader),
    /// Behind the last head.
    Greeted(Coding),
    Frames(Frames),
    Deflated(Box<DeflatedFrames>),
    Http(Http),
    /// Not to be looked into.
    Opaque {
        content: Content,
        stretch: Stretch,
    },
}

/// What is not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Tls,
    Unknown(Why),
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The connection was closed, or the recording stops: nobody is to blame for a message cut off.
    Closed,
    /// There never was more than these bytes.
    ForGood,
}

impl Stream {
    /// A direction of which nothing was seen yet.
    pub(super) fn new(side: Side, is_beginning_missing: bool) -> Self {
        let passed_over = Stretch { bytes: 0, since: None };
        let state = State::Start { is_beginning_missing, passed_over };
        Self { side, buffer: BytesMut::new(), state }
    }

    /// A direction that is known to consist of descriptors.
    pub(super) fn of_frames() -> Self {
        let state = State::Frames(Frames::default());
        Self { state, ..Self::new(Side::First, false) }
    }

    /// More bytes.
    pub(super) fn push(&mut self, bytes: &[u8], shared: &mut Shared, out: &mut Outlet<'_, '_>) {
        self.pass_over_scrap(bytes, out);
        self.buffer.extend_from_slice(bytes);
        while let Some(state) = self.step(shared, out) {
            self.state = state;
        }
    }

    /// Bytes that follow were not recorded. Says whether messages may be lost with them.
    pub(super) fn gap(&mut self, gap_len: u64, out: &mut Outlet<'_, '_>) -> bool {
        let buffer = &mut self.buffer;
        let (is_felt, goes_on) = match &mut self.state {
            State::Opaque { .. } | State::Start { is_beginning_missing: true, .. } => (false, true),
            State::Http(http) => (http.gap(buffer, gap_len), true),
            State::Frames(frames) => (true, frames.gap(buffer, gap_len).is_ok()),
            _ => (true, false),
        };
        if is_felt {
            out.put_unknown(Unknown::Gap { bytes: gap_len });
        }
        if !goes_on {
            self.lose_track(out);
        }
        is_felt
    }

    /// The stream ends. What is left in it is told of.
    pub(super) fn end(&mut self, ending: Ending, out: &mut Outlet<'_, '_>) {
        let rest = self.buffer.split();
        match std::mem::replace(&mut self.state, lost(out)) {
            State::Start { passed_over, is_beginning_missing } => {
                let why = if is_beginning_missing { Why::NoBeginning } else { Why::Foreign };
                put_stretch(Content::Unknown(why), longer(passed_over, &rest, out), out);
            }
            State::Opaque { content, stretch } => put_stretch(content, stretch, out),
            State::Handshake(_) if ending == Ending::ForGood && !rest.is_empty() => {
                out.put_broken(Body::Handshake(cut_head(&rest)), CUT_HEAD.broken_at(rest.len()));
            }
            State::Handshake(_) | State::Greeted(_) => put_unfinished(&rest, out),
            State::Frames(_) => end_frames(&rest, ending, out),
            State::Deflated(frames) => end_frames(frames.unfinished(), ending, out),
            State::Http(mut http) => {
                if !http.end(out) {
                    put_unfinished(&rest, out);
                }
            }
        }
    }

    /// Bytes of memory that this stream holds.
    pub(super) fn footprint_len(&self) -> usize {
        let below_len = match &self.state {
            State::Deflated(frames) => frames.footprint_len(),
            State::Http(http) => http.footprint_len(),
            _ => 0,
        };
        self.buffer.capacity().saturating_add(below_len)
    }

    /// Reads what can be read in this state. Where another state begins, it comes back.
    fn step(&mut self, shared: &mut Shared, out: &mut Outlet<'_, '_>) -> Option<State> {
        let (side, buffer) = (self.side, &mut self.buffer);
        match &mut self.state {
            State::Start { is_beginning_missing, passed_over } => {
                start(buffer, *is_beginning_missing, passed_over, out)
            }
            State::Handshake(reader) => handshake(side, reader, buffer, shared, out),
            State::Greeted(coding) => greeted(*coding, buffer, out),
            State::Frames(frames) => frames.take_from(buffer, out).is_err().then(|| lost(out)),
            State::Deflated(frames) => {
                frames.take_from(buffer, out).is_err().then(|| broken_state(frames, out))
            }
            State::Http(http) => match http.take_from(buffer, &mut shared.exchange, out) {
                Step::Wait => None,
                Step::Tls => Some(opaque(Content::Tls, out)),
                Step::Foreign => Some(opaque(Content::Unknown(Why::Foreign), out)),
                Step::LongHead => Some(opaque(Content::Unknown(Why::LongHead), out)),
            },
            State::Opaque { stretch, .. } => {
                *stretch = longer(*stretch, &buffer.split(), out);
                None
            }
        }
    }

    /// Where the beginning is missing, a scrap too short to be recognised may be the end of
    /// something. Then it does not belong to the segment behind it.
    fn pass_over_scrap(&mut self, bytes: &[u8], out: &Outlet<'_, '_>) {
        let State::Start { is_beginning_missing: true, passed_over } = &mut self.state else {
            return;
        };
        if self.buffer.is_empty() {
            return;
        }
        let joined = [&self.buffer, bytes].concat();
        if sniff::guess(&joined, true) == Some(Guess::Foreign) {
            *passed_over = longer(*passed_over, &self.buffer.split(), out);
        }
    }

    /// After a gap one can only hope that a segment begins with a descriptor. Within a compressed
    /// stream there is no hope.
    fn lose_track(&mut self, out: &Outlet<'_, '_>) {
        self.buffer.clear();
        self.state = match self.state {
            State::Deflated(_) => lost(out),
            State::Greeted(coding) if coding.deflate != Deflate::No => lost(out),
            _ => Self::new(self.side, true).state,
        };
    }
}

fn start(
    buffer: &mut BytesMut,
    is_beginning_missing: bool,
    passed_over: &mut Stretch,
    out: &mut Outlet<'_, '_>,
) -> Option<State> {
    let state = match sniff::guess(buffer, is_beginning_missing)? {
        Guess::Handshake => State::Handshake(HeadReader::default()),
        Guess::Http => State::Http(Http::new()),
        Guess::Tls => opaque(Content::Tls, out),
        Guess::Frames => State::Frames(Frames::default()),
        Guess::Foreign if is_beginning_missing => {
            *passed_over = longer(*passed_over, &buffer.split(), out);
            return None;
        }
        Guess::Foreign => opaque(Content::Unknown(Why::Foreign), out),
    };
    put_stretch(Content::Unknown(Why::NoBeginning), *passed_over, out);
    Some(state)
}

fn handshake(
    side: Side,
    reader: &mut HeadReader,
    buffer: &mut BytesMut,
    shared: &mut Shared,
    out: &mut Outlet<'_, '_>,
) -> Option<State> {
    if !sniff::is_handshake(buffer)? {
        // Some begin to talk before they have sent their last head.
        return Some(match sniff::is_frame(buffer)? {
            true => State::Frames(Frames::default()),
            false => lost(out),
        });
    }
    let front = Bytes::copy_from_slice(buffer.get(..HEAD_LEN_MAX).unwrap_or(buffer));
    match reader.take_from(buffer) {
        Ok(head) => {
            let greeting = greeting(head?, &front);
            Some(head_state(side, greeting, shared, out))
        }
        Err(fault) => {
            out.put_broken(Body::Handshake(cut_head(buffer)), fault);
            // What follows the fault is told of as the rest, whether it is here already or not.
            buffer.advance(fault.offset.min(buffer.len()));
            Some(lost(out))
        }
    }
}

/// Puts out the head, and says what follows it.
fn head_state(
    side: Side,
    greeting: Greeting,
    shared: &mut Shared,
    out: &mut Outlet<'_, '_>,
) -> State {
    let mut faults = Faults::new();
    greeting.head.inspect(&mut faults);
    let next = shared.agreement.note(side, &greeting.head, &mut faults);
    let next = faults.note(next, 0);
    out.put(Body::Handshake(greeting), faults);
    match next {
        Some(Next::AnotherHead) => State::Handshake(HeadReader::default()),
        Some(Next::Messages(coding)) => State::Greeted(coding),
        Some(Next::Nothing) | None => lost(out),
    }
}

/// The first bytes behind the last head tell whether they are encrypted, and, in doubt, whether
/// they are compressed.
fn greeted(coding: Coding, buffer: &[u8], out: &Outlet<'_, '_>) -> Option<State> {
    if coding.may_be_tls && sniff::is_tls(buffer) {
        return Some(opaque(Content::Tls, out));
    }
    // Where both sides stand in one file, the last head follows the answer.
    if sniff::is_handshake(buffer)? {
        return Some(State::Handshake(HeadReader::default()));
    }
    let is_deflated = match coding.deflate {
        Deflate::No => false,
        Deflate::Yes => true,
        Deflate::Perhaps => Inflater::is_start(buffer),
    };
    Some(match is_deflated {
        true => State::Deflated(Box::new(DeflatedFrames::new())),
        false => State::Frames(Frames::default()),
    })
}

/// Behind a break, compressed bytes cannot be told from those in front of it.
fn broken_state(frames: &DeflatedFrames, out: &Outlet<'_, '_>) -> State {
    let stretch = Stretch { bytes: frames.consumed_len(), since: out.time };
    State::Opaque { content: Content::Unknown(Why::Deflated), stretch }
}

fn lost(out: &Outlet<'_, '_>) -> State {
    opaque(Content::Unknown(Why::Lost), out)
}

fn opaque(content: Content, out: &Outlet<'_, '_>) -> State {
    State::Opaque { content, stretch: Stretch { bytes: 0, since: out.time } }
}

fn longer(stretch: Stretch, bytes: &[u8], out: &Outlet<'_, '_>) -> Stretch {
    Stretch {
        bytes: stretch.bytes.saturating_add(bytes.len() as u64),
        since: stretch.since.or(out.time),
    }
}

fn put_stretch(content: Content, stretch: Stretch, out: &mut Outlet<'_, '_>) {
    match (stretch.bytes, content) {
        (0, _) => {}
        (_, Content::Tls) => out.put_clean(Body::Tls(stretch)),
        (_, Content::Unknown(why)) => out.put_unknown(Unknown::Stream { why, stretch }),
    }
}

fn end_frames(unfinished: &[u8], ending: Ending, out: &mut Outlet<'_, '_>) {
    if unfinished.is_empty() || ending == Ending::Closed {
        return put_unfinished(unfinished, out);
    }
    let cut = if unfinished.len() < HEADER_LEN { CUT_HEADER } else { CUT_PAYLOAD };
    out.put_broken_frame(unfinished, cut.broken_at(unfinished.len()));
}

fn put_unfinished(bytes: &[u8], out: &mut Outlet<'_, '_>) {
    if !bytes.is_empty() {
        out.put_unknown(Unknown::Unfinished { bytes: bytes.len() as u64 });
    }
}
