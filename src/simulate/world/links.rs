use super::World;
use super::connection::{NEVER, Stage};
use super::event::{EndName, Event};
use crate::fasttrack::link as session;
use crate::gnutella::link::{self, Ending, Queue};
use crate::node::Input;
use crate::simulate::machine::Machine;
use crate::simulate::trace::What;

impl<M: Machine> World<'_, M> {
    /// Bytes have come to a link.
    pub(super) fn read_bytes(&mut self, end: EndName, bytes: &[u8]) {
        match self.is_session(end) {
            true => self.read_session(end, bytes),
            false => self.turn_link(end, link::Input::Received(bytes)),
        }
    }

    /// The bytes of a message of this length have come to a link.
    pub(super) fn read_frame(&mut self, end: EndName, bytes: &[u8], len: u64) {
        let before = self.tally.frames_delivered;
        self.read_bytes(end, bytes);
        if self.tally.frames_delivered == before {
            self.tally.dropped("refused by the link", len);
        }
    }

    /// The other side will send nothing more.
    pub(super) fn read_end(&mut self, end: EndName) {
        match self.is_session(end) {
            true => self.turn_session(end, session::Input::Ended),
            false => self.turn_link(end, link::Input::Ended),
        }
    }

    /// Hands something to a link, and does what follows.
    pub(super) fn turn_link(&mut self, end: EndName, input: link::Input<'_>) {
        let now = self.now;
        let Some(link) = self.link_mut(end) else { return };
        link.handle(input, now);
        let mut ends = false;
        let mut closed = None;
        while let Some(output) = self.link_mut(end).and_then(link::Link::poll) {
            match output {
                link::Output::EndWriting => ends = true,
                link::Output::Closed(ending) => closed = Some(ending),
                output => self.link_says(end, output),
            }
        }
        while let Some(bytes) = self.link_mut(end).and_then(|link| link.transmit(Queue::Dry, now)) {
            self.send_bytes(end, bytes);
        }
        if ends {
            if let Some(own) = self.connections.end_mut(end) {
                own.stage = Stage::Leaving;
                // Whatever its compressor waited for, its farewell ends in the same turn as those of
                // links without one.
                own.wakes_at = NEVER;
            }
            self.count_parents_at(end);
            self.send_end(end);
        }
        match closed {
            Some(ending) => self.link_closed(end, ending),
            None => self.plan_link_wake(end),
        }
    }

    fn link_mut(&mut self, end: EndName) -> Option<&mut link::Link> {
        self.connections.end_mut(end)?.link.as_deref_mut()
    }

    fn link_says(&mut self, end: EndName, output: link::Output) {
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        let link = end.link_id();
        match output {
            link::Output::Asked(question) => {
                self.inbox.push_back((host, Input::Asked { link, question }));
            }
            link::Output::Answered(question) => {
                self.inbox.push_back((host, Input::Answered { link, question }));
            }
            link::Output::Opened(agreement) => {
                self.link_opens(end, &agreement);
                self.inbox.push_back((host, Input::Opened { link, agreement }));
                self.announce_leaf(end);
            }
            link::Output::Frame(frame) => {
                self.note_delivery(end, &frame);
                self.inbox.push_back((host, Input::Frame { link, frame }));
            }
            link::Output::Dropped { header, fault } => {
                let fault = fault.into();
                self.inbox.push_back((host, Input::Dropped { link, header, fault }));
            }
            // Nobody here offers TLS; and the last two were taken before.
            link::Output::StartTls { .. } | link::Output::EndWriting | link::Output::Closed(_) => {}
        }
    }

    fn link_opens(&mut self, end: EndName, agreement: &link::Agreement) {
        if let Some(own) = self.connections.end_mut(end) {
            own.stage = Stage::Open;
            own.leads_up = agreement.role.is_leaf() && agreement.peer_role.is_ultrapeer();
            own.leads_down = agreement.role.is_ultrapeer() && agreement.peer_role.is_leaf();
        }
        self.told(end, What::Opened);
        self.count_opened(end);
    }

    /// Where leaves do so, the one at the other end tells what it has.
    fn announce_leaf(&mut self, end: EndName) {
        let Some(own) = self.connections.end(end).filter(|own| own.leads_down) else { return };
        let Some(leaf) = self.connections.end(end.other()).map(|other| other.host) else { return };
        if self.scenario.node.announces {
            let announced = Input::Announced { link: end.link_id(), files: self.files_of(leaf) };
            self.inbox.push_back((own.host, announced));
        }
    }

    fn link_closed(&mut self, end: EndName, ending: Ending) {
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        self.told(end, What::Closed);
        self.send_end(end);
        self.let_go(end);
        self.inbox.push_back((host, Input::Closed { link: end.link_id(), ending }));
    }

    /// Takes an end off its host.
    pub(super) fn let_go(&mut self, end: EndName) {
        let Some(own) = self.connections.end(end) else { return };
        let (host, leads_up) = (own.host, own.leads_up);
        if let Some(there) = self.host_mut(host)
            && let Some(place) = there.ends.iter().position(|found| *found == end)
        {
            there.ends.swap_remove(place);
        }
        for cargo in self.held.remove(&end).unwrap_or_default() {
            self.drop_cargo(&cargo, "the connection is gone");
        }
        let other = self.connections.end(end.other()).filter(|other| other.leads_up);
        let bereft = other.map(|other| other.host);
        self.connections.remove(end);
        for leaf in bereft.into_iter().chain(leads_up.then_some(host)) {
            self.count_parents(leaf);
        }
    }

    /// A link wants to be woken; the earliest event that says so is the one that counts.
    pub(super) fn plan_link_wake(&mut self, end: EndName) {
        let now = self.now;
        let Some(own) = self.connections.end_mut(end) else { return };
        let Some(due) = own.next_timeout() else { return };
        let due = due.max(now);
        if due < own.wakes_at {
            own.wakes_at = due;
            own.wake = own.wake.wrapping_add(1);
            let wake = own.wake;
            self.queue.push(due, Event::WakeLink { end, wake });
        }
    }

    pub(super) fn wake_link(&mut self, end: EndName, wake: u32) {
        let now = self.now;
        let Some(own) = self.connections.end_mut(end).filter(|own| own.wake == wake) else {
            return;
        };
        own.wakes_at = NEVER;
        let is_due = own.next_timeout().is_some_and(|due| due <= now);
        match self.is_session(end) {
            _ if !is_due => self.plan_link_wake(end),
            true => self.turn_session(end, session::Input::Timeout),
            false => self.turn_link(end, link::Input::Timeout),
        }
    }
}
