use super::*;
use crate::base::slots::Slots;

fn guid(number: usize) -> Guid {
    Guid([u8::try_from(number).unwrap(); 16])
}

fn hit(from: Slot, results: u8, is_only_one: bool) -> OwnHit {
    let size = HitSize { results, len: 100 };
    OwnHit { from, size, is_only_one, is_exempt: false }
}

/// DQ-23
#[test]
fn so_many_that_have_ended_are_kept_and_not_one_more() {
    let mut searches = Searches::default();
    let from = Slots::new().insert(());
    for number in 0..=OWN_SEARCHES_ENDED_MAX {
        let now = Time::from_millis(u64::try_from(number).unwrap());
        searches.start(guid(number), "winter", now);
        let forgotten = (number == OWN_SEARCHES_ENDED_MAX).then(|| guid(0));
        assert_eq!(searches.end(guid(number)), Some((0, forgotten)));
        assert_eq!(searches.end(guid(number)), None, "it ends once");
    }
    let mut takes = |number| {
        let now = Time::from_millis(1_000);
        searches.take(guid(number), hit(from, 1, false), now).is_some()
    };
    assert_eq!([takes(0), takes(1), takes(OWN_SEARCHES_ENDED_MAX)], [false, true, true]);
}

/// DQ-23: those that have ended take no place of those that run.
#[test]
fn so_many_run_whether_others_have_ended_or_not() {
    let mut searches = Searches::default();
    for number in 0..OWN_SEARCHES_MAX + 3 {
        assert!(!searches.is_full());
        searches.start(guid(number), "winter", Time::ZERO);
        if number < 3 {
            searches.end(guid(number));
        }
    }
    assert!(searches.is_full());
}

/// DQ-21, VMSG-52
#[test]
fn one_ultrapeer_of_several_does_not_make_a_leaf_tell_all_to_stop() {
    let mut slots = Slots::new();
    let [one, other] = [slots.insert(()), slots.insert(())];
    for (is_only_one, second, stops) in
        [(false, one, false), (false, other, true), (true, one, true)]
    {
        let mut searches = Searches::default();
        searches.start(guid(1), "winter", Time::ZERO);
        for (from, results) in [(one, 150), (second, 75)] {
            assert!(searches.take(guid(1), hit(from, results, is_only_one), Time::ZERO).is_some());
        }
        assert_eq!(searches.status(guid(1)) == QueryStatus::STOP, stops);
        let told = searches.end(guid(1));
        assert_eq!(told, Some((225, None)), "all are told of");
    }
}

/// DQ-24
#[test]
fn a_search_has_so_many_guids_and_not_one_more() {
    let (mut searches, from) = (Searches::default(), Slots::new().insert(()));
    searches.start(guid(1), "winter", Time::ZERO);
    for count in 0..=usize::from(SEARCH_GUIDS_MAX) {
        let now = Time::ZERO.after_ms(HOP_WAIT_MS * u64::try_from(count).unwrap());
        let asked = searches.guid_to_ask_with(guid(1), guid(count + 1), now);
        let wanted = (count < usize::from(SEARCH_GUIDS_MAX)).then(|| guid(count + 1));
        assert_eq!(asked, wanted);
        if let Some(asked) = asked {
            let again = searches.guid_to_ask_with(guid(1), guid(99), now.after_ms(1));
            assert_eq!(again, Some(asked), "at the same time");
        }
    }
    for count in 1..=usize::from(SEARCH_GUIDS_MAX) {
        let taken = searches.take(guid(count), hit(from, 1, false), Time::ZERO).unwrap();
        assert_eq!(taken.search, guid(1), "hits count whichever GUID they have");
    }
    searches.forget(guid(1));
    assert!((1..=9).all(|count| searches.search_of(guid(count)).is_none()));
    assert!(searches.further.is_empty());
}

/// How many results of one ultrapeer are told of, as long as it brings more.
fn told_of(searches: &mut Searches, from: Slot) -> usize {
    let mut takes = || searches.take(guid(1), hit(from, 100, false), Time::ZERO).is_some();
    (0..100).take_while(|_| takes()).count()
}

/// DQ-23: what an ultrapeer has had of a search goes with it, and all with the search.
#[test]
fn what_was_told_of_is_forgotten_with_the_neighbour_and_with_the_search() {
    let mut slots = Slots::new();
    let [one, other] = [slots.insert(()), slots.insert(())];
    let mut searches = Searches::default();
    searches.start(guid(1), "winter", Time::ZERO);
    let whole = told_of(&mut searches, one);
    assert!((1..100).contains(&whole), "{whole}");
    searches.close(one);
    assert_eq!(told_of(&mut searches, other), whole);
    searches.forget(guid(1));
    searches.start(guid(1), "winter", Time::ZERO);
    assert_eq!(told_of(&mut searches, other), whole);
}

/// VMSG-52: who has gone is told nothing.
#[test]
fn only_ultrapeers_that_are_there_are_told_how_a_search_fares() {
    let mut slots = Slots::new();
    let [goes, stays] = [slots.insert(()), slots.insert(())];
    let mut searches = Searches::default();
    searches.start(guid(1), "winter", Time::ZERO);
    for slot in [goes, stays] {
        searches.note_asked(guid(1), slot, guid(1));
    }
    searches.close(goes);
    let taken = searches.take(guid(1), hit(stays, 100, false), Time::ZERO).unwrap();
    assert_eq!(taken.report.unwrap().to, [(stays, guid(1))]);
}
