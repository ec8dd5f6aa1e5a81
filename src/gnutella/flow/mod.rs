//! What waits for a neighbour, what goes first, and what one neighbour may ask of us.
//!
//! - [`SendQueues`]: messages that wait, for all neighbours in one pool
//! - [`Class`]: what a message is worth
//! - [`Admission`]: fair shares of our work
//!
//! Two rooms at the two ends of the node, with one aim: who floods us takes nothing away from
//! others. [`Admission`] stands at the entrance, and decides by neighbour whether a message is
//! worked on at all. [`SendQueues`] stand at the exit of each link: where more is to go out than
//! can, each of those from whom it came gets the same part of the link.

#![deny(clippy::arithmetic_side_effects)]

mod admission;
mod class;
mod pool;
mod queue;
mod send_queues;

pub use admission::Admission;
pub use class::Class;
pub use send_queues::{Flow, Pushed, SendQueues};
