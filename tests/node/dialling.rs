//! Whom a node calls by itself, and whom it leaves alone.

use filbert::base::limits::{BAN_BLAME_S, CUT_OFF_INTERVAL_S, DIAL_BUSY_S};
use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Ending, Role};
use filbert::node::{Command, Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy};

use crate::support::agreements::capable;
use crate::support::messages::broken_table;
use crate::support::net::{Net, address};

/// How many links of a node have come about.
fn opened(net: &Net, at: usize) -> usize {
    let events = net.places[at].events.iter();
    events.filter(|event| matches!(event, Event::Opened { .. })).count()
}

/// HAND-74: it is turned away in any case.
#[test]
fn whoever_is_banned_is_not_called() {
    let mut net = Net::new();
    let caller = net.add_with(RolePolicy::Always(Role::Ultrapeer), |_| {});
    // It does not say where it can be called: only its address is known.
    let other = net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
        (config.dials, config.listen) = (false, None);
    });
    for _ in 0..2 {
        net.connect(other, caller);
        net.run(1);
        net.forge(other, caller, broken_table());
        net.run(61);
    }
    assert_eq!(opened(&net, other), 2);
    net.command(caller, Command::Know(vec![address(other)]));
    let ban_s = u64::from(BAN_BLAME_S);
    net.run(ban_s - 100);
    assert_eq!(opened(&net, other), 2);
    net.run(200);
    assert_eq!(opened(&net, other), 3, "the ban is over");
}

/// For how long a node is left alone whose link to us ends like this after so many seconds, while another one
/// stays.
fn called_again_after(lasted_s: u64, end: impl FnOnce(&mut Net, usize, usize)) -> u64 {
    let mut net = Net::new();
    let caller = net.add_with(RolePolicy::Always(Role::Ultrapeer), |_| {});
    let [stays, parts] = [(); 2].map(|()| net.add(Role::Ultrapeer));
    net.command(caller, Command::Know([stays, parts].map(address).to_vec()));
    while opened(&net, parts) == 0 {
        net.run(1);
    }
    net.run(lasted_s);
    let calls = opened(&net, parts);
    end(&mut net, caller, parts);
    let is_called = |second: &u64| {
        net.run(1);
        assert!(*second < 1_000 && net.link_between(caller, stays).is_some());
        opened(&net, parts) > calls
    };
    (1..).find(is_called).unwrap()
}

/// The program that runs there has crashed, and another one has taken its place.
fn crash(net: &mut Net, caller: usize, parts: usize) {
    for (at, to) in [(caller, parts), (parts, caller)] {
        let link = net.link_between(at, to).unwrap();
        net.hand_in(at, Input::Closed { link, ending: Ending::Closed });
    }
}

/// The first ends its link to the second because a user wants it.
fn disconnect(net: &mut Net, at: usize, to: usize) {
    let link = net.link_between(at, to).unwrap();
    net.command(at, Command::Disconnect(link));
}

/// HAND-73: who takes us in to send us away is as good as one that has no room.
#[test]
fn whoever_sends_us_away_soon_is_called_late() {
    let busy_s = u64::from(DIAL_BUSY_S);
    let again_s = called_again_after(10, crash);
    assert!((busy_s..busy_s + 20).contains(&again_s), "{again_s}");
    let again_s = called_again_after(200, crash);
    assert!(again_s < 20, "{again_s}");
}

/// BYE-18: by a user there, or here, who is of another mind at once.
#[test]
fn whoever_was_said_goodbye_to_is_called_late() {
    let busy_s = u64::from(DIAL_BUSY_S);
    let there = called_again_after(200, |net, caller, parts| disconnect(net, parts, caller));
    let here = called_again_after(200, |net, caller, parts| {
        disconnect(net, caller, parts);
        net.command(caller, Command::TakeBack);
    });
    for again_s in [there, here] {
        assert!((busy_s..busy_s + 20).contains(&again_s), "{again_s}");
    }
}

/// Though it is the only one that is known, and the configuration names it.
#[test]
fn with_whom_the_user_has_ended_a_link_is_not_called_until_the_user_wants_it() {
    let mut net = Net::new();
    let leaf = net.add_with(RolePolicy::Always(Role::Leaf), |_| {});
    let ultrapeer = net.add(Role::Ultrapeer);
    let named = Command::ConnectNamed(vec![address(ultrapeer)]);
    net.command(leaf, Command::Know(vec![address(ultrapeer)]));
    net.command(leaf, named.clone());
    net.run(100);
    let mut links = 1;
    for wanted in [Command::Connect(address(ultrapeer)), Command::TakeBack] {
        assert_eq!(opened(&net, leaf), links);
        disconnect(&mut net, leaf, ultrapeer);
        for _ in 0..20 {
            net.run(3_600);
            net.command(leaf, named.clone());
        }
        assert_eq!(opened(&net, leaf), links, "it is left alone");
        net.command(leaf, wanted);
        net.run(1_000);
        links += 1;
    }
    assert_eq!(opened(&net, leaf), links, "it is wanted again");
}

/// BYE-18: a leaf with one ultrapeer in the world, which is started again at once.
#[test]
fn the_only_one_that_is_known_is_called_again_though_it_has_shut_down() {
    let mut net = Net::new();
    let leaf = net.add_with(RolePolicy::Always(Role::Leaf), |_| {});
    let ultrapeer = net.add(Role::Ultrapeer);
    net.command(leaf, Command::Know(vec![address(ultrapeer)]));
    net.run(200);
    assert_eq!(opened(&net, leaf), 1);
    net.command(ultrapeer, Command::ShutDown);
    let config = Config {
        listen: Some(address(ultrapeer)),
        dials: false,
        ..Config::new(RolePolicy::Always(Role::Ultrapeer))
    };
    net.places[ultrapeer].node = Node::new(config, 9, net.now);
    net.run(u64::from(CUT_OFF_INTERVAL_S) - 1);
    assert_eq!(opened(&net, leaf), 1, "it may be on its way");
    net.run(6);
    assert_eq!(opened(&net, leaf), 2);
}

/// Whether the node calls somebody for it, and whether it closes a link.
fn hand_in(node: &mut Node, input: Input, now: Time) -> (bool, bool) {
    node.handle(input, now);
    let said: Vec<Output> = std::iter::from_fn(|| node.poll()).collect();
    let dials = said.iter().any(|one| matches!(one, Output::Dial { .. }));
    (dials, said.iter().any(|one| matches!(one, Output::Close { .. })))
}

/// HAND-62, PING-07: it may be gone, and the only one that is known: it is called, but not at once.
#[test]
fn whoever_fell_silent_is_not_called_at_once() {
    let mut node = Node::new(Config::new(RolePolicy::Always(Role::Leaf)), 1, Time::ZERO);
    let (link, host) = (LinkId(1), address(1));
    hand_in(&mut node, Input::Command(Command::Know(vec![host])), Time::ZERO);
    let mut now = Time::ZERO;
    // Lets time pass until it calls, or closes the link.
    let mut wait = |node: &mut Node| loop {
        now = now.max(node.next_timeout().unwrap().0);
        let (dials, closes) = hand_in(node, Input::Timeout, now);
        while node.transmit(link, now).is_some() {}
        if dials || closes {
            return (now, dials);
        }
    };
    let (called, dials) = wait(&mut node);
    let direction = Direction::Outgoing;
    hand_in(&mut node, Input::Connected { link, address: host, direction }, called);
    let mut agreement = Agreement::plain(Role::Leaf, Role::Ultrapeer, capable());
    agreement.peer.listen = Some(host);
    hand_in(&mut node, Input::Opened { link, agreement: Box::new(agreement) }, called);
    let (given_up, dials_again) = wait(&mut node);
    assert_eq!((dials, dials_again), (true, false));
    let (dials_at_once, _) =
        hand_in(&mut node, Input::Closed { link, ending: Ending::Closed }, given_up);
    let (called, _) = wait(&mut node);
    assert!(!dials_at_once);
    let waited_s = called.since(given_up).as_secs();
    assert_eq!(waited_s, u64::from(CUT_OFF_INTERVAL_S));
}
