//! Whole nodes that decide by themselves what they are, by the thresholds of each profile.

use std::sync::Arc;

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{Function, Vendor};
use filbert::node::{Command, Event, Input, RolePolicy};
use filbert::promotion::{Observation, Thresholds};

use crate::support::net::{Net, address};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// A node that may be promoted, three ultrapeers that have room for it and four that have none.
struct Town {
    net: Net,
    node: usize,
    full: Vec<usize>,
}

impl Town {
    fn new(thresholds: Thresholds) -> Self {
        let mut net = Net::new();
        let node =
            net.add_with(RolePolicy::Auto, |config| config.thresholds = Arc::new(thresholds));
        let roomy: Vec<usize> = (0..3).map(|_| net.add(Role::Ultrapeer)).collect();
        let mut full = Vec::new();
        for _ in 0..4 {
            full.push(net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
                let mut thresholds = Thresholds::filbert();
                thresholds.slots.leaves_max = 0;
                (config.dials, config.thresholds) = (false, Arc::new(thresholds));
            }));
        }
        net.command(node, Command::Know(roomy.iter().map(|at| address(*at)).collect()));
        Self { net, node, full }
    }

    fn see(&mut self, observation: Observation) {
        self.net.hand_in(self.node, Input::Observed(observation));
    }

    /// Lets minutes pass, in each of which so many bytes a second are sent; every fifth minute the node
    /// tries those that are full.
    fn live(&mut self, minutes: u64, rate: u64) {
        for minute in 0..minutes {
            if minute % 5 == 0 && self.role() == Role::Leaf {
                for at in self.full.clone() {
                    self.net.connect(self.node, at);
                }
            }
            self.net.run(MINUTE);
            let sent = rate * MINUTE;
            self.see(Observation::Traffic { sent, received: sent, congested: false });
        }
    }

    /// Lives until it is this, for so many minutes at most; how many it took.
    fn live_until(&mut self, role: Role, minutes: u64, rate: u64) -> u64 {
        for minute in 0..minutes {
            if self.role() == role {
                return minute;
            }
            self.live(1, rate);
        }
        panic!("after {minutes} min: {}", self.explain());
    }

    fn role(&self) -> Role {
        self.net.places[self.node].node.role()
    }

    fn explain(&self) -> String {
        self.net.places[self.node].node.explain_role(self.net.now)
    }

    /// What it said when it became what it is.
    fn last_change(&self) -> Option<&str> {
        let events = self.net.places[self.node].events.iter().rev();
        let mut changes = events.filter_map(|event| match event {
            Event::BecameRole { why, .. } => Some(why.as_str()),
            _ => None,
        });
        changes.next()
    }
}

/// Another node comes in, and stays: a leaf that keeps the node from being useless.
fn add_leaf(town: &mut Town) {
    let leaf = town.net.add(Role::Leaf);
    town.net.connect(leaf, town.node);
    town.net.run(1);
}

/// With a node that was promoted and has three leaves.
fn promoted() -> Town {
    let mut town = Town::new(Thresholds::filbert());
    town.live_until(Role::Ultrapeer, 70, 1_000_000);
    for _ in 0..3 {
        add_leaf(&mut town);
    }
    town
}

#[test]
fn by_our_own_thresholds_a_node_is_promoted_after_an_hour_and_says_what_it_waits_for() {
    let mut town = Town::new(Thresholds::filbert());
    assert_eq!(town.explain(), "not promoted: never reached by TCP");
    town.live(41, 1_000_000);
    assert_eq!(town.explain(), "not promoted: uptime 41 of 60 min");
    town.live(18, 1_000_000);
    assert_eq!(town.explain(), "not promoted: uptime 59 of 60 min");
    let waited = town.live_until(Role::Ultrapeer, 10, 1_000_000);
    assert!(waited >= 1, "an hour was not over");
    let why = town.last_change().unwrap();
    assert!(why.starts_with("promoted: supernodes are needed, "), "{why}");
    assert!(town.explain().starts_with("supernode for "), "{}", town.explain());
}

#[test]
fn a_line_that_was_not_seen_to_carry_enough_promotes_nobody() {
    let mut town = Town::new(Thresholds::filbert());
    town.live(90, 19_000);
    assert_eq!(town.explain(), "not promoted: upload 19.0 of 20.0 KB/s");
    town.live(10, 1_000_000);
    town.live_until(Role::Ultrapeer, 10, 1_000_000);
}

#[test]
fn nobody_is_promoted_whom_others_cannot_reach() {
    let mut town = Town::new(Thresholds::filbert());
    town.net.places[town.node].is_reachable = false;
    town.live(90, 1_000_000);
    assert_eq!(town.explain(), "not promoted: never reached by TCP");
}

#[test]
fn where_everybody_has_room_nobody_is_promoted() {
    let mut town = Town::new(Thresholds::filbert());
    town.full.clear();
    town.live(90, 1_000_000);
    let why = town.explain();
    assert!(why.starts_with("not promoted: no supernode is needed, "), "{why}");
}

/// VMSG-54: whom nobody reaches any more steps down before the proof is half an hour old, since those
/// who were asked did not come.
#[test]
fn an_ultrapeer_that_cannot_be_reached_any_more_steps_down() {
    let mut town = promoted();
    town.net.places[town.node].is_reachable = false;
    let minutes = town.live_until(Role::Leaf, 40, 1_000_000);
    assert!(minutes <= 30, "{minutes} min");
    let why = town.last_change().unwrap();
    assert!(why.starts_with("demoted: not reached by "), "{why}");
    assert!(town.explain().starts_with("not promoted: a leaf for "), "{}", town.explain());
}

#[test]
fn an_ultrapeer_whose_machine_is_overloaded_steps_down() {
    let mut town = promoted();
    town.live(5, 1_000_000);
    assert_eq!(town.role(), Role::Ultrapeer);
    for minute in 0..10 {
        town.see(Observation::Processor { busy_permille: 1_000 });
        town.live(1, 1_000_000);
        assert!(town.role() == Role::Leaf || minute < 7, "{}", town.explain());
    }
    let why = town.last_change().unwrap();
    assert!(why.starts_with("demoted: the processors were busy for "), "{why}");
}

#[test]
fn an_ultrapeer_whose_line_is_full_steps_down() {
    let mut town = promoted();
    town.live(5, 1_000_000);
    for _ in 0..6 {
        town.net.run(MINUTE);
        let sent = 3_000 * MINUTE;
        town.see(Observation::Traffic { sent, received: sent, congested: true });
    }
    assert_eq!(town.role(), Role::Leaf, "{}", town.explain());
    let why = town.last_change().unwrap();
    assert_eq!(why, "demoted: upload 3.0 of 20.0 KB/s, and more did not go");
}

/// By them a node must run for twelve hours the first time: the average of all runs counts a quarter of
/// this one, and has to be three hours.
#[test]
fn by_the_thresholds_of_gtk_gnutella_a_node_is_promoted_without_a_need() {
    let mut town = Town::new(Thresholds::gtk_gnutella());
    town.full.clear();
    town.live(41, 0);
    assert_eq!(town.explain(), "not promoted: uptime 41 of 61 min");
    town.live(5 * 60, 0);
    assert_eq!(town.explain(), "not promoted: average uptime 85 of 180 min");
    let waited = town.live_until(Role::Ultrapeer, 8 * 60, 0);
    assert!((378..=385).contains(&waited), "{waited} min");
    assert_eq!(town.last_change(), Some("promoted: capable"));
    // Who is not reached loses the role at once.
    add_leaf(&mut town);
    town.net.places[town.node].is_reachable = false;
    let minutes = town.live_until(Role::Leaf, 40, 0);
    assert!(minutes >= 20, "{minutes} min");
    assert!(town.last_change().unwrap().starts_with("demoted: not reached by "));
}

/// By them only an idle node is promoted: its user has not searched for five minutes.
#[test]
fn by_the_thresholds_of_limewire_a_node_is_promoted_when_its_user_does_nothing() {
    let mut town = Town::new(Thresholds::limewire());
    town.full.clear();
    town.live(50, 30_000);
    assert_eq!(town.explain(), "not promoted: uptime 50 of 120 min");
    town.live(9, 0);
    town.net.search(town.node, "winter");
    town.live(3, 0);
    assert_eq!(town.explain(), "not promoted: no search for 3 of 5 min");
    town.net.search(town.node, "summer");
    town.live(4, 0);
    assert_eq!(town.explain(), "not promoted: no search for 4 of 5 min");
    town.live_until(Role::Ultrapeer, 3, 0);
    assert_eq!(town.last_change(), Some("promoted: capable"));
    // What it was promoted for is not asked again.
    town.net.places[town.node].is_reachable = false;
    town.live(2 * 60, 0);
    assert_eq!(town.role(), Role::Ultrapeer);
}

/// VMSG-54, VMSG-56: who is reached no longer asks for somebody who takes pushes, without a new link.
#[test]
fn a_leaf_that_is_not_reached_any_more_asks_for_push_proxies_again() {
    let mut net = Net::new();
    let [leaf, parent] = [Role::Leaf, Role::Ultrapeer].map(|role| net.add(role));
    let proxies = |net: &Net| {
        let bodies = net.frames(parent, Function::VENDOR).into_iter();
        let bodies = bodies.filter_map(|frame| Some(Vendor::decode(&frame.payload).ok()?.body));
        let bodies: Vec<Body> = bodies.collect();
        let count = |wanted: &Body| bodies.iter().filter(|body| *body == wanted).count();
        (count(&Body::PushProxyRequest), count(&Body::PushProxyCancel))
    };
    net.connect(leaf, parent);
    net.run(10);
    assert!(net.places[leaf].node.servent().is_reachable());
    let (asked, cancelled) = proxies(&net);
    assert_eq!(asked, cancelled);
    net.places[leaf].is_reachable = false;
    net.run(HOUR);
    assert!(!net.places[leaf].node.servent().is_reachable());
    assert_eq!(proxies(&net), (asked + 1, cancelled));
    net.places[leaf].is_reachable = true;
    net.run(HOUR);
    assert!(net.places[leaf].node.servent().is_reachable());
    assert_eq!(proxies(&net), (asked + 1, cancelled + 1));
}

/// VMSG-54: without anybody who could be asked, proof does not hold for ever.
#[test]
fn who_has_nobody_to_ask_is_not_believed_to_be_reachable_for_ever() {
    let mut net = Net::new();
    let [leaf, parent] = [Role::Leaf, Role::Ultrapeer].map(|role| net.add(role));
    net.connect(leaf, parent);
    net.run(10);
    assert!(net.places[leaf].node.servent().is_reachable());
    net.command(parent, Command::ShutDown);
    net.run(HOUR);
    assert!(!net.places[leaf].node.servent().is_reachable());
}
