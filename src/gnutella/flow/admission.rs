use super::Class;
use crate::base::by_slot::BySlot;
use crate::base::limits::{WORK_BURST_MIN, WORK_DEBT_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};

/// Milliseconds over which it is looked at who wants how much.
const PERIOD_MS: u64 = 1_000;

/// Fair shares of our work for what neighbours send (FLOW-07).
///
/// There are two levels. Each neighbour has its own share, a part of all the work that we do, which
/// nobody else can use up. What neighbours leave of their shares is spare, and whoever wants more
/// may have it. Where the spare does not do for all who want it, each may have as much as any
/// other: the part is worked out anew each second from what was wanted in the second before, so
/// that who wants a little more than its share gets all of that, and who wants a thousand times as
/// much gets what is left.
#[derive(Clone, Debug)]
pub struct Admission {
    work_per_second: u32,
    shares: u32,
    spare: TokenBucket,
    accounts: BySlot<Account>,
    period: Period,
}

/// The second that is under way.
#[derive(Clone, Copy, Debug)]
struct Period {
    number: u32,
    begun: Time,
    /// Work that each may take of the spare, for each of its shares, before others.
    part: u32,
    /// Work that was done on own shares.
    on_own: u32,
    /// Somebody wanted more than there was.
    is_short: bool,
}

/// What one neighbour has, wants and takes.
#[derive(Clone, Copy, Debug)]
struct Account {
    shares: u32,
    own: TokenBucket,
    /// The period in which `wanted` was.
    period: u32,
    /// Work wanted beyond its own share.
    wanted: u32,
}

impl Admission {
    /// So many units of work a second for all neighbours; a unit is about a microsecond.
    pub const fn new(work_per_second: u32) -> Self {
        let all = Rate::per_second(work_per_second, work_per_second);
        Self {
            work_per_second,
            shares: 0,
            spare: TokenBucket::full(all, Time::ZERO),
            accounts: BySlot::new(),
            period: Period { number: 0, begun: Time::ZERO, part: 0, on_own: 0, is_short: false },
        }
    }

    /// A neighbour has come, with this many shares: an ultrapeer has more than a leaf.
    pub fn open(&mut self, slot: Slot, shares: u32, now: Time) {
        self.close(slot);
        let shares = shares.max(1);
        self.shares = self.shares.saturating_add(shares);
        let own = TokenBucket::full(self.own(shares), now);
        let period = self.period.number;
        self.accounts.insert(slot, Account { shares, own, period, wanted: 0 });
    }

    /// A neighbour has gone.
    pub fn close(&mut self, slot: Slot) {
        if let Some(account) = self.accounts.remove(slot) {
            self.shares = self.shares.saturating_sub(account.shares);
        }
    }

    /// Whether we work on a message that a neighbour sent, or drop it unread.
    ///
    /// What keeps a link alive or makes up a query table is done on credit, for one piece that is
    /// missing makes the others worthless; only who is deep in debt loses that too.
    pub fn admit(&mut self, slot: Slot, class: Class, wire_len: usize, now: Time) -> bool {
        self.begin_period(now);
        let (all, work, period) = (self.all(), work(class, wire_len), self.period);
        let Some(account) = self.accounts.get(slot) else { return false };
        let own = self.own(account.shares);
        let Some(account) = self.accounts.get_mut(slot) else { return false };
        if account.own.take(own, work, now) {
            self.spare.charge(all, work, now);
            self.period.on_own = period.on_own.saturating_add(work);
            return true;
        }
        let wanted = account.want(work, period.number);
        let has_part = wanted <= period.part.saturating_mul(account.shares);
        // The second half is for those who have not had their part.
        let kept = if has_part { 0 } else { all.burst / 2 };
        if self.spare.tokens(all, now) >= work.saturating_add(kept) {
            return self.spare.take(all, work, now);
        }
        self.period.is_short = true;
        !class.is_droppable() && account.own.borrow(own, work, WORK_DEBT_MAX, now)
    }

    /// A message that was let in has turned out to cost more than what was thought: that is owed from now
    /// on, so that its sender has less for what it sends next.
    pub fn charge(&mut self, slot: Slot, work: u32, now: Time) {
        let (all, period) = (self.all(), self.period.number);
        let Some(account) = self.accounts.get(slot) else { return };
        let own = self.own(account.shares);
        let Some(account) = self.accounts.get_mut(slot).filter(|_| work > 0) else { return };
        account.own.charge(own, work, now);
        account.want(work, period);
        self.spare.charge(all, work, now);
    }

    /// All work, which fills the spare; what is done on own shares is taken out of it.
    const fn all(&self) -> Rate {
        Rate::per_second(self.work_per_second, self.work_per_second)
    }

    /// The own part of so many shares.
    fn own(&self, shares: u32) -> Rate {
        let all_shares = u64::from(self.shares.max(1));
        let tokens = u64::from(self.work_per_second).saturating_mul(shares.into());
        let tokens = u32::try_from(tokens.checked_div(all_shares).unwrap_or(0)).unwrap_or(u32::MAX);
        Rate::per_second(tokens, tokens.max(WORK_BURST_MIN))
    }

    /// When a second is over, works out who may have how much of the spare in the next one.
    fn begin_period(&mut self, now: Time) {
        if now < self.period.begun.after_ms(PERIOD_MS) {
            return;
        }
        let equal = self.work_per_second.checked_div(self.shares).unwrap_or(0);
        let part = if self.period.is_short { self.part() } else { equal };
        let number = self.period.number.wrapping_add(1);
        self.period = Period { number, begun: now, part, on_own: 0, is_short: false };
    }

    /// The most that each may take for a share such that all of it together is there: those who
    /// want less get all they want, and the others the same.
    fn part(&self) -> u32 {
        let wanting = self.accounts.iter().map(|(_, account)| account);
        let wanting = wanting.filter(|account| account.period == self.period.number);
        let mut wanting: Vec<_> = wanting
            .map(|account| (account.wanted.div_ceil(account.shares), u64::from(account.shares)))
            .collect();
        wanting.sort_unstable();
        let mut left = u64::from(self.work_per_second.saturating_sub(self.period.on_own));
        let mut shares: u64 = wanting.iter().map(|(_, shares)| shares).sum();
        for (wanted, its_shares) in wanting {
            let part = left.checked_div(shares).unwrap_or(0);
            if u64::from(wanted) > part {
                return u32::try_from(part).unwrap_or(u32::MAX);
            }
            left = left.saturating_sub(u64::from(wanted).saturating_mul(its_shares));
            shares = shares.saturating_sub(its_shares);
        }
        u32::MAX
    }
}

impl Account {
    /// Work that the neighbour has wanted beyond its own share in this period, this message
    /// included.
    const fn want(&mut self, work: u32, period: u32) -> u32 {
        if self.period != period {
            (self.period, self.wanted) = (period, 0);
        }
        self.wanted = self.wanted.saturating_add(work);
        self.wanted
    }
}

/// About how many microseconds a message costs us. A query goes through tables and files and on to
/// many neighbours; a piece of a query table is inflated, and the table built anew.
fn work(class: Class, wire_len: usize) -> u32 {
    let len = u32::try_from(wire_len).unwrap_or(u32::MAX);
    match class {
        Class::Control | Class::Push => (len / 128).saturating_add(4),
        Class::Table => (len / 64).saturating_add(100),
        Class::Hit => (len / 256).saturating_add(4),
        Class::OwnQuery | Class::Query => 16,
        Class::Pong => 2,
        Class::Ping => 8,
    }
}
