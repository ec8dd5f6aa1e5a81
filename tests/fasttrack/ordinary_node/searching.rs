//! Searches: how they are asked, and how they end.

use filbert::base::limits::{ASKED_SUPERNODE_MS, FASTTRACK_VALUE_LEN_MAX, OWN_SEARCHES_MAX};
use filbert::fasttrack::sought::Sought;
use filbert::fasttrack::wire::{Media, Message, Realm, Search, Tag, Term};

use super::asking::{asked, counted, ended, found, hash, results, search, told, words};
use super::lab::{Lab, SEEN_AS, supernode};

/// FTNODE-10, FTSEARCH-01
#[test]
fn words_are_one_term_and_so_is_a_hash() {
    let (mut lab, slot) = Lab::child();
    let audio = Realm::of(Media::AUDIO);
    search(&mut lab, Sought::words("winter tune", audio));
    search(&mut lab, hash([7; 20]));
    let terms = vec![Term::words(Tag::ANY, "winter tune")];
    let by_words = Search { by_hand: true, max: 200, id: 0, realm: Realm(0xa1), terms };
    let terms = vec![Term::hash(&[7; 20])];
    let by_hash = Search { by_hand: true, max: 15, id: 1, realm: Realm(0xbf), terms };
    assert_eq!(asked(&mut lab, slot), [by_words, by_hash]);
}

/// FTSAFE-06: a supernode drops what has more.
#[test]
fn more_words_than_a_term_may_have_are_left_out() {
    let (mut lab, slot) = Lab::child();
    let mut text = |text: &str| {
        search(&mut lab, words(text));
        String::from_utf8(asked(&mut lab, slot)[0].terms[0].bytes.to_vec()).unwrap()
    };
    let sixteen = "a b c d e f g h i j k l m n o p";
    assert_eq!(text(sixteen), sixteen);
    assert_eq!(text(&format!("{sixteen} q")), sixteen);
    assert_eq!(text("a-b-c-d-e-f-g-h i-j-k-l-m-n-o-p-q"), "a-b-c-d-e-f-g-h");
    let long = "x".repeat(FASTTRACK_VALUE_LEN_MAX - 2);
    assert_eq!(text(&format!("{long} y")), format!("{long} y"));
    assert_eq!(text(&format!("{long} yz")), long);
}

/// FTSEARCH-10, FTSEARCH-15, FTNODE-09
#[test]
fn results_come_until_the_search_ends() {
    let (mut lab, slot) = Lab::child();
    let tune = search(&mut lab, words("tune"));
    let other = search(&mut lab, words("other"));
    lab.say(slot, &results(0, vec![found(1, "5.5.5.5:1214"), found(2, "5.5.5.6:1214")]));
    lab.say(slot, &results(1, vec![found(3, "5.5.5.7:1214")]));
    let first = vec![found(1, "5.5.5.5:1214"), found(2, "5.5.5.6:1214")];
    assert_eq!(told(&mut lab), [(tune, first), (other, vec![found(3, "5.5.5.7:1214")])]);
    lab.say(slot, &Message::SearchEnd { id: 0 });
    assert_eq!(ended(&lab), [(200, (tune, 2))]);
    lab.say(slot, &results(0, vec![found(4, "5.5.5.5:1214")]));
    lab.say(slot, &results(7, vec![found(4, "5.5.5.5:1214")]));
    lab.say(slot, &Message::SearchEnd { id: 0 });
    assert!(told(&mut lab).is_empty(), "nothing comes for it any more");
    lab.node.end_search(other, lab.now);
    lab.drain();
    assert_eq!(ended(&lab), [(200, (tune, 2)), (200, (other, 1))]);
}

/// FTNODE-09
#[test]
fn a_search_of_which_nothing_is_heard_is_over() {
    let (mut lab, slot) = Lab::child();
    let tune = search(&mut lab, words("tune"));
    lab.run_ms(ASKED_SUPERNODE_MS - 1);
    lab.say(slot, &results(0, vec![found(1, "5.5.5.5:1214")]));
    lab.run_ms(1);
    // What was told of before is no news.
    lab.say(slot, &results(0, vec![found(1, "5.5.5.5:1214")]));
    assert_eq!(told(&mut lab).len(), 1);
    lab.run_ms(ASKED_SUPERNODE_MS - 2);
    assert_eq!(ended(&lab), []);
    lab.run_ms(1);
    let ms = 200 + 2 * ASKED_SUPERNODE_MS - 1;
    assert_eq!(ended(&lab), [(ms, (tune, 1))]);
}

/// FTNODE-08: however many searches there were.
#[test]
fn no_search_has_the_id_of_one_that_runs() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("runs"));
    let running = asked(&mut lab, slot)[0].id;
    for round in 0..70 {
        for _ in 0..1_000 {
            let search = search(&mut lab, words("tune"));
            assert_ne!(asked(&mut lab, slot)[0].id, running, "{round}");
            lab.node.end_search(search, lab.now);
            lab.outputs.clear();
        }
        // So that it does not end.
        lab.run_ms(60_000);
        lab.say(slot, &results(running, vec![found(round + 1, "5.5.5.5:1214")]));
    }
}

/// FTNODE-15
#[test]
fn searches_that_run_are_asked_of_the_next_supernode() {
    let (mut lab, slot) = Lab::child();
    let tune = search(&mut lab, words("tune"));
    let other = search(&mut lab, words("other"));
    asked(&mut lab, slot);
    lab.say(slot, &results(0, vec![found(1, "5.5.5.5:1214")]));
    lab.say(slot, &Message::SearchEnd { id: 1 });
    lab.hang_up(slot);
    let waiting = search(&mut lab, hash([3; 20]));
    assert_eq!(ended(&lab), [(200, (other, 0))], "the one that ran goes on");
    lab.outputs.clear();
    let slot = lab.open(supernode(2));
    lab.say(slot, &results(0, vec![found(2, "5.5.5.5:1214")]));
    assert!(told(&mut lab).is_empty(), "it was not asked yet");
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    let again = asked(&mut lab, slot);
    let again: Vec<_> = again.iter().map(|one| (one.id, one.max, one.by_hand)).collect();
    assert_eq!(again, [(0, 200, false), (2, 15, true)]);
    // FTNODE-20: what was told of is not told of again.
    lab.say(slot, &results(0, vec![found(1, "5.5.5.5:1214"), found(2, "5.5.5.5:1214")]));
    lab.say(slot, &results(2, vec![found(3, "5.5.5.5:1214")]));
    assert_eq!(counted(&mut lab), [(tune, 1), (waiting, 1)]);
}

/// FTNODE-09, FTNODE-15: the next supernode has its 90 seconds from when it is asked.
#[test]
fn the_next_supernode_has_as_long_as_the_last() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("tune"));
    lab.run_ms(ASKED_SUPERNODE_MS - 1_000);
    lab.hang_up(slot);
    let slot = lab.open(supernode(2));
    lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    assert_eq!(asked(&mut lab, slot).len(), 1);
    lab.run_ms(ASKED_SUPERNODE_MS - 1);
    assert!(ended(&lab).is_empty());
    lab.run_ms(1);
    assert_eq!(ended(&lab).len(), 1);
}

/// The oldest goes.
#[test]
fn so_many_searches_run_and_not_one_more() {
    let (mut lab, _) = Lab::child();
    let all: Vec<_> = (0..OWN_SEARCHES_MAX).map(|_| search(&mut lab, words("tune"))).collect();
    assert_eq!(ended(&lab), []);
    search(&mut lab, words("tune"));
    assert_eq!(ended(&lab), [(200, (all[0], 0))]);
}
