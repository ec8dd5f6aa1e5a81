#![allow(clippy::arithmetic_side_effects, reason = "a test may stop at the first surprise")]

use super::*;
use crate::base::slots::Slots;

const BOUNDS: Bounds = Bounds { life_s: 10, own_max: 2, orphans_max: 3 };

fn table(accounts: u32, quota: u32) -> (FairTable<u32, char>, Vec<Account>) {
    let (mut table, mut slots) = (FairTable::new(Seeded::new(1), BOUNDS), Slots::new());
    let accounts = (0..accounts).map(|_| table.open(slots.insert(()), quota)).collect();
    (table, accounts)
}

fn add(table: &mut FairTable<u32, char>, account: Account, key: u32, now: Time) {
    let Err(free) = table.find(&key, now) else { panic!("{key} is there") };
    table.insert(free, account, key, 'a', now);
}

/// Those of so many keys that have an entry.
fn keys(table: &mut FairTable<u32, char>, now: Time) -> Vec<u32> {
    (0..100).filter(|key| table.find(key, now).is_ok()).collect()
}

#[test]
fn whoever_is_at_the_quota_loses_its_oldest_entry() {
    let (mut table, accounts) = table(2, 2);
    for (account, key) in [(0, 1), (1, 11), (0, 2), (1, 12), (0, 3)] {
        add(&mut table, accounts[account], key, Time::ZERO);
    }
    assert_eq!(keys(&mut table, Time::ZERO), [2, 3, 11, 12]);
    let place = table.find(&2, Time::ZERO).unwrap().place;
    table.touch(place, Time::ZERO);
    add(&mut table, accounts[0], 4, Time::ZERO);
    assert_eq!(keys(&mut table, Time::ZERO), [2, 4, 11, 12]);
    (20..24).for_each(|key| add(&mut table, Account::OURS, key, Time::ZERO));
    assert_eq!(keys(&mut table, Time::ZERO), [2, 4, 11, 12, 22, 23]);
}

#[test]
fn an_account_without_a_quota_has_no_entry() {
    let (mut table, accounts) = table(1, 0);
    add(&mut table, accounts[0], 1, Time::ZERO);
    assert!(table.is_empty());
}

#[test]
fn an_entry_says_whose_it_is() {
    let (mut table, mut slots) = (FairTable::new(Seeded::new(1), BOUNDS), Slots::new());
    let slot = slots.insert(());
    let account = table.open(slot, 5);
    add(&mut table, account, 1, Time::ZERO);
    add(&mut table, Account::OURS, 2, Time::ZERO);
    let holder = |table: &mut FairTable<u32, char>, key| {
        let account = table.find(&key, Time::ZERO).unwrap().account;
        table.holder(account)
    };
    assert_eq!(holder(&mut table, 1), Holder::Neighbour(slot));
    assert_eq!(holder(&mut table, 2), Holder::Ours);
    table.close(account, Time::ZERO);
    assert_eq!(holder(&mut table, 1), Holder::Nobody);
    table.close(Account::OURS, Time::ZERO);
    assert_eq!(holder(&mut table, 2), Holder::Ours);
}

#[test]
fn an_entry_stands_for_its_life_and_is_gone_one_second_later() {
    let (mut table, accounts) = table(1, 5);
    add(&mut table, accounts[0], 1, Time::from_millis(900));
    assert!(table.find(&1, Time::from_millis(10_999)).is_ok());
    assert!(table.find(&1, Time::from_millis(11_000)).is_err());
    assert!(table.is_empty());
}

#[test]
fn entries_of_the_gone_are_bounded_and_the_first_gone_loses_first() {
    let (mut table, accounts) = table(3, 5);
    for (account, key) in [(1, 10), (0, 1), (0, 2), (1, 11), (2, 20), (2, 21)] {
        add(&mut table, accounts[account], key, Time::ZERO);
    }
    table.close(accounts[0], Time::ZERO);
    table.close(accounts[1], Time::ZERO);
    assert_eq!(keys(&mut table, Time::ZERO), [2, 10, 11, 20, 21]);
    table.close(accounts[2], Time::ZERO);
    assert_eq!(keys(&mut table, Time::ZERO), [11, 20, 21]);
}

#[test]
fn accounts_that_are_done_with_are_used_again_and_their_memory_goes() {
    let (mut table, mut slots) =
        (FairTable::<u32, char>::new(Seeded::new(1), BOUNDS), Slots::new());
    for key in 0..100 {
        let account = table.open(slots.insert(()), 5);
        assert!(account.0 <= 4, "{account:?}");
        add(&mut table, account, key, Time::ZERO);
        table.close(account, Time::ZERO);
    }
    assert_eq!(table.len(), 3);
    table.tidy(Time::from_millis(11_000));
    assert!(table.is_empty());
    assert_eq!(table.accounts.all().count(), 1);
    assert_eq!((table.entries.capacity(), table.open(slots.insert(()), 5)), (0, Account(1)));
}

#[test]
fn entries_keep_their_order_when_they_are_packed() {
    let (mut table, accounts) = table(2, 1_000);
    (0..1_000).for_each(|key| add(&mut table, accounts[0], key + 1_000, Time::ZERO));
    let later = Time::from_millis(5_000);
    (0..6).for_each(|key| add(&mut table, accounts[1], key, later));
    let place = table.find(&2, later).unwrap().place;
    table.remove(place);
    table.tidy(Time::from_millis(11_000));
    assert!(table.entries.capacity() < 10);
    assert_eq!(keys(&mut table, later), [0, 1, 3, 4, 5]);
    for key in 0..997 {
        add(&mut table, accounts[1], key + 2_000, later);
    }
    assert_eq!(keys(&mut table, later), [3, 4, 5]);
}

#[test]
fn each_shows_all_entries_of_a_key() {
    let (mut table, accounts) = table(3, 5);
    let mut free = table.find(&7, Time::ZERO).unwrap_err();
    for (account, value) in accounts.iter().zip(['a', 'b', 'c']) {
        table.insert(free, *account, 7, value, Time::ZERO);
        free = table.each(&7, Time::ZERO, |_, _, _| {});
    }
    add(&mut table, accounts[0], 8, Time::ZERO);
    let mut shown = Vec::new();
    table.each(&7, Time::ZERO, |_, account, value| shown.push((account.0, *value)));
    shown.sort_unstable();
    assert_eq!(shown, [(1, 'a'), (2, 'b'), (3, 'c')]);
    table.each(&7, Time::from_millis(11_000), |_, _, _| panic!("their time has passed"));
}
