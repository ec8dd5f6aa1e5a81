use crate::base::limits::{FASTTRACK_DOUBT_MS, FASTTRACK_DOUBT_OUTCOMES_MIN};
use crate::base::time::Time;

/// How many of the searches were answered that went to others by one neighbour (FTPEER-25).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Credit {
    /// A bit for each of the last, 1 where an answer came; the newest lowest.
    outcomes: u32,
    count: u32,
    /// Until when nothing is believed that it says of others.
    doubted: Option<Time>,
}

/// Whoever has less than a part of so many answered is doubted.
const PART: u32 = 4;

impl Credit {
    /// A search was answered, or not; true where the neighbour is doubted from now on.
    pub(super) const fn note(&mut self, is_answered: bool, now: Time) -> bool {
        self.outcomes = self.outcomes.wrapping_shl(1) | is_answered as u32;
        if self.count < u32::BITS {
            self.count = self.count.saturating_add(1);
        }
        let answered = self.outcomes.count_ones().saturating_mul(PART);
        if is_answered || self.count < FASTTRACK_DOUBT_OUTCOMES_MIN || answered >= self.count {
            return false;
        }
        *self = Self { outcomes: 0, count: 0, doubted: Some(now.after_ms(FASTTRACK_DOUBT_MS)) };
        true
    }

    pub(super) fn is_doubted(&self, now: Time) -> bool {
        self.doubted.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FTPEER-25
    #[test]
    fn a_quarter_of_at_least_sixteen_has_to_be_answered() {
        let now = Time::from_millis(5);
        let noted = |outcomes: &[bool]| {
            let mut credit = Credit::default();
            let doubts = outcomes.iter().filter(|is_answered| credit.note(**is_answered, now));
            (doubts.count(), credit)
        };
        let few = [vec![true; 3], vec![false; 12]].concat();
        assert_eq!(noted(&few).0, 0);
        let (doubts, credit) = noted(&[few, vec![false]].concat());
        assert_eq!(doubts, 1);
        assert!(credit.is_doubted(now) && !credit.is_doubted(now.after_ms(FASTTRACK_DOUBT_MS)));
        assert_eq!(noted(&[vec![true; 4], vec![false; 12]].concat()).0, 0);
        assert_eq!(noted(&[vec![true; 32], vec![false; 24]].concat()).0, 0);
        assert_eq!(noted(&[vec![true; 32], vec![false; 25]].concat()).0, 1);
    }
}
