use std::collections::BTreeMap;

use bytes::Bytes;

use super::outlet::{Outlet, Sink};
use super::record::{Body, Packing, Route, Unknown};
use super::time::Timestamp;
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{FRAGMENTED_LEN_MAX, FRAGMENTED_LIFE_SECONDS, FRAGMENTED_MESSAGES_MAX};
use crate::base::reader::Expect;
use crate::gnutella::wire::{Datagram, Frame, Reliable, inflate};

const NO_MESSAGE: Expect = Expect::new("UDP-19", "the fragments join to no whole message");
const DISAGREES: Expect = Expect::new("UDP-21", "the fragment differs from those before it");
const TOO_LONG: Expect = Expect::new("SIZE-13", "the message in the fragments is too long");

/// Where a fragment has its flags, its part and its count, and what follows them.
const FLAGS_OFFSET: usize = 3;
const COUNT_OFFSET: usize = 7;
const PAYLOAD_OFFSET: usize = 8;

/// Messages of semi-reliable UDP that are being put together (UDP-19).
#[derive(Debug, Default)]
pub(super) struct Fragments {
    messages: BTreeMap<Name, Assembly>,
    turn: u64,
}

/// What names a message: who sent it to whom, and its number (UDP-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    route: Route,
    sequence: u16,
}

/// A message of which some fragments are here.
#[derive(Debug)]
struct Assembly {
    count: u8,
    deflated: bool,
    ack_me: bool,
    /// Kept after the message was put out, to know copies from what disagrees.
    parts: BTreeMap<u8, Bytes>,
    bytes: usize,
    since: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    turn: u64,
    /// It was put out already.
    is_done: bool,
}

/// What is at the place of a fragment in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    /// The same fragment: it was sent again for want of an acknowledgement.
    Taken,
}

impl Fragments {
    /// The next fragment or acknowledgement.
    pub(super) fn push(&mut self, reliable: Reliable, out: &mut Outlet<'_, '_>) {
        if reliable.count == 0 {
            return out.put_unknown(Unknown::Acknowledgement(reliable));
        }
        let name = Name { route: out.route, sequence: reliable.sequence };
        let is_expired = |known: &Assembly| known.is_expired(out.time);
        if self.messages.get(&name).is_some_and(is_expired) {
            self.forget(name, out.sink);
        }
        self.turn = self.turn.saturating_add(1);
        let fresh = Assembly::new(&reliable, out.time, self.turn);
        let assembly = self.messages.entry(name).or_insert(fresh);
        match assembly.check(&reliable) {
            Ok(Place::Taken) => {}
            Ok(Place::Free) => assembly.take(reliable, out),
            Err(fault) => {
                let bytes = reliable.payload.len().saturating_add(PAYLOAD_OFFSET) as u64;
                let misfit = Unknown::Piece { what: "fragment that does not fit", bytes };
                out.put_broken(Body::Unknown(misfit), fault);
            }
        }
        self.shrink(out.sink);
    }

    /// Nothing more is to come: messages that are not whole are told of.
    pub(super) fn end(&mut self, sink: &mut Sink<'_>) {
        while let Some((name, assembly)) = self.messages.pop_first() {
            assembly.put_unfinished(name, sink);
        }
    }

    fn shrink(&mut self, sink: &mut Sink<'_>) {
        if self.messages.len() <= FRAGMENTED_MESSAGES_MAX {
            return;
        }
        let oldest = self.messages.iter().min_by_key(|(_, assembly)| assembly.turn);
        if let Some((&name, _)) = oldest {
            self.forget(name, sink);
        }
    }

    fn forget(&mut self, name: Name, sink: &mut Sink<'_>) {
        if let Some(assembly) = self.messages.remove(&name) {
            assembly.put_unfinished(name, sink);
        }
    }
}

impl Assembly {
    const fn new(first: &Reliable, time: Option<Timestamp>, turn: u64) -> Self {
        Self {
            count: first.count,
            deflated: first.deflated,
            ack_me: first.ack_me,
            parts: BTreeMap::new(),
            bytes: 0,
            since: time,
            last_seen: time,
            turn,
            is_done: false,
        }
    }

    fn is_expired(&self, now: Option<Timestamp>) -> bool {
        let age_seconds = now.zip(self.since).map(|(now, since)| now.seconds_since(since));
        age_seconds.is_some_and(|age_seconds| age_seconds > FRAGMENTED_LIFE_SECONDS)
    }

    /// Whether a fragment is missing, here already, or does not fit to the others (UDP-21).
    fn check(&self, fragment: &Reliable) -> Result<Place, Malformed> {
        let Reliable { count, deflated, ack_me, .. } = *fragment;
        if (deflated, ack_me) != (self.deflated, self.ack_me) {
            return Err(DISAGREES.broken_at(FLAGS_OFFSET));
        }
        if count != self.count {
            return Err(DISAGREES.broken_at(COUNT_OFFSET));
        }
        match self.parts.get(&fragment.part) {
            Some(known) if *known == fragment.payload => Ok(Place::Taken),
            Some(_) => Err(DISAGREES.broken_at(PAYLOAD_OFFSET)),
            None if self.is_done => Err(TOO_LONG.broken_at(PAYLOAD_OFFSET)),
            None => Ok(Place::Free),
        }
    }

    /// Keeps a fragment that was missing, and puts the message out where it was the last one.
    fn take(&mut self, fragment: Reliable, out: &mut Outlet<'_, '_>) {
        self.last_seen = out.time;
        self.bytes = self.bytes.saturating_add(fragment.payload.len());
        self.parts.insert(fragment.part, fragment.payload);
        self.is_done = self.parts.len() == usize::from(self.count) || self.is_too_long();
        if self.is_done {
            self.put(fragment.sequence, out);
        }
    }

    fn put(&self, sequence: u16, out: &mut Outlet<'_, '_>) {
        match self.message() {
            Ok(frame) => {
                let mut faults = Faults::new();
                let packing = Packing::Fragments { sequence, count: self.count };
                let datagram = Datagram::Frame { frame, deflated: false, can_inflate: false };
                datagram.inspect(&mut faults);
                if let Datagram::Frame { frame, .. } = datagram {
                    out.put_frame(&frame, packing, faults);
                }
            }
            Err(fault) => out.put_broken(Body::Unknown(self.as_unknown(sequence)), fault),
        }
    }

    fn put_unfinished(&self, name: Name, sink: &mut Sink<'_>) {
        if !self.is_done {
            let mut out = Outlet { time: self.last_seen, route: name.route, sink };
            out.put_unknown(self.as_unknown(name.sequence));
        }
    }

    fn as_unknown(&self, sequence: u16) -> Unknown {
        let (received, count, bytes) = (self.parts.len(), self.count, self.bytes as u64);
        Unknown::Fragments { sequence, received, count, bytes }
    }

    const fn is_too_long(&self) -> bool {
        self.bytes > FRAGMENTED_LEN_MAX
    }

    fn message(&self) -> Result<Frame, Malformed> {
        if self.is_too_long() {
            return Err(TOO_LONG.broken_at(FRAGMENTED_LEN_MAX));
        }
        let joined: Vec<u8> = self.parts.values().flatten().copied().collect();
        let message = match self.deflated {
            true => inflate(&joined, FRAGMENTED_LEN_MAX, NO_MESSAGE, TOO_LONG)?,
            false => joined,
        };
        Frame::decode(&message.into()).map_err(|fault| NO_MESSAGE.broken_at(fault.offset))
    }
}
