//! Hash tables whose keys strangers choose.
//!
//! The core is foldhash. With one secret word and its published constants, whoever chooses the last
//! eight bytes of a key makes a factor of its one multiplication zero, and all such keys fall on one
//! spot. [`Seeded`] therefore hides every input behind sixteen secret bytes first.
//!
//! The order of such a table is nobody's business: walking over one is forbidden in this crate.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::{FixedState, FoldHasher};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// A hash map for keys that strangers choose.
pub type Map<K, V> = HashMap<K, V, Seeded>;

/// Bytes that are hashed at once.
const CHUNK_LEN: usize = 16;

/// Makes hashers from a secret. The same seed gives the same hashes, on every machine with the same
/// byte order; nothing that is seen outside may depend on them.
#[derive(Clone)]
pub struct Seeded {
    core: FixedState,
    /// The halves of sixteen bytes.
    secret: [u64; 2],
}

impl Seeded {
    /// The seed comes from the generator that is handed to the node, and stays in it.
    pub fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let core = FixedState::with_seed(random.random());
        Self { core, secret: random.random() }
    }

    /// An empty map, which has allocated nothing.
    pub fn map<K, V>(&self) -> Map<K, V> {
        HashMap::with_hasher(self.clone())
    }
}

impl std::fmt::Debug for Seeded {
    /// The secret stays one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seeded")
    }
}

impl BuildHasher for Seeded {
    type Hasher = SeededHasher;

    #[inline]
    fn build_hasher(&self) -> SeededHasher {
        let [low, high] = self.secret.map(u128::from);
        SeededHasher { core: self.core.build_hasher(), secret: low | high << 64 }
    }
}

/// Hashes one key, with the secret of [`Seeded`].
#[derive(Clone)]
pub struct SeededHasher {
    core: FoldHasher<'static>,
    secret: u128,
}

impl Hasher for SeededHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<CHUNK_LEN>();
        for chunk in chunks {
            self.write_u128(u128::from_le_bytes(*chunk));
        }
        if rest.is_empty() {
            return;
        }
        // What is shorter than a chunk says so in the byte that is free.
        let mut padded = [0; CHUNK_LEN];
        padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let len = u128::try_from(rest.len()).unwrap_or(0);
        self.write_u128(u128::from_le_bytes(padded) ^ (len << 120));
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write_u128(u128::from(value));
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.write_u128(u128::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write_u128(u128::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.write_u128(u128::from(value));
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.core.write_u128(value ^ self.secret);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u128(u128::try_from(value).unwrap_or(0));
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.core.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_decides_the_hash_and_another_seed_gives_another() {
        let hash = |seed| Seeded::new(seed).hash_one([7_u8; 16]);
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    fn bytes_that_differ_in_length_alone_differ() {
        let seeded = Seeded::new(1);
        let hashes: BTreeSet<_> = (0..64).map(|len| seeded.hash_one(&[0_u8; 64][..len])).collect();
        let texts: BTreeSet<_> = (0..64).map(|len| seeded.hash_one("\0".repeat(len))).collect();
        assert_eq!((hashes.len(), texts.len()), (64, 64));
    }

    /// The second word of the constants that foldhash publishes: what it multiplies the first half of
    /// a short key with, once the second half is mixed in.
    const PUBLISHED: u64 = 0x3f84_d5b5_b547_0917;

    /// Keys made to collide in foldhash with a secret of one word do so there, and not here.
    #[test]
    fn keys_chosen_to_collide_do_not() {
        let keys = (0..1_000_u64).map(|number| {
            let mut key = [0; 16];
            key[..8].copy_from_slice(&number.to_ne_bytes());
            key[8..].copy_from_slice(&PUBLISHED.to_ne_bytes());
            key
        });
        let (mut weak, mut seeded) = (BTreeSet::new(), BTreeSet::new());
        for key in keys {
            weak.insert(FixedState::with_seed(0x1234_5678_9abc_def0).hash_one(key));
            seeded.insert(Seeded::new(0x1234_5678_9abc_def0).hash_one(key));
        }
        assert_eq!((weak.len(), seeded.len()), (1, 1_000));
    }
}
