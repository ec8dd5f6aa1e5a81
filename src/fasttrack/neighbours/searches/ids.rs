use rand::Rng;
use rand::rngs::ChaCha8Rng;

use crate::base::generator::Generator;

/// The second halves of the ids of searches (FTPEER-17): each once before any comes again, in an order that
/// nobody can foresee. Who was asked for one search cannot answer the next ones in the name of others.
#[derive(Debug)]
pub(in crate::fasttrack::neighbours) struct Ids {
    /// What each of four rounds makes of one half of a count, to change the other one.
    rounds: Box<[[u8; 256]; 4]>,
    count: u16,
}

impl Ids {
    /// Of a stream of its own, so that nothing else is drawn otherwise.
    pub(in crate::fasttrack::neighbours) fn new(random: &ChaCha8Rng) -> Self {
        let mut random = Generator::new(random);
        let random = random.wake();
        random.set_stream(random.get_stream() ^ STREAM);
        let mut rounds = Box::new([[0; 256]; 4]);
        rounds.iter_mut().for_each(|round| random.fill_bytes(round));
        Self { rounds, count: 0 }
    }

    pub(super) fn next(&mut self) -> u16 {
        let [mut left, mut right] = self.count.to_be_bytes();
        self.count = self.count.wrapping_add(1);
        for round in self.rounds.iter() {
            let change = round.get(usize::from(right)).copied().unwrap_or(0);
            (left, right) = (right, left ^ change);
        }
        u16::from_be_bytes([left, right])
    }
}

const STREAM: u64 = 1 << 63;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    /// FTPEER-17
    #[test]
    fn each_comes_once_and_none_tells_the_next() {
        let mut ids = Ids::new(&ChaCha8Rng::seed_from_u64(7));
        let all: Vec<u16> = (0..=u16::MAX).map(|_| ids.next()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 1 << 16);
        let steps: BTreeSet<u16> =
            all.windows(2).take(1_000).map(|two| two[1].wrapping_sub(two[0])).collect();
        assert!(steps.len() > 950, "{} different steps", steps.len());
        let mut other = Ids::new(&ChaCha8Rng::seed_from_u64(8));
        let alike = all.iter().take(1_000).filter(|id| **id == other.next()).count();
        assert!(alike < 5);
    }
}
