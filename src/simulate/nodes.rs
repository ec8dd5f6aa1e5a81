//! Nodes as inhabitants of a world.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::machine::{Birth, Machine};
use super::scenario::{Children, NetworkPlan, NodePlan, PromotionProfile, Scenario};
use super::world::{Fidelity, World};
use crate::base::holding::Holding;
use crate::base::time::Time;
use crate::fasttrack;
use crate::gnutella::link::{Profile, Role};
use crate::gnutella::router::TtlRules;
use crate::gnutella::servent::Mode;
use crate::gnutella::wire::Frame;
use crate::node::fasttrack as part;
use crate::node::{Config, Input, LinkId, Node, Output, RolePolicy};
use crate::promotion::{self, Thresholds};

/// A node, and what its driver adds to what it says of itself.
#[derive(Debug)]
pub struct Inhabitant {
    node: Node,
    sends_deflate: bool,
    /// What it says of itself in its present role, shared by all connections that begin in it.
    profile: Arc<Profile>,
}

impl Inhabitant {
    /// The node of a scenario that is born now.
    fn new(config: Config, sends_deflate: bool, seed: u64, now: Time) -> Self {
        let node = Node::new(config, seed, now);
        let profile = Arc::new(Profile { sends_deflate, ..node.profile() });
        Self { node, sends_deflate, profile }
    }

    /// The node itself, to look at.
    pub const fn node(&self) -> &Node {
        &self.node
    }
}

impl Machine for Inhabitant {
    fn handle(&mut self, input: Input, now: Time) {
        self.node.handle(input, now);
        if self.node.role() != self.profile.role {
            let sends_deflate = self.sends_deflate;
            self.profile = Arc::new(Profile { sends_deflate, ..self.node.profile() });
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.node.poll()
    }

    fn transmit(&mut self, link: LinkId, now: Time) -> Option<Frame> {
        self.node.transmit(link, now)
    }

    fn transmit_session(&mut self, link: LinkId, now: Time) -> Option<fasttrack::wire::Frame> {
        self.node.transmit_fasttrack(link, now)
    }

    fn next_timeout(&self) -> Option<Time> {
        self.node.next_timeout().map(|(due, _)| due)
    }

    fn profile(&self) -> Arc<Profile> {
        self.profile.clone()
    }

    fn session_profile(&self) -> Option<fasttrack::link::Profile> {
        self.node.fasttrack_profile().cloned()
    }

    fn role(&self) -> Role {
        match self.node.fasttrack_role() {
            None => self.node.role(),
            Some(promotion::Role::Leaf) => Role::Leaf,
            Some(promotion::Role::Supernode) => Role::Ultrapeer,
        }
    }

    fn audit(&self) -> Result<(), String> {
        let over = self.node.holdings().find(Holding::is_over);
        over.map_or(Ok(()), |Holding { what, count, count_max }| {
            Err(format!("{count} {what}, not {count_max} at most"))
        })
    }

    fn known_hosts(&self) -> Vec<SocketAddr> {
        self.node.known_hosts().chain(self.node.known_supernodes()).collect()
    }
}

impl<'a> World<'a, Inhabitant> {
    /// The world of a scenario, with nodes in it.
    pub fn of_nodes(scenario: &'a Scenario, nodes: u32, seed: u64, fidelity: Fidelity) -> Self {
        let thresholds = Arc::new(thresholds(scenario));
        let sends_deflate = scenario.node.deflate;
        let maker = Box::new(move |birth: &Birth, now| {
            let config = config(scenario, birth, thresholds.clone());
            Inhabitant::new(config, sends_deflate, birth.seed, now)
        });
        Self::new(scenario, nodes, seed, fidelity, maker)
    }
}

fn config(scenario: &Scenario, birth: &Birth, thresholds: Arc<Thresholds>) -> Config {
    let plan = &scenario.node;
    let role = match (birth.is_ultrapeer, plan.promotion) {
        (true, _) => RolePolicy::Always(Role::Ultrapeer),
        (false, None) => RolePolicy::Always(Role::Leaf),
        (false, Some(_)) => RolePolicy::Auto,
    };
    if plan.network == NetworkPlan::Fasttrack {
        return of_fasttrack(plan, birth, thresholds);
    }
    let is_open = scenario.topology.is_open();
    let base = Config::new(role);
    Config {
        listen: Some(birth.address),
        thresholds,
        mode: if plan.floods { Mode::Flood } else { Mode::Overlay },
        ttl: TtlRules {
            max_ttl: plan.ttl,
            own_ttl: plan.ttl,
            forwards_raised: plan.repeats,
            ..TtlRules::default()
        },
        asks_for_pongs: is_open,
        // What scenarios count is what goes over links.
        out_of_band: false,
        dials: is_open,
        speaks_vendor: !plan.floods,
        work_per_second: if plan.floods { u32::MAX } else { base.work_per_second },
        ..base
    }
}

/// A node that has part in FastTrack alone.
fn of_fasttrack(plan: &NodePlan, birth: &Birth, thresholds: Arc<Thresholds>) -> Config {
    let role = match (birth.is_ultrapeer, plan.promotion) {
        (true, _) => part::RolePolicy::Always(promotion::Role::Supernode),
        (false, None) => part::RolePolicy::Always(promotion::Role::Leaf),
        (false, Some(_)) => part::RolePolicy::Auto,
    };
    let listen = match birth.address {
        SocketAddr::V4(address) => Some(address),
        SocketAddr::V6(_) => None,
    };
    let user = format!("node{}", birth.host).into();
    let part = part::Config { listen, user, thresholds, ..part::Config::new(role) };
    Config {
        fasttrack: Some(Box::new(part)),
        dials: false,
        asks_for_pongs: false,
        out_of_band: false,
        speaks_vendor: false,
        ..Config::new(RolePolicy::Always(Role::Leaf))
    }
}

/// Tables and looks around take as long in a laboratory as elsewhere, and the time over which those are spread that
/// could become supernodes is to be long against that.
const SPREAD_OF_FASTTRACK: Duration = Duration::from_secs(20);

/// Where the overlay is given, everybody has room for whom it is given.
fn thresholds(scenario: &Scenario) -> Thresholds {
    let mut thresholds = match scenario.node.promotion {
        None | Some(PromotionProfile::Filbert) => Thresholds::filbert(),
        Some(PromotionProfile::GtkGnutella) => Thresholds::gtk_gnutella(),
        Some(PromotionProfile::Limewire) => Thresholds::limewire(),
        Some(PromotionProfile::Laboratory) => Thresholds::laboratory(),
    };
    if scenario.node.network == NetworkPlan::Fasttrack {
        thresholds.need.spread = thresholds.need.spread.max(SPREAD_OF_FASTTRACK);
    }
    if let Some(Children { least, most }) = scenario.node.children {
        (thresholds.slots.leaves_least, thresholds.slots.leaves_max) = (least, most);
    }
    if !scenario.topology.is_open() {
        let slots = &mut thresholds.slots;
        slots.leaves_max = u32::MAX;
        slots.leaves_least = u32::MAX;
        // Nobody comes who was not given.
        slots.supernodes_target = 0;
        slots.supernodes_max = u32::MAX;
        slots.leaf_supernodes_target = 0;
        slots.leaf_supernodes_max = u32::MAX;
        slots.incoming_percent = 100;
        slots.poor_percent = 100;
        slots.true_leaves_percent = 0;
        slots.supernodes_per_network = u32::MAX;
        slots.leaves_per_network = u32::MAX;
    }
    thresholds
}
