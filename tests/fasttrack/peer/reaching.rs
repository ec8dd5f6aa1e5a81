//! Whether others can call a node, as its supernode finds out.

use filbert::fasttrack::peer::Output;
use filbert::fasttrack::wire::Message;

use super::sessions::{info, say, waiting};
use super::world::{World, at, supernode_at};

/// FTSUPER-22: what a node behind a router says of its address means nothing outside, but for the port.
#[test]
fn a_child_is_tried_at_the_address_that_it_comes_from() {
    let mut world = World::of(1, 9, 0);
    let slot = world.knock(supernode_at(1), at("6.200.1.1:40000"));
    say(&mut world, slot, &info("192.168.1.7:1300"));
    waiting(&mut world, slot);
    let shown = world.peer(supernode_at(1)).as_supernode().unwrap().child(slot);
    assert_eq!(shown.map(|(_, at)| at), Some(at("192.168.1.7:1300")), "so that it is pushed");
    let address = at("192.168.1.7:1300");
    let told = say(&mut world, slot, &Message::UdpTestRequest { address });
    let tried = |it: &Output| match it {
        Output::Try { to } => Some(*to),
        _ => None,
    };
    assert_eq!(told.iter().filter_map(tried).collect::<Vec<_>>(), [at("6.200.1.1:1300")]);
}
