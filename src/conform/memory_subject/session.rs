//! A connection of FastTrack between a probe and our node.

use std::net::SocketAddr;

use super::files::Files;
use super::line::{Kind, Line, Said};
use crate::base::time::Time;
use crate::fasttrack::link as session;
use crate::fasttrack::wire::Frame;
use crate::gnutella::link::Ending;
use crate::node::Input;
use crate::node::fasttrack as part;

impl Line {
    pub(super) fn begin_session(&mut self, first: &[u8], files: &mut Files, now: Time) {
        let Some(profile) = files.session_profile() else { return self.end(Ending::Closed) };
        let link = session::Link::accept(&profile, files.rng(), self.opened);
        self.kind = Kind::Session(Box::new(link));
        self.say_to_node(part::Input::Greeted { link: self.link });
        self.turn_session(session::Input::Received(first), now);
    }

    /// The node has connected to a probe, and wants a session.
    pub(super) fn calling_for_session(
        address: SocketAddr,
        profile: &session::Profile,
        now: Time,
    ) -> Self {
        let link = session::Link::connect(profile, now);
        Self::new(address, Kind::Session(Box::new(link)), now)
    }

    /// What has to be said first.
    pub(super) fn say_hello(&mut self, now: Time) {
        if let Kind::Session(own) = &mut self.kind {
            let bytes: Vec<_> = std::iter::from_fn(|| own.transmit(now)).collect();
            self.said.extend(bytes.into_iter().map(Said::Bytes));
        }
    }

    fn say_to_node(&mut self, input: part::Input) {
        self.said.push(Said::ToNode(Box::new(Input::FastTrack(input))));
    }

    /// Hands something to a session, and takes what it has to say.
    pub(super) fn turn_session(&mut self, input: session::Input<'_>, now: Time) {
        let link = self.link;
        let Kind::Session(own) = &mut self.kind else { return };
        own.handle(input, now);
        let (mut told, mut ends, mut closed) = (Vec::new(), false, None);
        while let Some(output) = own.poll() {
            match output {
                session::Output::Opened(session) => {
                    told.push(part::Input::Opened { link, session });
                }
                session::Output::Frame(frame) => told.push(part::Input::Frame { link, frame }),
                session::Output::Pong { round_trip } => {
                    told.push(part::Input::Pong { link, round_trip });
                }
                session::Output::EndWriting => ends = true,
                session::Output::Closed(ending) => closed = Some(ending),
            }
        }
        let bytes: Vec<_> = std::iter::from_fn(|| own.transmit(now)).collect();
        self.said.extend(bytes.into_iter().map(Said::Bytes));
        told.into_iter().for_each(|input| self.say_to_node(input));
        if ends && !std::mem::replace(&mut self.has_ended, true) {
            self.said.push(Said::Ended);
        }
        if let Some(ending) = closed {
            self.say_to_node(part::Input::Closed { link, ending });
            self.over();
        }
    }

    pub(super) fn send_message(&mut self, frame: &Frame, now: Time) {
        if let Kind::Session(own) = &mut self.kind
            && own.send(frame)
        {
            let bytes: Vec<_> = std::iter::from_fn(|| own.transmit(now)).collect();
            self.said.extend(bytes.into_iter().map(Said::Bytes));
        }
    }
}
