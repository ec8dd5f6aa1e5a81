//! Names of files as people give them, and what people ask for: the same from one run to the next.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Words that names are made of. Word n is used by one in n, as in any language.
const VOCABULARY: u32 = 300_000;

const SYLLABLES: &[&str] = &[
    "a", "al", "an", "ar", "ba", "be", "bo", "ca", "ce", "ci", "co", "da", "de", "di", "do", "e",
    "el", "en", "er", "es", "fa", "fe", "fi", "ga", "ge", "go", "ha", "he", "hi", "ho", "i", "il",
    "in", "is", "ja", "jo", "ka", "ke", "ki", "la", "le", "li", "lo", "lu", "ma", "me", "mi", "mo",
    "na", "ne", "ni", "no", "o", "on", "or", "pa", "pe", "pi", "po", "ra", "re", "ri", "ro", "ru",
    "sa", "se", "si", "so", "st", "ta", "te", "ti", "to", "tra", "tri", "tu", "u", "un", "va",
    "ve", "vi", "vo", "wa", "we", "wi", "ya", "za", "zo",
];
/// Every fiftieth word is written with one of these.
const FOREIGN: &[&str] =
    &["é", "ü", "ñ", "ж", "и", "д", "日", "本", "サ", "ル", "서", "울", "λ", "ς"];

/// Extensions, and in how many of a hundred names they are.
const EXTENSIONS: &[(&str, u32)] = &[
    ("mp3", 48),
    ("jpg", 14),
    ("avi", 7),
    ("pdf", 6),
    ("mpg", 4),
    ("flac", 4),
    ("mp4", 3),
    ("mkv", 3),
    ("zip", 3),
    ("txt", 2),
    ("ogg", 2),
    ("doc", 1),
    ("exe", 1),
    ("wmv", 1),
    ("iso", 1),
];

/// Makes names and queries.
pub struct Maker(ChaCha8Rng);

impl Maker {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Such as "Some Artist - 03 - A song of theirs (live).mp3".
    pub fn name(&mut self) -> String {
        let words = self.0.random_range(3..=9);
        let mut name = String::new();
        for place in 0..words {
            let separator = match self.0.random_range(0..20) {
                _ if place == 0 => "",
                0..14 => " ",
                14..17 => " - ",
                17 => "_",
                18 => "'",
                _ => ".",
            };
            name.push_str(separator);
            match self.0.random_range(0..100) {
                0..5 => name.push_str(&format!("{:02}", self.0.random_range(1..30))),
                5..8 => name.push_str(&format!("({})", self.0.random_range(1950..2026))),
                8..9 => name.push_str(&format!("[{:05x}]", self.0.random_range(0..1_u32 << 20))),
                9..12 => name.push_str(&word(self.common()).to_uppercase()),
                _ => name.push_str(&word(self.common())),
            }
        }
        let mut lot = self.0.random_range(0..100);
        for (extension, share) in EXTENSIONS {
            if lot < *share {
                name.push('.');
                name.push_str(extension);
                break;
            }
            lot -= share;
        }
        name
    }

    /// Three words. Of ten queries, four have a word that hardly anybody has, three ask for what a file of
    /// ours is called, and three are words that have nothing to do with each other; of fifty, one has
    /// only words that very many have.
    pub fn query(&mut self, names: &[String]) -> String {
        let of_name = |random: &mut ChaCha8Rng| {
            let name = &names[random.random_range(0..names.len())];
            let words: Vec<_> = name.split([' ', '.', '_']).filter(|word| word.len() > 1).collect();
            let first = random.random_range(0..words.len().saturating_sub(2).max(1));
            words[first..].iter().take(3).copied().collect::<Vec<_>>().join(" ")
        };
        let common = word(self.common());
        match self.0.random_range(0..50) {
            0 => [0; 3].map(|_| word(self.0.random_range(0..40))).join(" "),
            1..15 => of_name(&mut self.0),
            15..30 => [0; 3].map(|_| word(self.common())).join(" "),
            _ => format!("{common} {} {}", word(self.common()), word(self.rare())),
        }
    }

    /// The number of a word as it is used.
    fn common(&mut self) -> u32 {
        let rank = f64::from(VOCABULARY).powf(self.0.random::<f64>());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a rank")]
        let rank = rank as u32;
        rank - 1
    }

    /// The number of a word that names do not have, most of the time.
    fn rare(&mut self) -> u32 {
        self.0.random_range(0..8 * VOCABULARY)
    }
}

/// A word, the most common one being 0: common words are short.
pub fn word(rank: u32) -> String {
    let mut left = rank.wrapping_mul(0x9e37_79b1) ^ 0x5bd1_e995;
    let mut word = String::new();
    let mut step = |count: usize| {
        let place = left as usize % count;
        left = (left / 7).wrapping_mul(0x85eb_ca6b) ^ rank;
        place
    };
    for _ in 0..2 + rank.max(1).ilog10().min(4) / 2 + u32::from(rank.is_multiple_of(3)) {
        word.push_str(SYLLABLES[step(SYLLABLES.len())]);
    }
    if rank % 50 == 49 {
        word.push_str(FOREIGN[step(FOREIGN.len())]);
    }
    word
}
