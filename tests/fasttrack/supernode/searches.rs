//! Searches of children, from the first result to the end.

use filbert::base::limits::{
    FASTTRACK_CHILD_FORWARDED_MAX, FASTTRACK_FORWARDED_MAX, FASTTRACK_SEARCH_RESULTS_MAX,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::supernode::{Key, Output};
use filbert::fasttrack::wire::{Kind, Message, Names, Realm, Search};
use filbert::index::files::{File, Files};

use super::family::{Family, OWN, at, hash, name, results, words};

/// The key under which the last search was forwarded, and how many results are wanted still.
fn forwarded(outputs: &[Output]) -> Vec<(Key, u16)> {
    let all = outputs.iter().filter_map(|output| match output {
        Output::Forward { key, sought } => Some((*key, sought.max)),
        _ => None,
    });
    all.collect()
}

/// How a child hears of results and ends: the supernode, and how many results; or the end.
fn told(outputs: &[Output], to: Slot) -> Vec<String> {
    let all = outputs.iter().filter_map(|output| match output {
        Output::Send { slot, message } if *slot == to => Some(match message {
            Message::Results(all) => format!("{} {}: {}", all.id, all.supernode, all.results.len()),
            Message::SearchEnd { id } => format!("{id} ends"),
            other => format!("{other:?}"),
        }),
        _ => None,
    });
    all.collect()
}

/// A family in which one child shares so many files, and another one asks.
fn with_songs(count: u32) -> (Family, Slot, Slot) {
    let mut family = Family::new(10);
    let (holder, asker) = (family.child(1), family.child(2));
    for number in 0..count {
        family.share(holder, number, &format!("song {number}.mp3"));
    }
    (family, holder, asker)
}

/// FTSUPER-12
#[test]
fn ones_own_files_are_left_out_and_those_of_the_supernode_are_not() {
    let (mut family, holder, asker) = with_songs(2);
    family.share(asker, 9, "my song.mp3");
    let mut files = Files::new();
    let kzhash = filbert::base::kazaa_hash::KzHash {
        uuhash: filbert::base::kazaa_hash::UuHash(hash(50)),
        root: [0; 16],
    };
    let file = |name: &str, size| File { name: name.into(), size, ..File::default() };
    let own = File { kzhash: Some(kzhash), ..file("Songs of ours.mp3", 77) };
    let song = File { kzhash: Some(kzhash), ..file("song of ours.mp3", 77) };
    let huge = File { size: 1 << 32, ..song.clone() };
    files.extend([song, own, huge, file("song without a hash.mp3", 7)]);
    family.supernode.offer(files);
    let (found, _) = family.search_for(asker, words("song"));
    let mut names: Vec<_> = found.iter().map(name).collect();
    names.sort();
    // A word is a whole word, and what is longer than sizes can say cannot be told of.
    assert_eq!(names, ["song 0.mp3", "song 1.mp3", "song of ours.mp3"]);
    let own = found.iter().find(|found| name(found) == "song of ours.mp3").unwrap();
    assert_eq!((own.address, own.size, own.hash), (at(OWN), 77, hash(50)));
    assert_eq!(own.names, Names::full("filbert", "KaZaA"));
    assert_eq!(family.search(holder, words("song")), ["song of ours.mp3", "my song.mp3"]);
    let by_hash = Search { id: 7, ..search_for_hash(50) };
    assert_eq!(family.search(asker, by_hash), ["song of ours.mp3", "Songs of ours.mp3"]);
}

fn search_for_hash(number: u32) -> Search {
    let Sought { max, realm, terms } = Sought::hash(&hash(number));
    Search { by_hand: false, max, id: 8, realm, terms }
}

/// FTSUPER-13, FTSEARCH-10, FTSUPER-14, FTSEARCH-15
#[test]
fn no_more_is_told_than_was_wanted_ten_at_a_time_and_then_the_end() {
    let (mut family, _, asker) = with_songs(50);
    for (max, expected) in [
        (0, vec![]),
        (1, vec![1]),
        (10, vec![10]),
        (11, vec![10, 1]),
        (49, vec![10, 10, 10, 10, 9]),
    ] {
        family.receive(asker, Message::Search(Search { max, ..words("song") }));
        let outputs = family.outputs();
        let mut lines: Vec<_> = expected.iter().map(|count| format!("7 {OWN}: {count}")).collect();
        lines.push("7 ends".to_owned());
        assert_eq!(told(&outputs, asker), lines, "{max} wanted");
        assert_eq!(forwarded(&outputs), [], "{max} wanted");
    }
}

/// FTSUPER-13
#[test]
fn of_one_search_two_hundred_results_are_told_whatever_was_wanted() {
    let mut family = Family::new(10);
    let asker = family.child(9);
    for child in 0..3 {
        let holder = family.child(child);
        for number in 0..100 {
            family.share(holder, number, "a song.mp3");
        }
    }
    let max = u16::MAX;
    let found = family.search(asker, Search { max, ..words("song") });
    assert_eq!(found.len(), usize::from(FASTTRACK_SEARCH_RESULTS_MAX));
}

/// FTSUPER-13: two hundred, of all supernodes together.
#[test]
fn of_others_no_more_is_wanted_than_is_left_of_two_hundred() {
    let (mut family, _, asker) = with_songs(2);
    for (max, left) in [(1_000, 198), (u16::MAX, 198), (200, 198), (199, 197)] {
        family.receive(asker, Message::Search(Search { max, ..words("song") }));
        let [(key, wanted)] = forwarded(&family.outputs())[..] else { panic!("not forwarded") };
        assert_eq!(wanted, left, "{max} wanted");
        family.supernode.search_ended(key);
    }
}

/// FTSUPER-14, FTSUPER-15, FTPEER-19
#[test]
fn what_others_have_comes_behind_and_names_them_and_the_end_comes_once() {
    let (mut family, _, asker) = with_songs(2);
    family.receive(asker, Message::Search(Search { max: 5, ..words("song") }));
    let outputs = family.outputs();
    let [(key, 3)] = forwarded(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(told(&outputs, asker), [format!("7 {OWN}: 2")]);
    family.supernode.add_results(key, &results("8.1.1.1:1214", &["one", "two"]));
    family.supernode.add_results(key, &results("8.2.2.2:1214", &["three", "four"]));
    family.supernode.add_results(key, &results("8.3.3.3:1214", &["five"]));
    family.supernode.search_ended(key);
    let outputs = family.outputs();
    assert_eq!(
        told(&outputs, asker),
        ["7 8.1.1.1:1214: 2", "7 8.2.2.2:1214: 1", "7 ends"],
        "no more than five, and one end"
    );
    assert!(outputs.contains(&Output::EndForward { key }));
}

/// FTSUPER-14
#[test]
fn a_search_that_finds_nothing_anywhere_has_an_end() {
    let (mut family, _, asker) = with_songs(2);
    family.receive(asker, Message::Search(words("nothing")));
    let outputs = family.outputs();
    let [(key, 200)] = forwarded(&outputs)[..] else { panic!("{outputs:?}") };
    assert_eq!(told(&outputs, asker), [""; 0]);
    family.supernode.search_ended(key);
    family.supernode.search_ended(key);
    assert_eq!(told(&family.outputs(), asker), ["7 ends"]);
}

/// FTSUPER-14
#[test]
fn the_id_of_a_running_search_again_takes_its_place() {
    let (mut family, _, asker) = with_songs(2);
    family.receive(asker, Message::Search(words("first")));
    let [(first, _)] = forwarded(&family.outputs())[..] else { panic!("not forwarded") };
    family.receive(asker, Message::Search(words("second")));
    let outputs = family.outputs();
    let [(second, _)] = forwarded(&outputs)[..] else { panic!("{outputs:?}") };
    assert!(outputs.contains(&Output::EndForward { key: first }));
    family.supernode.add_results(first, &results("8.1.1.1:1214", &["late"]));
    family.supernode.search_ended(first);
    assert_eq!(family.outputs(), []);
    family.supernode.search_ended(second);
    assert_eq!(told(&family.outputs(), asker), ["7 ends"]);
}

/// FTSUPER-14, FTSAFE-06
#[test]
fn a_search_that_cannot_be_read_beyond_its_id_has_an_end() {
    let (mut family, _, asker) = with_songs(2);
    family.supernode.receive_malformed(asker, Kind::SEARCH, &[0, 1, 0, 200, 0x12, 0x34]);
    assert_eq!(told(&family.outputs(), asker), ["4660 ends"]);
    family.supernode.receive_malformed(asker, Kind::SEARCH, &[0, 1, 0, 200, 0x12]);
    family.supernode.receive_malformed(asker, Kind::SHARE, &[0, 1, 0, 200, 0x12, 0x34]);
    assert_eq!(family.outputs(), []);
    // One that runs under this id is over with it.
    family.receive(asker, Message::Search(words("nothing")));
    let [(key, _)] = forwarded(&family.outputs())[..] else { panic!("not forwarded") };
    family.supernode.receive_malformed(asker, Kind::SEARCH, &[0, 1, 0, 200, 0, 7]);
    family.supernode.search_ended(key);
    assert_eq!(told(&family.outputs(), asker), ["7 ends"]);
}

/// FTSUPER-11
#[test]
fn what_a_child_has_asked_is_forgotten_when_it_leaves() {
    let (mut family, _, asker) = with_songs(2);
    family.receive(asker, Message::Search(words("nothing")));
    let [(key, _)] = forwarded(&family.outputs())[..] else { panic!("not forwarded") };
    family.close(asker);
    assert_eq!(family.outputs(), [Output::EndForward { key }]);
    family.supernode.add_results(key, &results("8.1.1.1:1214", &["late"]));
    family.supernode.search_ended(key);
    assert_eq!(family.outputs(), []);
}

/// FTSAFE-08
#[test]
fn so_many_searches_are_forwarded_at_a_time_and_others_are_answered_from_here() {
    let mut family = Family::new(1_000);
    let ask = |family: &mut Family, slot, id| {
        family.receive(slot, Message::Search(Search { id, ..words("nothing") }));
        let outputs = family.outputs();
        (forwarded(&outputs).len(), told(&outputs, slot))
    };
    let first = family.child(1);
    for id in 0..u16::try_from(FASTTRACK_CHILD_FORWARDED_MAX).unwrap() {
        assert_eq!(ask(&mut family, first, id), (1, vec![]), "{id}");
    }
    assert_eq!(ask(&mut family, first, 99), (0, vec!["99 ends".to_owned()]));
    // All together.
    let mut left = FASTTRACK_FORWARDED_MAX - FASTTRACK_CHILD_FORWARDED_MAX;
    while left > 0 {
        let slot = family.child(2);
        for id in 0..u16::try_from(left.min(FASTTRACK_CHILD_FORWARDED_MAX)).unwrap() {
            assert_eq!(ask(&mut family, slot, id), (1, vec![]));
            left -= 1;
        }
    }
    let last = family.child(3);
    assert_eq!(ask(&mut family, last, 1), (0, vec!["1 ends".to_owned()]));
    family.close(first);
    family.forget();
    assert_eq!(ask(&mut family, last, 1), (1, vec![]));
}

/// FTSEARCH-13, FTSAFE-13
#[test]
fn names_of_others_are_written_in_full_and_made_harmless() {
    let (mut family, _, asker) = with_songs(0);
    family.receive(asker, Message::Search(words("nothing")));
    let [(key, _)] = forwarded(&family.outputs())[..] else { panic!("not forwarded") };
    let mut all = results("8.1.1.1:1214", &["one", "two", "three"]);
    all.results[0].names = Names::full("a@b\u{1b}[0m", "Ka ZaA");
    all.results[1].names = Names::Same;
    all.results[2].names = Names::Same;
    all.results[2].address = at("7.2.2.2:1214");
    family.supernode.add_results(key, &all);
    let heard = family.heard(asker);
    let Message::Results(told) = &heard[0] else { panic!("{heard:?}") };
    let names: Vec<_> = told.results.iter().map(|found| found.names.clone()).collect();
    let first = Names::full("a_b_[0m", "Ka_ZaA");
    assert_eq!(names, [first.clone(), first, Names::full("unknown", "")]);
}

/// FTSUPER-12, FTSEARCH-16
#[test]
fn our_own_searches_find_what_children_have_and_what_is_of_use() {
    let (mut family, holder, _) = with_songs(2);
    family.share(holder, 70, " ");
    let search = SearchId(3);
    let sought = Sought { max: 4, ..Sought::words("song", Realm::EVERYTHING) };
    family.supernode.search_own(search, sought.clone());
    let outputs = family.outputs();
    let [(key, 2)] = forwarded(&outputs)[..] else { panic!("{outputs:?}") };
    let Output::Hits { supernode, results: found, .. } = &outputs[0] else { panic!("{outputs:?}") };
    assert_eq!((*supernode, found.len()), (at(OWN), 2));
    let mut others = results("8.1.1.1:1214", &["", "song"]);
    others.results[1].size = 0;
    family.supernode.add_results(key, &others);
    assert_eq!(family.outputs()[1..], [Output::SearchEnded { search, results: 4 }]);
    // Nobody waits for the end of one that was given up.
    family.supernode.search_own(search, sought);
    family.forget();
    family.supernode.end_own(search);
    let ended = family.outputs();
    assert!(matches!(
        ended[..],
        [Output::EndForward { .. }, Output::SearchEnded { results: 2, .. }]
    ));
    family.supernode.end_own(search);
    assert_eq!(family.outputs(), []);
}
