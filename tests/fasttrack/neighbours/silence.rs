//! Who counts as silent, and searches whose number is in use.

use filbert::base::limits::FASTTRACK_ASKED_WAIT_MS;
use filbert::fasttrack::neighbours::{Ended, SearchKey};

use super::lone::{Lone, results};
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
