//! What waits for a neighbour, what goes first, and what one neighbour may ask of us.
//!
//! - [`SendQueues`]: messages that wait, for all neighbours in one pool
//! - [`Class`]: what a message is worth
//! - [`Admission`]: fair shares of our work

#![deny(clippy::arithmetic_side_effects)]

mod admission;
mod class;
mod pool;
mod queue;
mod send_queues;

pub use admission::Admission;
pub use class::Class;
pub use send_queues::{Flow, Pushed, SendQueues};
