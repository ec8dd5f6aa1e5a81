//! The hash that puts a word into a slot of a query table (QRP-24).

/// The golden ratio in 32 bits, as the authors of the query routing protocol wrote it down.
const MULTIPLIER: u32 = 0x4f1b_bcdc;

/// The slot of a word in a table of `2^bits` slots; `bits` above 32 are taken for 32.
///
/// The low bytes of the word's UTF-16 code units, each lower-cased by itself, are folded into 32
/// bits and multiplied; the highest bits of the product are the slot (QRP-25, QRP-26).
pub fn word_hash(word: &str, bits: u32) -> u32 {
    let mut folded = 0_u32;
    for (index, unit) in word.encode_utf16().enumerate() {
        let [low, _] = lower_case(unit).to_le_bytes();
        folded ^= u32::from(low) << (8 * (index % 4));
    }
    folded.wrapping_mul(MULTIPLIER).checked_shr(32_u32.saturating_sub(bits)).unwrap_or(0)
}

/// One code unit in lower case, where that is one code unit too.
fn lower_case(unit: u16) -> u16 {
    let Some(character) = char::from_u32(unit.into()) else { return unit };
    let mut lower = character.to_lowercase();
    match (lower.next().and_then(|c| u16::try_from(u32::from(c)).ok()), lower.next()) {
        (Some(lower), None) => lower,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// QRP-27
    #[test]
    fn a_hash_for_fewer_bits_is_the_prefix_of_one_for_more() {
        for word in ["", "gnutella", "Été", "\u{1f600}a"] {
            for bits in 1..32 {
                assert_eq!(word_hash(word, bits), word_hash(word, bits + 1) >> 1, "{word} {bits}");
            }
        }
    }

    #[test]
    fn a_table_of_one_slot_has_one_answer() {
        assert_eq!(word_hash("gnutella", 0), 0);
    }
}
