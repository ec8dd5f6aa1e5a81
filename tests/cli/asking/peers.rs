//! `connect` and `disconnect`.

use std::net::SocketAddr;

use filbert::control::model::{Direction, Happening, Network, PeerId, Role};
use serde_json::{Value, json};

use super::scene::{Ran, Running, Scene, wait_until};
use crate::support::fake_node::a_peer;

const HOST: &str = "203.0.113.7:6346";

fn address() -> SocketAddr {
    HOST.parse().unwrap()
}

fn connected(address: SocketAddr) -> Happening {
    Happening::PeerConnected {
        id: PeerId(7),
        address,
        direction: Direction::Outgoing,
        network: Network::Gnutella,
        role: Role::Ultrapeer,
        vendor: Some("GTKG\u{1b}[1m".to_owned()),
    }
}

fn gone(address: SocketAddr) -> Happening {
    Happening::PeerDisconnected { id: PeerId(7), address, why: "it is busy".to_owned() }
}

/// Has the node call the host, and tells what happens then.
fn call(scene: &Scene, arguments: &[&str], happenings: &[Happening]) -> Ran {
    let running: Running = scene.start(arguments);
    wait_until("it is called", || scene.node.change(|state| state.called.contains(&address())));
    happenings.iter().for_each(|happening| scene.node.tell(happening.clone()));
    running.end()
}

#[test]
fn a_supernode_is_called_as_one() {
    for (arguments, network) in [
        (&["connect", HOST, "--wait", "0"][..], Network::Gnutella),
        (&["connect", HOST, "--wait", "0", "--network", "fasttrack"], Network::FastTrack),
    ] {
        let scene = Scene::new("connect-network");
        assert_eq!(scene.run(arguments).code, 0);
        assert_eq!(scene.node.change(|state| state.called_in.clone()), [network]);
    }
}

#[test]
fn a_link_that_opens_is_told() {
    let scene = Scene::new("connect");
    let other = SocketAddr::from(([203, 0, 113, 8], 6346));
    let happenings = [connected(other), gone(other), connected(address())];
    let Ran { code, out, err } = call(&scene, &["connect", HOST], &happenings);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "connected with the ultrapeer 203.0.113.7:6346 as peer 7, GTKG\u{fffd}[1m\n");
}

#[test]
fn a_call_that_leads_to_no_link_has_failed() {
    let scene = Scene::new("connect-fails");
    let ran = call(&scene, &["connect", HOST], &[gone(address())]);
    assert_eq!(ran.complaint(1), "no link with 203.0.113.7:6346: it is busy");
}

#[test]
fn programs_are_told_how_a_call_went() {
    let scene = Scene::new("connect-json");
    let said = |ran: &Ran| serde_json::from_str::<Value>(&ran.out).unwrap();
    let ran = call(&scene, &["connect", HOST, "--json"], &[connected(address())]);
    let well = json!({ "address": HOST, "connected": true, "id": 7, "role": "ultrapeer",
        "vendor": "GTKG\u{1b}[1m", "why": null });
    assert_eq!((ran.code, said(&ran)), (0, well));

    let scene = Scene::new("connect-json-fails");
    let ran = call(&scene, &["connect", HOST, "--json"], &[gone(address())]);
    assert_eq!((ran.code, said(&ran)["connected"].clone()), (1, json!(false)));
}

#[test]
fn nobody_waits_who_does_not_want_to() {
    let scene = Scene::new("connect-at-once");
    assert_eq!(
        scene.printed(&["connect", HOST, "--wait", "0"]),
        format!("{HOST} is being called\n")
    );
    assert_eq!(scene.node.change(|state| state.called.clone()), [address()]);
}

#[test]
fn a_call_of_which_nothing_is_heard_has_failed_unless_the_link_is_there() {
    let scene = Scene::new("connect-silent");
    let complaint = scene.complaint(&["connect", HOST, "--wait", "1"], 1);
    assert_eq!(complaint, "no word of 203.0.113.7:6346 within 1 s");

    scene.node.change(|state| {
        state.peers = vec![a_peer(1)];
        state.peers[0].address = address();
    });
    let printed = scene.printed(&["connect", HOST, "--wait", "1"]);
    assert!(printed.starts_with("connected with the ultrapeer 203.0.113.7:6346"), "{printed}");
}

#[test]
fn a_name_is_looked_up_by_the_node() {
    let scene = Scene::new("connect-name");
    let printed = scene.printed(&["connect", "localhost:6346", "--wait", "0"]);
    let called = scene.node.change(|state| state.called.clone());
    assert!(called[0].ip().is_loopback());
    assert_eq!(printed, format!("{} is being called\n", called[0]));
}

#[test]
fn a_peer_goes_by_its_id_or_by_an_address_of_its() {
    let scene = Scene::with("disconnect", |state| {
        state.peers = [1, 2, 3, 4].map(a_peer).to_vec();
        state.peers[2].address = "192.0.2.3:50000".parse().unwrap();
    });
    assert_eq!(
        scene.printed(&["disconnect", "1"]),
        "peer 1 is disconnected; it is called again only after 'filbert connect' or a reload\n"
    );
    let printed = scene.printed(&["disconnect", "192.0.2.2:6346"]);
    assert!(printed.starts_with("peer 2 is disconnected; "), "{printed}");
    assert_eq!(scene.printed(&["disconnect", "192.0.2.3:6346", "--json"]), "{\"id\":3}\n");
    let left: Vec<u64> =
        scene.node.change(|state| state.peers.iter().map(|peer| peer.id.0).collect());
    assert_eq!(left, [4]);
}

#[test]
fn nobody_can_be_disconnected_who_is_not_connected() {
    let scene = Scene::new("disconnect-nobody");
    assert!(scene.complaint(&["disconnect", "7"], 1).contains("no open link has this number"));
    assert!(
        scene.complaint(&["disconnect", HOST], 1).contains("there is no peer 203.0.113.7:6346")
    );
}
