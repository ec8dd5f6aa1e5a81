use std::collections::VecDeque;

use super::index::NONE;
use crate::base::slots::Slot;

/// On whose account an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Ours.
    Ours,
    /// That of a neighbour.
    Neighbour(Slot),
    /// That of a neighbour who has gone.
    Nobody,
}

/// The name of an account in a [`FairTable`](super::FairTable), from its opening to its closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account(pub(super) u32);

impl Account {
    /// What is kept for ourselves.
    pub const OURS: Self = Self(0);
}

/// The books: who has how many entries, and which of them is the oldest.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    own_max: u32,
    /// Ours first, once anything is kept at all.
    books: Vec<Book>,
    /// Numbers that can be given again.
    free: Vec<u32>,
    /// Accounts that were closed and still have entries, or had some: the one closed first in front.
    estates: VecDeque<u32>,
    /// Entries of all those.
    orphans: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Book {
    pub(super) holder: Holder,
    pub(super) quota: u32,
    pub(super) len: u32,
    pub(super) oldest: u32,
    pub(super) newest: u32,
}

impl Book {
    const fn new(holder: Holder, quota: u32) -> Self {
        Self { holder, quota, len: 0, oldest: NONE, newest: NONE }
    }
}

impl Accounts {
    pub(super) fn new(own_max: u32) -> Self {
        let (books, free, estates) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { own_max, books, free, estates, orphans: 0 }
    }

    /// Makes sure that we have an account ourselves.
    pub(super) fn begin(&mut self) {
        if self.books.is_empty() {
            self.books.push(Book::new(Holder::Ours, self.own_max));
        }
    }

    pub(super) fn open(&mut self, slot: Slot, quota: u32) -> Account {
        self.begin();
        let book = Book::new(Holder::Neighbour(slot), quota);
        if let Some(number) = self.free.pop()
            && let Some(place) = self.books.get_mut(number as usize)
        {
            *place = book;
            return Account(number);
        }
        let number = u32::try_from(self.books.len()).unwrap_or(NONE);
        self.books.push(book);
        Account(number)
    }

    /// Makes the entries of an account those of nobody.
    pub(super) fn close(&mut self, account: Account) {
        let Some(book) = self.get_mut(account) else { return };
        if !matches!(book.holder, Holder::Neighbour(_)) {
            return;
        }
        book.holder = Holder::Nobody;
        let len = book.len;
        self.orphans = self.orphans.saturating_add(len);
        self.estates.push_back(account.0);
    }

    pub(super) const fn orphans(&self) -> u32 {
        self.orphans
    }

    /// The oldest entry of the account that was closed first. Accounts without entries are forgotten
    /// on the way.
    pub(super) fn oldest_orphan(&mut self) -> Option<u32> {
        while let Some(&first) = self.estates.front() {
            let oldest = self.get(Account(first)).map(|book| book.oldest);
            match oldest.filter(|oldest| *oldest != NONE) {
                Some(oldest) => return Some(oldest),
                None => {
                    self.estates.pop_front();
                    self.free.push(first);
                }
            }
        }
        None
    }

    /// Forgets the accounts that were closed and have no entries any more.
    pub(super) fn forget_empty(&mut self) {
        let Self { books, free, estates, .. } = self;
        estates.retain(|&number| {
            let is_empty = books.get(number as usize).is_none_or(|book| book.len == 0);
            if is_empty {
                free.push(number);
            }
            !is_empty
        });
        if estates.is_empty() {
            *estates = VecDeque::new();
        }
        self.forget_last();
    }

    /// Gives back the memory of the last accounts, where they are not in use.
    fn forget_last(&mut self) {
        self.free.sort_unstable();
        while let Some(last) = self.books.len().checked_sub(1)
            && self.free.last().is_some_and(|free| *free as usize == last)
        {
            self.free.pop();
            self.books.pop();
        }
        self.free.reverse();
        self.free.shrink_to_fit();
        self.books.shrink_to(self.books.len().saturating_mul(2));
    }

    pub(super) fn get(&self, account: Account) -> Option<&Book> {
        self.books.get(account.0 as usize)
    }

    pub(super) fn get_mut(&mut self, account: Account) -> Option<&mut Book> {
        self.books.get_mut(account.0 as usize)
    }

    /// One entry more.
    pub(super) fn count_in(&mut self, account: Account) {
        if let Some(book) = self.get_mut(account) {
            book.len = book.len.saturating_add(1);
        }
    }

    /// One entry fewer.
    pub(super) fn count_out(&mut self, account: Account) {
        let Some(book) = self.get_mut(account) else { return };
        book.len = book.len.saturating_sub(1);
        if book.holder == Holder::Nobody {
            self.orphans = self.orphans.saturating_sub(1);
        }
    }

    /// The numbers of all accounts, also of those that are not in use.
    pub(super) fn all(&self) -> impl Iterator<Item = Account> + use<> {
        (0..u32::try_from(self.books.len()).unwrap_or(NONE)).map(Account)
    }
}
