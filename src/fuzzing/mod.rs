//! The bodies of the fuzz targets, so that a normal build compiles them and `tests/corpus_replay.rs`
//! can run them without a fuzzer.
//!
//! Each body takes any bytes and asserts what must hold for all of them; `fuzz/README.md` says what
//! that is, and how to run them. A body that panics has found a bug.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is test code: to panic is how it reports"
)]

mod capture_builder;
mod datagrams;
mod dissect;
mod extension_area;
mod fasttrack;
mod frames;
mod ft_driver;
mod ft_pair;
mod ft_plain;
mod ft_script;
mod ft_session;
mod ft_witness;
mod ggep;
mod ggep_build;
mod handshake;
mod http;
mod http_forms;
mod http_lines;
mod inflating;
mod invariants;
mod kazaa;
mod link;
mod link_driver;
mod link_heads;
mod link_inflate;
mod link_pair;
mod link_parts;
mod link_script;
mod link_streams;
mod link_terms;
mod link_witness;
mod link_zlib;
mod magnet;
mod messages;
mod node;
mod node_datagrams;
mod node_parts;
mod node_script;
mod node_witness;
mod node_world;
mod query_table;
mod query_table_stream;
mod splitter;
mod thex;
mod web_cache;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name in `fuzz/fuzz_targets` and in `fuzz/corpus`.
    pub name: &'static str,
    /// Runs it once; panics where an invariant does not hold.
    pub body: fn(&[u8]),
}

/// Every target, the simplest first.
pub const TARGETS: &[Target] = &[
    Target { name: "frame", body: frames::frame },
    Target { name: "frame_stream", body: frames::frame_stream },
    Target { name: "datagram", body: datagrams::datagram },
    Target { name: "ping_pong_push", body: messages::ping_pong_push },
    Target { name: "bye_hsep", body: messages::bye_hsep },
    Target { name: "query", body: messages::query },
    Target { name: "query_hit", body: messages::query_hit },
    Target { name: "vendor", body: messages::vendor },
    Target { name: "query_table", body: query_table::query_table },
    Target { name: "extension_area", body: extension_area::extension_area },
    Target { name: "ggep", body: ggep::ggep },
    Target { name: "ggep_build", body: ggep_build::ggep_build },
    Target { name: "cobs_inflate", body: inflating::cobs_inflate },
    Target { name: "handshake_head", body: handshake::handshake_head },
    Target { name: "web_cache", body: web_cache::web_cache },
    Target { name: "ranges", body: http_lines::ranges },
    Target { name: "queueing", body: http_lines::queueing },
    Target { name: "alternates", body: http_lines::alternates },
    Target { name: "thex", body: thex::thex },
    Target { name: "magnet", body: magnet::magnet },
    Target { name: "http_request", body: http::http_request },
    Target { name: "http_response", body: http::http_response },
    Target { name: "kazaa", body: kazaa::kazaa },
    Target { name: "dissect", body: dissect::dissect },
    Target { name: "link_accept", body: link::link_accept },
    Target { name: "link_connect", body: link::link_connect },
    Target { name: "link_pair", body: link_pair::link_pair },
    Target { name: "link_inflate", body: link_inflate::link_inflate },
    Target { name: "ft_accept", body: ft_session::ft_accept },
    Target { name: "ft_connect", body: ft_session::ft_connect },
    Target { name: "ft_pair", body: ft_pair::ft_pair },
    Target { name: "fasttrack_datagram", body: fasttrack::fasttrack_datagram },
    Target { name: "fasttrack_tags", body: fasttrack::fasttrack_tags },
    Target { name: "fasttrack_results", body: fasttrack::fasttrack_results },
    Target { name: "fasttrack_message", body: fasttrack::fasttrack_message },
    Target { name: "node", body: node::node },
];

/// Runs the target of this name once.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("the target is in the list").body)(input);
}
