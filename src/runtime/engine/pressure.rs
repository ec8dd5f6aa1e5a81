use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::mailbox::Mailbox;
use crate::base::time::Time;
use crate::node::LinkId;

/// For how long somebody is waited for whose mailbox is full, in all of a period.
const PATIENCE: Duration = Duration::from_secs(3);

/// For how long there is any waiting in a period while many are full, whoever they are.
const PATIENCE_WITH_MANY: Duration = Duration::from_secs(5);

/// The same while only few are full: for bursts that some read later than the rest, and not for long, so
/// that a few that do not read hold up nobody.
const PATIENCE_WITH_FEW: Duration = Duration::from_secs(1);

/// After which time all of that begins anew.
const PERIOD: Duration = Duration::from_secs(30);

/// One in so many links are many, if they are [`MANY_MIN`] at least.
const SHARE: usize = 4;

/// One link alone is never many.
const MANY_MIN: usize = 2;

/// Bytes of messages in a second from which a link sends much. Whoever sends less fills nobody's mailbox,
/// and never waits.
pub(super) const MUCH_LEN: usize = 16 * 1024;

/// Milliseconds after which it is looked again whether those who wait may go on.
pub(super) const LOOK_AGAIN_MS: u64 = 25;

/// Whether more comes in than goes out.
///
/// What a neighbour sends may go to a hundred others, and a queue that is full drops what does not fit. So
/// whoever sends much waits for a moment while mailboxes are full, and nothing is dropped only because it
/// came in one burst. Whoever is slow all the time is not waited for.
#[derive(Debug)]
pub(super) struct Pressure {
    /// Links that are waited for, and since when their mailboxes are full.
    full: BTreeMap<LinkId, Time>,
    /// Links whose mailboxes have been full.
    accounts: BTreeMap<LinkId, Account>,
    many: Budget,
    few: Budget,
    /// Links that may read on once the pressure is gone.
    pub(super) waiting: Vec<Arc<Mailbox>>,
}

/// How much waiting there may be in a period, and how much there was.
#[derive(Debug)]
struct Budget {
    patience: Duration,
    begun: Option<Time>,
    spent: Duration,
    since: Option<Time>,
}

/// How long a mailbox was full in a period.
#[derive(Clone, Copy, Debug)]
struct Account {
    begun: Time,
    spent: Duration,
}

impl Default for Pressure {
    fn default() -> Self {
        Self {
            full: BTreeMap::new(),
            accounts: BTreeMap::new(),
            many: Budget::new(PATIENCE_WITH_MANY),
            few: Budget::new(PATIENCE_WITH_FEW),
            waiting: Vec::new(),
        }
    }
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

    /// Whether any mailbox is full.
    pub(super) fn is_any(&self) -> bool {
        !self.full.is_empty()
    }

    /// Whether those who send much have to wait, while there are so many links.
    pub(super) fn is_high(&mut self, links: usize, now: Time) -> bool {
        self.lose_patience(now);
        if self.waiting.is_empty() || self.full.is_empty() {
            self.many.rest(now);
            self.few.rest(now);
            return false;
        }
        let is_many = self.are_many(links);
        let (budget, other) =
            if is_many { (&mut self.many, &mut self.few) } else { (&mut self.few, &mut self.many) };
        other.rest(now);
        budget.is_borne(now)
    }

    /// Whoever was waited for long enough is not waited for any more.
    fn lose_patience(&mut self, now: Time) {
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
    }

    fn are_many(&self, links: usize) -> bool {
        let full = self.full.len();
        full >= MANY_MIN && full.saturating_mul(SHARE) >= links
    }
}

impl Budget {
    const fn new(patience: Duration) -> Self {
        Self { patience, begun: None, spent: Duration::ZERO, since: None }
    }

    /// Nobody waits.
    fn rest(&mut self, now: Time) {
        if let Some(since) = self.since.take() {
            self.spent = self.spent.saturating_add(now.since(since));
        }
    }

    /// Somebody waits. Whether that may go on.
    fn is_borne(&mut self, now: Time) -> bool {
        self.rest(now);
        if self.begun.is_none_or(|begun| now.since(begun) >= PERIOD) {
            *self = Self { begun: Some(now), ..Self::new(self.patience) };
        }
        let is_borne = self.spent < self.patience;
        self.since = is_borne.then_some(now);
        is_borne
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_000);
    const MOMENT: Duration = Duration::from_millis(1);

    fn after(wait: Duration) -> Time {
        NOW.after(wait)
    }

    /// Somebody has sent something.
    fn waited_for() -> Pressure {
        Pressure { waiting: vec![Arc::default()], ..Pressure::default() }
    }

    #[test]
    fn nobody_waits_while_nobody_is_full() {
        let mut pressure = waited_for();
        assert!(!pressure.is_high(1, NOW));
        pressure.filled(LinkId(1), NOW);
        assert!(pressure.is_high(1, NOW));
        pressure.emptied(LinkId(1), NOW);
        assert!(!pressure.is_high(1, NOW));
    }

    #[test]
    fn a_few_full_mailboxes_are_waited_for_a_moment_and_a_quarter_for_longer() {
        let mut pressure = waited_for();
        pressure.filled(LinkId(1), NOW);
        assert!(pressure.is_high(8, NOW));
        assert!(pressure.is_high(8, after(PATIENCE_WITH_FEW - MOMENT)));
        assert!(!pressure.is_high(8, after(PATIENCE_WITH_FEW)));
        pressure.filled(LinkId(2), after(PATIENCE_WITH_FEW));
        assert!(!pressure.is_high(9, after(PATIENCE_WITH_FEW)));
        assert!(pressure.is_high(8, after(PATIENCE_WITH_FEW)));
    }

    /// Who comes anew each time has no account: the time of all is bounded.
    #[test]
    fn many_are_waited_for_so_long_in_a_period_whoever_they_are() {
        let mut pressure = waited_for();
        let turns = 4;
        for turn in 0..2 * turns {
            let begun = after(turn * PATIENCE_WITH_MANY / turns);
            let (one, other) = (LinkId(u64::from(turn) * 2), LinkId(u64::from(turn) * 2 + 1));
            pressure.filled(one, begun);
            pressure.filled(other, begun);
            assert_eq!(pressure.is_high(8, begun), turn < turns, "{turn}");
            pressure.is_high(8, begun.after(PATIENCE_WITH_MANY / turns));
            pressure.gone(one);
            pressure.gone(other);
        }
        pressure.filled(LinkId(1), after(PERIOD));
        pressure.filled(LinkId(2), after(PERIOD));
        assert!(pressure.is_high(8, after(PERIOD)));
    }

    #[test]
    fn one_alone_is_not_many() {
        let mut pressure = waited_for();
        pressure.filled(LinkId(1), NOW);
        assert!(pressure.is_high(1, NOW));
        assert!(!pressure.is_high(1, after(PATIENCE_WITH_FEW)));
    }

    #[test]
    fn few_have_their_moment_once_in_a_period_whoever_they_are() {
        let mut pressure = waited_for();
        for number in 0..4 {
            let begun = after(number * PATIENCE_WITH_FEW / 2);
            pressure.filled(LinkId(number.into()), begun);
            assert_eq!(pressure.is_high(9, begun), number < 2, "{number}");
            assert!(
                number >= 2 || pressure.is_high(9, begun.after(PATIENCE_WITH_FEW / 2 - MOMENT))
            );
            pressure.gone(LinkId(number.into()));
            pressure.is_high(9, begun.after(PATIENCE_WITH_FEW / 2));
        }
        pressure.filled(LinkId(9), after(PERIOD));
        assert!(pressure.is_high(9, after(PERIOD)));
    }

    #[test]
    fn time_in_which_nobody_waits_is_not_counted() {
        let mut pressure = Pressure::default();
        pressure.filled(LinkId(1), NOW);
        assert!(!pressure.is_high(9, NOW));
        pressure.waiting.push(Arc::default());
        assert!(pressure.is_high(9, after(PATIENCE - MOMENT)));
    }

    #[test]
    fn whoever_does_not_read_is_waited_for_so_long_and_not_again_before_its_period_is_over() {
        let mut pressure = waited_for();
        let both = [LinkId(1), LinkId(2)];
        both.iter().for_each(|link| pressure.filled(*link, NOW));
        assert!(pressure.is_high(2, after(PATIENCE - MOMENT)));
        assert!(!pressure.is_high(2, after(PATIENCE)));
        for (wait, is_waited_for) in [(PERIOD - MOMENT, false), (PERIOD, true)] {
            both.iter().for_each(|link| pressure.emptied(*link, after(wait)));
            both.iter().for_each(|link| pressure.filled(*link, after(wait)));
            assert_eq!(pressure.is_high(2, after(wait)), is_waited_for, "{wait:?}");
        }
        both.iter().for_each(|link| pressure.gone(*link));
        assert!(!pressure.is_high(2, after(PERIOD)));
    }

    #[test]
    fn many_short_waits_are_one_long_one() {
        let mut pressure = waited_for();
        let both = [LinkId(1), LinkId(2)];
        let second = Duration::from_secs(1);
        for number in 0..3 {
            let begun = after(2 * number * second);
            both.iter().for_each(|link| pressure.filled(*link, begun));
            assert!(pressure.is_high(2, begun), "{number}");
            both.iter().for_each(|link| pressure.emptied(*link, begun.after(second)));
            assert!(!pressure.is_high(2, begun.after(second)), "{number}");
        }
        both.iter().for_each(|link| pressure.filled(*link, after(6 * second)));
        assert!(!pressure.is_high(2, after(6 * second)));
    }
}
