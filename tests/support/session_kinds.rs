//! The kinds of test vector that belong to sessions of FastTrack: hellos, ciphers, streams of messages.

use std::collections::BTreeSet;

use bytes::BytesMut;
use data_encoding::HEXLOWER;
use filbert::fasttrack::link::{
    Answer, Cipher, Encryption, Framing, Hello, Item, Said, cube, mask, overhear,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::kinds::{Decoded, Outcome};

/// Bytes of a keystream that a vector shows, and those of which it has the hash.
const SHOWN_LEN: usize = 64;
const HASHED_LEN: usize = 4_096;

/// The masks of several seeds. Those that are not in the table are as unknown to us as most are.
pub fn masks(seeds: &[Vec<u8>]) -> Vec<Option<u32>> {
    let seed = |bytes: &Vec<u8>| u32::from_be_bytes(bytes[..].try_into().expect("four bytes"));
    seeds.iter().map(|bytes| mask(seed(bytes))).collect()
}

pub fn hello(bytes: &[u8]) -> Outcome {
    let hello = Hello::decode(bytes.try_into().expect("a hello has twelve bytes"));
    let Hello { first, seed, word } = hello;
    let mut value = json!({ "first": hex(first), "seed": hex(seed), "word": hex(word) });
    if let Some(wish) = hello.wish() {
        value["wish"] = wish.into();
    }
    both_ways(value, hello.encode().to_vec())
}

pub fn hello_answer(bytes: &[u8]) -> Outcome {
    let answer = Answer::decode(bytes.try_into().expect("an answer has eight bytes"));
    let mut value = json!({ "seed": hex(answer.seed), "word": hex(answer.word) });
    if let Some(choice) = answer.choice() {
        value["choice"] = choice.into();
    }
    both_ways(value, answer.encode().to_vec())
}

/// All that two sides have said.
pub fn session(directions: &[Vec<u8>]) -> Outcome {
    let [connecting, accepting] = directions else { panic!("a session has two sides") };
    let heard = overhear(connecting, accepting).map_err(|fault| fault.rule().id().to_owned())?;
    let choice = match heard.encryption {
        Encryption::Straight => 0,
        Encryption::Shuffled => 8,
    };
    let side = |said: &Said| {
        let mut value = stream_value(&said.items, said.framing, &said.rest);
        value["network"] = said.network.clone().into();
        value
    };
    reading_only(json!({
        "choice": choice,
        "connecting": side(&heard.connecting),
        "accepting": side(&heard.accepting),
    }))
}

pub fn message_stream(bytes: &[u8]) -> Outcome {
    let (mut framing, mut items) = (Framing::new(), Vec::new());
    let mut stream = BytesMut::from(bytes);
    while let Some(item) = framing.take(&mut stream).map_err(|fault| fault.rule.id().to_owned())? {
        items.push(item);
    }
    let (mut writing, mut written) = (Framing::new(), BytesMut::new());
    assert!(items.iter().all(|item| writing.put(item, &mut written)), "what was read is written");
    assert_eq!(writing, framing);
    written.extend_from_slice(&stream);
    both_ways(stream_value(&items, framing, &stream), written.to_vec())
}

pub fn keystream(bytes: &[u8]) -> Outcome {
    let mut stream = [0; HASHED_LEN];
    cipher(bytes).apply(&mut stream);
    let sha256 = digest(&SHA256, &stream);
    reading_only(json!({
        "first": HEXLOWER.encode(&stream[..SHOWN_LEN]),
        "sha256": HEXLOWER.encode(sha256.as_ref()),
    }))
}

pub fn cipher_state(bytes: &[u8]) -> Outcome {
    let cipher = cipher(bytes);
    let (pad, position, table) = cipher.state();
    let mut value = json!({ "pad": HEXLOWER.encode(pad), "position": position });
    if let Some(table) = table {
        value["table"] = HEXLOWER.encode(table).into();
    }
    reading_only(value)
}

pub fn cube_of(bytes: &[u8]) -> Outcome {
    let number = bytes.try_into().expect("the number has 256 bytes");
    reading_only(json!({ "hex": HEXLOWER.encode(&cube(number)) }))
}

/// Of a seed and a type.
fn cipher(bytes: &[u8]) -> Cipher {
    let (seed, number) = bytes.split_at(4);
    let word = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
    let encryption = Encryption::of(word(number)).expect("the type needs no mixing function");
    Cipher::new(word(seed), encryption)
}

fn stream_value(items: &[Item], framing: Framing, rest: &[u8]) -> Value {
    let item = |item: &Item| match item {
        Item::Ping => json!("ping"),
        Item::Pong => json!("pong"),
        Item::Frame(frame) => {
            json!({ "type": frame.kind.0, "payload": HEXLOWER.encode(&frame.payload) })
        }
    };
    let items: Vec<_> = items.iter().map(item).collect();
    let mut value = json!({ "items": items, "state": hex(framing.state()) });
    if !rest.is_empty() {
        value["rest"] = HEXLOWER.encode(rest).into();
    }
    value
}

fn hex(word: u32) -> String {
    format!("{word:08x}")
}

fn both_ways(value: Value, encoded: Vec<u8>) -> Outcome {
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: Some(encoded) })
}

fn reading_only(value: Value) -> Outcome {
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}
