use std::collections::VecDeque;
use std::net::SocketAddr;

use super::Permit;
use crate::base::addresses::is_callable;
use crate::base::limits::{HTTP_PUSH_AFTER_MS, HTTP_PUSH_CALL_WAIT_MS, HTTP_PUSH_PROXIES_MAX};
use crate::base::time::Time;

/// What is to be done so that a servent calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyStep {
    /// Wait until then: it may call.
    Wait(Time),
    /// Ask this proxy over HTTP, and say what it answered.
    Ask(SocketAddr),
    /// Nobody has passed a push on, so that it will not call.
    NoWay,
    /// All is done that can be done: it calls, or it does not.
    Done,
}

/// What a proxy has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyAnswer {
    /// 202: a push is on its way.
    Passed,
    /// It does not take pushes for that servent, or not now; or it is no proxy; or nobody was there.
    Refused,
}

/// One attempt to have a servent call us: a push goes by links and datagrams first, and its proxies are
/// asked over HTTP one after the other where that went nowhere, or where no call came of it (PUSH-21,
/// PUSH-22).
#[derive(Clone, Debug)]
pub struct ProxyRound {
    proxies: VecDeque<SocketAddr>,
    asked: usize,
    /// Somebody has passed it on.
    is_passed: bool,
    until: Time,
}

impl ProxyRound {
    /// A push has gone so many ways. Proxies at addresses that strangers do not have are not asked
    /// (PUSH-23).
    pub fn new(proxies: &[SocketAddr], ways: usize, allow_private: bool, now: Time) -> Self {
        let mut fit: VecDeque<SocketAddr> = VecDeque::new();
        for proxy in proxies {
            if is_callable(*proxy, allow_private) && !fit.contains(proxy) {
                fit.push_back(*proxy);
            }
        }
        let until = if ways == 0 { now } else { now.after_ms(HTTP_PUSH_AFTER_MS) };
        Self { proxies: fit, asked: 0, is_passed: ways > 0, until }
    }

    /// What to do now. `may_call` says whether a proxy may be called, and counts it as called if so:
    /// hits name whom they want as proxies (PUSH-16).
    pub fn next(&mut self, now: Time, mut may_call: impl FnMut(SocketAddr) -> Permit) -> ProxyStep {
        if now < self.until && !self.proxies.is_empty() {
            return ProxyStep::Wait(self.until);
        }
        while self.asked < HTTP_PUSH_PROXIES_MAX
            && let Some(proxy) = self.proxies.pop_front()
        {
            if may_call(proxy) == Permit::Now {
                self.asked = self.asked.saturating_add(1);
                return ProxyStep::Ask(proxy);
            }
        }
        if self.is_passed { ProxyStep::Done } else { ProxyStep::NoWay }
    }

    /// The proxy that was to be asked has answered.
    pub const fn answered(&mut self, answer: ProxyAnswer, now: Time) {
        if matches!(answer, ProxyAnswer::Passed) {
            self.is_passed = true;
            self.until = now.after_ms(HTTP_PUSH_CALL_WAIT_MS);
        }
    }
}
