use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::base::addresses::{Network, is_callable, is_public};
use crate::base::limits::{
    CALLED_PORT_MIN, SOURCE_CALL_EVERY_MS, SOURCE_CALLS_MAX, SOURCE_CALLS_OF_HOST_MAX,
    SOURCE_LEFT_ALONE_MS, SOURCE_SERVENT_EVERY_MS, SOURCE_SERVENTS_MAX,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;

/// How often we connect to one host that only others have named.
const CALL: Seldom = Seldom { times: 1, every_ms: SOURCE_CALL_EVERY_MS, total: SOURCE_CALLS_MAX };

/// How often before it is left alone. As many hosts are remembered as can be called in that time.
const TRY: Seldom = Seldom {
    times: SOURCE_CALLS_OF_HOST_MAX,
    every_ms: SOURCE_LEFT_ALONE_MS,
    total: SOURCE_CALLS_MAX * 60,
};

/// How often somebody has to show that it is no servent.
const BAR: Seldom = Seldom { times: 1, ..TRY };

/// Whether a connection may be made for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It may, and counts as made.
    Now,
    /// It may not yet: the same question is worth asking again after this many milliseconds.
    Later { wait_ms: u64 },
    /// The host is left alone: the source is to be forgotten.
    LeftAlone,
    /// Strangers do not have this address, or it is the port of another service: as before.
    Unfit,
}

/// To which hosts we connect to fetch files (PUSH-16).
///
/// Hits, alternate locations and push proxies come from anybody, and can name anybody: whoever answers
/// every search of everybody with the address of a victim has the whole network call it. So a host that
/// has not shown that it is a servent is called once a minute and three times in all; and not again
/// once it has shown that it is none. There is one such book, for all files and whatever is called for
/// them.
#[derive(Clone, Debug)]
pub struct SourceCalls {
    allow_private: bool,
    called: Done<Key>,
    tried: Done<Key>,
    barred: Done<Key>,
    /// When each host last did as servents do, and when it was called last.
    servents: BTreeMap<Key, (Time, Time)>,
}

/// One host. In a laboratory many nodes share one address.
type Key = (Network, u16);

impl SourceCalls {
    /// Nobody was called yet. With `allow_private`, hosts in private networks are called too, and each
    /// port of them is a host by itself.
    pub fn new(allow_private: bool) -> Self {
        let (called, tried, barred) = (Done::new(), Done::new(), Done::new());
        Self { allow_private, called, tried, barred, servents: BTreeMap::new() }
    }

    /// Whether we connect to this address now; if so, it counts as called.
    pub fn allow(&mut self, to: SocketAddr, now: Time) -> Permit {
        if to.port() < CALLED_PORT_MIN || !is_callable(to, self.allow_private) {
            return Permit::Unfit;
        }
        self.allow_named(to, now)
    }

    /// The same for an address that the user has named, perhaps with a link that somebody else has made:
    /// any port of any network may be called, and no host more often.
    pub fn allow_named(&mut self, to: SocketAddr, now: Time) -> Permit {
        let host = self.key(to);
        if self.barred.was_done(BAR, host, now) {
            return Permit::LeftAlone;
        }
        if let Some((shown, called)) = self.servents.get_mut(&host)
            && now < shown.after_ms(SOURCE_LEFT_ALONE_MS)
        {
            if now < called.after_ms(SOURCE_SERVENT_EVERY_MS) {
                return Permit::Later { wait_ms: SOURCE_SERVENT_EVERY_MS };
            }
            *called = now;
            return Permit::Now;
        }
        if self.tried.count(TRY, host, now) >= SOURCE_CALLS_OF_HOST_MAX {
            return Permit::LeftAlone;
        }
        let is_full = self.tried.len() >= TRY.total;
        if is_full || !self.called.allow(CALL, host, now) {
            return Permit::Later { wait_ms: SOURCE_CALL_EVERY_MS };
        }
        self.tried.note(host, now);
        Permit::Now
    }

    /// The call that was allowed last has not left our machine: it counts for nothing.
    pub fn was_not_called(&mut self, to: SocketAddr) {
        let host = self.key(to);
        if self.servents.contains_key(&host) {
            // Calls of servents are not counted: what is, is of an earlier one.
            return;
        }
        self.called.take_back(host);
        self.tried.take_back(host);
    }

    /// What answered there speaks as servents do: with a head that no other service sends. It may be
    /// called again whenever there is a reason.
    pub fn is_servent(&mut self, at: SocketAddr, now: Time) {
        let host = self.key(at);
        let is_new = !self.servents.contains_key(&host);
        if is_new && self.servents.len() >= SOURCE_SERVENTS_MAX {
            let oldest = self.servents.iter().min_by_key(|(_, (shown, _))| *shown);
            let oldest = oldest.map(|(host, _)| *host);
            oldest.and_then(|oldest| self.servents.remove(&oldest));
        }
        self.servents.entry(host).or_insert((now, now)).0 = now;
    }

    /// What answered there is something else: a web server, for example. It is left alone at once.
    pub fn is_no_servent(&mut self, at: SocketAddr, now: Time) {
        let host = self.key(at);
        self.servents.remove(&host);
        self.barred.allow(BAR, host, now);
    }

    fn key(&self, at: SocketAddr) -> Key {
        let is_shared = self.allow_private && !is_public(at.ip());
        (Network::host(at.ip()), if is_shared { at.port() } else { 0 })
    }
}
