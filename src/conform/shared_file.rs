use serde_json::{Value, json};

use crate::base::urn::Urn;
use crate::library::hash::Digests;

/// A file that a subject shares, as cases name it: `$file.name`, `$file.words` (those of its name, without its ending),
/// `$file.size`, `$file.sha1`, `$file.bitprint` and `$file.tree` (as URNs), and `$file.start` (its first bytes).
pub fn shared_file(name: &str, bytes: &[u8]) -> Value {
    let digests = Digests::of(bytes);
    let tiger_tree = digests.tree.root();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<_> = stem.split(|letter: char| !letter.is_alphanumeric()).collect();
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    json!({
        "name": name,
        "words": words.join(" "),
        "size": bytes.len(),
        "sha1": Urn::Sha1(digests.sha1).to_string(),
        "bitprint": Urn::Bitprint { sha1: digests.sha1, tiger_tree }.to_string(),
        "tree": Urn::TigerTree(tiger_tree).to_string(),
        "start": data_encoding::HEXLOWER.encode(bytes.get(..16).unwrap_or(bytes)),
    })
}
