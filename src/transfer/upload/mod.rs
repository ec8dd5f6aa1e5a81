//! Files on their way to others.
//!
//! | module | what it is |
//! |---|---|
//! | [`counter`] | who gets a slot, and who waits |

pub mod counter;

pub use counter::{
    Ask, Counter, Ended, Manner, Output as CounterOutput, QueueId, Refusal, Terms, Verdict, VisitId,
    Waiting,
};
