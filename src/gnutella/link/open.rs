use bytes::BytesMut;

use super::framing::Taken;
use super::incoming::Incoming;
use super::outgoing::{Outgoing, Queue};
use super::profile::USER_AGENT;
use super::{Agreement, Reason};
use crate::base::error::Fault;
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::wire::{Bye, Frame, Function, Guid};

/// A link that both sides have agreed on: frames in both directions.
#[derive(Debug)]
pub(super) struct Open {
    incoming: Incoming,
    outgoing: Outgoing,
    understands_bye: bool,
}

impl Open {
    pub(super) fn new(agreement: &Agreement) -> Self {
        Self {
            incoming: Incoming::new(agreement.peer_role, agreement.receives_deflate),
            outgoing: Outgoing::new(agreement.sends_deflate),
            understands_bye: agreement.bye || mutant!(SaysByeToAll),
        }
    }

    /// Takes the next message out of what has arrived. An error is the end of the link.
    pub(super) fn next(&mut self, inbox: &mut BytesMut, now: Time) -> Result<Option<Taken>, Fault> {
        self.incoming.next(inbox, now)
    }

    pub(super) fn write(&mut self, frame: &Frame, out: &mut BytesMut, now: Time) {
        self.outgoing.write(frame, out, now);
    }

    pub(super) fn flush(&mut self, queue: Queue, out: &mut BytesMut, now: Time) {
        self.outgoing.flush(queue, out, now);
    }

    /// Says Bye where it is understood (BYE-15), behind what was sent before.
    pub(super) fn say_bye(&mut self, code: u16, reason: &str, out: &mut BytesMut, now: Time) {
        if self.understands_bye && !mutant!(LeavesWithoutBye) {
            self.outgoing.write(&farewell(code, reason), out, now);
        }
        self.outgoing.flush(Queue::Dry, out, now);
    }

    /// Does what the time has come for, but for what ends the link.
    pub(super) fn time_out(&mut self, out: &mut BytesMut, now: Time) {
        self.outgoing.flush(Queue::More, out, now);
        self.outgoing.rest(now);
    }

    /// The first of what there is to wait for.
    pub(super) fn next_timeout(&self) -> Option<(Time, Reason)> {
        let waits = [
            (self.incoming.frame_timeout(), Reason::Frame),
            (self.outgoing.flush_timeout(), Reason::Flush),
            (self.outgoing.rest_timeout(), Reason::Rest),
        ];
        let due = waits.into_iter().filter_map(|(due, reason)| Some((due?, reason)));
        due.min_by_key(|&(due, _)| due)
    }
}

fn farewell(code: u16, reason: &str) -> Frame {
    let mut payload = BytesMut::new();
    Bye::signed(code, reason, USER_AGENT).encode(&mut payload);
    Frame {
        guid: Guid::ZERO,
        function: Function::BYE,
        ttl: 1,
        hops: 0,
        size_flags: None,
        payload: payload.freeze(),
    }
}
