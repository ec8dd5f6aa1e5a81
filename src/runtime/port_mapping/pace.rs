use std::time::Duration;

use super::Rules;
use crate::base::time::Time;

/// How a router is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// PCP, and NAT-PMP with routers that know only that.
    Pcp,
    Upnp,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Ask for a port, or for more time, in this way.
    Ask(Method),
    /// The time of the port is over.
    Forget,
}

/// When a router is asked, and how: one way after the other, then a pause that grows; and what has worked
/// once is tried first.
#[derive(Debug)]
pub(super) struct Pace {
    rules: Rules,
    next: Method,
    /// The other way has failed just before.
    is_second: bool,
    due: Time,
    retry_wait: Duration,
    held: Option<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    by: Method,
    /// Never, for a port that is ours until we give it back.
    until: Time,
}

impl Method {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pcp => "PCP or NAT-PMP",
            Self::Upnp => "UPnP",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Pcp => Self::Upnp,
            Self::Upnp => Self::Pcp,
        }
    }
}

impl Pace {
    pub(super) fn new(rules: Rules, now: Time) -> Self {
        let retry_wait = rules.retry_wait;
        Self { rules, next: Method::Pcp, is_second: false, due: now, retry_wait, held: None }
    }

    /// When something is to be done.
    pub(super) fn due(&self) -> Time {
        self.held.map_or(self.due, |held| self.due.min(held.until))
    }

    /// What is to be done now, once it is due.
    pub(super) fn action(&mut self, now: Time) -> Action {
        match self.held {
            Some(held) if held.until <= now => {
                self.held = None;
                Action::Forget
            }
            _ => Action::Ask(self.next),
        }
    }

    /// The router has given a port for so long, or for good.
    pub(super) fn granted(&mut self, by: Method, lease: Option<Duration>, now: Time) {
        let Rules { renew_wait_min, renew_wait_max, retry_wait, .. } = self.rules;
        let until = lease.map_or(Time::NEVER, |lease| now.after(lease));
        // A router that was started again has forgotten what it gave for good.
        let half = lease.unwrap_or(self.rules.lease) / 2;
        self.held = Some(Held { by, until });
        self.due = now.after(half.min(renew_wait_max).max(renew_wait_min));
        (self.next, self.is_second, self.retry_wait) = (by, false, retry_wait);
    }

    /// It has not, or there is none.
    pub(super) fn failed(&mut self, now: Time) {
        if !self.is_second {
            self.is_second = true;
            self.next = self.next.other();
            return;
        }
        self.is_second = false;
        self.next = self.held.map_or(Method::Pcp, |held| held.by);
        self.due = now.after(self.retry_wait);
        self.retry_wait = self.retry_wait.saturating_mul(2).min(self.rules.retry_wait_max);
    }

    /// Both ways have failed just now.
    pub(super) const fn is_pausing(&self) -> bool {
        !self.is_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            lease: Duration::from_secs(7_200),
            renew_wait_min: Duration::from_secs(60),
            renew_wait_max: Duration::from_secs(86_400),
            retry_wait: Duration::from_secs(120),
            retry_wait_max: Duration::from_secs(400),
        }
    }

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1_000)
    }

    fn fail_round(pace: &mut Pace, now: Time) -> [Action; 2] {
        assert_eq!(pace.due(), now);
        [(); 2].map(|()| {
            let action = pace.action(now);
            pace.failed(now);
            action
        })
    }

    #[test]
    fn both_ways_are_tried_and_then_there_is_a_pause_that_grows() {
        let mut pace = Pace::new(rules(), at(0));
        let both = [Action::Ask(Method::Pcp), Action::Ask(Method::Upnp)];
        for now in [0, 120, 120 + 240, 360 + 400, 760 + 400] {
            assert_eq!(fail_round(&mut pace, at(now)), both);
            assert!(pace.is_pausing());
        }
    }

    #[test]
    fn a_port_is_renewed_after_half_of_its_time_the_way_it_was_got() {
        let mut pace = Pace::new(rules(), at(0));
        pace.failed(at(0));
        for (lease, wait) in [(Some(3_600), 1_800), (Some(40), 40), (None, 3_600)] {
            pace.granted(Method::Upnp, lease.map(Duration::from_secs), at(0));
            assert_eq!(pace.due(), at(wait), "{lease:?}");
        }
        assert_eq!(pace.action(at(3_600)), Action::Ask(Method::Upnp));
    }

    #[test]
    fn a_very_long_time_is_renewed_once_a_day() {
        let mut pace = Pace::new(rules(), at(0));
        pace.granted(Method::Pcp, Some(Duration::from_secs(u64::from(u32::MAX))), at(0));
        assert_eq!(pace.due(), at(86_400));
    }

    #[test]
    fn a_port_that_cannot_be_renewed_is_forgotten_when_its_time_is_over() {
        let mut pace = Pace::new(rules(), at(0));
        pace.granted(Method::Upnp, Some(Duration::from_secs(300)), at(0));
        let both = [Action::Ask(Method::Upnp), Action::Ask(Method::Pcp)];
        assert_eq!(fail_round(&mut pace, at(150)), both);
        assert_eq!(fail_round(&mut pace, at(270)), both);
        assert_eq!((pace.due(), pace.action(at(300))), (at(300), Action::Forget));
        assert_eq!(pace.due(), at(270 + 240), "and asked for as before");
    }

    #[test]
    fn after_a_success_the_pauses_are_short_again() {
        let mut pace = Pace::new(rules(), at(0));
        fail_round(&mut pace, at(0));
        fail_round(&mut pace, at(120));
        pace.granted(Method::Pcp, Some(Duration::from_secs(1_000)), at(360));
        fail_round(&mut pace, at(860));
        assert_eq!(pace.due(), at(980));
    }
}
