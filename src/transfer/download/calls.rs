use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::base::limits::{
    CALLED_HOST_LIFE_MS, CALLED_HOSTS_MAX, SOURCE_RETRY_MIN_MS, SOURCE_STRANGER_CALLS_MAX,
};
use crate::base::time::Time;

/// How often which address is called, for all downloads together: a hit may name anybody, so that
/// whoever forges hits could have us call a victim (DOWN-15).
#[derive(Debug, Default)]
pub struct Calls {
    hosts: BTreeMap<IpAddr, Called>,
}

#[derive(Clone, Copy, Debug)]
struct Called {
    last: Time,
    /// Calls since it last answered as a servent does.
    vain: u8,
    is_servent: bool,
    /// It answered, and not as a servent does.
    is_none: bool,
}

impl Calls {
    /// Whether an address may be called now; if so, it counts.
    pub fn may_call(&mut self, ip: IpAddr, now: Time) -> bool {
        if let Some(called) = self.hosts.get_mut(&ip) {
            let is_soon = now < called.last.after_ms(SOURCE_RETRY_MIN_MS);
            let is_spent = called.vain >= SOURCE_STRANGER_CALLS_MAX;
            if called.is_none || (!called.is_servent && (is_soon || is_spent)) {
                return false;
            }
            called.last = now;
            called.vain = called.vain.saturating_add(1);
            return true;
        }
        if !self.make_room(now) {
            return false;
        }
        self.hosts.insert(ip, Called { last: now, vain: 1, is_servent: false, is_none: false });
        true
    }

    /// It answers as servents do.
    pub fn is_servent(&mut self, ip: IpAddr) {
        if let Some(called) = self.hosts.get_mut(&ip) {
            (called.vain, called.is_servent, called.is_none) = (0, true, false);
        }
    }

    /// It answers otherwise: it is not called again (DOWN-16).
    pub fn is_no_servent(&mut self, ip: IpAddr) {
        if let Some(called) = self.hosts.get_mut(&ip) {
            called.is_none = !called.is_servent;
        }
    }

    /// Addresses that are remembered. Where there are too many, nobody new is called until some are old:
    /// whoever could have us forget a victim could have us call it for ever.
    fn make_room(&mut self, now: Time) -> bool {
        if self.hosts.len() >= CALLED_HOSTS_MAX {
            self.hosts.retain(|_, called| now < called.last.after_ms(CALLED_HOST_LIFE_MS));
            let idle = |called: &Called| called.is_servent;
            if self.hosts.len() >= CALLED_HOSTS_MAX {
                let servent = self.hosts.iter().find(|(_, called)| idle(called)).map(|(ip, _)| *ip);
                servent.map(|ip| self.hosts.remove(&ip));
            }
        }
        self.hosts.len() < CALLED_HOSTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    /// DOWN-15
    #[test]
    fn a_stranger_is_called_once_a_minute_and_three_times_in_all() {
        let mut calls = Calls::default();
        let minute = |number: u64| Time::from_millis(number * 60_000);
        let mut made = 0;
        for second in 0..3_600_u64 {
            made += u32::from(calls.may_call(ip(1), Time::from_millis(second * 1_000)));
            assert!(made <= 1 + u32::try_from(second / 60).unwrap());
        }
        assert_eq!(made, 3);
        assert!(calls.may_call(ip(2), minute(60)), "others are called all the same");
    }

    /// DOWN-15, DOWN-16
    #[test]
    fn a_servent_may_be_called_again_and_others_not() {
        let mut calls = Calls::default();
        assert!(calls.may_call(ip(1), Time::ZERO));
        calls.is_servent(ip(1));
        assert!((0..10).all(|_| calls.may_call(ip(1), Time::ZERO)));
        assert!(calls.may_call(ip(2), Time::ZERO));
        calls.is_no_servent(ip(2));
        assert!(!calls.may_call(ip(2), Time::from_millis(3_600_000)));
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let mut calls = Calls::default();
        let all = u32::try_from(CALLED_HOSTS_MAX).unwrap();
        assert!((0..all).all(|number| calls.may_call(ip(number), Time::ZERO)));
        assert!(!calls.may_call(ip(all), Time::ZERO));
        assert!(calls.may_call(ip(all), Time::ZERO.after_ms(CALLED_HOST_LIFE_MS)));
    }
}
