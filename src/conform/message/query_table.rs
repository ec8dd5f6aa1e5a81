//! Query tables as a case names them -> bytes.

use super::Unsendable;
use super::fields::Fields;
use crate::gnutella::word_hash::word_hash;

/// Slots of a table where nothing else is said.
const SLOTS: u32 = 65_536;
/// Its infinity.
const INFINITY: u8 = 7;

/// `reset=true` with `slots` and `infinity`; or a patch: `words`, which are then in the table, or all of `sequence`,
/// `sequence_size`, `compressor`, `bits` and `data`.
pub(super) fn payload(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let slots: u32 = fields.number("slots")?.unwrap_or(SLOTS);
    if fields.flag("reset") {
        let infinity: u8 = fields.number("infinity")?.unwrap_or(INFINITY);
        let mut payload = vec![0];
        payload.extend(slots.to_le_bytes());
        payload.push(infinity);
        return Ok(payload);
    }
    let bits: u8 = fields.number("bits")?.unwrap_or(8);
    let data = match fields.text("words") {
        Some(words) => patch(&words, slots, bits)?,
        None => fields.bytes("data")?.unwrap_or_default(),
    };
    let mut payload = vec![
        1,
        fields.number("sequence")?.unwrap_or(1),
        fields.number("sequence_size")?.unwrap_or(1),
        fields.number("compressor")?.unwrap_or(0),
        bits,
    ];
    payload.extend(data);
    Ok(payload)
}

/// Changes that put these words into an empty table, and no others. `*` stands for every word.
fn patch(words: &str, slots: u32, bits: u8) -> Result<Vec<u8>, Unsendable> {
    if !slots.is_power_of_two() || slots > SLOTS.saturating_mul(32) || !matches!(bits, 4 | 8) {
        return Err(Unsendable::new("words go into tables of 2^n slots, with 4 or 8 bits"));
    }
    // From infinity to one: six less, in as many bits.
    let present = if bits == 8 { 0xfa } else { 0x0a };
    let all = words == "*";
    let mut entries = vec![if all { present } else { 0_u8 }; usize::try_from(slots).unwrap_or(0)];
    for word in words.split_whitespace().filter(|_| !all) {
        let slot = word_hash(word, slots.trailing_zeros());
        if let Some(entry) = usize::try_from(slot).ok().and_then(|slot| entries.get_mut(slot)) {
            *entry = present;
        }
    }
    if bits == 8 {
        return Ok(entries);
    }
    let pairs = entries.chunks(2).map(|pair| match pair {
        [first, second] => first.wrapping_shl(4) | second,
        [first, ..] => first.wrapping_shl(4),
        [] => 0,
    });
    Ok(pairs.collect())
}
