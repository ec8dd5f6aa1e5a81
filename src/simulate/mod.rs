//! Thousands of nodes under one virtual clock, with faults.
//!
//! A [`Scenario`] says what there is and what happens; the [`World`] plays it with whole nodes; the
//! [`Report`] says what came out. Everything follows from the scenario and the seed.
//!
//! # What is watched
//!
//! Whatever a scenario is about, the world looks for what must never be ([`Invariant`]). Each message
//! that an honest node sends is held against the rules as it is sent. What is wrong inside of a node
//! is asked after each of its steps; in worlds of more than 2,000 nodes after one step in 64. Every
//! five seconds of the virtual clock, and at the end, all messages and all their bytes are counted
//! through: what was sent was delivered, was lost for a reason that has a name, or is on its way. Where
//! more than 100,000 events wait, that is done at the end only.
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
//! From the death of its last ultrapeer, whatever it believes itself: an ultrapeer counts while its
//! computer is on and can be reached. Where a program dies, its computer closes the connections, and
//! the leaf learns of it with the next packet ([`Report::orphans`]): within thirty seconds it has
//! another ultrapeer. Where a computer dies, or its line, nobody says anything
//! ([`Report::orphans_in_silence`]), and the thirty seconds begin once the leaf has found out by its
//! pings (PING-07). It lets fifteen seconds of silence pass for each ultrapeer that it has, and waits
//! for three answers, four seconds each; what was on its way when they died may come for a second
//! more. So a leaf whose ultrapeers all die in silence has another one after 58 s where it had one,
//! 73 s where it had two, 88 s where it had three, and 103 s where it had four. Waits that begin
//! before the warm-up is over belong to [`Report::joins`]: not everybody has found a place by then.
//!
//! # When a partition is healed
//!
//! When the ultrapeers are one piece again, for leaves pass nothing on; and when searches reach and
//! find what they did before ([`Healing::reach_again`]), for a thread that holds two halves together
//! carries little.
//!
//! # What poisoners gain
//!
//! Whoever says that it is an ultrapeer is taken for one. One node in ten that says so has more than
//! half of the ultrapeers where the honest ones are one in ten as well, and so half of the
//! connections of honest nodes, more than three times its share of all nodes ([`Report::grip`]). That
//! is somewhat less than a lot drawn among all ultrapeers would give it
//! ([`Report::grip_of_ultrapeers`]), and no rule about whose word is heard brings it down further:
//! poisoners have free slots for everybody.

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
    AttackerPlan, Children, Churn, Crowd, Expectations, FaultPlan, Links, NetworkPlan, NodePlan,
    PromotionProfile, Scenario, ScenarioError, Searches,
};
pub use searches::Search;
pub use tally::{Count, Load};
pub use topology::Topology;
pub use trace::{Reader, Told, What};
pub use watch::{Invariant, Violation};
pub use world::{Fidelity, Maker, World};
