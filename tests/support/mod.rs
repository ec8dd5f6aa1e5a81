//! What several tests share. Each test file uses a part of it.
#![allow(dead_code, unreachable_pub)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

pub mod agreements;
pub mod fake_node;
pub mod fasttrack_kinds;
pub mod files;
pub mod flow;
pub mod frames;
pub mod http_kinds;
pub mod http_seeds;
pub mod kazaa_kinds;
pub mod kinds;
pub mod link_seeds;
pub mod messages;
pub mod net;
pub mod node_seeds;
pub mod pair;
pub mod programs;
pub mod properties;
pub mod recording;
pub mod seeds;
pub mod session_kinds;
pub mod tables;
pub mod told;
pub mod tshark;
pub mod vectors;
