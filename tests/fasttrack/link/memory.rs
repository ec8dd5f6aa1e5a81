//! What a session costs in memory, in each of its states. The figures are asserted as upper bounds, and printed by
//! `cargo test --test fasttrack memory -- --nocapture`.

use std::mem::size_of;

use filbert::base::limits::NETWORK_LEN_MAX;
use filbert::fasttrack::link::{Answer, Cipher, Encryption, Hello, Input, Link, Profile};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::end::{START, frame, unknown_answer};

const LINKS: usize = 10_000;

fn receive(link: &mut Link, bytes: &[u8]) {
    link.handle(Input::Received(bytes), START);
    while link.poll().is_some() {}
    while link.transmit(START).is_some() {}
}

/// What a link holds: itself, and what it has allocated and not given back.
fn held_by(make: impl FnOnce() -> Link) -> u64 {
    let mut link = None;
    let heap = allocation_counter::measure(|| link = Some(make()));
    assert!(link.is_some_and(|mut link| link.poll().is_none()), "everything was polled");
    u64::try_from(heap.bytes_current).expect("it gives back no more than it took")
        + size_of::<Link>() as u64
}

fn assert_at_most(name: &str, held: u64, bound: u64) {
    println!("{name}: {held} bytes (at most {bound})");
    assert!(held <= bound, "{name}: {held} bytes, more than {bound}");
}

/// One that was called, and to which all of this was said.
fn accepting(choice: Encryption, said: &[u8]) -> Link {
    let answer = Answer { seed: 0x5b64_d199, word: choice.number() ^ 0x0d42_e422 };
    let mut link = Link::accept_with(&profile_of(choice), answer, START);
    receive(&mut link, &Hello::with_wish(0x29).encode());
    let mut said = said.to_vec();
    Cipher::new(0xfacb_1238 ^ answer.seed, choice).apply(&mut said);
    said.chunks(1_000).for_each(|piece| receive(&mut link, piece));
    link
}

fn profile_of(choice: Encryption) -> Profile {
    Profile { choice, ..Profile::default() }
}

/// FTLINK-31
#[test]
fn a_connection_that_is_no_session_yet_costs_little() {
    let connect = || {
        let mut link = Link::connect(&Profile::default(), START);
        while link.transmit(START).is_some() {}
        link
    };
    assert_at_most("called", held_by(connect), 512);
    let called_by = || {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let mut link = Link::accept(&Profile::default(), &mut generator, START);
        receive(&mut link, &Hello::with_wish(0x29).encode()[..11]);
        link
    };
    assert_at_most("half a hello", held_by(called_by), 512);
    let name = [b'n'; NETWORK_LEN_MAX];
    assert_at_most("half a name", held_by(|| accepting(Encryption::Straight, &name)), 1_024);
    assert_at_most("half a name, 0x09", held_by(|| accepting(Encryption::Shuffled, &name)), 1_536);
    let trying = || {
        let mut link = connect();
        receive(&mut link, &unknown_answer(4).encode());
        link
    };
    assert_at_most("trying", held_by(trying), 1_024);
}

/// FTLINK-31: of types that are out nothing is kept.
#[test]
fn an_idle_session_holds_no_buffers() {
    for (choice, bound) in [(Encryption::Straight, 1_024), (Encryption::Shuffled, 1_536)] {
        assert_at_most(
            &format!("idle, {choice}"),
            held_by(|| accepting(choice, b"KaZaA\0")),
            bound,
        );
        let used = held_by(|| {
            let message = b"\x4b\x40\x00\x13\x88".iter().chain(&[7; 0x1388]);
            let said: Vec<u8> = b"KaZaA\0".iter().chain(message).copied().collect();
            let mut link = accepting(choice, &said);
            (0..50).for_each(|_| assert!(link.send(&frame(0x41, [9; 300]))));
            while link.transmit(START).is_some() {}
            link
        });
        assert_at_most(&format!("idle after use, {choice}"), used, bound);
    }
}

/// FTLINK-31: ten thousand children of one supernode.
#[test]
fn ten_thousand_sessions_fit_into_a_few_megabytes() {
    let mut links = Vec::new();
    let heap = allocation_counter::measure(|| {
        links.extend((0..LINKS).map(|_| accepting(Encryption::Straight, b"KaZaA\0")));
    });
    assert!(links.iter().all(Link::wants_frames));
    let each = u64::try_from(heap.bytes_current).unwrap() / LINKS as u64;
    assert_at_most("each of ten thousand", each, 1_024);
}
