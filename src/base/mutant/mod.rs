//! Faults on purpose, with which the judge is judged.
//!
//! Each is one fault that a servent may have; many were seen in real ones. Where the sound code decides something, a
//! word stands beside it:
//!
//! ```text
//! if is_new || mutant!(ForwardsDuplicates) {
//! ```
//!
//! In the tests of this crate one fault at a time can be switched on, for the thread that does so, and some case of the
//! judge has to notice (`conform/mutants.txt` says which). In every other build `mutant!(…)` is the constant `false`,
//! and nothing of this is left in the program. Whoever reads the code to learn a protocol may read over it.

#[cfg(test)]
mod list;
#[cfg(test)]
mod switch;

#[cfg(test)]
pub(crate) use list::Mutant;
#[cfg(test)]
pub(crate) use switch::{is_on, switch_on};

/// Whether this fault is switched on.
#[cfg(test)]
macro_rules! mutant {
    ($name:ident) => {
        $crate::base::mutant::is_on($crate::base::mutant::Mutant::$name)
    };
}

/// No fault is ever switched on.
#[cfg(not(test))]
macro_rules! mutant {
    ($name:ident) => {
        false
    };
}

pub(crate) use mutant;
