//! The first bytes of both sides.

use std::collections::BTreeMap;

use filbert::fasttrack::link::{Answer, Encryption, Hello, Input, Link, Profile};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::end::{End, Pair, START, profile};
use crate::support::vectors;

/// Seeds that an accepting side may draw, each with its mask.
fn drawn() -> BTreeMap<u32, u32> {
    let all = vectors::all();
    let vector = all.iter().find(|it| it.entry.id == "masks-to-draw-from").expect("it is there");
    let value = vector.value().expect("it has a value");
    let masks = value["masks"].as_array().expect("a list").iter();
    let masks = masks.map(|mask| u32::from_str_radix(mask.as_str().expect("text"), 16).unwrap());
    let seeds = vector.messages();
    let seeds = seeds.iter().map(|seed| u32::from_be_bytes(seed[..].try_into().unwrap()));
    seeds.zip(masks).collect()
}

/// FTLINK-02, FTLINK-04, FTLINK-10: the usual bytes, in one piece.
#[test]
fn who_connects_says_hello_at_once() {
    let usual = [0xfa, 0x00, 0xb6, 0x2b, 0xfa, 0xcb, 0x12, 0x38, 0x32, 0x09, 0xd2, 0x32];
    let mut link = Link::connect(&Profile::default(), START);
    assert_eq!(link.transmit(START).as_deref(), Some(&usual[..]));
    assert_eq!(link.transmit(START), None);
    let modest = Profile { wish: 0x01, ..Profile::default() };
    let hello = Link::connect(&modest, START).transmit(START).expect("a hello");
    assert_eq!(hello[8..], [0x32, 0x09, 0xd2, 0x1a]);
}

/// FTLINK-04, FTLINK-06, FTLINK-09, FTLINK-11, FTLINK-15: whatever stands in twelve bytes, the answer and the name follow
/// at once, in one piece, and before any byte more has come; not after eleven.
#[test]
fn who_accepts_answers_any_twelve_bytes_at_once() {
    let hellos = [
        Hello::with_wish(0x29),
        Hello::with_wish(0xbf),
        Hello { first: 0, seed: 0, word: 0 },
        Hello { first: u32::MAX, seed: u32::MAX, word: u32::MAX },
        Hello { first: 0x4e55_5445, seed: 0x0000_0004, word: 0x2020_2020 },
    ];
    for hello in hellos {
        for choice in Encryption::ALL {
            let mut end = End::accepting(&profile("KaZaA", choice), 7);
            let bytes = hello.encode();
            end.receive(&bytes[..11], START);
            assert!(end.written.is_empty());
            end.link.handle(Input::Received(&bytes[11..]), START);
            assert_eq!(end.link.poll(), None);
            let written = end.link.transmit(START).expect("an answer and a name");
            assert_eq!(written.len(), Answer::LEN + 6);
            let answer = Answer::decode(*written.first_chunk().unwrap());
            assert_eq!(answer.choice(), Some(choice.number()));
            assert_eq!(end.link.transmit(START), None);
        }
    }
    assert_eq!(Profile::default().choice.number(), 0x01);
}

/// FTLINK-08: each of the 256 is drawn, none far more often than others, and the same generator draws the same.
#[test]
fn the_seed_of_an_answer_is_drawn_from_the_table() {
    let (known, mut counts) = (drawn(), BTreeMap::new());
    assert_eq!(known.len(), 256);
    let drawn_by = |generator: &mut ChaCha8Rng| {
        let mut end = End::new(Link::accept(&Profile::default(), generator, START));
        end.receive(&Hello::with_wish(0x29).encode(), START);
        Answer::decode(*end.written.first_chunk().unwrap())
    };
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    for number in 0..256 * 20 {
        if number % 1_000 == 0 {
            let [first, again] = [number; 2].map(ChaCha8Rng::seed_from_u64);
            assert_eq!([first].each_mut().map(drawn_by), [again].each_mut().map(drawn_by));
        }
        let answer = drawn_by(&mut generator);
        assert_eq!(answer.word, known[&answer.seed] ^ 0x01);
        *counts.entry(answer.seed).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), known.len());
    assert!(counts.values().all(|count| (5..50).contains(count)), "{counts:?}");
}

/// FTLINK-16: as soon as the eight bytes tell the type, and not before.
#[test]
fn who_connects_says_its_name_when_it_knows_the_type() {
    let answer = Answer { seed: 0x5b64_d199, word: 0x0d42_e423 };
    let mut end = End::connecting(&Profile::default());
    end.receive(&answer.encode()[..7], START);
    assert_eq!(end.written.len(), Hello::LEN);
    end.receive(&answer.encode()[7..], START);
    assert_eq!(end.written.len(), Hello::LEN + 6);
    assert!(end.session().is_none());
}

/// FTLINK-05, FTLINK-06, FTLINK-09, FTLINK-17: what each side knows of the other in the end.
#[test]
fn both_sides_know_the_same() {
    for choice in Encryption::ALL {
        let connecting = Profile { wish: 0xa9, ..profile("Grokster", Encryption::Straight) };
        let mut pair = Pair::new(&connecting, &profile("MusicCity", choice), 3);
        pair.now = START.after_ms(250);
        pair.talk();
        let up = pair.connecting.session().expect("it stands");
        let down = pair.accepting.session().expect("it stands");
        assert_eq!((&*up.network, &*down.network), ("MusicCity", "Grokster"));
        assert_eq!((up.encryption, down.encryption), (choice, choice));
        assert_eq!((up.wish, down.wish), (Some(0xa9), Some(0xa9)));
        assert_eq!(up.round_trip.map(|it| it.as_millis()), Some(250));
        assert_eq!(down.round_trip, None);
    }
    let mut end = End::accepting(&Profile::default(), 1);
    let hello = Hello { first: 0, seed: 4, word: 0x29 };
    end.receive(&hello.encode(), START);
    assert_eq!(hello.wish(), None);
}
