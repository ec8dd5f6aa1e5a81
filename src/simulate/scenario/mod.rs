//! What happens to which overlay: a file of TOML.

mod parse;
mod plans;
mod shipped;

use serde::Deserialize;

pub use parse::ScenarioError;
pub use plans::{
    AttackerPlan, Children, Churn, Crowd, Expectations, FaultPlan, Links, NetworkPlan, NodePlan,
    PromotionProfile, Searches,
};

use super::capacity::Class;
use super::files::Files;
use super::latency::Latency;
use super::topology::Topology;

/// A world and what happens in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is about, in a few words.
    pub title: String,
    /// What it is about, in a few sentences.
    #[serde(default)]
    pub about: String,
    /// How many nodes there are, unless the command line says otherwise.
    pub nodes: u32,
    /// The virtual time from the first event to the last one.
    pub duration_s: u32,
    /// Nothing but the nodes themselves stirs before: no searches, no coming and going.
    #[serde(default)]
    pub warm_up_s: u32,
    pub topology: Topology,
    pub latency: Latency,
    #[serde(default)]
    pub links: Links,
    #[serde(default)]
    pub node: NodePlan,
    #[serde(default)]
    pub class: Vec<Class>,
    pub files: Option<Files>,
    pub searches: Option<Searches>,
    pub churn: Option<Churn>,
    pub crowd: Option<Crowd>,
    #[serde(default)]
    pub fault: Vec<FaultPlan>,
    #[serde(default)]
    pub attacker: Vec<AttackerPlan>,
    #[serde(default)]
    pub expect: Expectations,
}
