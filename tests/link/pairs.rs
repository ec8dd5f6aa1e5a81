//! Two links on a fake clock, through every combination of what two sides can be.

use filbert::gnutella::link::{Decision, Ending, Profile, Question, Refusal, Role, Version};

use crate::support::messages::filled_hit;
use crate::support::pair::Pair;

const ROLES: [Role; 2] = [Role::Leaf, Role::Ultrapeer];
const BOOLS: [bool; 2] = [false, true];

/// What one side can be, as far as it decides about a link.
#[derive(Clone, Copy, Debug)]
struct Kind {
    role: Role,
    accepts_deflate: bool,
    sends_deflate: bool,
    tls: bool,
}

fn kinds() -> impl Iterator<Item = Kind> {
    ROLES.into_iter().flat_map(|role| {
        (0..8).map(move |bits: u8| Kind {
            role,
            accepts_deflate: bits & 1 != 0,
            sends_deflate: bits & 2 != 0,
            tls: bits & 4 != 0,
        })
    })
}

fn profile(kind: Kind) -> Profile {
    Profile {
        accepts_deflate: kind.accepts_deflate,
        sends_deflate: kind.sends_deflate,
        upgrades_to_tls: kind.tls,
        ..Profile::new(kind.role)
    }
}

/// HAND-01, HAND-38, HAND-49: both sides come to the same agreement from their own ends, and then
/// read what the other writes.
#[test]
fn two_sides_of_any_kind_agree_or_both_know_that_they_do_not() {
    for connecting in kinds() {
        for accepting in kinds() {
            let mut pair = Pair::new(profile(connecting), profile(accepting));
            pair.talk();
            let both = format!("{connecting:?} to {accepting:?}");
            if connecting.role.is_leaf() && accepting.role.is_leaf() {
                assert_two_leaves(&mut pair, &both);
                continue;
            }
            let up = pair.connecting.agreement().expect(&both);
            let down = pair.accepting.agreement().expect(&both);
            assert_eq!((up.role, up.peer_role), (connecting.role, accepting.role), "{both}");
            assert_eq!((down.role, down.peer_role), (accepting.role, connecting.role), "{both}");
            let deflates = |from: Kind, to: Kind| from.sends_deflate && to.accepts_deflate;
            let (sends, receives) =
                (deflates(connecting, accepting), deflates(accepting, connecting));
            assert_eq!((up.sends_deflate, up.receives_deflate), (sends, receives), "{both}");
            assert_eq!((down.sends_deflate, down.receives_deflate), (receives, sends), "{both}");
            assert_eq!(up.tls, connecting.tls && accepting.tls, "{both}");
            assert_eq!(down.tls, up.tls, "{both}");
            let are_ultrapeers = up.role.is_ultrapeer() && up.peer_role.is_ultrapeer();
            assert_eq!(up.ultrapeer_query_routing.is_some(), are_ultrapeers, "{both}");
            assert_eq!(up.query_routing, Some(Version(0, 2)), "{both}");
            assert_frames_cross(&mut pair, &both);
        }
    }
}

/// HAND-57, HAND-58: the side that was asked says 204, and nothing follows.
fn assert_two_leaves(pair: &mut Pair, both: &str) {
    let Some(Ending::Declined(declined)) = pair.connecting.ending() else {
        panic!("{both}: {:?}", pair.connecting.ending());
    };
    assert_eq!(declined.code, Refusal::SHIELDED_LEAF, "{both}");
    assert_eq!(declined.peer.ultrapeer, Some(false), "{both}");
    let Some(Ending::Refused(refusal, Some(fault))) = pair.accepting.ending() else {
        panic!("{both}: {:?}", pair.accepting.ending());
    };
    assert_eq!((refusal.code, fault.rule().id()), (Refusal::SHIELDED_LEAF, "HAND-67"), "{both}");
    assert!(pair.connecting.agreement().is_none() && pair.accepting.agreement().is_none());
}

fn assert_frames_cross(pair: &mut Pair, both: &str) {
    let sent: Vec<_> = (0..20).map(|number| filled_hit(number, usize::from(number) * 50)).collect();
    pair.connecting.send(&sent, pair.now);
    pair.accepting.send(&sent, pair.now);
    pair.talk();
    assert_eq!(pair.accepting.frames(), sent, "{both}");
    assert_eq!(pair.connecting.frames(), sent, "{both}");
}

/// HAND-24, HAND-69: guidance is asked for by the one and decided by the other.
#[test]
fn an_ultrapeer_may_become_the_leaf_of_another_one_or_decline() {
    let guide = |question: &Question| Decision::Accept {
        role: question.role,
        ultrapeer_needed: Some(false),
        try_ultrapeers: Vec::new(),
    };
    for follows in BOOLS {
        let follow = |question: &Question| {
            assert_eq!(question.guidance, Some(Role::Leaf));
            Decision::accept(if follows { Role::Leaf } else { Role::Ultrapeer })
        };
        let ultrapeer = || Profile::new(Role::Ultrapeer);
        let mut pair = Pair::new(ultrapeer(), ultrapeer());
        pair.talk_with(&follow, &guide);
        let role = if follows { Role::Leaf } else { Role::Ultrapeer };
        assert_eq!(pair.connecting.agreement().unwrap().role, role);
        assert_eq!(pair.accepting.agreement().unwrap().peer_role, role);
    }
}
