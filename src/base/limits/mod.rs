//! Every number that bounds what a peer can make us do: its name, its unit, its reason.
//!
//! Nothing that a peer sends makes us allocate more than its own size plus a constant. Each limit
//! has a test at the limit and one past it.
//!
//! One file for each subject; all names stand here.

mod captures;
mod conduct;
mod files;
mod flow;
mod hosts;
mod link;
mod messages;
mod pings;
mod promotion;
mod router;
mod searches;
mod tables;

pub use captures::*;
pub use link::*;
pub use messages::*;
