//! One connection between a probe and our node.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::files::{Files, Talk};
use crate::base::time::Time;
use crate::fasttrack::link as session;
use crate::gnutella::link::{self, Decision, Ending, Link, Opening, Port, Profile, Queue, Sniffer};
use crate::gnutella::wire::Frame;
use crate::node::{Input, LinkId};

/// A connection, and what it has to say.
pub(super) struct Line {
    pub(super) link: LinkId,
    address: SocketAddr,
    pub(super) opened: Time,
    pub(super) kind: Kind,
    pub(super) said: Vec<Said>,
    pub(super) has_ended: bool,
}

pub(super) enum Kind {
    /// Nobody knows yet what it wants.
    Sniffing(Sniffer),
    Gnutella(Box<Link>),
    Files(Box<Talk>),
    Session(Box<session::Link>),
    Over,
}

/// What follows from a turn.
pub(super) enum Said {
    /// The probe gets bytes.
    Bytes(Bytes),
    /// The probe gets no more.
    Ended,
    ToNode(Box<Input>),
    /// It has called because it was asked to, and this is how it begins.
    Calls(Bytes),
    /// The connection is gone.
    Gone,
}

impl Line {
    pub(super) fn new(address: SocketAddr, kind: Kind, now: Time) -> Self {
        let link = LinkId(0);
        Self { link, address, opened: now, kind, said: Vec::new(), has_ended: false }
    }

    /// A probe has connected.
    pub(super) fn accepted(address: SocketAddr, now: Time) -> Self {
        Self::new(address, Kind::Sniffing(Sniffer::at(Port::Shared)), now)
    }

    /// The node has connected to a probe, and wants a link.
    pub(super) fn calling(address: SocketAddr, profile: Arc<Profile>, now: Time) -> Self {
        let link = Link::connect(profile, address.ip(), now);
        Self::new(address, Kind::Gnutella(Box::new(link)), now)
    }

    /// The node has connected to a probe that may ask for files.
    pub(super) fn giving(address: SocketAddr, files: &mut Files, now: Time) -> Self {
        let talk = files.begin(address, now);
        Self::new(address, Kind::Files(Box::new(talk)), now)
    }

    pub(super) fn take_said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// The probe has sent this.
    pub(super) fn receive(
        &mut self,
        bytes: &[u8],
        files: &mut Files,
        profile: Arc<Profile>,
        now: Time,
    ) {
        match &mut self.kind {
            Kind::Sniffing(sniffer) => {
                let Some(opening) = sniffer.receive(bytes) else { return };
                let first = std::mem::take(sniffer).into_bytes();
                self.understand(opening, &first, files, profile, now);
            }
            Kind::Gnutella(link) => {
                link.handle(link::Input::Received(bytes), now);
                self.collect(now);
            }
            Kind::Files(talk) => {
                talk.receive(bytes, files, now);
                self.collect_answers();
            }
            Kind::Session(_) => self.turn_session(session::Input::Received(bytes), now),
            Kind::Over => {}
        }
    }

    fn understand(
        &mut self,
        opening: Opening,
        first: &[u8],
        files: &mut Files,
        profile: Arc<Profile>,
        now: Time,
    ) {
        match opening {
            Opening::Gnutella => {
                let mut link = Link::accept(profile, self.address.ip(), self.opened);
                link.handle(link::Input::Received(first), now);
                self.kind = Kind::Gnutella(Box::new(link));
                self.collect(now);
            }
            Opening::Http(_) => {
                self.said.push(Said::ToNode(Box::new(Input::HandedOn { link: self.link })));
                let mut talk = files.begin(self.address, now);
                talk.receive(first, files, now);
                self.kind = Kind::Files(Box::new(talk));
                self.collect_answers();
            }
            Opening::FastTrack => self.begin_session(first, files, now),
            Opening::Giv | Opening::Give => {
                self.said.push(Said::ToNode(Box::new(Input::HandedOn { link: self.link })));
                self.said.push(Said::Calls(Bytes::copy_from_slice(first)));
                self.kind = Kind::Over;
                self.said.push(Said::Gone);
            }
            Opening::Queue | Opening::Tls | Opening::Foreign => self.end(Ending::Closed),
        }
    }

    /// The probe sends no more.
    pub(super) fn ended(&mut self, files: &mut Files, now: Time) {
        match &mut self.kind {
            Kind::Gnutella(link) => {
                link.handle(link::Input::Ended, now);
                self.collect(now);
            }
            Kind::Files(talk) => {
                talk.gone(files, now);
                self.over();
            }
            Kind::Session(_) => self.turn_session(session::Input::Ended, now),
            Kind::Sniffing(_) => self.end(Ending::Closed),
            Kind::Over => {}
        }
    }

    pub(super) fn decided(&mut self, decision: Decision, now: Time) {
        if let Kind::Gnutella(link) = &mut self.kind {
            link.handle(link::Input::Decided(decision), now);
            self.collect(now);
        }
    }

    pub(super) fn bye(&mut self, code: u16, reason: &str, now: Time) {
        match &mut self.kind {
            Kind::Gnutella(link) => {
                link.handle(link::Input::Bye { code, reason }, now);
                self.collect(now);
            }
            // It is turned away before it has said what it wants.
            Kind::Sniffing(_) => self.end(Ending::Closed),
            Kind::Session(_) => self.turn_session(session::Input::Leave, now),
            Kind::Files(_) | Kind::Over => {}
        }
    }

    pub(super) fn send(&mut self, frame: &Frame, now: Time) {
        if let Kind::Gnutella(link) = &mut self.kind {
            link.send(frame, now);
            self.collect(now);
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        match &self.kind {
            // As long as the runtime waits for the first bytes.
            Kind::Sniffing(_) => Some(self.opened.after_ms(10_000)),
            Kind::Gnutella(link) => link.next_timeout().map(|(due, _)| due),
            Kind::Files(talk) => talk.next_timeout(),
            Kind::Session(session) => session.next_timeout().map(|(due, _)| due),
            Kind::Over => None,
        }
    }

    pub(super) fn is_due(&self, now: Time) -> bool {
        self.next_timeout().is_some_and(|due| due <= now)
    }

    /// Does what is due.
    pub(super) fn catch_up(&mut self, files: &mut Files, now: Time) {
        if !self.is_due(now) {
            return self.collect(now);
        }
        match &mut self.kind {
            Kind::Sniffing(_) => self.end(Ending::Closed),
            Kind::Gnutella(link) => {
                link.handle(link::Input::Timeout, now);
                self.collect(now);
            }
            Kind::Files(talk) => {
                talk.timeout(files, now);
                self.collect_answers();
            }
            Kind::Session(_) => self.turn_session(session::Input::Timeout, now),
            Kind::Over => {}
        }
    }

    /// Takes what a link has to say.
    fn collect(&mut self, now: Time) {
        let Kind::Gnutella(own) = &mut self.kind else { return };
        let (link, mut ends, mut closed) = (self.link, false, None);
        let mut inputs = Vec::new();
        while let Some(output) = own.poll() {
            let input = match output {
                link::Output::Asked(question) => Input::Asked { link, question },
                link::Output::Answered(question) => Input::Answered { link, question },
                link::Output::Opened(agreement) => Input::Opened { link, agreement },
                link::Output::Frame(frame) => Input::Frame { link, frame },
                link::Output::Dropped { header, fault } => {
                    Input::Dropped { link, header, fault: fault.into() }
                }
                // Nobody here speaks TLS.
                link::Output::StartTls { .. } => continue,
                link::Output::EndWriting => {
                    ends = true;
                    continue;
                }
                link::Output::Closed(ending) => {
                    closed = Some(ending);
                    continue;
                }
            };
            inputs.push(Said::ToNode(Box::new(input)));
        }
        // A head goes out before what the node sends because of it.
        while let Some(bytes) = own.transmit(Queue::Dry, now) {
            self.said.push(Said::Bytes(bytes));
        }
        self.said.extend(inputs);
        if ends && !std::mem::replace(&mut self.has_ended, true) {
            self.said.push(Said::Ended);
        }
        if let Some(ending) = closed {
            self.end(ending);
        }
    }

    fn collect_answers(&mut self) {
        let Kind::Files(talk) = &mut self.kind else { return };
        let (bytes, is_over) = talk.take();
        if !bytes.is_empty() {
            self.said.push(Said::Bytes(bytes));
        }
        if is_over {
            self.over();
        }
    }

    /// It is gone, and the node learns of it.
    pub(super) fn end(&mut self, ending: Ending) {
        let link = self.link;
        self.said.push(Said::ToNode(Box::new(Input::Closed { link, ending })));
        self.over();
    }

    pub(super) fn over(&mut self) {
        if !std::mem::replace(&mut self.has_ended, true) {
            self.said.push(Said::Ended);
        }
        self.kind = Kind::Over;
        self.said.push(Said::Gone);
    }
}
