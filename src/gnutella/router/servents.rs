use std::cmp::Reverse;

use super::{Dropped, Ways};
use crate::base::fair_table::{Account, Bounds, FairTable, Holder, Place, Vacancy};
use crate::base::hashing::Seeded;
use crate::base::limits::{PUSH_WAYS_MAX, SERVENT_LIFE_SECONDS, SERVENT_WAYS_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// Which neighbours have brought hits of which servents (PUSH-09).
///
/// Anybody can claim to speak for a servent. So each neighbour that does has an entry of its own, none
/// takes another's place, and a push goes to several of them.
#[derive(Clone, Debug)]
pub(super) struct Servents {
    table: FairTable<[u8; 16], Claim>,
    /// Counts what was learned, so that no two claims are equally old.
    count: u64,
}

/// When a neighbour spoke for a servent: the number of what was learned.
#[derive(Clone, Copy, Debug)]
struct Claim {
    first: u64,
    last: u64,
}

/// A claim, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Found {
    place: Place,
    account: Account,
    claim: Claim,
}

/// The claims to one servent, in no order.
type Claims = [Option<Found>; SERVENT_WAYS_MAX];

impl Servents {
    pub(super) fn new(hasher: Seeded) -> Self {
        let bounds = Bounds { life_s: SERVENT_LIFE_SECONDS, own_max: 0, orphans_max: 0 };
        Self { table: FairTable::new(hasher, bounds), count: 0 }
    }

    /// A neighbour speaks for a servent for the first time.
    pub(super) fn open(&mut self, slot: Slot, quota: u32) -> Account {
        self.table.open(slot, quota)
    }

    /// Forgets what a neighbour has said.
    pub(super) fn close(&mut self, account: Account, now: Time) {
        self.table.close(account, now);
    }

    /// Notes that a neighbour has brought a hit of a servent.
    pub(super) fn learn(&mut self, servent: Guid, from: Account, now: Time) {
        self.count = self.count.saturating_add(1);
        let (claims, free) = self.claims(servent, now);
        if let Some(own) = claims.iter().flatten().find(|found| found.account == from) {
            if let Some(claim) = self.table.touch(own.place, now) {
                claim.last = self.count;
            }
            return;
        }
        if claims.iter().all(Option::is_some) {
            self.forget_stalest(&claims);
        }
        let claim = Claim { first: self.count, last: self.count };
        self.table.insert(free, from, servent.0, claim, now);
    }

    /// To whom a push goes, of those that `may` get it: the one that has spoken for the servent for
    /// longest, so that others cannot crowd it out, and those that did so last.
    pub(super) fn ways(
        &self,
        servent: Guid,
        now: Time,
        may: impl Fn(Slot) -> Result<(), Dropped>,
    ) -> Result<Ways, Dropped> {
        let (claims, _) = self.claims(servent, now);
        let mut why = None;
        let mut usable = claims.map(|found| {
            let Found { account, claim, .. } = found?;
            let Holder::Neighbour(slot) = self.table.holder(account) else { return None };
            if let Err(reason) = may(slot) {
                why = Some(why.map_or(reason, |why: Dropped| why.min(reason)));
                return None;
            }
            Some((slot, claim))
        });
        usable.sort_unstable_by_key(|way| Reverse(way.map(|(_, claim)| claim.last)));
        let ways = first_and_last(&usable);
        if ways.is_empty() { Err(why.unwrap_or(Dropped::NoRoute)) } else { Ok(ways) }
    }

    /// Gives back memory.
    pub(super) fn tidy(&mut self, now: Time) {
        self.table.tidy(now);
    }

    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }

    /// Of as many claims as there may be, the one that was repeated least lately goes, but never the
    /// first one.
    fn forget_stalest(&mut self, claims: &Claims) {
        let found = || claims.iter().flatten();
        let first = found().map(|found| found.claim.first).min();
        let others = found().filter(|found| Some(found.claim.first) != first);
        if let Some(stalest) = others.min_by_key(|found| found.claim.last) {
            self.table.remove(stalest.place);
        }
    }

    fn claims(&self, servent: Guid, now: Time) -> (Claims, Vacancy) {
        let mut claims = [None; SERVENT_WAYS_MAX];
        let mut free = claims.iter_mut();
        let vacancy = self.table.each(&servent.0, now, |place, account, &claim| {
            if let Some(free) = free.next() {
                *free = Some(Found { place, account, claim });
            }
        });
        (claims, vacancy)
    }
}

/// The way that is known for longest, and of the others the first few.
fn first_and_last(usable: &[Option<(Slot, Claim)>]) -> Ways {
    let usable = || usable.iter().flatten();
    let first = usable().map(|(_, claim)| claim.first);
    let first = if mutant!(BelievesLastClaim) { first.max() } else { first.min() };
    let (mut ways, mut others) = (Ways::default(), 0);
    for (slot, claim) in usable() {
        if Some(claim.first) == first {
            ways.push(*slot);
        } else if others < PUSH_WAYS_MAX.saturating_sub(1) && !mutant!(BelievesLastClaim) {
            others = others.saturating_add(1);
            ways.push(*slot);
        }
    }
    ways
}
