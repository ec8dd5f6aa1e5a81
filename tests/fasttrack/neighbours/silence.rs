//! Who counts as silent, and searches whose number is in use.

use std::collections::BTreeSet;

use filbert::base::limits::{FASTTRACK_ASKED_WAIT_MS, FASTTRACK_SEARCHES_SENT_BURST};
use filbert::fasttrack::neighbours::{Ended, SearchKey};

use super::lone::{Lone, record, results};
use super::searching::{among, answer, end, ended, id_of, sent};

/// Whether somebody is ever among the six that are asked first.
fn is_asked_first(lone: &mut Lone, who: std::net::SocketAddrV4) -> bool {
    (100..130).any(|key| {
        lone.search(key, 100);
        let is_asked = sent(&lone.take()).iter().any(|(to, _)| *to == who);
        lone.room.end_search(SearchKey(key));
        is_asked
    })
}

/// FTPEER-16: who has brought results, and not said that they are all, has answered; who has said nothing at all
/// in ten seconds has not, until it says something.
#[test]
fn who_has_said_something_is_not_silent() {
    for (at_once, late, is_first) in
        [(false, false, false), (true, false, true), (false, true, true)]
    {
        let (mut lone, slots) = among(12, &[]);
        lone.search(0, 100);
        let mut asked = sent(&lone.take());
        let (who, id) = (asked[0].0, (asked[0].1.id & 0xffff) as u16);
        let brought = results(id_of(who), id, 3);
        if at_once {
            answer(&mut lone, &slots, who, &brought);
        }
        for wait_ms in [FASTTRACK_ASKED_WAIT_MS / 2, 0] {
            lone.run_ms(wait_ms);
            for (to, search) in asked.iter().filter(|(to, _)| *to != who) {
                end(&mut lone, &slots, *to, search.id);
            }
            asked = sent(&lone.take());
        }
        assert_eq!(asked.len(), 1, "the twelfth");
        lone.run_ms(FASTTRACK_ASKED_WAIT_MS / 2 + 1_000);
        if late {
            answer(&mut lone, &slots, who, &brought);
        }
        assert_eq!(ended(&lone.take()), None);
        lone.room.end_search(SearchKey(0));
        assert_eq!(is_asked_first(&mut lone, who), is_first, "{at_once} {late}");
    }
}

/// FTPEER-17: a search that runs keeps its number, however many come after it.
#[test]
fn a_number_in_use_is_not_given_again() {
    let (mut lone, _) = among(1, &[]);
    lone.search(0, 100);
    for _ in 0..=u16::MAX {
        lone.search(1, 100);
        lone.room.end_search(SearchKey(1));
        lone.take();
    }
    assert_eq!(lone.room.searches_len(), 1);
    lone.run_ms(FASTTRACK_ASKED_WAIT_MS);
    assert_eq!(ended(&lone.take()), Some(Ended::Exhausted));
}

/// FTPEER-16, FTPEER-24: who would be asked by a neighbour that was given too much has its place among the six.
#[test]
fn what_waits_for_its_rate_is_one_of_six() {
    let (mut lone, slots) = among(1, &[]);
    let behind = |of: usize| (0..30).map(move |place| record(1_000 * of + place, 5, 1));
    lone.tell(slots[0], &std::iter::once(record(1, 5, 0)).chain(behind(1)).collect::<Vec<_>>());
    for key in 0..FASTTRACK_SEARCHES_SENT_BURST {
        lone.search(key, 100);
        lone.room.end_search(SearchKey(key));
    }
    let second = lone.join(2);
    lone.tell(second, &std::iter::once(record(2, 5, 0)).chain(behind(2)).collect::<Vec<_>>());
    let mut asked = BTreeSet::new();
    for _ in 0..5 {
        lone.search(0, 100);
        let count = sent(&lone.take()).len();
        assert!(count <= 6);
        asked.insert(count);
    }
    assert!(asked.len() > 1, "{asked:?}");
}
