//! Who a node says it is, where files are asked for and given.

use filbert::fasttrack::http::Sender;
use filbert::fasttrack::link::Ending;
use filbert::fasttrack::wire::Message;
use filbert::node::fasttrack::RolePolicy;
use filbert::promotion::Role;

use super::scene::{OWN, Scene, host};

fn said(scene: &Scene) -> (Option<String>, Option<String>) {
    let Sender { address, supernode, .. } = scene.node.fasttrack_sender().unwrap();
    (address.map(|it| it.to_string()), supernode.map(|it| it.to_string()))
}

fn own() -> Option<String> {
    Some(OWN.to_string())
}

/// FTHTTP-03, FTHTTP-08: the supernode only as long as there is one.
#[test]
fn a_node_says_where_it_is_and_which_supernode_it_has() {
    let mut scene = Scene::with_role(Role::Leaf);
    assert_eq!(said(&scene), (own(), None));
    let parent = scene.has_parent(host(1));
    assert_eq!(said(&scene), (own(), Some(host(1).to_string())));
    let Sender { network, user, .. } = scene.node.fasttrack_sender().unwrap();
    assert_eq!((network.as_deref(), user.as_deref()), (Some("KaZaA"), Some("filbert")));
    scene.closed(parent, Ending::Closed);
    assert_eq!(said(&scene), (own(), None));
    assert_eq!(said(&Scene::with_role(Role::Supernode)), (own(), None));
}

/// FTHTTP-03: what is inside of a house is nobody's business, and what others see is no secret.
#[test]
fn an_address_that_strangers_cannot_have_is_not_said() {
    let inside = Some("192.168.1.2:1214".parse().unwrap());
    for (listen, allow_private, expected) in [
        (inside, false, None),
        (inside, true, Some("192.168.1.2:1214")),
        (None, false, None),
        (None, true, None),
    ] {
        let scene = Scene::new(RolePolicy::Always(Role::Leaf), |config| {
            config.fasttrack.as_mut().unwrap().listen = listen;
            config.allow_private = allow_private;
        });
        assert_eq!(said(&scene).0.as_deref(), expected, "{listen:?} {allow_private}");
    }
    let mut scene = Scene::new(RolePolicy::Always(Role::Leaf), |config| {
        config.fasttrack.as_mut().unwrap().listen = inside;
    });
    let parent = scene.has_parent(host(1));
    scene.says(parent, &Message::ExternalIp { address: *OWN.ip() });
    assert_eq!(said(&scene).0, own(), "with the port that it has");
}
