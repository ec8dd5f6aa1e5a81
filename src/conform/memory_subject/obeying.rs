//! What our node wants done.

use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;

use bytes::Bytes;

use super::line::Line;
use super::{Memory, SUBJECT, files};
use crate::conform::play::{Event, ProbeId};
use crate::fasttrack::http::Give;
use crate::fasttrack::link as session;
use crate::gnutella::http::{Giv, HeaderText};
use crate::node::fasttrack as part;
use crate::node::{self, Direction, Input, LinkId, Output};

impl Memory {
    /// Tells the node all that it has yet to hear, and does all that it wants.
    pub(super) fn follow(&mut self) {
        while let Some(input) = self.for_node.pop_front() {
            self.node.handle(input, self.now);
            while let Some(output) = self.node.poll() {
                self.obey(output);
            }
        }
    }

    fn obey(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Dial { address } => self.dial(address),
            Output::Decide { link, decision } => {
                self.turn_link(link, |line| line.decided(decision, now));
            }
            Output::Ready { link } => self.send_all(link),
            Output::FastTrack(output) => self.obey_in_session(output),
            Output::Close { link, code, reason } => {
                self.send_all(link);
                self.turn_link(link, |line| line.bye(code, &reason, now));
            }
            Output::Datagram { to, bytes } => self.deliver(to, bytes),
            Output::ConnectBack { to } => {
                if let Some(probe) = self.called(to) {
                    let bytes = Bytes::from_static(b"\n\n");
                    self.told.push(Event::Received { probe, bytes });
                    self.told.push(Event::Ended { probe });
                }
            }
            Output::Event(node::Event::Pushed(push)) => {
                let to = SocketAddr::from((push.address, push.port));
                let Some(probe) = self.called(to) else { return };
                let line = Line::giving(to, &mut self.files, now);
                self.begin(probe, line);
                let name = HeaderText::of(files::NAME);
                let giv = Giv { index: push.index, servent: push.servent, name };
                let bytes = Bytes::from(giv.to_string());
                self.told.push(Event::Received { probe, bytes });
            }
            Output::Event(node::Event::FastTrack(part::Event::Pushed { to, number })) => {
                self.give(to, number);
            }
            Output::Event(node::Event::Hit { search, hit, .. }) => self.find(search, &hit),
            Output::Event(node::Event::PushSent { request, ways }) => {
                self.push_sent(request, ways);
            }
            Output::Event(node::Event::FastTrack(event)) => self.learn_of_fasttrack(&event),
            Output::Event(_) => {}
        }
    }

    fn learn_of_fasttrack(&mut self, event: &part::Event) {
        match event {
            part::Event::Hits { search, .. } => self.find_in_fasttrack(*search, event),
            part::Event::PushSent { request, outcome } => {
                self.kazaa_push_sent(*request, *outcome);
            }
            _ => {}
        }
    }

    fn obey_in_session(&mut self, output: part::Output) {
        let now = self.now;
        match output {
            part::Output::Dial { address } => self.dial_for_session(address),
            part::Output::Datagram { to, bytes } => self.deliver(to.into(), bytes),
            part::Output::Ready { link } => self.send_all_messages(link),
            // A case sends no more than a session may.
            part::Output::Pause { .. } | part::Output::Resume { .. } => {}
            part::Output::Ping { link } => {
                self.turn_link(link, |line| line.turn_session(session::Input::Ping, now));
            }
            part::Output::Blame { link, fault } => {
                self.turn_link(link, |line| line.turn_session(session::Input::Blame(fault), now));
            }
            part::Output::Close { link, .. } => {
                self.send_all_messages(link);
                self.turn_link(link, |line| line.turn_session(session::Input::Leave, now));
            }
        }
    }

    fn send_all_messages(&mut self, link: LinkId) {
        let now = self.now;
        while let Some(frame) = self.node.transmit_fasttrack(link, now) {
            self.turn_link(link, |line| line.send_message(&frame, now));
        }
    }

    /// The node calls back who cannot call it: a child of FastTrack, whom a push reached.
    fn give(&mut self, to: SocketAddrV4, number: u32) {
        let Some(probe) = self.called(to.into()) else { return };
        let line = Line::giving(to.into(), &mut self.files, self.now);
        self.begin(probe, line);
        let bytes = Bytes::from(Give { push: number }.to_string());
        self.told.push(Event::Received { probe, bytes });
    }

    fn turn_link(&mut self, link: LinkId, act: impl FnOnce(&mut Line)) {
        if let Some(probe) = self.names.get(&link).copied() {
            self.turn(probe, |line, _, _, _| act(line));
        }
    }

    fn send_all(&mut self, link: LinkId) {
        let now = self.now;
        while let Some(frame) = self.node.transmit(link, now) {
            self.turn_link(link, |line| line.send(&frame, now));
        }
    }

    /// The node calls a port, if it is one of ours.
    pub(super) fn called(&mut self, to: SocketAddr) -> Option<ProbeId> {
        let SocketAddr::V4(to) = to else { return None };
        let probe = match self.awaited.remove(&to) {
            Some(probe) => {
                self.told.push(Event::Ready { probe, own: to });
                probe
            }
            None => self.ports.get_mut(&to)?.pop_front()?,
        };
        self.told.push(Event::Called { probe, from: SUBJECT.into() });
        Some(probe)
    }

    fn dial(&mut self, address: SocketAddr) {
        let Some(probe) = self.called(address) else {
            self.for_node.push_back(Input::DialFailed { address });
            return;
        };
        let profile = Arc::new(self.node.profile());
        let link = self.begin(probe, Line::calling(address, profile, self.now));
        let direction = Direction::Outgoing;
        self.for_node.push_back(Input::Connected { link, address, direction });
        self.turn(probe, |line, files, _, now| line.catch_up(files, now));
    }

    /// A session is wanted. What nobody takes has failed.
    fn dial_for_session(&mut self, address: SocketAddrV4) {
        let profile = self.node.fasttrack_profile().cloned();
        let Some((probe, profile)) = self.called(address.into()).zip(profile) else {
            let input = part::Input::DialFailed { address };
            self.for_node.push_back(Input::FastTrack(input));
            return;
        };
        let link = self.begin(probe, Line::calling_for_session(address.into(), &profile, self.now));
        self.for_node.push_back(Input::FastTrack(part::Input::Connected { link, address }));
        self.turn(probe, |line, _, _, now| line.say_hello(now));
    }

    fn deliver(&mut self, to: SocketAddr, bytes: Bytes) {
        let SocketAddr::V4(to) = to else { return };
        if let Some(probe) = self.sockets.get(&to).copied() {
            let from = SUBJECT.into();
            self.told.push(Event::Datagram { probe, from, bytes });
        }
    }
}
