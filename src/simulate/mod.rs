//! Thousands of nodes under one virtual clock, with faults.
//!
//! A [`Scenario`] says what there is and what happens; the [`World`] plays it with whole nodes; the
//! [`Report`] says what came out. Everything follows from the scenario and the seed. After every
//! step the world looks for what must never be ([`Invariant`]), whatever the scenario is about.
//!
//! # Floods reach less than their TTL
//!
//! The literature takes a flood for a walk in breadth: a query with a TTL of seven reaches all that
//! are seven links away. It does so only where all links are equally quick. Every node passes on
//! the first copy that comes, and drops the others as duplicates. Where latencies differ, the first
//! copy is the one whose way was quickest, not the one whose way had the fewest links:
//!
//! ```text
//!         10 ms     10 ms     10 ms
//!      o ------- a ------- b ------- n ------- m      o asks with TTL 3
//!      |                             |
//!      +-----------------------------+
//!                 200 ms
//! ```
//!
//! Over the quick links the query comes to `n` with its last hop, and ends there. The copy over the
//! slow link had two more hops to go, and is dropped as a duplicate: it lies in the shadow of the
//! first one. A walk in breadth reaches `m`, the flood does not. `filbert simulate shuffled-flood`
//! shows how much is lost in a network of the shape of 2001; `flood`, at constant latency, covers
//! exactly what a walk in breadth does. A servent of today remembers the TTL of the first copy, and
//! sends a later one with a higher TTL on (TTL-12): with `repeats = true` nothing is lost.
//!
//! # From when on a leaf is an orphan
//!
//! [`Report::orphans`] counts from the moment at which a leaf learns that its last ultrapeer is gone.
//! Where a program dies, its computer closes the connections, and the leaf learns of it with the
//! next packet. Where a computer dies, or its line, nobody says anything. A leaf with one ultrapeer
//! finds that out by its pings (PING-07) within half a minute, and one with three within a minute.

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
