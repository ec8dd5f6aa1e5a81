use bytes::Bytes;

use super::connection::{Cut, Stage};
use super::event::{Cargo, EndName, Event};
use super::host::Host;
use super::{Fidelity, World};
use crate::base::time::Time;
use crate::gnutella::link::{Queue, Role};
use crate::gnutella::wire::Frame;
use crate::node::Input;
use crate::simulate::machine::Machine;
use crate::simulate::tally::Heap;
use crate::simulate::trace::What;
use crate::simulate::watch::Invariant;

/// What a farewell counts on the line, however well it is compressed.
const FAREWELL_LEN: u32 = 64;

impl<M: Machine> World<'_, M> {
    /// A machine sends a message.
    pub(super) fn send_frame(&mut self, end: EndName, frame: Frame) {
        let Some(own) = self.connections.end(end) else { return };
        let host = own.host;
        let role = self.host(host).map_or(Role::Leaf, |there| there.role);
        let len = frame.wire_len() as u64;
        self.tally.sent(&frame, role);
        self.watch_sent(end, &frame);
        if !self.goes_by_bytes(end) {
            // A link takes nothing that would cost it the connection (LINK-17).
            match frame.header().check_size() {
                Ok(()) => self.post(end, Cargo::Frame(frame)),
                Err(_) => self.tally.dropped("not taken by the link", len),
            }
            return;
        }
        let charge = u32::try_from(frame.wire_len()).unwrap_or(u32::MAX);
        let now = self.now;
        let link = self.connections.end_mut(end).and_then(|own| own.link.as_deref_mut());
        let bytes = link.and_then(|link| {
            let is_taken = link.send(&frame, now);
            is_taken.then(|| link.transmit(Queue::Dry, now)).flatten()
        });
        match bytes {
            Some(bytes) => self.post(end, Cargo::Bytes { bytes, charge, is_frame: true }),
            None => self.tally.dropped("not taken by the link", len),
        }
        self.plan_link_wake(end);
    }

    fn goes_by_bytes(&self, end: EndName) -> bool {
        self.fidelity == Fidelity::Bytes
            || self.connections.get(end).is_some_and(|connection| connection.by_bytes)
    }

    /// A link has bytes to send that are no message of its machine: a head, or a farewell.
    pub(super) fn send_bytes(&mut self, end: EndName, bytes: Bytes) {
        let is_shaking = self.connections.end(end).is_some_and(|own| own.stage == Stage::Shaking);
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let charge = if is_shaking { len } else { FAREWELL_LEN };
        self.post(end, Cargo::Bytes { bytes, charge, is_frame: false });
    }

    /// Nothing more will be sent.
    pub(super) fn send_end(&mut self, end: EndName) {
        let Some(own) = self.connections.end_mut(end) else { return };
        if !std::mem::replace(&mut own.has_ended, true) {
            self.post(end, Cargo::End);
        }
    }

    /// Puts something on the line of the host that sends it.
    pub(super) fn post(&mut self, end: EndName, cargo: Cargo) {
        let now = self.now;
        let Some(connection) = self.connections.get(end) else { return };
        let (latency, cut) = (connection.latency, connection.cut);
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        let len = cargo.len();
        let Some(there) = self.host_mut(host) else { return };
        there.sent = there.sent.saturating_add(u64::from(len));
        if self.is_being_made && !cargo.is_frame() {
            self.queue.push(now, Event::Arrives { end: end.other(), cargo });
            return;
        }
        let Some(there) = self.host_mut(host) else { return };
        let departs = there.up.pass(len, now).as_micros();
        if cut != Cut::No {
            return self.lose(end, &cargo, cut);
        }
        let arrives = departs.saturating_add(latency).saturating_add(self.jitter());
        let arrives = Time::from_micros(arrives);
        let Some(own) = self.connections.end_mut(end) else { return };
        // On a connection nothing overtakes anything.
        own.last_arrival = own.last_arrival.max(arrives);
        own.unread = own.unread.saturating_add(len);
        let arrives = own.last_arrival;
        self.queue.push(arrives, Event::Arrives { end: end.other(), cargo });
    }

    fn jitter(&mut self) -> u64 {
        match u64::from(self.scenario.links.jitter_ms) {
            0 => 0,
            jitter_ms => self.lots.loss.below(jitter_ms.saturating_mul(1_000)),
        }
    }

    /// What is sent over a connection that is cut is lost, and fills the window.
    fn lose(&mut self, end: EndName, cargo: &Cargo, cut: Cut) {
        self.drop_cargo(cargo, "the connection is cut");
        let (other, latency) = (self.connections.other_host(end), self.latency(end));
        let Some(own) = self.connections.end_mut(end) else { return };
        own.unread = own.unread.saturating_add(cargo.len());
        let host = own.host;
        let is_back = self.host(other).is_some_and(Host::is_on);
        if cut == Cut::UntilBack && is_back && !self.are_apart(host, other) {
            let at = self.later(latency.saturating_mul(2));
            self.queue.push(at, Event::Arrives { end, cargo: Cargo::End });
        }
    }

    /// Something has come to a host.
    pub(super) fn arrives(&mut self, end: EndName, cargo: Cargo) {
        let now = self.now;
        let Some(own) = self.connections.end(end) else {
            self.drop_cargo(&cargo, "the connection is gone");
            return;
        };
        if own.is_held || own.is_paused || own.is_slowed {
            self.held.entry(end).or_default().push_back(cargo);
            return;
        }
        let host = own.host;
        let len = cargo.len();
        let is_being_made = self.is_being_made;
        let Some(there) = self.host_mut(host) else { return };
        let lands = if is_being_made { now } else { there.down.pass(len, now) };
        if lands > now {
            self.queue.push(lands, Event::Lands { end, cargo });
        } else {
            self.lands(end, cargo);
        }
    }

    /// A host reads what has come.
    pub(super) fn lands(&mut self, end: EndName, cargo: Cargo) {
        let Some((own, other)) = self.connections.both_mut(end).filter(|(own, _)| !own.is_gone())
        else {
            self.drop_cargo(&cargo, "the connection is gone");
            return;
        };
        let (host, len) = (own.host, cargo.len());
        other.unread = other.unread.saturating_sub(len);
        let is_open = own.stage == Stage::Open;
        let opens = other.is_blocked && other.unread <= self.scenario.links.window_bytes / 2;
        if opens {
            other.is_blocked = false;
            let latency = self.connections.get(end).map_or(0, |connection| connection.latency);
            self.queue.push(self.later(latency), Event::Window { end: end.other() });
        }
        if let Some(there) = self.host_mut(host) {
            there.received = there.received.saturating_add(u64::from(len));
        }
        match cargo {
            cargo if cargo.is_frame() && !is_open => self.drop_cargo(&cargo, "after the last word"),
            Cargo::Frame(frame) => self.deliver(end, frame),
            Cargo::Bytes { bytes, is_frame: true, charge } => {
                self.read_frame(end, &bytes, u64::from(charge));
            }
            Cargo::Bytes { bytes, .. } => self.read_bytes(end, &bytes),
            Cargo::End => self.read_end(end),
        }
    }

    /// A message reaches its machine. Nothing waits to be told before it, for each event is settled
    /// before the next one.
    fn deliver(&mut self, end: EndName, frame: Frame) {
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        self.note_delivery(end, &frame);
        self.step(host, Input::Frame { link: end.link_id(), frame });
    }

    pub(super) fn note_delivery(&mut self, end: EndName, frame: &Frame) {
        let host = self.connections.end(end).and_then(|own| self.host(own.host));
        let role = host.map_or(Role::Leaf, |there| there.role);
        self.tally.delivered(frame, role);
        self.told(end, What::Frame(frame));
        self.watch_received(end, frame);
    }

    /// What is lost, if it was a message.
    pub(super) fn drop_cargo(&mut self, cargo: &Cargo, cause: &'static str) {
        if cargo.is_frame() {
            self.tally.dropped(cause, u64::from(cargo.len()));
        }
    }

    /// The sender is told that there is room again.
    pub(super) fn window_opens(&mut self, end: EndName) {
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        self.pump(end);
        self.drain(host);
    }

    /// Lets go of everything that waited at an end.
    pub(super) fn release(&mut self, end: EndName) {
        if let Some(own) = self.connections.end_mut(end) {
            own.is_held = false;
        }
        for cargo in self.held.remove(&end).unwrap_or_default() {
            self.queue.push(self.now, Event::Arrives { end, cargo });
        }
    }

    /// Every message that was sent has to be somewhere, and so has every byte of it.
    pub(super) fn check_conservation(&mut self) {
        let flying = Heap::of(self.queue.iter().filter_map(Event::cargo));
        let held = Heap::of(self.held.values().flatten());
        let (sent, done) = (self.tally.frames_sent(), self.tally.frames_done());
        let accounted = done.and(flying).and(held);
        if accounted != sent {
            let what = format!(
                "{sent} sent, {done} delivered or dropped, {flying} on their way, {held} held back"
            );
            self.violate(None, Invariant::FramesConserved, what);
        }
    }
}

impl Heap {
    fn of<'c>(cargo: impl Iterator<Item = &'c Cargo>) -> Self {
        let frames = cargo.filter(|cargo| cargo.is_frame());
        frames.fold(Self::default(), |heap, cargo| {
            heap.and(Self { frames: 1, bytes: u64::from(cargo.len()) })
        })
    }
}
