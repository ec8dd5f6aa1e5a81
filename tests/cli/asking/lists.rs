//! What `status`, `peers` and `hosts` print.

use filbert::control::model::{Host, HostQuality, Links, Network, Peer, Promotion, Role, Status};

use super::scene::{Running, Scene, command};
use crate::support::fake_node::{a_host, a_peer, a_status};

#[test]
fn the_status_is_told_in_lines() {
    let scene = Scene::with("status", |state| {
        state.status.links = Links { leaves: 2, ultrapeers: 1, total: 3, greeting: 0 };
        state.status.totals.received_bytes = 1_503_238_554;
    });
    let printed = scene.printed(&["status"]);
    let expected = "\
node        filbert 0.1.0, up 1 h 1 min
role        leaf, not fit to be an ultrapeer
            it runs for an hour only
servent     00112233445566778899aabbccddeeff
listens     0.0.0.0:6346
advertised  not known
reachable   yes by TCP, not known by UDP
links       3: 1 ultrapeer, 2 leaves; 0 in a handshake
hosts       12 known
searches    0 running
received    1.4 GiB in 0 messages
sent        0 B in 0 messages
dropped     0 messages; 0 shed
calls       0 taken, 0 made, 0 of these failed
";
    assert_eq!(printed, expected);
}

#[test]
fn the_status_says_why_the_role_is_what_it_is() {
    let scene = Scene::new("role");
    for (role, wanted, eligible, expected) in [
        (Role::Leaf, "auto", false, "leaf, not fit to be an ultrapeer\n            because"),
        (Role::Leaf, "auto", true, "leaf, fit to be an ultrapeer\n            because"),
        (
            Role::Ultrapeer,
            "auto",
            true,
            "ultrapeer, for as long as it is needed\n            because",
        ),
        (Role::Leaf, "leaf", false, "leaf, as configured"),
        (Role::Ultrapeer, "ultrapeer", true, "ultrapeer, as configured"),
    ] {
        scene.node.change(|state| {
            (state.status.role, state.status.role_wanted) = (role, wanted.to_owned());
            state.status.promotion = Promotion { eligible, reason: "because".to_owned() };
        });
        let printed = scene.printed(&["status"]);
        let expected = format!("\nrole        {expected}\nservent ");
        assert!(printed.contains(&expected), "{printed}");
    }
}

#[test]
fn programs_get_what_the_api_says() {
    let scene = Scene::with("json", |state| {
        state.peers = vec![a_peer(1), a_peer(2)];
        state.hosts = vec![a_host(1)];
    });
    let status: Status = serde_json::from_str(&scene.printed(&["status", "--json"])).unwrap();
    assert_eq!(status, a_status());
    let peers: Vec<Peer> = serde_json::from_str(&scene.printed(&["peers", "--json"])).unwrap();
    assert_eq!(peers, [a_peer(1), a_peer(2)]);
    let hosts: Vec<Host> = serde_json::from_str(&scene.printed(&["hosts", "--json"])).unwrap();
    assert_eq!(hosts, [a_host(1)]);
}

#[test]
fn nobody_is_said_in_words_and_is_an_empty_list_for_programs() {
    let scene = Scene::new("nobody-there");
    assert_eq!(scene.printed(&["peers"]), "no peers\n");
    assert_eq!(scene.printed(&["peers", "--json"]), "[]\n");
    assert_eq!(scene.printed(&["hosts"]), "0 hosts known\n");
    assert_eq!(scene.printed(&["hosts", "--json"]), "[]\n");
}

#[test]
fn peers_are_a_table() {
    let scene = Scene::with("peers", |state| state.peers = vec![a_peer(2), a_peer(3)]);
    let expected = "\
ID  ADDRESS         NETWORK   WAY  ROLE       VENDOR              UP  RECEIVED     SENT  QUEUE  TABLE
 2  192.0.2.2:6346  gnutella  in   ultrapeer  gtk-gnutella/1.2.3  1 min    1000 B  1.9 KiB  300 B  0.9 %
 3  192.0.2.3:6346  gnutella  out  leaf       gtk-gnutella/1.2.3  1 min    1000 B  1.9 KiB  300 B  0.9 %
";
    let squeezed = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    };
    assert_eq!(squeezed(&scene.printed(&["peers"])), squeezed(expected));
}

#[test]
fn no_line_of_a_table_is_wider_than_the_terminal() {
    let scene = Scene::with("narrow", |state| {
        state.peers = vec![a_peer(1), a_peer(2)];
        state.peers[0].vendor = Some("日本語の長い名前のプログラム/1.0".to_owned());
        state.hosts = vec![a_host(1)];
    });
    for columns in [20, 40, 80, 132] {
        for name in ["peers", "hosts"] {
            let mut command = command(&[name]);
            command.arg("--home").arg(&scene.home).env("COLUMNS", columns.to_string());
            let ran = Running::start(&mut command).end();
            let width = |line: &str| line.chars().map(|c| if c < '\u{2e80}' { 1 } else { 2 }).sum();
            let widest: usize = ran.out.lines().map(width).max().unwrap();
            assert_eq!(ran.code, 0);
            assert!(widest <= columns, "{columns}:\n{}", ran.out);
        }
    }
}

#[test]
fn the_status_goes_on_in_the_next_line_where_the_terminal_ends() {
    let scene = Scene::with("narrow-status", |state| {
        state.status.promotion.reason = "not promoted: 12 of 30 ultrapeers are full".to_owned();
    });
    let mut command = command(&["status"]);
    command.arg("--home").arg(&scene.home).env("COLUMNS", "40");
    let ran = Running::start(&mut command).end();
    let expected = "
role        leaf, not fit to be an
            ultrapeer
            not promoted: 12 of 30
            ultrapeers are full
servent     00112233445566778899aabbccddeeff
";
    assert!(ran.out.contains(expected), "{}", ran.out);
    let fits = |line: &str| line.chars().count() <= 40 || line.starts_with("servent");
    assert!(ran.out.lines().all(fits), "{}", ran.out);
}

#[test]
fn a_name_from_a_stranger_steers_no_terminal() {
    let hostile = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}cilam\u{200b}\r\nfake";
    let scene = Scene::with("hostile", |state| {
        state.peers = vec![a_peer(1)];
        state.peers[0].vendor = Some(hostile.to_owned());
        state.status.role_wanted = hostile.to_owned();
    });
    for arguments in [&["peers"][..], &["peers", "--json"], &["status"], &["status", "--json"]] {
        let printed = scene.printed(arguments);
        let harmful = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
        assert!(!printed.contains(harmful), "{arguments:?}: {printed:?}");
        assert!(printed.contains("cilam"), "{arguments:?}: {printed:?}");
    }
    let peers: Vec<Peer> = serde_json::from_str(&scene.printed(&["peers", "--json"])).unwrap();
    assert_eq!(peers[0].vendor.as_deref(), Some(hostile), "programs get all of it");
}

#[test]
fn hosts_come_with_the_best_first_and_only_as_many_as_are_wanted() {
    let scene = Scene::with("hosts", |state| {
        state.hosts = [(1, HostQuality::Hearsay), (2, HostQuality::Met), (3, HostQuality::Proven)]
            .map(|(last, quality)| Host { quality, ..a_host(last) })
            .to_vec();
        state.hosts[2].network = Network::FastTrack;
    });
    let expected = "\
ADDRESS            ROLE       KNOWN BY  HEARD OF
198.51.100.3:6346  supernode  us         7 s ago
198.51.100.2:6346  ultrapeer  itself     7 s ago
... of 3 hosts
";
    assert_eq!(scene.printed(&["hosts", "--limit", "2"]), expected);
    let json = scene.printed(&["hosts", "--limit", "2", "--json"]);
    assert_eq!(serde_json::from_str::<Vec<Host>>(&json).unwrap().len(), 2);
}
