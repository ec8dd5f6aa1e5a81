//! What every wing stands on. No protocol lives here.
//!
//! - [`error`]: the blame taxonomy; every error names the requirement that was broken
//! - [`limits`]: every number that bounds what a peer can make us do, with its reason
//! - [`reader`]: a cursor that cannot leave the bytes it was given
//! - [`urn`]: names of file contents (SHA-1, bitprint, Tiger tree, ...)
//! - [`time`]: moments, handed in and never read off a clock
//! - [`slots`]: places for things that come and go, with names that are never given twice
//! - [`show`]: how bytes from strangers are shown to people and programs

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod error;
pub mod limits;
pub mod reader;
pub mod show;
pub mod slots;
pub mod time;
pub mod urn;
