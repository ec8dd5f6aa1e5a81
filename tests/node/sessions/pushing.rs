//! Pushes that a node sends, and how long it waits for their answers.

use filbert::base::limits::GIVES_WAITED_FOR_MAX;
use filbert::fasttrack::peer::{NoPush, PushTarget};
use filbert::node::Event;
use filbert::node::fasttrack::{self, Command};
use filbert::promotion::Role;

use super::scene::{Scene, host};

fn push(scene: &mut Scene, number: u16) -> Result<u32, NoPush> {
    scene.heard();
    let [high, low] = number.to_be_bytes();
    let address = std::net::SocketAddrV4::new([10, 0, high, low].into(), 1_214);
    let target = PushTarget { address, supernode: host(1), user: "bob".into() };
    scene.command(Command::Push { request: number.into(), target });
    let sent = |event| match event {
        Event::FastTrack(fasttrack::Event::PushSent { outcome, .. }) => Some(outcome),
        _ => None,
    };
    scene.events().into_iter().find_map(sent).expect("what has become of it")
}

/// FTNODE-14
#[test]
fn a_push_that_was_answered_makes_room_for_another() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.has_parent(host(1));
    let count = u16::try_from(GIVES_WAITED_FOR_MAX).unwrap();
    let numbers: Vec<u32> = (0..count).map(|number| push(&mut scene, number).unwrap()).collect();
    assert_eq!(push(&mut scene, count), Err(NoPush::TooMany));
    scene.tell(fasttrack::Input::PushOver { number: numbers[7].wrapping_add(1) });
    assert_eq!(push(&mut scene, count), Err(NoPush::TooMany), "it was none of ours");
    scene.tell(fasttrack::Input::PushOver { number: numbers[7] });
    assert!(push(&mut scene, count).is_ok());
    assert_eq!(push(&mut scene, count + 1), Err(NoPush::TooMany));
}
