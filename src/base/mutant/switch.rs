//! Which fault is switched on.

use std::cell::Cell;

use super::Mutant;

thread_local! {
    static ON: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Whether this fault is switched on, in this thread.
pub(crate) fn is_on(mutant: Mutant) -> bool {
    ON.get() == Some(mutant)
}

/// Switches a fault on, until what this gives is dropped.
#[must_use]
pub(crate) fn switch_on(mutant: Mutant) -> Switched {
    assert_eq!(ON.replace(Some(mutant)), None, "one fault at a time");
    Switched
}

/// While this is there, a fault is switched on.
pub(crate) struct Switched;

impl Drop for Switched {
    fn drop(&mut self) {
        ON.set(None);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;
    use crate::base::mutant::mutant;

    #[test]
    fn a_fault_is_switched_on_until_the_guard_is_dropped_also_by_a_panic() {
        assert!(!mutant!(ForwardsDuplicates));
        let switched = switch_on(Mutant::ForwardsDuplicates);
        assert!(mutant!(ForwardsDuplicates) && !mutant!(KeepsTtl));
        drop(switched);
        assert!(!mutant!(ForwardsDuplicates));
        let panicked = catch_unwind(|| {
            let _switched = switch_on(Mutant::KeepsTtl);
            assert!(!mutant!(KeepsTtl), "this panics");
        });
        assert!(panicked.is_err() && !mutant!(KeepsTtl));
    }

    #[test]
    fn no_two_faults_have_one_name() {
        let mut names: Vec<_> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Mutant::ALL.len());
    }
}
