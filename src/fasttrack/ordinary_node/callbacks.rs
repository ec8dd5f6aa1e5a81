//! Calls that pushes want of an ordinary node.

use std::net::{SocketAddr, SocketAddrV4};

use crate::base::addresses::{Network, is_public};
use crate::base::limits::{
    CALLBACK_ASKED_MS, CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACKS_ASKED_MAX,
    CALLBACKS_FAILED_MAX, CALLBACKS_MAX, CALLBACKS_OF_ASKER_MAX, PUSHED_CALLS_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::fasttrack::strangers::may_be_called;

/// How often one host is called.
const CALL: Seldom = Seldom { times: 1, every_ms: CALLBACK_EVERY_MS, total: CALLBACKS_MAX };

/// How often where the last call has led to a request.
const CALL_ASKER: Seldom = Seldom { times: CALLBACKS_OF_ASKER_MAX, ..CALL };

/// How long that is remembered.
const ASK: Seldom = Seldom { times: 1, every_ms: CALLBACK_ASKED_MS, total: CALLBACKS_ASKED_MAX };

/// How long it is remembered that a host was not there, or asked for nothing.
const FAIL: Seldom = Seldom { times: 1, every_ms: CALLBACK_FAILED_MS, total: CALLBACKS_FAILED_MAX };

/// What became of a call that a push wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    /// Whoever is there has sent a request.
    Asked,
    /// Somebody has taken it, and has asked for nothing.
    Silent,
    /// Nobody was there.
    Absent,
}

/// Whom we call because a push says so (FTNODE-13): a push can name any address, and nobody may be flooded
/// with our calls.
#[derive(Clone, Debug)]
pub(super) struct Callbacks {
    allow_private: bool,
    /// Calls of which the end is not known.
    under_way: Vec<SocketAddrV4>,
    called: Done<Host>,
    asked: Done<Host>,
    failed: Done<Host>,
}

/// One host. In a laboratory many nodes share one address.
type Host = (Network, u16);

impl Callbacks {
    /// Nobody was called yet. With `allow_private`, hosts in private networks may be called, too.
    pub(super) fn new(allow_private: bool) -> Self {
        let (called, asked, failed) = (Done::new(), Done::new(), Done::new());
        Self { allow_private, under_way: Vec::new(), called, asked, failed }
    }

    /// Whether this address is called now; if so, it counts as called.
    pub(super) fn allow(&mut self, to: SocketAddrV4, now: Time) -> bool {
        if !may_be_called(to, self.allow_private) {
            return false;
        }
        let host = self.host(to);
        let rule = if self.asked.was_done(ASK, host, now) { CALL_ASKER } else { CALL };
        let may = self.under_way.len() < PUSHED_CALLS_MAX
            && !self.failed.was_done(FAIL, host, now)
            && self.called.allow(rule, host, now);
        if may {
            self.under_way.push(to);
        }
        may
    }

    /// What became of a call to this address.
    pub(super) fn ended(&mut self, at: SocketAddrV4, how: Callback, now: Time) {
        let Some(place) = self.under_way.iter().position(|one| *one == at) else { return };
        self.under_way.swap_remove(place);
        let host = self.host(at);
        match how {
            Callback::Asked => {
                // It holds from the last time on.
                self.asked.take_back(host);
                self.asked.allow(ASK, host, now);
            }
            // One of several that it has asked for may be one too many.
            Callback::Silent if self.asked.was_done(ASK, host, now) => {}
            Callback::Silent | Callback::Absent => {
                self.failed.allow(FAIL, host, now);
            }
        }
    }

    fn host(&self, at: SocketAddrV4) -> Host {
        let is_shared = self.allow_private && !is_public((*at.ip()).into());
        (Network::host(SocketAddr::from(at).ip()), if is_shared { at.port() } else { 0 })
    }
}
