use super::World;
use super::event::{EndName, Event};
use crate::base::time::Time;
use crate::node::{Input, Output};
use crate::simulate::machine::Machine;
use crate::simulate::watch::{Invariant, Violation};

/// A machine that is woken more often at one moment stands still.
const WAKES_MAX: u32 = 1_000;

impl<M: Machine> World<'_, M> {
    /// Tells all that is to be told, until nothing more follows.
    pub(super) fn settle(&mut self) {
        while let Some((host, input)) = self.inbox.pop_front() {
            self.step(host, input);
        }
    }

    /// One turn of the crank: an input, all that follows, and what can be sent because of it.
    pub(super) fn step(&mut self, host: u32, input: Input) {
        let now = self.now;
        let Some(actor) = self.actor_mut(host) else { return };
        actor.handle(input, now);
        self.drain(host);
        self.audit_one(host);
    }

    /// Takes everything out of a machine, and sends what its links have room for.
    pub(super) fn drain(&mut self, host: u32) {
        loop {
            while let Some(output) = self.poll(host) {
                self.apply(host, output);
            }
            let Some(end) = self.ready.pop() else { break };
            self.pump(end);
        }
        self.plan_wake(host);
    }

    fn poll(&mut self, host: u32) -> Option<Output> {
        self.actor_mut(host)?.poll()
    }

    /// Sends over a connection what its machine has for it, as far as there is room.
    pub(super) fn pump(&mut self, end: EndName) {
        let now = self.now;
        loop {
            let Some(own) = self.connections.end(end) else { return };
            if !own.is_ready || own.is_in_turn {
                return;
            }
            let (host, is_full) = (own.host, own.unread >= self.scenario.links.window_bytes);
            if is_full {
                if let Some(own) = self.connections.end_mut(end) {
                    own.is_blocked = true;
                }
                return;
            }
            if !self.has_line(host, end) {
                return;
            }
            if self.is_session(end) {
                if self.send_next_message(end) {
                    continue;
                }
                return;
            }
            let Some(actor) = self.actor_mut(host) else { return };
            let Some(frame) = actor.transmit(end.link_id(), now) else {
                if let Some(own) = self.connections.end_mut(end) {
                    own.is_ready = false;
                }
                return;
            };
            self.send_frame(end, frame);
        }
    }

    /// Whether the line of a host takes more; if not, the end waits for its turn.
    fn has_line(&mut self, host: u32, end: EndName) -> bool {
        let now = self.now;
        let Some(there) = self.host_mut(host) else { return false };
        let Some(free_at) = there.up.free_at(now) else { return true };
        there.turns.push_back(end);
        let start = there.start;
        let is_watched = std::mem::replace(&mut there.up.is_watched, true);
        if !is_watched {
            self.queue.push(free_at, Event::LineFree { host, start });
        }
        if let Some(own) = self.connections.end_mut(end) {
            own.is_in_turn = true;
        }
        false
    }

    /// The line of a host is free: those who wait have their turns, in order, until it is full.
    pub(super) fn line_free(&mut self, host: u32, start: u32) {
        let now = self.now;
        let Some(there) = self.host_mut(host).filter(|there| there.start == start) else { return };
        there.up.is_watched = false;
        let waiting = there.turns.len();
        for _ in 0..waiting {
            let Some(there) = self.host_mut(host) else { return };
            if let Some(free_at) = there.up.free_at(now) {
                let is_watched = std::mem::replace(&mut there.up.is_watched, true);
                if !is_watched {
                    self.queue.push(free_at, Event::LineFree { host, start });
                }
                break;
            }
            let Some(end) = there.turns.pop_front() else { break };
            if let Some(own) = self.connections.end_mut(end) {
                own.is_in_turn = false;
            }
            self.pump(end);
        }
        self.drain(host);
    }

    /// A machine wants to be woken; the earliest event that says so is the one that counts.
    fn plan_wake(&mut self, host: u32) {
        let now = self.now;
        let Some(there) = self.host_mut(host) else { return };
        let Some(due) = there.actor.as_ref().and_then(|actor| actor.next_timeout()) else { return };
        let due = due.max(now);
        if due < there.wakes_at {
            there.wakes_at = due;
            let start = there.start;
            self.queue.push(due, Event::Wake { host, start });
        }
    }

    pub(super) fn wake(&mut self, host: u32, start: u32) {
        let now = self.now;
        let Some(there) = self.host_mut(host).filter(|there| there.start == start) else { return };
        // An earlier event has taken over.
        if there.wakes_at > now {
            return;
        }
        there.wakes_at = super::connection::NEVER;
        let due = there.actor.as_ref().and_then(|actor| actor.next_timeout());
        match due {
            Some(due) if due <= now => {
                self.count_wake(host);
                self.step(host, Input::Timeout);
            }
            _ => self.plan_wake(host),
        }
    }

    /// A machine that asks for one moment again and again would keep the world there for ever.
    fn count_wake(&mut self, host: u32) {
        let now = self.now;
        let Some(there) = self.host_mut(host) else { return };
        let (at, before) = there.wakes;
        let count = if at == now { before.saturating_add(1) } else { 1 };
        there.wakes = (now, count);
        if count == WAKES_MAX {
            let what = format!("it was woken {WAKES_MAX} times");
            self.violate(Some(host), Invariant::TimeMovesOn, what);
            self.stop(host);
        }
    }

    pub(super) fn violate(&mut self, host: Option<u32>, invariant: Invariant, what: String) {
        self.violations.add(Violation { at_us: self.now, host, invariant, what });
    }

    /// What runs on a host.
    pub(super) fn actor_mut(
        &mut self,
        host: u32,
    ) -> Option<&mut crate::simulate::attackers::Actor<M>> {
        self.host_mut(host)?.actor.as_deref_mut()
    }

    pub(super) const fn later(&self, micros: u64) -> Time {
        Time::from_micros(self.now.as_micros().saturating_add(micros))
    }
}
