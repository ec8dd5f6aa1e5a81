use std::collections::VecDeque;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::cost::Cost;
use super::framing::Taken;
use super::greeting::{Greeting, Next, Step};
use super::handshake::{Failure, Us};
use super::incoming::give_back;
use super::open::Open;
use super::outgoing::Queue;
use super::{Agreement, Decision, Ending, HeadReader, Input, Output, Profile, Reason};
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::base::limits::{
    AHEAD_LEN_MAX, BYE_GRACE_MS, HANDSHAKE_TIMEOUT_MS, OUTBOX_LEN_MAX, REFUSAL_GRACE_MS,
};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::wire::Frame;

const TOO_EAGER: Misbehaved =
    Misbehaved { rule: Rule::new("HAND-65"), what: "it does not wait for an answer" };
const SLOW_FRAME: Misbehaved =
    Misbehaved { rule: Rule::new("LINK-08"), what: "a message did not come to its end in time" };

/// One connection to another servent, from the first byte of the handshake to its end. No socket and
/// no clock: bytes in, events and frames out; frames in, bytes out.
///
/// ```text
/// driver                                    Link
///   bytes, decisions ── handle(input) ──►    Greeting ──► (Encrypting) ──► Open ──► Leaving ──► Closed
///   events, frames   ◄─ poll() ─────────     until it returns None
///   frames           ── send(frame) ────►    while wants_frames()
///   bytes            ◄─ transmit(queue) ─     when the socket takes some
///                    ◄─ next_timeout() ──    wake me then, with Input::Timeout
/// ```
///
/// After each [`handle`](Self::handle) the driver takes everything out of [`poll`](Self::poll), before
/// the next one. What a peer sends never panics, and makes a link hold at most what was handed in
/// with the last input, one message, and the memory of an inflater.
#[derive(Debug)]
pub struct Link {
    us: Us,
    stage: Stage,
    /// What has arrived and was not understood yet.
    inbox: BytesMut,
    /// What has to be written.
    outbox: BytesMut,
    outputs: VecDeque<Output>,
    /// The moment of the last input.
    now: Time,
    is_drained: bool,
}

#[derive(Debug)]
enum Stage {
    /// Heads are exchanged until then.
    Greeting(Box<Greeting>, HeadReader, Time),
    /// The driver sets up TLS until then.
    Encrypting(Box<Agreement>, Time),
    Open(Box<Open>),
    /// The last word is said. What arrives is discarded, until then at the latest.
    Leaving(Ending, Time),
    Closed,
}

impl Link {
    /// We have connected to `peer`. The request is ready to be transmitted.
    pub fn connect(profile: Arc<Profile>, peer: IpAddr, now: Time) -> Self {
        let us = Us { profile, peer };
        let (greeting, head) = Greeting::connect(&us);
        let mut link = Self::new(us, greeting, now);
        head.encode(&mut link.outbox);
        link
    }

    /// `peer` connected to us at `opened`, and [its first bytes](super::opening) are those of
    /// Gnutella. They are still to be handed in.
    pub fn accept(profile: Arc<Profile>, peer: IpAddr, opened: Time) -> Self {
        Self::new(Us { profile, peer }, Greeting::accept(), opened)
    }

    fn new(us: Us, greeting: Greeting, now: Time) -> Self {
        let deadline = now.after_ms(HANDSHAKE_TIMEOUT_MS);
        let deadline = if mutant!(WaitsForHeads) { Time::NEVER } else { deadline };
        let stage = Stage::Greeting(Box::new(greeting), HeadReader::default(), deadline);
        Self {
            us,
            stage,
            inbox: BytesMut::new(),
            outbox: BytesMut::new(),
            outputs: VecDeque::new(),
            now,
            is_drained: true,
        }
    }

    /// Takes an input. What follows from it comes out of [`poll`](Self::poll).
    pub fn handle(&mut self, input: Input<'_>, now: Time) {
        debug_assert!(self.is_drained, "everything is polled before the next input");
        self.is_drained = false;
        self.now = self.now.max(now);
        match input {
            Input::Received(bytes) => self.receive(bytes),
            Input::Ended => self.end(),
            Input::Decided(decision) => self.decide(decision),
            Input::Encrypted => self.encrypted(),
            Input::Bye { code, reason } => self.say_bye(code, reason.to_owned(), None),
            Input::Blame(fault) => self.blame(fault),
            Input::Timeout => self.time_out(),
        }
    }

    /// What follows from the inputs so far, one by one.
    pub fn poll(&mut self) -> Option<Output> {
        while self.outputs.is_empty() && self.advance() {}
        let output = self.outputs.pop_front();
        self.is_drained = output.is_none();
        output
    }

    /// Adds a message to what is to be written, and says whether it did. It does not unless the link
    /// is open, nor with a message so long that it would cost us the link (LINK-17).
    pub fn send(&mut self, frame: &Frame, now: Time) -> bool {
        match &mut self.stage {
            Stage::Open(open) if frame.header().check_size().is_ok() => {
                open.write(frame, &mut self.outbox, now);
                true
            }
            _ => false,
        }
    }

    /// False when enough waits to be written, or nothing may be any more.
    pub fn wants_frames(&self) -> bool {
        matches!(self.stage, Stage::Open(_)) && self.outbox.len() < OUTBOX_LEN_MAX
    }

    /// The bytes to be written now, if there are any. With more in the `queue`, some may be held back.
    pub fn transmit(&mut self, queue: Queue, now: Time) -> Option<Bytes> {
        if let Stage::Open(open) = &mut self.stage {
            open.flush(queue, &mut self.outbox, now);
        }
        (!self.outbox.is_empty()).then(|| mem::take(&mut self.outbox).freeze())
    }

    /// When [`Input::Timeout`] is due, and what for. A driver that comes too late hands it in before
    /// anything else that has come in the meantime, for a link knows of no time but by its inputs.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        match &self.stage {
            Stage::Greeting(_, _, deadline) | Stage::Encrypting(_, deadline) => {
                Some((*deadline, Reason::Handshake))
            }
            Stage::Open(open) => open.next_timeout(),
            Stage::Leaving(_, deadline) => Some((*deadline, Reason::Grace)),
            Stage::Closed => None,
        }
    }

    /// Goes one step further with what has arrived. False when that is not enough.
    fn advance(&mut self) -> bool {
        match &mut self.stage {
            Stage::Greeting(greeting, reader, _) if greeting.awaits_head() => {
                match greeting.read(reader, &mut self.inbox) {
                    Ok(None) => return false,
                    Ok(Some(head)) => {
                        give_back(&mut self.inbox);
                        self.step(|greeting, us| greeting.head(us, &head));
                    }
                    Err(failure) => self.fail(failure),
                }
            }
            Stage::Open(open) => match open.next(&mut self.inbox, self.now) {
                Ok(None) => return false,
                Ok(Some(taken)) => self.taken(taken),
                Err(fault) => self.punish(fault),
            },
            _ => return false,
        }
        true
    }

    fn receive(&mut self, bytes: &[u8]) {
        let ahead_len_max = match &self.stage {
            Stage::Greeting(greeting, ..) if !greeting.awaits_head() => AHEAD_LEN_MAX,
            Stage::Greeting(..) | Stage::Open(_) => usize::MAX,
            Stage::Encrypting(..) | Stage::Leaving(..) | Stage::Closed => return,
        };
        self.inbox.extend_from_slice(bytes);
        if self.inbox.len() > ahead_len_max && !bytes.is_empty() {
            self.close(Ending::Fault(TOO_EAGER.into()));
        }
    }

    /// The connection is over, for whatever reason there was before.
    fn end(&mut self) {
        match mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Closed => {}
            Stage::Leaving(ending, _) => self.close(ending),
            _ => self.close(Ending::Closed),
        }
    }

    fn decide(&mut self, decision: Decision) {
        if let Stage::Greeting(greeting, ..) = &self.stage
            && !greeting.awaits_head()
        {
            self.step(|greeting, us| greeting.decide(us, decision));
        }
    }

    /// Takes a step of the handshake.
    fn step(&mut self, step: impl FnOnce(Greeting, &Us) -> Result<Step, Failure>) {
        let Stage::Greeting(greeting, _, deadline) = mem::replace(&mut self.stage, Stage::Closed)
        else {
            return;
        };
        match step(*greeting, &self.us) {
            Ok(step) => self.stepped(step, deadline),
            Err(failure) => self.fail(failure),
        }
    }

    fn stepped(&mut self, step: Step, deadline: Time) {
        let Step { head, next } = step;
        if let Some(head) = head {
            head.encode(&mut self.outbox);
        }
        match next {
            Next::Greeting(greeting, output) => {
                self.stage = Stage::Greeting(greeting, HeadReader::default(), deadline);
                self.outputs.extend(output);
            }
            Next::Agreement(agreement) if agreement.tls => {
                self.stage = Stage::Encrypting(agreement, deadline);
                let unread = mem::take(&mut self.inbox).freeze();
                self.outputs.push_back(Output::StartTls { unread });
            }
            Next::Agreement(agreement) => self.open(agreement),
            Next::Crawled => self.leave(Ending::Crawled, REFUSAL_GRACE_MS),
        }
    }

    fn encrypted(&mut self) {
        match mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Encrypting(agreement, _) => self.open(agreement),
            stage => self.stage = stage,
        }
    }

    fn open(&mut self, agreement: Box<Agreement>) {
        self.stage = Stage::Open(Box::new(Open::new(&agreement)));
        self.outputs.push_back(Output::Opened(agreement));
        // From now on one thing comes at a time, and some nodes have very many links.
        self.outputs.shrink_to_fit();
    }

    fn taken(&mut self, taken: Taken) {
        match taken {
            Taken::Frame(frame) => self.outputs.push_back(Output::Frame(frame)),
            Taken::Dropped(header, fault) => {
                self.outputs.push_back(Output::Dropped { header, fault });
            }
            // Nothing is said any more, not even what waited to be written (BYE-17).
            Taken::Bye(bye) => self.close(Ending::Farewell(bye)),
            Taken::StreamEnd => self.close(Ending::StreamEnded),
        }
    }

    /// Lets the other side pay for what the node has found.
    fn blame(&mut self, fault: Fault) {
        let is_open = matches!(self.stage, Stage::Open(_));
        if is_open && Cost::of(&fault) != Cost::Drop {
            self.punish(fault);
        }
    }

    /// Ends the link because of a fault, with a Bye where one is due.
    fn punish(&mut self, fault: Fault) {
        match Cost::of(&fault) {
            Cost::Bye(code) => self.say_bye(code, fault.to_string(), Some(fault)),
            Cost::Close | Cost::Drop => self.close(Ending::Fault(fault)),
        }
    }

    fn fail(&mut self, failure: Failure) {
        match failure {
            Failure::Declined(declined) => self.close(Ending::Declined(declined)),
            Failure::Broken(fault) => self.close(Ending::Fault(fault)),
            Failure::Refused(refusal, fault) => {
                refusal.head(&self.us).encode(&mut self.outbox);
                self.leave(Ending::Refused(Box::new(refusal), fault), REFUSAL_GRACE_MS);
            }
        }
    }

    /// Ends the link with a Bye, and nothing after it.
    fn say_bye(&mut self, code: u16, reason: String, fault: Option<Fault>) {
        match &mut self.stage {
            Stage::Open(open) => {
                open.say_bye(code, &reason, &mut self.outbox, self.now);
                self.leave(Ending::Dismissed { code, reason, fault }, BYE_GRACE_MS);
            }
            Stage::Greeting(..) | Stage::Encrypting(..) => {
                self.close(Ending::Dismissed { code, reason, fault });
            }
            Stage::Leaving(..) | Stage::Closed => {}
        }
    }

    /// Reads on for a while after the last word, and understands nothing (LINK-22, HAND-79).
    fn leave(&mut self, ending: Ending, grace_ms: u64) {
        self.inbox = BytesMut::new();
        self.stage = Stage::Leaving(ending, self.now.after_ms(grace_ms));
        self.outputs.push_back(Output::EndWriting);
    }

    fn close(&mut self, ending: Ending) {
        self.stage = Stage::Closed;
        self.inbox = BytesMut::new();
        self.outbox = BytesMut::new();
        self.outputs.push_back(Output::Closed(ending));
    }

    /// Does all that the time has come for.
    fn time_out(&mut self) {
        while let Some((_, reason)) = self.next_timeout().filter(|(due, _)| *due <= self.now) {
            match (&mut self.stage, reason) {
                (Stage::Open(_), Reason::Frame) => self.punish(SLOW_FRAME.into()),
                (Stage::Open(open), _) => open.time_out(&mut self.outbox, self.now),
                (Stage::Leaving(..), _) => self.end(),
                _ => self.close(Ending::TimedOut(reason)),
            }
        }
    }
}
