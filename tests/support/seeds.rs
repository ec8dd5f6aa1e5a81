//! Inputs that fuzzing starts from: the bytes of vectors and recordings, laid out as each target
//! expects them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::vectors::{self, Vector};
use super::{files, http_seeds, link_seeds, node_seeds, session_seeds};

/// Seeds by target.
pub type Seeds = BTreeMap<&'static str, BTreeSet<Vec<u8>>>;

/// Lengths of pieces for targets that cut their input.
const PIECES: [u8; 4] = [1, 23, 7, 0];

/// In the order in which the targets choose among them.
const PLACES: [&str; 9] =
    ["ping", "pong", "query", "record", "trailer", "push", "head_ping", "head_pong", "vendor"];

/// Captures that a fuzzer can still make something of.
const SMALL_CAPTURES: [&str; 3] =
    ["gbun-leaf-up-plain.pcap", "gbunleaf-lw5up-deflate.pcap", "lw5-leaf-up-plain.pcap"];

/// A ping, a pong and a reset of a query table, with their headers.
const FRAMES: [&[u8]; 3] = [
    b"0123456789abcdef\0\x01\0\0\0\0\0",
    b"0123456789abcdef\x01\x01\0\x0e\0\0\0\xca\x18\xcb\0\x71\x01\x03\0\0\0\0\x01\0\0",
    b"0123456789abcdef\x30\x01\0\x06\0\0\0\0\0\0\x01\0\x07",
];

/// Everything that there is.
pub fn all() -> Seeds {
    let mut seeds = Seeds::new();
    vectors::all().iter().for_each(|vector| add_vector(&mut seeds, vector));
    for (path, bytes) in fixtures("frames", "frames") {
        add_recording(&mut seeds, &path, &bytes);
    }
    for (_, head) in fixtures("handshakes", "txt") {
        add_heads(&mut seeds, &head);
    }
    for capture in SMALL_CAPTURES {
        let path = files::path("tests/captures").join(capture);
        add_file(&mut seeds, &fs::read(path).expect("the capture is readable"));
    }
    for reply in WEB_REPLIES {
        add(&mut seeds, "web_cache", &[], reply);
    }
    for (target, program) in BUILDS {
        add(&mut seeds, target, &[], program);
    }
    link_seeds::add_conversations(&mut seeds);
    node_seeds::add_lives(&mut seeds);
    http_seeds::add_transfers(&mut seeds);
    session_seeds::add_conversations(&mut seeds);
    seeds
}

/// What web caches of both versions answer.
const WEB_REPLIES: [&[u8]; 3] = [
    b"1.2.3.4:6346\n5.6.7.8:1\r\nhttp://cache.example.net/gwc.php\n",
    b"I|pong|Skulls|gnutella\r\nH|1.2.3.4:6346|36\r\nU|http://c.example.net/|3\r\nI|update|OK\r\n",
    b"ERROR: too early\n",
];

/// Programs of the two targets that are told what to build: blocks, and what a link says.
const BUILDS: [(&str, &[u8]); 6] = [
    // A known id as it is, an unknown one without NUL, and a deflated one that repeats itself.
    (
        "ggep_build",
        b"\x0a\0\0\x01\x03\0\x01\x02\xff\x03\x01\0\x01\x04a\0b\0\x3f\x02\x05\x08\x08abcabcab",
    ),
    // Payloads around lengths of one byte, of two and of three.
    (
        "ggep_build",
        b"\0\0\x04\x10\x02ab\0\0\x05\xff\x02ab\0\0\x0a\xff\x09abcdefghi\0\0\x0a\xff\x04abcd",
    ),
    // An id that is too long.
    ("ggep_build", b"\xff\x06\0\0\x01\x01x"),
    // A reset, a plain patch, a deflated one in seven pieces.
    ("query_table", b"\x01\0\x05\x07\x03\x03\0\0\x02\xfa\x06\x03\x02\x01\x03\x04\xa0\0\x06\x0f"),
    // A reset, a patch with a hole, a patch as it should be.
    ("query_table", b"\x01\0\x02\x07\x02\0\x01\x02\x03\xff\x01\x01\x01\0\x03\0\0\0\x01\x80"),
    // A payload of any bytes, and patches without a reset.
    ("query_table", b"\x01\x01\x06\0\x10\0\0\0\x07\x03\x01\0\0\x01\x80"),
];

pub(super) fn add(seeds: &mut Seeds, target: &'static str, before: &[u8], bytes: &[u8]) {
    seeds.entry(target).or_default().insert([before, bytes].concat());
}

fn add_vector(seeds: &mut Seeds, vector: &Vector) {
    if vector.entry.hex.is_none() {
        return;
    }
    let place = vector.entry.place.as_deref();
    let place = PLACES.iter().position(|name| Some(*name) == place).unwrap_or(2);
    let place = [u8::try_from(place).expect("there are nine places")];
    let messages = vector.messages();
    match vector.entry.kind.as_str() {
        "agreement" => {
            messages.iter().for_each(|head| add_heads(seeds, head));
            let heads: Vec<_> = messages.iter().map(Vec::as_slice).collect();
            link_seeds::add_heads(seeds, &heads);
        }
        "session" => session_seeds::add_session(seeds, &messages),
        "message_stream" => session_seeds::add_stream(seeds, &vector.bytes()),
        // What is hashed is a rule, and no bytes of anybody.
        "uuhash" | "opening" | "masks" | "hello" | "hello_answer" | "keystream"
        | "cipher_state" | "cube" => {}
        "http_request" => add(seeds, "http_request", &PIECES, &vector.bytes()),
        "http_response" => add(seeds, "http_response", &PIECES, &vector.bytes()),
        "transfer_header" => add(seeds, "alternates", &[], &vector.bytes()),
        "transfer_line" => add(seeds, "queueing", &[], &vector.bytes()),
        "thex" => add(seeds, "thex", &[0], &vector.bytes()),
        "magnet" => add(seeds, "magnet", &[], &vector.bytes()),
        "sig2dat" | "kazaa_header" | "give_line" => add(seeds, "kazaa", &[], &vector.bytes()),
        "query_table_stream" => {
            messages.iter().for_each(|payload| add(seeds, "query_table", &[0], payload));
            add(seeds, "query_table", &[1], &link_program(&messages));
        }
        "urn" | "extension_area" => add(seeds, "extension_area", &place, &vector.bytes()),
        "ggep" => add(seeds, "ggep", &place, &vector.bytes()),
        "cobs" => add(seeds, "cobs_inflate", &[4, 1], &vector.bytes()),
        "handshake" | "capabilities" => add_heads(seeds, &vector.bytes()),
        "datagram" => add(seeds, "datagram", &[], &vector.bytes()),
        "fasttrack_datagram" => add(seeds, "fasttrack_datagram", &[], &vector.bytes()),
        "tag_list" => add(seeds, "fasttrack_tags", &[], &vector.bytes()),
        "message" => add_fasttrack(seeds, vector),
        "frame" | "frame_stream" => add_frame(seeds, &vector.bytes()),
        kind => add_payload(seeds, kind, &vector.bytes()),
    }
}

/// What the target `query_table` is told, so that a link sends these payloads.
fn link_program(payloads: &[Vec<u8>]) -> Vec<u8> {
    let short = payloads.iter().filter(|payload| payload.len() < 256);
    let program = |payload: &Vec<u8>| {
        let len = u8::try_from(payload.len()).expect("it is short");
        [&[1, len], &payload[..]].concat()
    };
    short.flat_map(program).collect()
}

fn add_payload(seeds: &mut Seeds, kind: &str, payload: &[u8]) {
    match kind {
        "ping" => add(seeds, "ping_pong_push", &[0], payload),
        "pong" => add(seeds, "ping_pong_push", &[1], payload),
        "push" => add(seeds, "ping_pong_push", &[2], payload),
        "bye" => add(seeds, "bye_hsep", &[0], payload),
        "hsep" => add(seeds, "bye_hsep", &[1], payload),
        "query" => add(seeds, "query", &[], payload),
        "query_hit" => add(seeds, "query_hit", &[], payload),
        "query_table" => add(seeds, "query_table", &[0], payload),
        "vendor" => add(seeds, "vendor", &[], payload),
        // Kinds that no target reads: flags and hashes, which have only a few bytes.
        _ => {}
    }
}

/// A message of FastTrack: which way it goes, its type word and its payload.
fn add_fasttrack(seeds: &mut Seeds, vector: &Vector) {
    let side = match vector.entry.place.as_deref() {
        Some("up") => 0,
        Some("down") => 1,
        _ => 2,
    };
    let bytes = vector.bytes();
    if let Some(results) = bytes.strip_prefix(&[0, 7]) {
        add(seeds, "fasttrack_results", &[], results);
    }
    add(seeds, "fasttrack_message", &[side], &bytes);
}

fn add_frame(seeds: &mut Seeds, frame: &[u8]) {
    add(seeds, "frame", &[], frame);
    add(seeds, "frame_stream", &PIECES, frame);
    add_file(seeds, frame);
    let payload = frame.get(23..).unwrap_or_default();
    match frame.get(16) {
        Some(0x00) => add_payload(seeds, "ping", payload),
        Some(0x01) => add_payload(seeds, "pong", payload),
        Some(0x02) => add_payload(seeds, "bye", payload),
        Some(0x30) => add_payload(seeds, "query_table", payload),
        Some(0x31) => add_payload(seeds, "vendor", payload),
        Some(0x40) => add_payload(seeds, "push", payload),
        Some(0x80) => add_payload(seeds, "query", payload),
        Some(0x81) => add_payload(seeds, "query_hit", payload),
        Some(0xcd) => add_payload(seeds, "hsep", payload),
        _ => {}
    }
}

/// The lines of a `.frames` file, each of which ends with a frame in hexadecimal.
fn add_recording(seeds: &mut Seeds, path: &Path, text: &[u8]) {
    let text = std::str::from_utf8(text).expect("the file is text");
    let mut by_tcp = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (how, hex) = line.split_once('\t').expect("a tab before the bytes");
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
        let bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if how.contains(" udp") {
            add(seeds, "datagram", &[], &bytes);
            const UDP: u8 = 0x06;
            let program = [packet(UDP, &bytes), packet(UDP | 1, &bytes)].concat();
            add(seeds, "dissect", &[1], &program);
        }
        add_frame(seeds, &bytes);
        if !how.contains(" udp") {
            by_tcp.push(bytes);
        }
    }
    link_seeds::add_frames(seeds, &by_tcp);
}

/// A file for the target `dissect`, which it reads whole and in pieces.
fn add_file(seeds: &mut Seeds, file: &[u8]) {
    add(seeds, "dissect", &[&[0], &PIECES[..]].concat(), file);
}

/// A connection for the target `dissect`: heads, and then the same few frames both ways, deflated
/// where a head says so.
fn add_connection(seeds: &mut Seeds, heads: &[&[u8]]) {
    const SYN: u8 = 0xa0;
    const FIN: u8 = 0xb0;
    let mut program = [packet(SYN, b""), packet(SYN | 1, b"")].concat();
    for (sender, head) in [0, 1, 0].into_iter().zip(heads) {
        program.extend(packet(sender, head));
    }
    let deflates = |head: &&[u8]| head.windows(25).any(|name| name == b"Content-Encoding: deflate");
    for (sender, head) in [1, 0].into_iter().zip(&heads[heads.len().min(1)..]) {
        let frames = FRAMES.concat();
        let bytes = if deflates(head) { deflate(&frames) } else { frames };
        bytes.chunks(50).for_each(|bytes| program.extend(packet(sender, bytes)));
        program.extend(packet(FIN | sender, b""));
    }
    add(seeds, "dissect", &[1], &program);
    add(seeds, "dissect", &[2, 100], &program);
}

/// One packet as `src/fuzzing/capture_builder.rs` is told of it.
fn packet(what: u8, payload: &[u8]) -> Vec<u8> {
    let [low, high] = u16::try_from(payload.len()).expect("it is short").to_le_bytes();
    [&[what, low, high], payload].concat()
}

pub(super) fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let deflated = encoder.write_all(plain).and_then(|()| encoder.finish());
    deflated.expect("a vector takes everything")
}

/// The heads of both sides, whole and one by one.
fn add_heads(seeds: &mut Seeds, heads: &[u8]) {
    add(seeds, "handshake_head", &PIECES, heads);
    add_file(seeds, heads);
    let (mut rest, mut blocks) = (heads, Vec::new());
    while let Some(end) = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
        let (head, after) = rest.split_at(end + 4);
        add(seeds, "handshake_head", &PIECES, head);
        blocks.push(head);
        rest = after;
    }
    if blocks.iter().all(|block| block.len() < 2048) {
        add_connection(seeds, &blocks);
    }
    link_seeds::add_heads(seeds, &blocks);
}

fn fixtures(folder: &str, extension: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("the file is readable");
        (path, bytes)
    };
    let paths = files::with_extension(&format!("tests/fixtures/{folder}"), extension);
    paths.into_iter().map(read).collect()
}
