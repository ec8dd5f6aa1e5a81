//! A table whose entries stand on accounts, so that nobody fills it alone.
//!
//! Each neighbour has an account with a quota, and so have we. Who is at the quota loses the oldest
//! entry of the own account, never another's. When an account is closed, its entries stay for a while as
//! those of nobody, within a bound of their own.
//!
//! An entry is forgotten after its life, to the second. [`FairTable::touch`] makes one young again; it
//! is for what the holder of the account did, since whoever can touch the entries of others decides
//! which of them go first.
//!
//! Finding, adding and removing cost one hash and a few cache lines, however full the table is. Nothing
//! is allocated before the first entry, nor once the table is as large as it gets.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod account;
mod index;

use std::hash::{BuildHasher, Hash};

use self::account::Accounts;
pub use self::account::{Account, Holder};
use self::index::{Index, NONE};
use crate::base::hashing::Seeded;
use crate::base::slots::Slot;
use crate::base::time::Time;

/// Entries for which there may be room although few are used.
const SPARE_MAX: usize = 64;

/// A table of entries that stand on accounts.
#[derive(Clone, Debug)]
pub struct FairTable<K, V> {
    hasher: Seeded,
    bounds: Bounds,
    index: Index,
    entries: Vec<Entry<K, V>>,
    /// The first entry that is not in use; the others follow over `newer`.
    free: u32,
    len: usize,
    accounts: Accounts,
}

/// What a table keeps, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Seconds after which an entry is forgotten: after so many it still stands, after one more it is
    /// gone.
    pub life_s: u32,
    /// Entries on our own account.
    pub own_max: u32,
    /// Entries whose neighbours have gone.
    pub orphans_max: u32,
}

// In this order a message's key, value and account lie together.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Entry<K, V> {
    key: K,
    value: V,
    account: u32,
    /// Second of the last touch.
    touched: u32,
    /// The neighbours in the list of the account.
    older: u32,
    newer: u32,
}

/// Where an entry is, until the next one is added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

/// An entry that was found.
#[derive(Debug)]
pub struct Found<'a, V> {
    pub place: Place,
    pub account: Account,
    pub value: &'a mut V,
}

/// Shows that a key has no entry, and where one would belong.
#[derive(Debug)]
pub struct Vacancy {
    hash: u32,
}

impl<K: Copy + Eq + Hash, V: Copy> FairTable<K, V> {
    pub fn new(hasher: Seeded, bounds: Bounds) -> Self {
        Self {
            hasher,
            bounds,
            index: Index::new(),
            entries: Vec::new(),
            free: NONE,
            len: 0,
            accounts: Accounts::new(bounds.own_max),
        }
    }

    /// Opens an account for a neighbour, for so many entries.
    pub fn open(&mut self, slot: Slot, quota: u32) -> Account {
        self.accounts.open(slot, quota)
    }

    /// Closes an account. Its entries are nobody's from now on. Where these become too many, those of
    /// the account that was closed first go, the oldest in front.
    pub fn close(&mut self, account: Account, now: Time) {
        self.accounts.close(account);
        if self.accounts.orphans() > self.bounds.orphans_max {
            self.forget_old(now);
        }
        while self.accounts.orphans() > self.bounds.orphans_max {
            let Some(oldest) = self.accounts.oldest_orphan() else { return };
            self.remove(Place(oldest));
        }
        // An account without entries goes at once.
        self.accounts.oldest_orphan();
    }

    /// On whose account an entry stands.
    pub fn holder(&self, account: Account) -> Holder {
        self.accounts.get(account).map_or(Holder::Nobody, |book| book.holder)
    }

    /// Looks a key up. What has outlived its time is not there.
    #[inline]
    pub fn find(&mut self, key: &K, now: Time) -> Result<Found<'_, V>, Vacancy> {
        let hash = self.hash(key);
        let entries = &self.entries;
        let is_it = |number| entry(entries, number).is_some_and(|entry| entry.key == *key);
        let Some(number) = self.index.find(hash, is_it) else { return Err(Vacancy { hash }) };
        if self.is_over(number, now) {
            self.remove(Place(number));
            return Err(Vacancy { hash });
        }
        let Some(entry) = self.entries.get_mut(number as usize) else {
            return Err(Vacancy { hash });
        };
        let account = Account(entry.account);
        Ok(Found { place: Place(number), account, value: &mut entry.value })
    }

    /// Shows every entry with this key, for tables that have one on each of several accounts. Their
    /// order says nothing.
    pub fn each(&self, key: &K, now: Time, mut show: impl FnMut(Place, Account, &V)) -> Vacancy {
        let hash = self.hash(key);
        self.index.find(hash, |number| {
            if let Some(entry) = entry(&self.entries, number).filter(|entry| entry.key == *key)
                && !self.is_over(number, now)
            {
                show(Place(number), Account(entry.account), &entry.value);
            }
            false
        });
        Vacancy { hash }
    }

    /// Whether an account has room for an entry, if only in the place of one that has outlived its time.
    pub fn has_room(&self, account: Account, now: Time) -> bool {
        let book = self.accounts.get(account);
        book.is_some_and(|book| book.len < book.quota || self.is_over(book.oldest, now))
    }

    /// Adds an entry. Where the account is full, its oldest one goes.
    pub fn insert(
        &mut self,
        Vacancy { hash }: Vacancy,
        account: Account,
        key: K,
        value: V,
        now: Time,
    ) {
        self.accounts.begin();
        let Some(book) = self.accounts.get(account) else { return };
        if book.quota == 0 {
            return;
        }
        if book.len >= book.quota {
            self.remove(Place(book.oldest));
        }
        let (account, touched) = (account.0, seconds(now));
        let number = self.store(Entry { key, value, account, touched, older: NONE, newer: NONE });
        if number == NONE {
            return;
        }
        self.append(number);
        self.accounts.count_in(Account(account));
        self.index.insert(hash, number);
        self.len = self.len.saturating_add(1);
    }

    /// Makes an entry the youngest of its account.
    pub fn touch(&mut self, place: Place, now: Time) -> Option<&mut V> {
        self.detach(place.0);
        self.append(place.0);
        let entry = self.entries.get_mut(place.0 as usize)?;
        entry.touched = seconds(now);
        Some(&mut entry.value)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, place: Place) {
        let Some(Entry { key, account, .. }) = entry(&self.entries, place.0).copied() else {
            return;
        };
        self.index.remove(self.hash(&key), place.0);
        self.detach(place.0);
        self.accounts.count_out(Account(account));
        if let Some(entry) = self.entries.get_mut(place.0 as usize) {
            entry.newer = self.free;
            self.free = place.0;
        }
        self.len = self.len.saturating_sub(1);
    }

    /// Gives back the memory of what has outlived its time. Nothing else depends on it.
    pub fn tidy(&mut self, now: Time) {
        self.forget_old(now);
        self.accounts.forget_empty();
        if self.entries.capacity() > self.len.saturating_mul(4).max(SPARE_MAX) || self.len == 0 {
            self.pack();
        }
    }

    /// How many entries there are, those too that have outlived their time and were not tidied away.
    pub const fn len(&self) -> usize {
        self.len
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    fn hash(&self, key: &K) -> u32 {
        u32::try_from(self.hasher.hash_one(key) >> 32).unwrap_or(0)
    }

    #[inline]
    fn is_over(&self, number: u32, now: Time) -> bool {
        entry(&self.entries, number)
            .is_some_and(|entry| seconds(now).saturating_sub(entry.touched) > self.bounds.life_s)
    }

    /// Removes what has outlived its time.
    fn forget_old(&mut self, now: Time) {
        for account in self.accounts.all() {
            while let Some(oldest) = self.accounts.get(account).map(|book| book.oldest)
                && self.is_over(oldest, now)
            {
                self.remove(Place(oldest));
            }
        }
    }

    /// Puts an entry where one was removed, or behind the others.
    fn store(&mut self, entry: Entry<K, V>) -> u32 {
        if let Some(place) = self.entries.get_mut(self.free as usize) {
            let number = self.free;
            self.free = place.newer;
            *place = entry;
            return number;
        }
        let number = u32::try_from(self.entries.len()).unwrap_or(NONE);
        if number != NONE {
            self.entries.push(entry);
        }
        number
    }

    /// Puts an entry at the young end of the list of its account.
    fn append(&mut self, number: u32) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        let Some(book) = self.accounts.get_mut(Account(entry.account)) else { return };
        entry.newer = NONE;
        entry.older = book.newest;
        let older = std::mem::replace(&mut book.newest, number);
        match self.entries.get_mut(older as usize) {
            Some(older) => older.newer = number,
            None => book.oldest = number,
        }
    }

    /// Takes an entry out of the list of its account.
    fn detach(&mut self, number: u32) {
        let Some(Entry { account, older, newer, .. }) = entry(&self.entries, number).copied()
        else {
            return;
        };
        let Some(book) = self.accounts.get_mut(Account(account)) else { return };
        match self.entries.get_mut(older as usize) {
            Some(older) => older.newer = newer,
            None => book.oldest = newer,
        }
        match self.entries.get_mut(newer as usize) {
            Some(newer) => newer.older = older,
            None => book.newest = older,
        }
    }

    /// Moves everything into memory that is as large as it has to be.
    fn pack(&mut self) {
        let loose = std::mem::take(&mut self.entries);
        self.entries = Vec::with_capacity(self.len);
        self.index = Index::for_entries(self.len);
        (self.free, self.len) = (NONE, 0);
        for account in self.accounts.all() {
            let Some(book) = self.accounts.get_mut(account) else { continue };
            let mut number = book.oldest;
            (book.oldest, book.newest) = (NONE, NONE);
            while let Some(Entry { newer, .. }) = entry(&loose, number) {
                self.move_in(&loose, number);
                number = *newer;
            }
        }
    }

    fn move_in(&mut self, loose: &[Entry<K, V>], number: u32) {
        let Some(entry) = entry(loose, number) else { return };
        let hash = self.hash(&entry.key);
        let number = self.store(*entry);
        self.append(number);
        self.index.insert(hash, number);
        self.len = self.len.saturating_add(1);
    }
}

#[inline]
fn entry<K, V>(entries: &[Entry<K, V>], number: u32) -> Option<&Entry<K, V>> {
    entries.get(number as usize)
}

/// The second in which a moment lies.
#[inline]
fn seconds(now: Time) -> u32 {
    u32::try_from(now.as_micros() / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
