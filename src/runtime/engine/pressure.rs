use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::mailbox::Mailbox;
use crate::base::time::Time;
use crate::node::LinkId;

/// For how long others wait for somebody whose mailbox is full, in all of a period.
const PATIENCE: Duration = Duration::from_secs(5);

/// After which time that begins anew.
const PERIOD: Duration = Duration::from_secs(30);

/// One in so many links has to be full before anybody waits: a few that do not read hold up nobody.
const SHARE: usize = 4;

/// Milliseconds after which it is looked again whether those who wait may go on.
pub(super) const LOOK_AGAIN_MS: u64 = 25;

/// Whether more comes in than goes out.
///
/// What a neighbour sends may go to a hundred others, and a queue that is full drops what does not fit. So
/// whoever sends waits for a moment while many mailboxes are full, and nothing is dropped only because it
/// came in one burst. Whoever is slow all the time is not waited for.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// Links that are waited for, and since when their mailboxes are full.
    full: BTreeMap<LinkId, Time>,
    /// Links whose mailboxes have been full.
    accounts: BTreeMap<LinkId, Account>,
    /// Links that may read on once the pressure is gone.
    pub(super) waiting: Vec<Arc<Mailbox>>,
}

/// How long a mailbox was full in a period.
#[derive(Clone, Copy, Debug)]
struct Account {
    begun: Time,
    spent: Duration,
}

impl Pressure {
    /// The mailbox of a link is full.
    pub(super) fn filled(&mut self, link: LinkId, now: Time) {
        let new = Account { begun: now, spent: Duration::ZERO };
        let account = self.accounts.entry(link).or_insert(new);
        if now.since(account.begun) >= PERIOD {
            *account = new;
        }
        if account.spent < PATIENCE {
            self.full.entry(link).or_insert(now);
        }
    }

    /// The mailbox of a link is empty.
    pub(super) fn emptied(&mut self, link: LinkId, now: Time) {
        if let (Some(since), Some(account)) =
            (self.full.remove(&link), self.accounts.get_mut(&link))
        {
            account.spent = account.spent.saturating_add(now.since(since));
        }
    }

    /// A link is gone.
    pub(super) fn gone(&mut self, link: LinkId) {
        self.full.remove(&link);
        self.accounts.remove(&link);
    }

    /// Whether those who send have to wait, while there are so many links.
    pub(super) fn is_high(&mut self, links: usize, now: Time) -> bool {
        if !self.is_shared(links) {
            return false;
        }
        let accounts = &mut self.accounts;
        self.full.retain(|link, since| {
            let Some(account) = accounts.get_mut(link) else { return false };
            let spent = account.spent.saturating_add(now.since(*since));
            let is_waited_for = spent < PATIENCE;
            if !is_waited_for {
                account.spent = spent;
            }
            is_waited_for
        });
        self.is_shared(links)
    }

    fn is_shared(&self, links: usize) -> bool {
        !self.full.is_empty() && self.full.len().saturating_mul(SHARE) >= links
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_000);

    fn after(wait: Duration) -> Time {
        NOW.after(wait)
    }

    #[test]
    fn a_few_full_mailboxes_hold_up_nobody_and_a_quarter_does() {
        let mut pressure = Pressure::default();
        pressure.filled(LinkId(1), NOW);
        assert!(!pressure.is_high(8, NOW));
        pressure.filled(LinkId(2), NOW);
        assert!(pressure.is_high(8, NOW));
        pressure.emptied(LinkId(1), NOW);
        assert!(!pressure.is_high(8, NOW));
    }

    #[test]
    fn whoever_does_not_read_is_waited_for_so_long_and_not_again_before_its_period_is_over() {
        let (mut pressure, moment) = (Pressure::default(), Duration::from_millis(1));
        pressure.filled(LinkId(1), NOW);
        assert!(pressure.is_high(2, after(PATIENCE - moment)));
        assert!(!pressure.is_high(2, after(PATIENCE)));
        for (wait, is_waited_for) in [(PERIOD - moment, false), (PERIOD, true)] {
            pressure.emptied(LinkId(1), after(wait));
            pressure.filled(LinkId(1), after(wait));
            assert_eq!(pressure.is_high(2, after(wait)), is_waited_for, "{wait:?}");
        }
        pressure.gone(LinkId(1));
        assert!(!pressure.is_high(2, after(PERIOD)));
    }

    #[test]
    fn many_short_waits_are_one_long_one() {
        let mut pressure = Pressure::default();
        let second = Duration::from_secs(1);
        for number in 0..5 {
            pressure.filled(LinkId(1), after(2 * number * second));
            assert!(pressure.is_high(2, after(2 * number * second)), "{number}");
            pressure.emptied(LinkId(1), after(2 * number * second + second));
        }
        pressure.filled(LinkId(1), after(10 * second));
        assert!(!pressure.is_high(2, after(10 * second)));
    }
}
