//! What must hold after every step, whatever happens.

mod book;
mod flood;
mod rules;
mod violations;

pub(crate) use book::{Book, Carried};
pub(crate) use flood::HOPS_COUNTED;
pub(crate) use violations::Violations;
pub use violations::{Invariant, Violation};
