use crate::base::limits::{SESSION_FAULT_LIFE_MS, SESSION_FAULTS_MAX};
use crate::base::mutant::mutant;
use crate::base::time::Time;

/// The faults of one session that are not forgotten (FTSAFE-10).
#[derive(Debug, Default)]
pub(super) struct Recent([Option<Time>; SESSION_FAULTS_MAX]);

impl Recent {
    /// Counts one more. False where that is too much.
    pub(super) fn bear(&mut self, now: Time) -> bool {
        let is_over = |slot: &Option<Time>| {
            slot.is_none_or(|then| {
                then.after_ms(SESSION_FAULT_LIFE_MS) <= now && !mutant!(NeverForgetsFaults)
            })
        };
        let free = self.0.iter_mut().find(|slot| is_over(slot));
        let has_room = free.is_some();
        if let Some(slot) = free {
            *slot = Some(now);
        }
        has_room || mutant!(BearsEveryFault)
    }
}
