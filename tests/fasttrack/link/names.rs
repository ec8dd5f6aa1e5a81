//! Names of networks, and types that are found by them.

use filbert::base::limits::{NETWORK_LEN_MAX, NETWORK_TRIED_LEN_MAX, NETWORK_TRIED_LEN_MIN};
use filbert::fasttrack::link::{Answer, Cipher, Encryption, Hello, Link, NETWORKS, Profile};

use super::end::{End, Pair, START, frame, profile, unknown_answer};

/// Seeds whose masks are not known, none like another.
fn unknown_seeds(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| number.wrapping_mul(0x9e37_79b9) ^ 0x0bad_5eed)
}

/// What an accepting side with an unknown seed sends, and what its name and all behind it was enciphered with.
fn accepting_bytes(seed: u32, encryption: Encryption, plain: &[u8]) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    Cipher::new(seed, encryption).apply(&mut bytes);
    [&unknown_answer(seed).encode()[..], &bytes].concat()
}

fn heard(bytes: &[u8]) -> End {
    let mut end = End::connecting(&Profile::default());
    end.receive(bytes, START);
    end
}

/// FTLINK-12, FTLINK-13, FTLINK-17: known names in any case decide at once, with messages right behind them.
#[test]
fn a_known_name_tells_the_type_and_nothing_behind_it_is_lost() {
    let names = NETWORKS.into_iter().map(str::to_owned);
    let names = names.chain(["kazaa".to_owned(), "FILESHARE".to_owned(), "gROKSTER".to_owned()]);
    let names: Vec<_> = names.collect();
    for (number, seed) in unknown_seeds(2_000).enumerate() {
        let name = &names[number % names.len()];
        for encryption in Encryption::ALL {
            let plain = [name.as_bytes(), b"\0\x4b\x1f\x00\x00\x02hi\x50\x52"].concat();
            let bytes = accepting_bytes(seed, encryption, &plain);
            let end = heard(&bytes);
            let session = end.session().unwrap_or_else(|| panic!("{seed:08x}: {end:?}"));
            assert_eq!((&session.network, session.encryption), (name, encryption));
            assert_eq!((end.frames(), end.ending()), (vec![frame(0x1f, b"hi".to_vec())], None));
        }
    }
}

/// FTLINK-12, FTLINK-13: other names of a fitting length tell it as well, as soon as nothing else can be right; where
/// both could be, the session ends. Nothing is ever taken with the wrong type.
#[test]
fn another_name_tells_the_type_when_all_others_are_out() {
    let (mut told, mut waits, mut ended) = (0, 0, 0);
    for seed in unknown_seeds(3_000) {
        let encryption = Encryption::ALL[seed as usize % 2];
        let len = NETWORK_TRIED_LEN_MIN + seed as usize % 29;
        let name: String = "Some other network of the time, long".chars().take(len).collect();
        let plain = [name.as_bytes(), b"\0"].concat();
        let end = heard(&accepting_bytes(seed, encryption, &plain));
        match (end.session(), end.ending()) {
            (Some(session), None) => {
                assert_eq!((&session.network, session.encryption), (&name, encryption));
                told += 1;
            }
            (None, None) => waits += 1,
            (None, Some(_)) => {
                assert_eq!(end.broken_rule(), Some("FTLINK-13"));
                ended += 1;
            }
            (Some(_), Some(_)) => panic!("{end:?}"),
        }
    }
    println!("{told} are told by their first bytes, {waits} wait for more, {ended} end");
    assert!(told >= 2_940 && ended <= 3);
}

/// FTLINK-12: where a name is unusual, what follows it decides.
#[test]
fn a_name_that_waits_is_taken_when_more_has_come() {
    let mut count = 0;
    for seed in unknown_seeds(3_000) {
        let plain = b"abc\0\x4b\x03\x00\x00\x00\x50\x50\x50\x50\x50";
        let bytes = accepting_bytes(seed, Encryption::Straight, plain);
        let mut end = heard(&bytes[..Answer::LEN + 4]);
        if end.session().is_some() || end.ending().is_some() {
            continue;
        }
        count += 1;
        let mut rest = plain.repeat(3);
        Cipher::new(seed, Encryption::Straight).apply(&mut rest);
        end.receive(&rest[4..plain.len()], START);
        let Some(session) = end.session() else { continue };
        assert_eq!(session.encryption, Encryption::Straight);
        assert_eq!(end.frames(), [frame(3, [])], "what came before counts");
    }
    assert!(count > 20, "{count} wait");
}

/// FTLINK-12, FTLINK-18: by trying, names of 3 to 31 bytes are found; where the type is known, names of 1 to 63 are taken.
#[test]
fn names_have_a_length() {
    let name = |len: usize| "n".repeat(len);
    for (len, is_found) in [
        (NETWORK_TRIED_LEN_MIN - 1, false),
        (NETWORK_TRIED_LEN_MIN, true),
        (NETWORK_TRIED_LEN_MAX, true),
        (NETWORK_TRIED_LEN_MAX + 1, false),
    ] {
        // Of this seed the wrong type is out with the first byte.
        let seed = unknown_seeds(100).find(|seed| {
            let mut byte = [b'n'];
            Cipher::new(*seed, Encryption::Straight).apply(&mut byte);
            Cipher::new(*seed, Encryption::Shuffled).apply(&mut byte);
            !matches!(byte, [b' '..=b'~'])
        });
        let plain = format!("{}\0", name(len));
        let end = heard(&accepting_bytes(seed.unwrap(), Encryption::Straight, plain.as_bytes()));
        assert_eq!(end.session().is_some(), is_found, "{len}");
        assert_eq!(end.broken_rule(), (!is_found).then_some("FTLINK-13"), "{len}");
    }
    for (len, is_taken) in
        [(0, false), (1, true), (NETWORK_LEN_MAX, true), (NETWORK_LEN_MAX + 1, false)]
    {
        let mut pair =
            Pair::new(&profile(&name(len), Encryption::Straight), &Profile::default(), 1);
        pair.talk();
        assert_eq!(pair.accepting.session().is_some(), is_taken, "{len}");
        assert_eq!(pair.accepting.broken_rule(), (!is_taken).then_some("FTLINK-18"), "{len}");
    }
}

/// FTLINK-18: the end comes with the 64th byte, and does not wait for a NUL.
#[test]
fn a_name_without_an_end_ends_the_session_in_time() {
    let profile = Profile::default();
    let answer = unknown_answer(0x0bad_5eed);
    let mut end = End::new(Link::accept_with(&profile, answer, START));
    end.receive(&Hello::with_wish(0x29).encode(), START);
    let mut name = [b'n'; NETWORK_LEN_MAX + 1];
    Cipher::new(0xfacb_1238 ^ answer.seed, Encryption::Straight).apply(&mut name);
    for byte in &name[..NETWORK_LEN_MAX] {
        end.receive(&[*byte], START);
        assert_eq!(end.ending(), None);
    }
    end.receive(&name[NETWORK_LEN_MAX..], START);
    assert_eq!(end.broken_rule(), Some("FTLINK-18"));
}

/// FTLINK-18: what is not printable belongs to no name.
#[test]
fn names_are_printable() {
    for (byte, is_taken) in
        [(b' ', true), (b'~', true), (0x1f, false), (0x7f, false), (0x80, false), (b'\n', false)]
    {
        let answer = unknown_answer(0x0bad_5eed);
        let mut end = End::new(Link::accept_with(&Profile::default(), answer, START));
        let mut name = [b'a', byte, b'b', 0];
        Cipher::new(0xfacb_1238 ^ answer.seed, Encryption::Straight).apply(&mut name);
        end.receive(&[&Hello::with_wish(1).encode()[..], &name].concat(), START);
        assert_eq!(end.session().is_some(), is_taken, "{byte:02x}");
        assert_eq!(end.broken_rule(), (!is_taken).then_some("FTLINK-18"), "{byte:02x}");
    }
}

/// FTLINK-13: neither of our types gives a name, as with 0x29 of Kazaa.
#[test]
fn a_type_that_we_do_not_have_ends_the_session() {
    let mut count = 0;
    for seed in unknown_seeds(1_000) {
        // Enciphered with another key, which is as good as another cipher.
        let mut bytes = b"KaZaA\0\x4b\x00\x00\x00\x00and what follows it in a session".to_vec();
        Cipher::new(!seed, Encryption::Shuffled).apply(&mut bytes);
        let end = heard(&[&unknown_answer(seed).encode()[..], &bytes].concat());
        count += usize::from(end.broken_rule() == Some("FTLINK-13"));
        assert!(end.session().is_none_or(|it| !NETWORKS.contains(&&*it.network)), "{seed:08x}");
    }
    assert!(count >= 995, "{count} of 1,000 are found out");
}
