use bytes::{Bytes, BytesMut};
use rand::Rng;

use super::greeting::Greeting;
use super::open::Open;
use super::outgoing::Outgoing;
use super::{Answer, Ending, Hello, Input, Item, Output, Profile, Reason, masks};
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::base::limits::{HANDSHAKE_TIMEOUT_MS, LEAVE_GRACE_MS, OUTBOX_LEN_MAX};
use crate::base::time::Time;
use crate::fasttrack::wire::Frame;

const SLOW_MESSAGE: Misbehaved =
    Misbehaved { rule: Rule::new("FTLINK-30"), what: "a message did not come to its end in time" };

/// One session with another node, from the first byte of the hello to its end. No socket and no clock:
/// bytes in, events and frames out; frames in, bytes out.
///
/// ```text
/// driver                                    Link
///   bytes            ── handle(input) ──►    Greeting ──► Open ──► Leaving ──► Closed
///   events, frames   ◄─ poll() ─────────     until it returns None
///   frames           ── send(frame) ────►    while wants_frames()
///   bytes            ◄─ transmit() ─────     when the socket takes some
///                    ◄─ next_timeout() ──    wake me then, with Input::Timeout
/// ```
///
/// After each [`handle`](Self::handle) the driver takes everything out of [`poll`](Self::poll), before
/// the next one, and hands in bytes only while the link [wants some](Self::wants_bytes). What a peer
/// sends never panics, and makes a link hold at most what was handed in with the last input and one
/// message.
#[derive(Debug)]
pub struct Link {
    stage: Stage,
    /// What has arrived and was not understood yet: as it came until the session stands, then plain.
    inbox: BytesMut,
    outgoing: Outgoing,
    /// What an input has led to at once.
    said: Option<Output>,
    /// The moment of the last input.
    now: Time,
    is_drained: bool,
}

#[derive(Debug)]
enum Stage {
    /// Hellos and names are exchanged until then.
    Greeting(Box<Greeting>, Time),
    Open(Box<Open>),
    /// The last word is said. What arrives is discarded, until then at the latest.
    Leaving(Time),
    Closed,
}

impl Link {
    /// We have connected. The hello is ready to be transmitted.
    pub fn connect(profile: &Profile, now: Time) -> Self {
        let mut link = Self::new(Greeting::connect(profile), now);
        link.outgoing.say_hello(&Hello::with_wish(profile.wish).encode());
        link
    }

    /// Somebody connected to us at `opened`, and wants a session: its first bytes are still to be
    /// handed in. The seed of our answer is drawn from the generator.
    pub fn accept(profile: &Profile, generator: &mut impl Rng, opened: Time) -> Self {
        let answer = Answer::with_choice(masks::draw(generator), profile.choice);
        Self::accept_with(profile, answer, opened)
    }

    /// The same with this answer, which has to say the choice of the profile; for whoever plays again
    /// what was recorded.
    pub fn accept_with(profile: &Profile, answer: Answer, opened: Time) -> Self {
        Self::new(Greeting::accept(profile, answer), opened)
    }

    fn new(greeting: Greeting, now: Time) -> Self {
        Self {
            stage: Stage::Greeting(Box::new(greeting), now.after_ms(HANDSHAKE_TIMEOUT_MS)),
            inbox: BytesMut::new(),
            outgoing: Outgoing::default(),
            said: None,
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
            Input::Ping => self.ping(),
            Input::Leave => self.leave(),
            Input::Blame(fault) => self.blame(fault),
            Input::Timeout => self.time_out(),
        }
    }

    /// What follows from the inputs so far, one by one.
    pub fn poll(&mut self) -> Option<Output> {
        if self.said.is_none() {
            self.advance();
        }
        let output = self.said.take();
        self.is_drained = output.is_none();
        output
    }

    /// Adds a message to what is to be written, and says whether it did. It does not unless the
    /// session stands, nor with a message that is too long for its header.
    pub fn send(&mut self, frame: &Frame) -> bool {
        matches!(self.stage, Stage::Open(_)) && self.outgoing.write(frame)
    }

    /// Adds bytes that are enciphered like messages and are none, where the session stands: for whoever
    /// wants to know what the other side makes of them.
    pub fn send_plain(&mut self, bytes: &[u8]) -> bool {
        let is_open = matches!(self.stage, Stage::Open(_));
        if is_open {
            self.outgoing.write_plain(bytes);
        }
        is_open
    }

    /// False when enough waits to be written, or nothing may be any more.
    pub fn wants_frames(&self) -> bool {
        matches!(self.stage, Stage::Open(_)) && self.outgoing.len() < OUTBOX_LEN_MAX
    }

    /// False while the other side has sent more than is good: it has to wait unread (FTSAFE-07).
    pub fn wants_bytes(&self) -> bool {
        !matches!(&self.stage, Stage::Open(open) if open.is_held())
    }

    /// The bytes to be written now, if there are any.
    pub fn transmit(&mut self, now: Time) -> Option<Bytes> {
        match &mut self.stage {
            Stage::Greeting(greeting, _) => greeting.has_written(now),
            Stage::Open(open) => {
                if open.alive.take_ping(now) {
                    self.outgoing.ping();
                }
            }
            Stage::Leaving(_) | Stage::Closed => {}
        }
        self.outgoing.take()
    }

    /// When [`Input::Timeout`] is due, and what for. A driver that comes too late hands it in before
    /// anything else that has come in the meantime, for a link knows of no time but by its inputs.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        match &self.stage {
            Stage::Greeting(_, deadline) => Some((*deadline, Reason::Hello)),
            Stage::Open(open) => Some(open.next_timeout()),
            Stage::Leaving(deadline) => Some((*deadline, Reason::Grace)),
            Stage::Closed => None,
        }
    }

    /// Goes on with what has arrived until there is something to say.
    fn advance(&mut self) {
        match &mut self.stage {
            Stage::Greeting(greeting, _) => {
                match greeting.read(&mut self.inbox, &mut self.outgoing, self.now) {
                    Ok(None) => {}
                    Ok(Some(greeted)) => {
                        self.stage = Stage::Open(Box::new(Open::new(greeted.cipher, self.now)));
                        self.said = Some(Output::Opened(Box::new(greeted.session)));
                    }
                    Err(fault) => self.close(Ending::Fault(fault)),
                }
            }
            Stage::Open(open) => {
                while self.said.is_none() {
                    match open.next(&mut self.inbox, self.now) {
                        Ok(None) => return,
                        Ok(Some(Item::Ping)) => self.outgoing.owe_pong(),
                        Ok(Some(Item::Pong)) => {
                            let answered = open.pong(self.now);
                            self.said = answered.map(|round_trip| Output::Pong { round_trip });
                        }
                        Ok(Some(Item::Frame(frame))) => self.said = Some(Output::Frame(frame)),
                        Err(fault) => return self.close(Ending::Fault(fault.into())),
                    }
                }
            }
            Stage::Leaving(_) | Stage::Closed => {}
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Greeting(..) => self.inbox.extend_from_slice(bytes),
            Stage::Open(open) => open.receive(bytes, &mut self.inbox, self.now),
            Stage::Leaving(_) | Stage::Closed => {}
        }
    }

    /// The connection is over, for whatever reason there was before.
    fn end(&mut self) {
        match self.stage {
            Stage::Closed => {}
            Stage::Leaving(_) => self.close(Ending::Left),
            Stage::Greeting(..) | Stage::Open(_) => self.close(Ending::Closed),
        }
    }

    fn ping(&mut self) {
        if let Stage::Open(open) = &mut self.stage {
            open.alive.ask(self.now);
        }
    }

    /// Reads on for a while after the last message, and understands nothing, so that it is not lost in
    /// a reset.
    fn leave(&mut self) {
        match self.stage {
            Stage::Greeting(..) => self.close(Ending::Left),
            Stage::Open(_) => {
                self.inbox = BytesMut::new();
                self.stage = Stage::Leaving(self.now.after_ms(LEAVE_GRACE_MS));
                self.said = Some(Output::EndWriting);
            }
            Stage::Leaving(_) | Stage::Closed => {}
        }
    }

    /// Lets the other side pay for what the node has found: what is malformed adds up (FTSAFE-10), and
    /// anything else is the end.
    fn blame(&mut self, fault: Fault) {
        if let Stage::Open(open) = &mut self.stage
            && !(matches!(fault, Fault::Malformed(_)) && open.faults.bear(self.now))
        {
            self.close(Ending::Fault(fault));
        }
    }

    fn close(&mut self, ending: Ending) {
        self.stage = Stage::Closed;
        self.inbox = BytesMut::new();
        self.outgoing = Outgoing::default();
        self.said = Some(Output::Closed(ending));
    }

    /// Does all that the time has come for.
    fn time_out(&mut self) {
        while let Some((_, reason)) = self.next_timeout().filter(|(due, _)| *due <= self.now) {
            match (&mut self.stage, reason) {
                (Stage::Open(open), Reason::Quiet) => open.doubt(self.now),
                (Stage::Open(open), Reason::Pace) => open.go_on(),
                (Stage::Open(_), Reason::Message) => {
                    self.close(Ending::Fault(SLOW_MESSAGE.into()));
                }
                (Stage::Leaving(_), _) => self.end(),
                _ => self.close(Ending::TimedOut(reason)),
            }
        }
    }
}
