use std::net::{IpAddr, SocketAddr};

use crate::base::addresses::Network;
use crate::base::limits::{
    CALLBACK_ASKED_MS, CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACK_FAILURES_EVERY_MS,
    CALLBACK_FAILURES_MAX, CALLBACKS_ASKED_MAX, CALLBACKS_FAILED_MAX, CALLBACKS_MAX,
    CALLBACKS_OF_ASKER_MAX, CALLED_PORT_MIN,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::slots::Slot;
use crate::base::time::Time;

/// How often we connect to one host.
const CALL: Seldom = Seldom { times: 1, every_ms: CALLBACK_EVERY_MS, total: CALLBACKS_MAX };

/// How often where the last connection has led to a request.
const CALL_ASKER: Seldom = Seldom { times: CALLBACKS_OF_ASKER_MAX, ..CALL };

/// How long that is remembered.
const ASK: Seldom = Seldom { times: 1, every_ms: CALLBACK_ASKED_MS, total: CALLBACKS_ASKED_MAX };

/// How long we remember that a host was not there, or was no servent.
const FAIL: Seldom = Seldom { times: 1, every_ms: CALLBACK_FAILED_MS, total: CALLBACKS_FAILED_MAX };

/// How often a host may fail us before it is left alone for long. As many hosts are remembered as can be
/// called in that time.
const FAIL_OFTEN: Seldom = Seldom {
    times: CALLBACK_FAILURES_MAX,
    every_ms: CALLBACK_FAILURES_EVERY_MS,
    total: CALLBACKS_MAX * 60,
};

/// What became of a connection that a push wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    /// Whoever is there has sent a request: it wanted to be called (PUSH-29).
    Asked,
    /// Somebody has taken it, and has asked for nothing.
    Silent,
    /// Nobody was there.
    Absent,
}

/// To whom we connect because a push says so (PUSH-12). A push can name any address, and many
/// pushes can name one: nobody may be flooded with our connections. Nor may anybody use up all that we
/// make: each neighbour that brings pushes has half of what the others leave.
#[derive(Clone, Debug, Default)]
pub struct Callbacks {
    called: Done<Network>,
    /// By the neighbours that have brought the pushes; none brought those that came in datagrams.
    brought: Done<Option<Slot>>,
    asked: Done<SocketAddr>,
    failed: Done<Network>,
    failed_often: Done<Network>,
}

impl Callbacks {
    /// Nobody was called yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether we connect to this address now, as a push says that this neighbour has brought, or a
    /// datagram; if so, it counts as called. Whether strangers can have the address at all is for the
    /// caller to know (PUSH-08).
    pub fn allow(&mut self, to: SocketAddr, from: impl Into<Option<Slot>>, now: Time) -> bool {
        let from = from.into();
        let host = Network::host(to.ip());
        let own = self.brought.count(CALL, from, now);
        let others = self.brought.len().saturating_sub(usize::from(own));
        let rule = if self.asked.was_done(ASK, to, now) { CALL_ASKER } else { CALL };
        let share = CALLBACKS_MAX.saturating_sub(others).div_ceil(2);
        let may = to.port() >= CALLED_PORT_MIN
            && usize::from(own) < share
            && !self.failed.was_done(FAIL, host, now)
            && self.failed_often.count(FAIL_OFTEN, host, now) < CALLBACK_FAILURES_MAX
            && self.called.allow(rule, host, now);
        if may {
            self.brought.note(from, now);
        }
        may
    }

    /// What became of a connection to this address.
    pub fn ended(&mut self, at: SocketAddr, how: Callback, now: Time) {
        match how {
            Callback::Asked => {
                // It holds from the last time on.
                self.asked.take_back(at);
                self.asked.allow(ASK, at, now);
            }
            // One of several that it has asked for may be one too many (PUSH-22).
            Callback::Silent if self.asked.was_done(ASK, at, now) => {}
            Callback::Silent | Callback::Absent => self.failed(at.ip(), now),
        }
    }

    fn failed(&mut self, host: IpAddr, now: Time) {
        let host = Network::host(host);
        self.failed.allow(FAIL, host, now);
        self.failed_often.allow(FAIL_OFTEN, host, now);
    }
}
