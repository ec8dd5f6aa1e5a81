//! Decodes the kinds of vectors that are hashes, links, headers and lines of FastTrack.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use filbert::base::file_name::SafeName;
use filbert::base::sig2dat::Sig2dat;
use filbert::library::hash::{FileHasher, Wanted};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::http_kinds::without_nulls;
use super::kinds::{Decoded, Outcome};

/// The file of a length whose bytes are made by the rule.
pub fn made_up_file(len: u64) -> Vec<u8> {
    let byte = |i: u64| {
        let sum = 31 * i * i + 7 * i + 13 * (i >> 8) + 101 * (i >> 16);
        u8::try_from(sum % 256).expect("it is a byte")
    };
    (0..len).map(byte).collect()
}

/// The hashes of such a file, which comes in pieces of odd lengths.
pub fn uuhash(bytes: &[u8]) -> Outcome {
    let len = u64::from_be_bytes(bytes.try_into().expect("a length has eight bytes"));
    let file = made_up_file(len);
    let mut hasher = FileHasher::of_size(len, Wanted { kzhash: true });
    file.chunks(100_003).for_each(|piece| hasher.update(piece));
    let kzhash = hasher.finish().kzhash.expect("it was wanted");
    read_only(json!({
        "md5": HEXLOWER.encode(&Md5::digest(&file)),
        "uuhash": kzhash.uuhash,
        "kzhash": kzhash,
        "file_id": kzhash.uuhash.file_id(),
        "text": kzhash.uuhash.to_text(),
    }))
}

/// A link.
pub fn sig2dat(bytes: &[u8]) -> Outcome {
    let Some(link) = Sig2dat::parse(&String::from_utf8_lossy(bytes)) else {
        return read_only(json!({}));
    };
    let Sig2dat { hash, name, size } = &link;
    let name = name.as_ref().map(SafeName::as_str);
    both_ways(json!({ "hash": hash, "name": name, "size": size }), link.to_string())
}

fn both_ways(value: Value, written: String) -> Outcome {
    let encoded = Some(written.into_bytes());
    Ok(Decoded { value: without_nulls(value), faults: BTreeSet::new(), encoded })
}

fn read_only(value: Value) -> Outcome {
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}
