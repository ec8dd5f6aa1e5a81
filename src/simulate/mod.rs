//! Thousands of nodes under one virtual clock, with faults.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
