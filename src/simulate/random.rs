//! What is drawn by lot, from one seed.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::fixed;

/// What a generator is for. Each subject has its own, so that drawing more for one changes nothing
/// for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Subject {
    Topology = 1,
    Places,
    Capacity,
    Files,
    Searches,
    Sessions,
    Faults,
    Nodes,
    Attackers,
    Loss,
    Bootstrap,
    Hellos,
}

/// Numbers by lot.
#[derive(Debug)]
pub(crate) struct Lot(ChaCha8Rng);

impl Lot {
    pub(crate) fn new(seed: u64, subject: Subject) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(subject as u64);
        Self(generator)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// What it draws from, for those who draw something else than numbers.
    pub(crate) const fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }

    /// A number below `end`; zero if there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        scaled(self.0.next_u64(), end)
    }

    /// A place in a list of this length.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True so many times in a million.
    pub(crate) fn chance(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < u64::from(per_million)
    }

    /// A time until something that happens at any moment as likely, of this mean.
    pub(crate) fn wait(&mut self, mean: Duration) -> Duration {
        // Minus the logarithm of a number between zero and one.
        let drawn = (self.0.next_u64() >> 32).saturating_add(1);
        let halvings = (32 * fixed::ONE).saturating_sub(fixed::log2(drawn));
        let factor = u128::from(halvings).saturating_mul(u128::from(fixed::LN_2)) >> 32;
        let micros = mean.as_micros().saturating_mul(factor) >> 32;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// One of a list.
    pub(crate) fn choose<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.index(list.len()))
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(self.index(last.saturating_add(1)), last);
        }
    }
}

/// A number below `end`, from 64 random bits.
pub(crate) const fn scaled(bits: u64, end: u64) -> u64 {
    let wide = (bits as u128).saturating_mul(end as u128);
    let [.., h0, h1, h2, h3, h4, h5, h6, h7] = (wide >> 64).to_be_bytes();
    u64::from_be_bytes([h0, h1, h2, h3, h4, h5, h6, h7])
}

/// Random bits that belong to some numbers, always the same.
pub(crate) const fn mixed(seed: u64, left: u64, right: u64) -> u64 {
    finish(finish(seed ^ left.wrapping_mul(0x9e37_79b9_7f4a_7c15)) ^ right)
}

/// The finisher of SplitMix64: every bit of the result depends on every bit of the number.
const fn finish(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_subject_always_draw_the_same() {
        let draw = |seed, subject| Lot::new(seed, subject).next();
        assert_eq!(draw(1, Subject::Files), draw(1, Subject::Files));
        assert_ne!(draw(1, Subject::Files), draw(2, Subject::Files));
        assert_ne!(draw(1, Subject::Files), draw(1, Subject::Faults));
    }

    #[test]
    fn numbers_stay_in_their_ranges_and_reach_both_ends() {
        let mut lot = Lot::new(7, Subject::Files);
        let drawn: Vec<_> = (0..1_000).map(|_| lot.below(4)).collect();
        assert!((0..4).all(|number| drawn.contains(&number)));
        assert!(drawn.iter().all(|number| *number < 4));
        assert_eq!((lot.below(0), lot.below(1), lot.index(0)), (0, 0, 0));
        assert!((0..1_000).all(|_| !lot.chance(0) && lot.chance(1_000_000)));
    }

    #[test]
    fn waits_have_the_mean_that_was_asked_for_and_the_spread_of_chance() {
        let (mut lot, mean) = (Lot::new(7, Subject::Sessions), Duration::from_secs(60));
        let waits: Vec<_> = (0..20_000).map(|_| lot.wait(mean)).collect();
        let average = waits.iter().sum::<Duration>() / 20_000;
        assert!((59..=61).contains(&average.as_secs()), "{average:?}");
        // One in e waits is longer than the mean.
        let long = waits.iter().filter(|wait| **wait > mean).count();
        assert!((7_158..=7_558).contains(&long), "{long}");
    }

    #[test]
    fn a_shuffle_keeps_everything_and_moves_most() {
        let mut list: Vec<_> = (0..100).collect();
        Lot::new(7, Subject::Topology).shuffle(&mut list);
        let moved = list.iter().enumerate().filter(|(place, item)| *place != **item).count();
        list.sort_unstable();
        assert!(moved > 90 && list.into_iter().eq(0..100));
    }
}
