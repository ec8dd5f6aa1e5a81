//! Thousands of nodes under one virtual clock, with faults.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod attackers;
mod capacity;
mod files;
mod fixed;
mod graph;
mod latency;
mod machine;
mod nodes;
mod queue;
mod random;
mod report;
mod scale;
mod scenario;
mod searches;
mod tally;
mod topology;
mod trace;
mod watch;
mod world;

pub use capacity::Class;
pub use files::Files;
pub use graph::{Graph, GraphStatistics};
pub use latency::Latency;
pub use machine::{Birth, Machine};
pub use nodes::Inhabitant;
pub use report::{
    Capacity, Dropped, Flow, Healing, Joining, Liars, Ratio, Report, Roles, SearchFigures, Sharing,
    Wait,
};
pub use scale::Thousandths;
pub use scenario::{
    AttackerPlan, Churn, Crowd, Expectations, FaultPlan, Links, NodePlan, PromotionProfile,
    Scenario, ScenarioError, Searches,
};
pub use searches::Search;
pub use tally::{Count, Load};
pub use topology::Topology;
pub use trace::{Reader, Told, What};
pub use watch::{Invariant, Violation};
pub use world::{Fidelity, Maker, World};
