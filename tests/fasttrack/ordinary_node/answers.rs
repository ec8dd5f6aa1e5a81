//! Which results are told of.

use bytes::Bytes;
use filbert::base::limits::{SUPERNODE_RESULTS_LEN_MAX, SUPERNODE_RESULTS_TOLD_MAX};
use filbert::fasttrack::ordinary_node::{PushTarget, Reach};
use filbert::fasttrack::wire::{Found, Frame, Message, Names, Side, Tag, TagList, TagWriter};

use super::asking::{counted, ended, found, hash, results, search, told, words};
use super::lab::{Lab, SEEN_AS, at, settings, supernode};

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

/// FTNODE-20: nor is it a few large ones.
#[test]
fn results_of_a_search_keep_so_many_bytes_and_not_one_more() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("tune"));
    let one = |number: u8, len: usize| {
        let comment = |tags: TagWriter, _| tags.put(Tag::COMMENT, &[b'x'; 1_024]);
        let tags = TagWriter::new().text(Tag::FILE_NAME, &"x".repeat(len));
        let tags = (0..60).fold(tags, comment).finish();
        Found { tags, ..found(number, "5.5.5.5:1214") }
    };
    let names_len = "bob".len() + "KaZaA".len();
    let kept_len = |found: &Found| found.tags.as_bytes().len() + names_len;
    let large = kept_len(&one(1, 1_000));
    let count = SUPERNODE_RESULTS_LEN_MAX / large;
    for number in 1..=count {
        let number = u8::try_from(number).unwrap();
        lab.say(slot, &results(0, vec![one(number, 1_000)]));
    }
    assert_eq!(told(&mut lab).len(), count);
    let rest = SUPERNODE_RESULTS_LEN_MAX - count * large;
    let of_len = |len: usize| {
        let tags = TagWriter::new().text(Tag::FILE_NAME, "x");
        let head = kept_len(&Found { tags: tags.clone().finish(), ..found(200, "5.5.5.5:1214") });
        let mut left = len - head;
        let mut tags = tags;
        while left > 0 {
            // Number and length of a tag take two or three bytes.
            let piece = left.min(1_000);
            let piece = if left - piece > 0 && left - piece < 10 { piece - 10 } else { piece };
            let value = if piece > 129 { piece - 3 } else { piece - 2 };
            tags = tags.put(Tag::COMMENT, &vec![b'x'; value]);
            left -= piece;
        }
        let result = Found { tags: tags.finish(), ..found(200, "5.5.5.5:1214") };
        assert_eq!(kept_len(&result), len);
        result
    };
    lab.say(slot, &results(0, vec![of_len(rest + 1)]));
    assert_eq!(told(&mut lab).len(), 0);
    lab.say(slot, &results(0, vec![of_len(rest)]));
    assert_eq!(told(&mut lab).len(), 1);
}

/// What is kept of a message is what is told of it.
#[test]
fn a_result_holds_on_to_nothing_of_its_message() {
    let (mut lab, slot) = Lab::child();
    search(&mut lab, words("tune"));
    let message = results(0, vec![found(1, "5.5.5.5:1214")]);
    let frame = Message::to_frame(&message);
    let payload = Bytes::from([&frame.payload[..], &[0; 60_000]].concat());
    let frame = Frame { kind: frame.kind, payload };
    lab.say(slot, &Message::parse(&frame, Side::Down).unwrap());
    assert_eq!(told(&mut lab)[0].1, [found(1, "5.5.5.5:1214")]);
    assert!(frame.payload.is_unique(), "nobody else has it");
}
