//! How often the same supernode is called, whatever for.

use filbert::base::limits::{ADMIT_PERIOD_S, ADMIT_TIMES};
use filbert::fasttrack::link::Ending;
use filbert::fasttrack::wire::{Message, NodeList};
use filbert::node::bans::{Admission, Bans};
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::promotion::Role;

use super::scene::{Scene, host, ip};

/// For so long somebody is called and has no room.
const LASTS_S: u64 = 600;

/// FTNODE-24, HAND-62: who becomes a supernode knows its parent, which wants no neighbour, and nobody else.
#[test]
fn who_becomes_a_supernode_does_not_call_its_parent_again_and_again() {
    let mut scene = Scene::with_role(Role::Leaf);
    let (mut bans, mut calls) = (Bans::new(), vec![0]);
    let mut admits = |at_s: u64| {
        let now = filbert::base::time::Time::from_millis(at_s * 1_000);
        bans.attempt(ip(host(1)), now) == Admission::Welcome
    };
    assert!(admits(0));
    let parent = scene.has_parent(host(1));
    let start = scene.now;
    let roles = [Role::Supernode, Role::Leaf, Role::Supernode];
    for (at_s, role) in
        (0..LASTS_S).map(|at_s| (at_s, roles.get(usize::try_from(at_s / 15).unwrap())))
    {
        if let Some(role) = role.filter(|_| at_s % 15 == 0) {
            scene.command(fasttrack::Command::BeRole(RolePolicy::Always(*role)));
            scene.closed(parent, Ending::Left);
        }
        for called in scene.dials() {
            assert_eq!(called, host(1));
            let at_s = scene.now.since(start).as_secs();
            calls.push(at_s);
            assert!(admits(at_s), "{calls:?}");
            let link = scene.taken_by(called);
            scene.says(link, &Message::NodeList(NodeList::default()));
            scene.closed(link, Ending::Closed);
        }
        scene.pass(1_000);
    }
    // It is called nevertheless: it is the only one that there is.
    let minutes = LASTS_S / u64::from(ADMIT_PERIOD_S);
    assert!((4..=minutes * u64::from(ADMIT_TIMES)).contains(&(calls.len() as u64)), "{calls:?}");
}

/// FTNODE-24: a user may, and it counts.
#[test]
fn what_a_user_asks_for_is_called_at_once() {
    let mut scene = Scene::with_role(Role::Supernode);
    for _ in 0..2 {
        scene.command(fasttrack::Command::Connect(host(1)));
        assert_eq!(scene.dials(), [host(1)]);
        scene.tell(fasttrack::Input::DialFailed { address: host(1) });
    }
    scene.command(fasttrack::Command::Know(vec![host(1)]));
    scene.pass(50_000);
    assert_eq!(scene.dials(), []);
}
