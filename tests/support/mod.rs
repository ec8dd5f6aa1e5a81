//! What several tests share. Each test file uses a part of it.
#![allow(dead_code, unreachable_pub)]

pub mod frames;
pub mod kinds;
pub mod recording;
pub mod seeds;
pub mod tables;
pub mod vectors;
