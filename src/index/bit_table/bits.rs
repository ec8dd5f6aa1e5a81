//! Sets of slots as bits: 64 slots a number, the first in its lowest bit.

/// The slot of a hash of 32 bits in a table of `2^bits` slots.
pub(in crate::index) fn slot_of(hash: u32, bits: u32) -> u32 {
    hash.checked_shr(32_u32.saturating_sub(bits)).unwrap_or(0)
}

/// No slots, of `slots`.
pub(in crate::index) fn none_of(slots: u32) -> Box<[u64]> {
    vec![0; slots.div_ceil(64) as usize].into_boxed_slice()
}

/// Whether a slot is set.
pub(in crate::index) fn has(words: &[u64], slot: u32) -> bool {
    words.get(word_of(slot)).is_some_and(|word| word & bit_of(slot) != 0)
}

/// Sets or clears a slot. False when it was so already.
pub(in crate::index) fn write(words: &mut [u64], slot: u32, is_set: bool) -> bool {
    let Some(word) = words.get_mut(word_of(slot)) else { return false };
    let old = *word;
    *word = if is_set { old | bit_of(slot) } else { old & !bit_of(slot) };
    *word != old
}

/// The slots that are set, ascending.
pub(in crate::index) fn slots_of(words: &[u64]) -> impl Iterator<Item = u32> {
    let numbered = (0_u32..).zip(words);
    numbered.flat_map(|(index, &word)| ones(word).map(move |bit| index << 6 | bit))
}

/// The places of the ones in a number, ascending.
pub(in crate::index) fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let place = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (place < u64::BITS).then_some(place)
    })
}

const fn word_of(slot: u32) -> usize {
    (slot >> 6) as usize
}

const fn bit_of(slot: u32) -> u64 {
    1 << (slot & 63)
}
