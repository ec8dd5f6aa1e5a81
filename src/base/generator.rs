//! Randomness that takes little room while nobody asks for any.

use std::fmt;

use rand::rngs::ChaCha8Rng;

/// Bytes of what a generator is made from again: its seed, its stream, and how far it has come.
const STATE_LEN: usize = 49;

/// A generator that can doze. What it gives does not depend on when it did.
///
/// Awake it holds what it gives next, which is five times as much as it takes to make that again.
pub struct Generator {
    dozing: [u8; STATE_LEN],
    awake: Option<Box<ChaCha8Rng>>,
}

impl Generator {
    /// Goes on where the other one is.
    pub fn new(generator: &ChaCha8Rng) -> Self {
        Self { dozing: generator.serialize_state(), awake: None }
    }

    /// The generator itself, to draw from.
    pub fn wake(&mut self) -> &mut ChaCha8Rng {
        let dozing = &self.dozing;
        self.awake.get_or_insert_with(|| Box::new(ChaCha8Rng::deserialize_state(dozing)))
    }

    /// Gives back what it takes to be awake.
    pub fn doze(&mut self) {
        if let Some(generator) = self.awake.take() {
            self.dozing = generator.serialize_state();
        }
    }
}

impl fmt::Debug for Generator {
    /// What will be drawn is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generator")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};

    use super::*;

    proptest! {
        #[test]
        fn a_generator_that_dozes_gives_what_it_would_have_given(
            seed: u64,
            draws in prop::collection::vec((0_u8..3, any::<bool>()), 1..200)
        ) {
            let mut plain = ChaCha8Rng::seed_from_u64(seed);
            let mut dozer = Generator::new(&plain);
            for (what, dozes) in draws {
                match what {
                    0 => prop_assert_eq!(dozer.wake().next_u32(), plain.next_u32()),
                    1 => prop_assert_eq!(dozer.wake().next_u64(), plain.next_u64()),
                    _ => {
                        let (mut one, mut other) = ([0; 21], [0; 21]);
                        dozer.wake().fill_bytes(&mut one);
                        plain.fill_bytes(&mut other);
                        prop_assert_eq!(one, other);
                    }
                }
                if dozes {
                    dozer.doze();
                }
            }
        }
    }

    #[test]
    fn a_generator_that_dozes_is_small() {
        assert!(size_of::<Generator>() * 5 <= size_of::<ChaCha8Rng>());
    }
}
