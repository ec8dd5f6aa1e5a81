//! Decodes the kinds of vectors that are hashes, links, headers and lines of FastTrack.

use std::collections::BTreeSet;

use bytes::BytesMut;
use data_encoding::HEXLOWER;
use filbert::base::file_name::SafeName;
use filbert::base::sig2dat::Sig2dat;
use filbert::fasttrack::http::{Give, Header, TagHeader, TagSays};
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

/// A line with a header.
pub fn header(bytes: &[u8]) -> Outcome {
    let line = String::from_utf8_lossy(bytes);
    let (name, value) = line.split_once(':').expect("it is a header");
    let Some(header) = Header::parse(name, value) else { return read_only(json!({})) };
    let shown = match &header {
        Header::User(user) => json!({ "user": user }),
        Header::Network(network) => json!({ "network": network }),
        Header::Address(address) | Header::Supernode(address) => {
            json!({ "address": address.to_string() })
        }
        Header::Tag(TagHeader { tag, value }) => match value {
            TagSays::Number(number) => json!({ "tag": tag, "number": number }),
            TagSays::Hash(hash) => json!({ "tag": tag, "hash": hash }),
            TagSays::Text(text) => json!({ "tag": tag, "text": text }),
        },
    };
    both_ways(shown, format!("{}: {header}", header.name()))
}

/// The line of GIVE.
pub fn give(bytes: &[u8]) -> Outcome {
    let mut stream = BytesMut::from(bytes);
    let Ok(Some(give)) = Give::take_from(&mut stream) else { return read_only(json!({})) };
    let rest = Some(HEXLOWER.encode(&stream)).filter(|rest| !rest.is_empty());
    both_ways(json!({ "push": give.push, "rest": rest }), give.to_string())
}

fn both_ways(value: Value, written: String) -> Outcome {
    let encoded = Some(written.into_bytes());
    Ok(Decoded { value: without_nulls(value), faults: BTreeSet::new(), encoded })
}

fn read_only(value: Value) -> Outcome {
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}
