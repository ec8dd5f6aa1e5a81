//! What came out of a run: as text, for machines, and to look at.
//!
//! - [`Results`]: how each case went, in the order of the cases
//! - [`json`], [`junit`], [`html`]: the same for programs, for whatever reads JUnit, and for a browser

mod bytes;
mod coverage;
pub mod html;
pub mod json;
pub mod junit;
mod results;
pub mod text;

pub use coverage::{Coverage, coverage};
pub use results::{Judged, Memory, Results};
