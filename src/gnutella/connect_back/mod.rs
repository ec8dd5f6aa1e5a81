//! Whether we can be reached from outside, and helping others to learn it of themselves.
//!
//! - [`Reachability`]: what we know of ourselves; nothing is believed that nobody has shown
//! - [`Errands`]: what others may send us to do, which is little, and to nobody but themselves

#![deny(clippy::arithmetic_side_effects)]

mod errands;
mod reachability;
mod trial;

pub use errands::Errands;
pub use reachability::{Helper, Missed, Reachability};
pub use trial::Reach;
