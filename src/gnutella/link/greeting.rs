use bytes::BytesMut;

use super::handshake::{Answered, Asked, Asking, Decision, Failure, Granted, Listening, Us};
use super::{Agreement, Head, HeadReader, Output, Refusal};
use crate::base::error::Malformed;
use crate::base::reader::Expect;

const FOREIGN: Expect = Expect::new("HAND-04", "the head is not one of Gnutella");

/// How every head begins.
const START: &[u8] = b"GNUTELLA";

/// A handshake at one of its states, whichever that is.
#[derive(Debug)]
pub(super) enum Greeting {
    Asking(Asking),
    Answered(Answered),
    Listening(Listening),
    Asked(Asked),
    Granted(Granted),
}

/// What a step of the handshake sends, and where it leads.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) head: Option<Head>,
    pub(super) next: Next,
}

#[derive(Debug)]
pub(super) enum Next {
    /// Another state, and what the node is asked.
    Greeting(Box<Greeting>, Option<Output>),
    /// The link stands.
    Agreement(Box<Agreement>),
    /// The crawler has its answer.
    Crawled,
}

impl Greeting {
    /// We have connected; the head is the request.
    pub(super) fn connect(us: &Us) -> (Self, Head) {
        let (asking, head) = Asking::start(us);
        (Self::Asking(asking), head)
    }

    /// Somebody has connected to us.
    pub(super) const fn accept() -> Self {
        Self::Listening(Listening)
    }

    /// True while the other side has the word; otherwise the node has.
    pub(super) const fn awaits_head(&self) -> bool {
        matches!(self, Self::Asking(_) | Self::Listening(_) | Self::Granted(_))
    }

    /// Takes the next head off the front of what has arrived, if it is complete.
    pub(super) fn read(
        &self,
        reader: &mut HeadReader,
        inbox: &mut BytesMut,
    ) -> Result<Option<Head>, Failure> {
        let seen_len = inbox.len().min(START.len());
        if inbox.get(..seen_len) != START.get(..seen_len) {
            return Err(self.broken(FOREIGN.broken_at(0)));
        }
        reader.take_from(inbox).map_err(|fault| self.broken(fault))
    }

    /// Goes on with a head.
    pub(super) fn head(self, us: &Us, head: &Head) -> Result<Step, Failure> {
        Ok(match self {
            Self::Asking(asking) => {
                let answered = asking.answered(us, head)?;
                let question = Output::Answered(Box::new(answered.question(us)));
                Step::ask(Self::Answered(answered), question)
            }
            Self::Listening(listening) => {
                let asked = listening.asked(us, head)?;
                let question = Output::Asked(Box::new(asked.question(us)));
                Step::ask(Self::Asked(asked), question)
            }
            Self::Granted(granted) => {
                let agreement = Box::new(granted.closed(head)?);
                Step { head: None, next: Next::Agreement(agreement) }
            }
            // Nobody hands in a head while the node has the word.
            Self::Answered(_) | Self::Asked(_) => {
                Step { head: None, next: Next::Greeting(Box::new(self), None) }
            }
        })
    }

    /// Goes on with the word of the node.
    pub(super) fn decide(self, us: &Us, decision: Decision) -> Result<Step, Failure> {
        match (self, decision) {
            (Self::Answered(_) | Self::Asked(_), Decision::Refuse(refusal)) => {
                Err(Failure::Refused(refusal, None))
            }
            (Self::Answered(answered), Decision::Accept { role, .. }) => {
                let (agreement, head) = answered.accept(us, role)?;
                Ok(Step { head: Some(head), next: Next::Agreement(Box::new(agreement)) })
            }
            (Self::Asked(asked), Decision::Accept { role, ultrapeer_needed, try_ultrapeers })
                if !asked.is_by_crawler() =>
            {
                let (granted, head) = asked.accept(us, role, ultrapeer_needed, &try_ultrapeers)?;
                let granted = Box::new(Self::Granted(granted));
                Ok(Step { head: Some(head), next: Next::Greeting(granted, None) })
            }
            (Self::Asked(asked), Decision::Crawl { peers, leaves }) if asked.is_by_crawler() => {
                Ok(Step { head: Some(asked.crawl(us, &peers, &leaves)), next: Next::Crawled })
            }
            // To accept a crawler is to tell it of nobody.
            (Self::Asked(asked), Decision::Accept { .. }) => {
                Ok(Step { head: Some(asked.crawl(us, &[], &[])), next: Next::Crawled })
            }
            // To name our neighbours where nobody asks for them is to refuse.
            _ => Err(Failure::Refused(Refusal::no_room(Vec::new()), None)),
        }
    }

    /// What follows from bytes that are no head. Only who asks us is told: the others have had their
    /// answer, or gave theirs.
    fn broken(&self, fault: Malformed) -> Failure {
        match self {
            Self::Listening(_) => Failure::blame(Refusal::BAD_HEAD, fault),
            _ => Failure::Broken(fault.into()),
        }
    }
}

impl Step {
    fn ask(greeting: Greeting, question: Output) -> Self {
        Self { head: None, next: Next::Greeting(Box::new(greeting), Some(question)) }
    }
}
