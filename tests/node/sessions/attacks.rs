//! What others cannot make a node of FastTrack do: to itself, and to somebody else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::Bytes;
use filbert::base::error::{Fault, Misbehaved, Rule};
use filbert::base::limits::{FASTTRACK_NODES_MAX, FASTTRACK_PONG_EVERY_MS, FASTTRACK_PONGS};
use filbert::fasttrack::link::Ending;
use filbert::fasttrack::wire::{Datagram, Message, Node, NodeList};
use filbert::node::fasttrack;
use filbert::node::{Input, Output};
use filbert::promotion::Role;

use super::scene::{OWN, Scene, host, node_info};

fn asks(network: &'static [u8]) -> Bytes {
    Datagram::Ping { least: 0x29, network: Bytes::from_static(network) }.to_bytes()
}

fn asked_by(scene: &mut Scene, from: SocketAddr, bytes: Bytes) -> Vec<(SocketAddr, Vec<u8>)> {
    scene.heard();
    scene.handle(Input::Datagram { from, bytes });
    scene.datagrams()
}

/// FTUDP-07: an answer is hardly longer than what it answers, in whatever role; what cannot be asked for in so
/// few bytes is not answered at all.
#[test]
fn an_answer_is_hardly_longer_than_its_question() {
    for role in [Role::Supernode, Role::Leaf] {
        let mut scene = Scene::with_role(role);
        let (question, from) = (asks(b"KaZaA"), SocketAddr::V4(host(1)));
        let answers = asked_by(&mut scene, from, question.clone());
        let [(to, answer)] = &answers[..] else { panic!("{answers:?}") };
        assert!(*to == from && answer.len() <= question.len() + 9, "{answer:?}");
        let short = asks(b"");
        let answers = asked_by(&mut scene, SocketAddr::V4(host(2)), short.clone());
        assert!(answers.iter().all(|(_, answer)| answer.len() <= short.len() + 9), "{answers:?}");
    }
}

/// FTUDP-07: senders are forged; whoever stands in a datagram is seldom answered, all of them together not often, and
/// nobody where no node of FastTrack can be.
#[test]
fn forged_senders_get_little_and_other_services_nothing() {
    let mut scene = Scene::with_role(Role::Supernode);
    let victim = SocketAddr::V4(host(1));
    let mut answers = 0;
    for _ in 0..1_000 {
        answers += asked_by(&mut scene, victim, asks(b"KaZaA")).len();
    }
    assert_eq!(answers, 1);
    scene.pass(FASTTRACK_PONG_EVERY_MS);
    assert_eq!(asked_by(&mut scene, victim, asks(b"KaZaA")).len(), 1);
    scene.pass(10_000);
    let mut all = 0;
    for number in 0..5_000_u32 {
        let [_, _, high, low] = number.to_be_bytes();
        let from = SocketAddr::from(([82, high, low, 1], 2_000));
        all += asked_by(&mut scene, from, asks(b"KaZaA")).len();
    }
    assert_eq!(all, usize::try_from(FASTTRACK_PONGS.burst).unwrap());
    scene.pass(10_000);
    let nobody = ["81.9.3.4:0", "81.9.3.4:25", "81.9.3.4:53", "10.1.2.3:2000", "127.0.0.1:2000"];
    let own = OWN.to_string();
    for from in nobody.into_iter().chain(["255.255.255.255:2000", "224.0.0.1:2000", &own]) {
        let answers = asked_by(&mut scene, from.parse().unwrap(), asks(b"KaZaA"));
        assert_eq!(answers, [], "{from}");
    }
}

fn list(nodes: impl IntoIterator<Item = SocketAddrV4>) -> Message {
    let node = |address| Node { address, minutes: 0, load: 0 };
    Message::NodeList(nodes.into_iter().map(node).collect::<NodeList>())
}

/// The `n`th of addresses that nobody has, in many networks.
fn made_up(n: usize) -> SocketAddrV4 {
    let [.., high, low] = n.to_be_bytes();
    SocketAddrV4::new(Ipv4Addr::new(90, high, low, 7), 2_000)
}

/// FTSAFE-02, FTSAFE-11: lists of made-up addresses fill no more than a share of what is known, however many come, and
/// make the node call a few of them and not all.
#[test]
fn lists_of_made_up_addresses_take_a_share_and_no_more() {
    let mut scene = Scene::with_role(Role::Supernode);
    let honest: Vec<SocketAddrV4> = (1..=60).map(host).collect();
    scene.command(fasttrack::Command::Know(honest.clone()));
    let mut called = 0;
    for round in 0..100 {
        // One list of a session is heard.
        let liar = scene.taken_by(host(1));
        let first = round * FASTTRACK_NODES_MAX;
        scene.says(liar, &list((first..first + FASTTRACK_NODES_MAX).map(made_up)));
        scene.closed(liar, Ending::Closed);
        scene.pass(10_000);
        for address in scene.dials() {
            if honest.contains(&address) {
                let link = scene.taken_by(address);
                scene.closed(link, Ending::Closed);
            } else {
                called += 1;
                scene.tell(fasttrack::Input::DialFailed { address });
            }
        }
    }
    let known: Vec<_> = scene.node.known_supernodes().collect();
    let lies = known.iter().filter(|at| at.to_string().starts_with("90.")).count();
    println!(
        "{lies} of {} known are made up; of 20,000 that were told {called} were called",
        known.len()
    );
    assert!(lies <= FASTTRACK_NODES_MAX, "{lies} of {}", known.len());
    assert_eq!(known.len() - lies, honest.len(), "those that answer stay");
    assert!(called <= 500, "{called}");
}

/// FTSAFE-11: nobody is sent to where no node of FastTrack can be.
#[test]
fn of_a_list_only_those_are_known_that_strangers_can_call() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(fasttrack::Command::Know(vec![host(1)]));
    scene.pass(1);
    let liar = scene.taken_by(host(1));
    let nobody = [
        "90.1.1.1:0",
        "90.2.1.1:25",
        "90.3.1.1:443",
        "10.1.1.1:2000",
        "192.168.1.1:2000",
        "127.0.0.1:2000",
        "169.254.1.1:2000",
        "224.1.1.1:2000",
        "255.255.255.255:2000",
        "0.0.0.0:2000",
    ];
    let some = ["91.1.1.1:80", "91.2.1.1:1214"];
    let all = nobody.iter().chain(&some).map(|at| at.parse().unwrap());
    scene.says(liar, &list(all.chain([OWN])));
    let mut known: Vec<String> = scene.node.known_supernodes().map(|at| at.to_string()).collect();
    known.sort_unstable();
    assert_eq!(known, [host(1).to_string().as_str(), "91.1.1.1:80", "91.2.1.1:1214"]);
}

/// FTSUPER-22: whoever asks to be tried is tried where it is, at a port of nodes, and nobody else is.
#[test]
fn nobody_has_others_called() {
    let mut scene = Scene::with_role(Role::Supernode);
    let victim = SocketAddrV4::new(Ipv4Addr::new(95, 1, 1, 1), 2_000);
    for (number, port) in [0, 25, 53, 443].into_iter().enumerate() {
        let from = host(u8::try_from(number).unwrap());
        let child = scene.opened_by(from);
        scene.says(child, &node_info(SocketAddrV4::new(*victim.ip(), port)));
        scene.heard();
        scene.says(child, &Message::UdpTestRequest { address: victim });
        let heard = scene.heard();
        let calls = |said: &&Output| {
            matches!(
                said,
                Output::ConnectBack { .. } | Output::FastTrack(fasttrack::Output::Datagram { .. })
            )
        };
        assert_eq!(heard.iter().filter(calls).count(), 0, "{port}: {heard:?}");
    }
    let child = scene.opened_by(host(9));
    scene.says(child, &node_info(victim));
    scene.heard();
    scene.says(child, &Message::UdpTestRequest { address: victim });
    let ips = scene.heard().into_iter().filter_map(|said| match said {
        Output::ConnectBack { to } => Some(to.ip()),
        Output::FastTrack(fasttrack::Output::Datagram { to, .. }) => Some(IpAddr::V4(*to.ip())),
        _ => None,
    });
    let ips: Vec<IpAddr> = ips.collect();
    assert_eq!(ips, [IpAddr::V4(*host(9).ip()); 2]);
}

/// A ban holds for datagrams, and for calls of ours.
#[test]
fn whoever_is_banned_is_neither_answered_nor_called() {
    let breach =
        Fault::Misbehaved(Misbehaved { rule: Rule::new("FTLINK-26"), what: "a byte out of step" });
    let mut scene = Scene::with_role(Role::Supernode);
    assert_eq!(asked_by(&mut scene, SocketAddr::V4(host(1)), asks(b"KaZaA")).len(), 1);
    for _ in 0..2 {
        let link = scene.opened_by(host(1));
        scene.closed(link, Ending::Fault(breach));
    }
    scene.pass(FASTTRACK_PONG_EVERY_MS);
    assert_eq!(asked_by(&mut scene, SocketAddr::V4(host(1)), asks(b"KaZaA")), []);
    scene.command(fasttrack::Command::Know(vec![host(1), host(2)]));
    scene.pass(1);
    assert_eq!(scene.dials(), [host(2)]);
}
