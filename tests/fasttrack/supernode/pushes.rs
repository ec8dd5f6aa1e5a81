//! Pushes on their way to a child.

use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::limits::CALLED_PORT_MIN;
use filbert::fasttrack::supernode::Output;
use filbert::fasttrack::wire::{Message, Push, PushRequest};

use super::family::{Family, OWN, at, info};

fn push(requester: &str, target: &str, supernode: &str, user: &str) -> PushRequest {
    let user = Bytes::copy_from_slice(user.as_bytes());
    let [requester, target, supernode] = [requester, target, supernode].map(at);
    PushRequest { id: 0x1234, requester, target, supernode, user }
}

const TARGET: &str = "192.168.1.2:1214";

/// FTSUPER-17, FTSAFE-09
#[test]
fn a_push_goes_to_the_child_that_it_names_and_to_nobody_else() {
    let mut family = Family::new(9);
    let asker = family.child(1);
    let mut children = Vec::new();
    for (number, user) in ["someone", "target", "target"].into_iter().enumerate() {
        let from = format!("7.{number}.1.1:50000");
        children.push(family.open(&from, &info(TARGET, user)));
    }
    family.forget();
    let requester = at("6.1.1.1:1214");
    let down = Message::Push(Push { id: 0x1234, requester });
    family.receive(asker, Message::PushRequest(push("6.1.1.1:1214", TARGET, OWN, "target")));
    let sent = Output::Send { slot: children[1], message: down.clone() };
    assert_eq!(family.outputs(), [sent]);
    // Its name is another one now.
    family.receive(children[1], Message::NodeInfo(info(TARGET, "other")));
    family.receive(asker, Message::PushRequest(push("6.1.1.1:1214", TARGET, OWN, "target")));
    assert_eq!(family.outputs(), [Output::Send { slot: children[2], message: down }]);
    family.close(children[2]);
    let (before, behind) = ("192.168.1.2:1213", "192.168.1.2:1215");
    for (target, user) in
        [(TARGET, "target"), (before, "someone"), (behind, "someone"), (TARGET, "")]
    {
        family.receive(asker, Message::PushRequest(push("6.1.1.1:1214", target, OWN, user)));
        assert_eq!(family.outputs(), [], "{target} {user}");
    }
}

/// FTSUPER-17, FTPEER-21
#[test]
fn a_push_for_another_supernode_goes_across_as_it_came() {
    let mut family = Family::new(2);
    let (asker, target) = (family.child(1), family.child(2));
    let across = push("6.1.1.1:1214", TARGET, "8.1.1.1:1214", "target");
    family.receive(asker, Message::PushRequest(across.clone()));
    assert_eq!(family.outputs(), [Output::PushAcross { push: across }]);
    // At our address there may be another one.
    let beside = push("6.1.1.1:1214", "6.2.1.1:1214", "5.9.1.1:1215", "user2");
    family.receive(asker, Message::PushRequest(beside.clone()));
    assert_eq!(family.outputs(), [Output::PushAcross { push: beside }]);
    // What comes across goes to a child, or nowhere, and never on.
    let requester = "9.9.9.9:1214";
    for (supernode, is_sent) in [(OWN, true), ("8.1.1.1:1214", false)] {
        let user = if is_sent { "user2" } else { "nobody" };
        family.supernode.push_across(&push(requester, "6.2.1.1:1214", supernode, user));
        let message = Message::Push(Push { id: 0x1234, requester: at(requester) });
        let sent = is_sent.then_some(Output::Send { slot: target, message });
        assert_eq!(family.outputs(), sent.into_iter().collect::<Vec<_>>());
    }
}

/// FTSUPER-18
#[test]
fn a_push_calls_nobody_but_who_asks() {
    let mut family = Family::new(2);
    let (asker, target) = (family.child(1), family.child(2));
    let port = |port| SocketAddrV4::new(*at("6.1.1.1:1").ip(), port).to_string();
    for (requester, is_sent) in [
        (port(1214), true),
        (port(CALLED_PORT_MIN), true),
        (port(CALLED_PORT_MIN - 1), false),
        (port(80), true),
        (port(25), false),
        (port(0), false),
        ("9.9.9.9:1214".to_owned(), false),
        ("192.168.1.1:1214".to_owned(), false),
    ] {
        let request = push(&requester, "6.2.1.1:1214", OWN, "user2");
        family.receive(asker, Message::PushRequest(request.clone()));
        let sent = family.heard(target);
        assert_eq!(sent.len(), usize::from(is_sent), "{requester}");
        let across = PushRequest { supernode: at("8.1.1.1:1214"), ..request };
        family.receive(asker, Message::PushRequest(across));
        assert_eq!(family.outputs().len(), usize::from(is_sent), "{requester}");
    }
    // Across, the port alone can be judged.
    for (port, is_sent) in [(1214, true), (25, false)] {
        let request = push(&format!("9.9.9.9:{port}"), "6.2.1.1:1214", OWN, "user2");
        family.supernode.push_across(&request);
        assert_eq!(family.heard(target).len(), usize::from(is_sent), "{port}");
    }
}

/// FTSUPER-20, FTWIRE-25
#[test]
fn whoever_asks_for_random_files_hears_that_there_are_none() {
    let mut family = Family::new(1);
    let slot = family.child(1);
    family.receive(slot, Message::RandomFilesRequest { id: 0x1234 });
    let [answer] = &family.heard(slot)[..] else { panic!("one answer") };
    assert_eq!(&answer.to_frame().payload[..], [0x12, 0x34, 0]);
}
