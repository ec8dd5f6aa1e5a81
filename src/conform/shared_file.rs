use serde_json::{Value, json};

use crate::base::urn::Urn;
use crate::library::hash::{Digests, FileHasher, Wanted};

/// A file that a subject shares, as cases name it: `$file.name`, `$file.words` (those of its name, without its ending),
/// `$file.size`, `$file.sha1`, `$file.bitprint`, `$file.bitprint_odd` (with bits set that have to be clear) and `$file.tree` (as URNs), `$file.root` (of its tree, hexadecimal), `$file.uuhash` (hexadecimal) and `$file.uuhash_upper`, and
/// `$file.start` (its first bytes).
pub fn shared_file(name: &str, bytes: &[u8]) -> Value {
    let digests = digests_of(bytes);
    let tiger_tree = digests.tree.root();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words = stem.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let uuhash = digests.kzhash.map(|hash| data_encoding::HEXLOWER.encode(&hash.uuhash.0));
    let bitprint = Urn::Bitprint { sha1: digests.sha1, tiger_tree }.to_string();
    json!({
        "name": name,
        "words": words.join(" "),
        "size": bytes.len(),
        "sha1": Urn::Sha1(digests.sha1).to_string(),
        "bitprint": bitprint,
        "bitprint_odd": with_odd_bits(&bitprint),
        "tree": Urn::TigerTree(tiger_tree).to_string(),
        "root": data_encoding::HEXLOWER.encode(&tiger_tree),
        "uuhash_upper": uuhash.as_ref().map(|hash| hash.to_uppercase()),
        "uuhash": uuhash,
        "start": data_encoding::HEXLOWER.encode(bytes.get(..16).unwrap_or(bytes)),
    })
}

/// The last letter of a root holds two bits and three zeros (HUGE-11); here one of these is set.
fn with_odd_bits(urn: &str) -> String {
    let mut odd = urn.to_owned();
    let last = odd.pop().map(|letter| match letter {
        'A' => 'B',
        'I' => 'J',
        'Q' => 'R',
        _ => 'Z',
    });
    odd.extend(last);
    odd
}

/// All that both networks know a content by.
pub(super) fn digests_of(bytes: &[u8]) -> Digests {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut hasher = FileHasher::of_size(size, Wanted { kzhash: true });
    hasher.update(bytes);
    hasher.finish()
}
