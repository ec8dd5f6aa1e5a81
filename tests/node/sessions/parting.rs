//! Who is let in, and how sessions end.

use filbert::base::error::{Fault, Misbehaved, Rule};
use filbert::base::limits::{ADMIT_TIMES, HELD_MAX, HELD_OF_HOST_MAX};
use filbert::fasttrack::link::Ending;
use filbert::gnutella::link::Role as GnutellaRole;
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{self, Command, Config, Direction, Event, Input, LinkId, Node, Output};
use filbert::promotion::Role;

use super::scene::{Scene, host, ip};

const BREACH: Fault =
    Fault::Misbehaved(Misbehaved { rule: Rule::new("FTLINK-26"), what: "a byte out of step" });

/// Where a network is not spoken, nobody who speaks it is kept waiting.
#[test]
fn a_node_without_a_part_in_fasttrack_ends_its_sessions() {
    let mut node =
        Node::new(Config::new(node::RolePolicy::Always(GnutellaRole::Leaf)), 1, Default::default());
    let (link, direction) = (LinkId(1), Direction::Incoming);
    let now = Default::default();
    node.handle(Input::Connected { link, address: host(1).into(), direction }, now);
    assert!(node.poll().is_none());
    node.handle(Input::FastTrack(fasttrack::Input::Greeted { link }), now);
    let close = node.poll();
    assert!(
        matches!(close, Some(Output::FastTrack(fasttrack::Output::Close { link: LinkId(1), .. }))),
        "{close:?}"
    );
    assert_eq!(node.connections_len(), 0);
    assert!(node.peer().is_none() && node.fasttrack_role().is_none());
}

#[test]
fn whoever_is_let_in_is_told_of_until_it_is_gone() {
    let mut scene = Scene::with_role(Role::Supernode);
    let link = scene.called_by(host(1));
    assert_eq!(scene.node.connections_len(), 1);
    assert!(scene.closes().is_empty());
    scene.open(link);
    let events = scene.events();
    assert!(
        matches!(
            events[..],
            [Event::FastTrack(fasttrack::Event::Opened { link: opened, address, is_outgoing: false })]
                if opened == link && address == host(1)
        ),
        "{events:?}"
    );
    scene.closed(link, Ending::Closed);
    let events = scene.events();
    assert!(
        matches!(
            &events[..],
            [Event::FastTrack(fasttrack::Event::Closed { link: closed, ending: Ending::Closed, .. })]
                if *closed == link
        ),
        "{events:?}"
    );
    assert_eq!(scene.node.connections_len(), 0);
}

/// HAND-62: sessions count with links, and links with sessions.
#[test]
fn whoever_wants_too_many_sessions_is_turned_away_from_both_networks() {
    let mut scene = Scene::with_role(Role::Supernode);
    for _ in 0..ADMIT_TIMES {
        let link = scene.called_by(host(1));
        scene.open(link);
        scene.closed(link, Ending::Closed);
    }
    assert!(scene.closes().is_empty());
    let link = scene.called_by(host(1));
    let heard = scene.heard();
    let holds = |output: &Output| matches!(output, Output::FastTrack(fasttrack::Output::Pause { link: held }) if *held == link);
    assert!(heard.iter().any(holds), "it would call again at once: {heard:?}");
    let is_told = |output: &Output| matches!(output, Output::Event(Event::TurnedAway { address }) if *address == ip(host(1)));
    assert!(heard.iter().any(is_told), "{heard:?}");
    // Whatever it still says is not heard.
    scene.open(link);
    assert!(scene.events().is_empty());
    assert!(scene.node.fasttrack_slot(link).is_none());
    scene.closed(link, Ending::Left);
    assert!(scene.events().is_empty(), "nobody need hear of all who knock");
    assert_eq!(scene.node.connections_len(), 0);
    let link = scene.called_by(host(2));
    scene.open(link);
    assert!(scene.node.fasttrack_slot(link).is_some(), "others are let in");
}

/// FTSAFE-17: at the limits and one past them.
#[test]
fn so_many_who_come_too_often_are_left_waiting_and_the_others_are_closed() {
    let mut scene = Scene::with_role(Role::Supernode);
    let mut turned_away = |number: u8, has_come: bool| {
        let first = if has_come { 0 } else { ADMIT_TIMES };
        for _ in 0..first {
            let link = scene.opened_by(host(number));
            scene.closed(link, Ending::Closed);
        }
        scene.heard();
        let link = scene.called_by(host(number));
        let is_closed = scene.closes().iter().any(|(closed, _)| *closed == link);
        if is_closed {
            scene.closed(link, Ending::Left);
        }
        (link, is_closed)
    };
    let is_held = |(_, is_closed): &(LinkId, bool)| !is_closed;
    let first = turned_away(1, false);
    assert!(is_held(&first));
    assert!((1..HELD_OF_HOST_MAX).all(|_| is_held(&turned_away(1, true))));
    assert!(!is_held(&turned_away(1, true)));
    let others = HELD_MAX / HELD_OF_HOST_MAX;
    for number in (2..=u8::MAX).take(others - 1) {
        assert!(is_held(&turned_away(number, false)), "{number}");
        assert!((1..HELD_OF_HOST_MAX).all(|_| is_held(&turned_away(number, true))));
    }
    assert!(!is_held(&turned_away(200, false)));
    // Whoever has gone makes room.
    scene.closed(first.0, Ending::Closed);
    let link = scene.called_by(host(1));
    assert!(scene.closes().is_empty());
    scene.handle(Input::Command(Command::ShutDown));
    assert!(scene.closes().iter().any(|(closed, _)| *closed == link), "nobody is waited for");
}

/// A ban holds wherever its address comes.
#[test]
fn whoever_breaks_rules_in_one_network_is_not_let_into_the_other() {
    let mut scene = Scene::with_role(Role::Supernode);
    for _ in 0..2 {
        let link = scene.opened_by(host(1));
        scene.closed(link, Ending::Fault(BREACH));
    }
    let events = scene.events();
    let struck = events.iter().filter(|event| matches!(event, Event::Struck { .. })).count();
    assert_eq!(struck, 2, "{events:?}");
    let is_ban =
        |event: &Event| matches!(event, Event::Banned { address, .. } if *address == ip(host(1)));
    assert_eq!(events.iter().filter(|event| is_ban(event)).count(), 1, "{events:?}");
    let (link, direction) = (LinkId(99), Direction::Incoming);
    scene.handle(Input::Connected { link, address: host(1).into(), direction });
    let heard = scene.heard();
    let closes = |output: &Output| matches!(output, Output::Close { link: LinkId(99), .. });
    assert!(heard.iter().any(closes), "{heard:?}");
    // It was turned away: that it goes on as a session of FastTrack makes none.
    scene.tell(fasttrack::Input::Greeted { link });
    scene.open(link);
    assert!(scene.node.fasttrack_slot(link).is_none());
}

/// A call of ours that ends in the hello is no session of anybody.
#[test]
fn a_hello_that_leads_to_nothing_is_told_where_we_have_called() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.command(fasttrack::Command::Connect(host(1)));
    assert_eq!(scene.dials(), [host(1)]);
    let link = LinkId(50);
    scene.tell(fasttrack::Input::Connected { link, address: host(1) });
    scene.closed(link, Ending::Closed);
    let events = scene.events();
    assert!(
        matches!(events[..], [Event::FastTrack(fasttrack::Event::Closed { link: LinkId(50), .. })]),
        "{events:?}"
    );
    // The next call is a new one.
    scene.command(fasttrack::Command::Connect(host(1)));
    scene.command(fasttrack::Command::Connect(host(1)));
    assert_eq!(scene.dials(), [host(1)], "nobody is called twice at the same time");
    scene.tell(fasttrack::Input::DialFailed { address: host(1) });
    assert!(scene.events().is_empty());
}

#[test]
fn a_session_that_the_user_ends_is_not_opened_again_before_the_user_wants_it() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(fasttrack::Command::Know(vec![host(1), host(2)]));
    scene.pass(1);
    let mut called = scene.dials();
    called.sort_unstable();
    assert_eq!(called, [host(1), host(2)]);
    let link = scene.taken_by(host(1));
    scene.tell(fasttrack::Input::DialFailed { address: host(2) });
    scene.handle(Input::Command(Command::Disconnect(link)));
    assert_eq!(scene.closes(), [(link, "closed by the user")]);
    scene.closed(link, Ending::Left);
    scene.pass(3_600_000);
    assert!(!scene.dials().contains(&host(1)));
    scene.command(fasttrack::Command::Connect(host(1)));
    assert_eq!(scene.dials(), [host(1)]);
}

#[test]
fn a_node_that_shuts_down_ends_all_sessions_and_calls_nobody() {
    let mut scene = Scene::new(RolePolicy::Always(Role::Supernode), |_| {});
    scene.command(fasttrack::Command::Know(vec![host(1), host(2)]));
    let (open, greeting) = (scene.opened_by(host(3)), scene.called_by(host(4)));
    scene.heard();
    scene.handle(Input::Command(Command::ShutDown));
    let why = "shutting down";
    assert_eq!(scene.closes(), [(open, why), (greeting, why)]);
    let late = scene.called_by(host(5));
    assert_eq!(scene.closes(), [(late, why)]);
    scene.open(greeting);
    assert!(scene.node.fasttrack_slot(greeting).is_none());
    scene.pass(600_000);
    assert!(scene.dials().is_empty());
    for link in [open, greeting, late] {
        scene.closed(link, Ending::Left);
    }
    assert_eq!(scene.node.connections_len(), 0);
}
