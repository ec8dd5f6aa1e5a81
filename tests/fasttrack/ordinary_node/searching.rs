//! Searches, and what comes of them.

use filbert::base::limits::{
    ASKED_SUPERNODE_MS, FASTTRACK_VALUE_LEN_MAX, OWN_SEARCHES_MAX, SUPERNODE_RESULTS_TOLD_MAX,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::ordinary_node::{Output, PushTarget, Reach};
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::wire::{
    Bandwidth, Found, Media, Message, Names, Realm, Results, Search, Tag, TagList, TagWriter, Term,
};

use super::lab::{Lab, SEEN_AS, at, settings, supernode};

fn words(words: &str) -> Sought {
    Sought::words(words, Realm::EVERYTHING)
}

fn hash(hash: [u8; 20]) -> Sought {
    Sought::hash(&hash)
}

fn search(lab: &mut Lab, sought: Sought) -> SearchId {
    let search = SearchId(lab.number());
    lab.node.search(search, sought, lab.now);
    lab.drain();
    search
}

/// What was asked since the last time.
fn asked(lab: &mut Lab, slot: Slot) -> Vec<Search> {
    let sent = lab.take_sent(slot).into_iter();
    let searches = sent.filter_map(|message| match message {
        Message::Search(search) => Some(search),
        _ => None,
    });
    searches.collect()
}

fn found(number: u8, address: &str) -> Found {
    let tags = TagWriter::new().text(Tag::FILE_NAME, &format!("tune {number}.mp3")).finish();
    Found {
        address: at(address),
        bandwidth: Bandwidth(0x60),
        names: Names::full("bob", "KaZaA"),
        hash: [number; 20],
        file_id: 1,
        size: 5_000,
        tags,
    }
}

fn results(id: u16, results: Vec<Found>) -> Message {
    Message::Results(Results { supernode: supernode(9), id, results })
}

/// The results that were told of since the last time.
fn told(lab: &mut Lab) -> Vec<(SearchId, Vec<Found>)> {
    let told = lab.all(|output| match output {
        Output::Hits { search, results, supernode: from } => {
            assert_eq!(*from, supernode(9));
            Some((*search, results.clone()))
        }
        _ => None,
    });
    lab.outputs.retain(|(_, output)| !matches!(output, Output::Hits { .. }));
    told.into_iter().map(|(_, told)| told).collect()
}

/// The same, counted.
fn counted(lab: &mut Lab) -> Vec<(SearchId, usize)> {
    told(lab).into_iter().map(|(search, results)| (search, results.len())).collect()
}

/// The searches that have ended, after how many milliseconds, and with how many results.
fn ended(lab: &Lab) -> Vec<(u64, (SearchId, u32))> {
    lab.all(|output| match output {
        Output::SearchEnded { search, results, .. } => Some((*search, *results)),
        _ => None,
    })
}

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

/// FTSEARCH-12: by address and port.
#[test]
fn names_that_are_left_out_are_those_of_the_same_node() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("tune"));
    let same = |number, address| Found { names: Names::Same, ..found(number, address) };
    let eve = Found { names: Names::full("eve", "KaZaA"), ..found(2, "5.5.5.5:1215") };
    let message = vec![
        same(9, "5.5.5.5:1214"),
        found(1, "5.5.5.5:1214"),
        eve,
        same(3, "5.5.5.5:1214"),
        same(4, "5.5.5.5:1215"),
        same(5, "5.5.5.6:1214"),
    ];
    lab.say(slot, &results(0, message));
    let told = told(&mut lab).remove(0).1;
    let names: Vec<_> = told.into_iter().map(|found| found.names).collect();
    let [bob, eve] = ["bob", "eve"].map(|user| Names::full(user, "KaZaA"));
    let expected = [Names::Same, bob.clone(), eve.clone(), bob, eve, Names::Same];
    assert_eq!(names, expected);
}

/// FTSEARCH-16
#[test]
fn results_that_cannot_be_judged_are_dropped() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("tune"));
    let nameless = Found { tags: TagList::EMPTY, ..found(1, "5.5.5.5:1214") };
    let empty = Found { size: 0, ..found(2, "5.5.5.5:1214") };
    let message = vec![nameless, empty, found(0, "5.5.5.5:1214"), found(3, "5.5.5.5:1214")];
    lab.say(slot, &results(0, message));
    let told = told(&mut lab).remove(0).1;
    assert_eq!(told.iter().map(|found| found.hash[0]).collect::<Vec<_>>(), [3]);
}

/// FTNODE-20: nobody makes a file of another one.
#[test]
fn a_search_for_a_hash_finds_that_hash() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, hash([3; 20]));
    lab.say(slot, &results(0, vec![found(2, "5.5.5.5:1214"), found(3, "5.5.5.5:1214")]));
    let told = told(&mut lab).remove(0).1;
    assert_eq!(told.iter().map(|found| found.hash[0]).collect::<Vec<_>>(), [3]);
}

/// FTNODE-11: how a node can be reached depends on both sides.
#[test]
fn a_hit_says_how_its_node_is_reached() {
    let nobody = Found { names: Names::Same, ..found(4, "10.0.0.5:1214") };
    let message =
        [found(1, "5.5.5.5:1214"), found(2, "10.0.0.5:1215"), found(3, "5.5.5.5:0"), nobody];
    let reached = |port| {
        let mut settings = settings();
        settings.address.set_port(port);
        let mut lab = Lab::with(settings, []);
        lab.start();
        let slot = lab.open(supernode(1));
        lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
        search(&mut lab, words("tune"));
        lab.say(slot, &results(0, message.to_vec()));
        let told = told(&mut lab).remove(0).1;
        told.iter().map(|found| lab.node.reach(found)).collect::<Vec<_>>()
    };
    use Reach::{Call, Nobody, Push};
    assert_eq!(reached(1214), [Call, Push, Push, Nobody]);
    let target = PushTarget::of(&message[1], supernode(9)).unwrap();
    assert_eq!((target.address, &target.user[..]), (at("10.0.0.5:1215"), &b"bob"[..]));
    assert_eq!(PushTarget::of(&message[3], supernode(9)), None);
    assert_eq!(reached(0), [Call, Nobody, Nobody, Nobody]);
}

/// FTNODE-20
#[test]
fn a_supernode_brings_as_many_results_as_were_wanted_and_not_one_more() {
    for (sought, wanted) in [(words("tune"), 200), (hash([3; 20]), 15)] {
        let (mut lab, slot) = Lab::child();
        search(&mut lab, sought);
        let many = (1..=300).map(|port| found(3, &format!("5.5.5.5:{port}"))).collect();
        lab.say(slot, &results(0, many));
        lab.say(slot, &results(0, vec![found(3, "5.5.5.6:1")]));
        let told: usize = counted(&mut lab).iter().map(|(_, count)| count).sum();
        assert_eq!(told, wanted);
    }
}

/// FTNODE-20
#[test]
fn results_of_a_search_have_a_limit_whoever_brings_them() {
    let (mut lab, mut slot) = Lab::child();
    let tune = search(&mut lab, words("tune"));
    let mut count = 0;
    for octet in 1..=6 {
        let node = |port| found(3, &format!("5.5.5.{octet}:{port}"));
        lab.say(slot, &results(0, (1..=200).map(node).collect()));
        count += counted(&mut lab).iter().map(|(_, count)| count).sum::<usize>();
        lab.hang_up(slot);
        slot = lab.open(supernode(octet + 1));
        lab.say(slot, &Message::ExternalIp { address: SEEN_AS });
    }
    assert_eq!(count, SUPERNODE_RESULTS_TOLD_MAX);
    let ended: Vec<_> = ended(&lab).into_iter().map(|(_, ended)| ended).collect();
    assert_eq!(ended, [(tune, 1_000)]);
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
