//! Files on their way to others.
//!
//! | module | what it is |
//! |---|---|
//! | [`counter`] | who gets a slot, and who waits |
//! | [`conversation`] | one connection: requests in, heads and bodies out |
//! | `shelf` | what is shared, as requests see it |
//! | `mesh` | who else has it |

pub mod conversation;
pub mod counter;
mod mesh;
mod shelf;

pub use conversation::{About, Body, Conversation, Input, Output, World, turned_away};
pub use counter::{
    Ask, Counter, Ended, Manner, Output as CounterOutput, Refusal, Terms, Ticket, Verdict, VisitId,
    Waiting,
};
pub use mesh::{Mesh, Teller};
pub use shelf::{Item, Shelf};
