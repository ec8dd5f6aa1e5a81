//! What several tests share. Each test file uses a part of it.
#![allow(dead_code)]

pub mod kinds;
pub mod vectors;
