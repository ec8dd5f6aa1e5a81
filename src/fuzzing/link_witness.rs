use std::sync::Arc;

use bytes::Bytes;

use super::invariants::{check_display, check_json};
use super::link_heads;
use super::link_streams::{Event, Reading};
use super::link_terms::check_terms;
use crate::base::limits::{BYE_GRACE_MS, HANDSHAKE_TIMEOUT_MS, REFUSAL_GRACE_MS};
use crate::base::time::Time;
use crate::gnutella::link::{
    Agreement, Decision, Ending, Head, Output, Profile, Question, Reason, Refusal, Role, StartLine,
};
use crate::gnutella::wire::Bye;

/// How every head begins.
const HEAD_START: &[u8] = b"GNUTELLA";

/// The requirement that a head breaks which is not complete.
const NO_END: &str = "HAND-08";

/// Who has opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// We have.
    Connecting,
    /// The other side has.
    Accepting,
}

/// What has become of a link, by what it told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Greeting,
    Encrypting,
    Open,
    /// Until then.
    Leaving(Time),
    Closed,
}

/// Hears what a link tells, and holds it against what has arrived and what was decided.
#[derive(Debug)]
pub(super) struct Witness {
    side: Side,
    profile: Arc<Profile>,
    start: Time,
    pub(super) phase: Phase,
    /// The question that waits for a decision.
    pub(super) question: Option<Question>,
    has_asked: bool,
    /// In which role it was accepted.
    accepted: Option<Role>,
    pub(super) agreement: Option<Agreement>,
    pub(super) told: Vec<Output>,
    /// What has arrived of heads, and behind them before the link stood.
    received: Vec<u8>,
    /// What it gave back for TLS.
    pub(super) unread: Bytes,
    pub(super) reading: Option<Reading>,
    /// The code of a Bye that the node wants, or the fault of a frame.
    pub(super) expected_bye: Option<u16>,
}

impl Witness {
    pub(super) fn new(side: Side, profile: Arc<Profile>, start: Time) -> Self {
        Self {
            side,
            profile,
            start,
            phase: Phase::Greeting,
            question: None,
            has_asked: false,
            accepted: None,
            agreement: None,
            told: Vec::new(),
            received: Vec::new(),
            unread: Bytes::new(),
            reading: None,
            expected_bye: None,
        }
    }

    /// The moment when the handshake must be over.
    pub(super) fn handshake_deadline(&self) -> Time {
        self.start.after_ms(HANDSHAKE_TIMEOUT_MS)
    }

    /// The code of the Bye that is said, if one is: to whoever understands it (BYE-15).
    pub(super) fn bye_code(&self) -> Option<u16> {
        let is_understood = self.agreement.as_ref().is_some_and(|agreement| agreement.bye);
        self.expected_bye.filter(|_| is_understood)
    }

    /// These bytes are about to be handed in.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Time) {
        match (self.phase, &mut self.reading) {
            (Phase::Greeting, _) => self.received.extend_from_slice(bytes),
            (Phase::Open, Some(reading)) => reading.feed(bytes, now),
            _ => {}
        }
    }

    /// This decision is about to be handed in. Says whether anything was asked.
    pub(super) fn decide(&mut self, decision: &Decision) -> bool {
        let Some(question) = self.question.take_if(|_| self.phase == Phase::Greeting) else {
            return false;
        };
        if let (Decision::Accept { role, .. }, false) = (decision, question.is_crawler) {
            self.accepted = Some(*role);
        }
        true
    }

    /// What has arrived and was in no head that is understood already.
    pub(super) fn unread(&self) -> &[u8] {
        let heads = match self.side {
            Side::Accepting if self.agreement.is_some() => 2,
            _ => usize::from(self.has_asked),
        };
        link_heads::behind(&self.received, heads)
    }

    /// The link has told this.
    pub(super) fn hear(&mut self, output: Output, now: Time) {
        assert_ne!(self.phase, Phase::Closed, "{output:?} after the end");
        match &output {
            Output::Asked(question) => self.asked(question, Side::Accepting),
            Output::Answered(question) => self.asked(question, Side::Connecting),
            Output::StartTls { unread } => self.start_tls(unread),
            Output::Opened(agreement) => self.opened(agreement, now),
            Output::Frame(_) | Output::Dropped { .. } => self.read(&output),
            Output::EndWriting => self.left(now),
            Output::Closed(ending) => self.closed(&output, ending, now),
        }
        self.told.push(output);
    }

    /// The link has told all that there is.
    pub(super) fn settle(&self) {
        let is_told = self.reading.as_ref().is_none_or(Reading::is_told);
        assert!(self.phase != Phase::Open || is_told, "a message is kept: {:?}", self.reading);
        if self.phase != Phase::Greeting || self.question.is_some() {
            return;
        }
        let unread = self.unread();
        let start_len = unread.len().min(HEAD_START.len());
        assert_eq!(unread[..start_len], HEAD_START[..start_len], "it goes on reading");
        let fault = Head::decode(unread).map_or_else(|fault| fault.rule.id(), |_| "nothing");
        assert_eq!(fault, NO_END, "it goes on reading");
    }

    /// Holds the heads that it has written against what it told.
    pub(super) fn check_heads(&self, written: &[u8]) {
        let codes = link_heads::codes(written);
        let usual = if self.side == Side::Accepting { 1 } else { 2 };
        assert!(codes.len() <= usual, "too many heads: {codes:?}");
        assert!(self.agreement.is_none() || codes.len() == usual, "a head is missing");
        let code = codes.last().copied().flatten();
        match self.told.last() {
            Some(Output::Closed(Ending::Refused(refusal, _))) => {
                let is_said = (201..=999).contains(&refusal.code);
                assert_eq!(code, Some(if is_said { refusal.code } else { Refusal::NO_ROOM }));
            }
            Some(Output::Closed(Ending::Crawled)) => assert_eq!(code, Some(593)),
            _ => assert!(code.is_none_or(|code| code == StartLine::ACCEPTED), "{code:?}"),
        }
    }

    fn asked(&mut self, question: &Question, side: Side) {
        assert_eq!((self.phase, self.side), (Phase::Greeting, side));
        assert!(!self.has_asked, "it asks again");
        assert_eq!(question.role, self.profile.role);
        assert_ne!(question.guidance, Some(question.role), "this needs no guidance");
        assert!(question.guidance.is_none() || side == Side::Connecting);
        assert!(!question.is_crawler || side == Side::Accepting);
        assert!(question.is_crawler || question.peer_role.is_some());
        check_json(&question.peer, self.received.len());
        self.has_asked = true;
        self.question = Some(question.clone());
    }

    fn start_tls(&mut self, unread: &Bytes) {
        assert_eq!(self.phase, Phase::Greeting);
        let heads = if self.side == Side::Accepting { 2 } else { 1 };
        assert_eq!(unread, link_heads::behind(&self.received, heads), "TLS gets other bytes");
        self.unread = unread.clone();
        self.phase = Phase::Encrypting;
    }

    fn opened(&mut self, agreement: &Agreement, now: Time) {
        let role = self.accepted.expect("nobody accepted");
        let is_encrypted = self.phase == Phase::Encrypting;
        assert!(is_encrypted || self.phase == Phase::Greeting, "{:?}", self.phase);
        assert_eq!(agreement.tls, is_encrypted);
        let heads = if self.side == Side::Accepting { 2 } else { 1 };
        let theirs = link_heads::said(&self.received, heads);
        check_terms(agreement, self.side, &self.profile, role, &theirs);
        assert!(!agreement.role.is_leaf() || !agreement.peer_role.is_leaf(), "two leaves");
        check_json(agreement, self.received.len());
        self.agreement = Some(agreement.clone());
        self.phase = Phase::Open;
        let mut reading = Reading::new(agreement.peer_role, agreement.receives_deflate);
        if !is_encrypted {
            reading.feed(self.unread(), now);
        }
        self.reading = Some(reading);
    }

    fn read(&mut self, output: &Output) {
        assert_eq!(self.phase, Phase::Open);
        let reading = self.reading.as_mut().expect("an open link reads");
        reading.check(output);
    }

    fn left(&mut self, now: Time) {
        let grace_ms = match (self.phase, &mut self.reading) {
            (Phase::Open, Some(reading)) => {
                match reading.next() {
                    Some(Event::Dismissal(code)) => self.expected_bye = Some(code),
                    Some(due) => panic!("{due:?} is due, but it leaves"),
                    None if reading.deadline().is_some_and(|due| due <= now) => {
                        self.expected_bye = Some(Bye::TIMEOUT);
                    }
                    None => assert!(self.expected_bye.is_some(), "it leaves for no reason"),
                }
                BYE_GRACE_MS
            }
            (Phase::Greeting, _) => REFUSAL_GRACE_MS,
            _ => panic!("it leaves in {:?}", self.phase),
        };
        self.phase = Phase::Leaving(now.after_ms(grace_ms));
    }

    fn closed(&mut self, output: &Output, ending: &Ending, now: Time) {
        let is_open = self.phase == Phase::Open;
        let has_left = matches!(self.phase, Phase::Leaving(_));
        let has_agreed = self.agreement.is_some();
        let fits = match ending {
            Ending::Refused(..) | Ending::Crawled => has_left && !has_agreed,
            Ending::Declined(_) => self.phase == Phase::Greeting,
            Ending::Dismissed { code, .. } if has_agreed => {
                has_left && Some(*code) == self.expected_bye
            }
            Ending::Dismissed { .. } | Ending::Closed => !has_left,
            Ending::Farewell(_) | Ending::StreamEnded => is_open,
            Ending::Fault(_) => is_open || self.phase == Phase::Greeting,
            Ending::TimedOut(reason) => {
                let is_due = now >= self.handshake_deadline();
                !has_left && !has_agreed && is_due && *reason == Reason::Handshake
            }
        };
        assert!(fits, "{ending:?} in {:?}", self.phase);
        if !matches!(ending, Ending::Refused(_, None) | Ending::Dismissed { fault: None, .. }) {
            // All but the words of the node, which are ours.
            check_display(ending);
        }
        // A link that is blamed by the node, or whose other side has closed, has nothing to tell.
        if let Some(reading) = self.reading.as_mut().filter(|reading| is_open && !reading.is_told())
        {
            reading.check(output);
        }
        self.phase = Phase::Closed;
    }
}
