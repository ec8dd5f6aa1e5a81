//! What every wing stands on. No protocol lives here.
//!
//! - [`error`]: the blame taxonomy; every error names the requirement that was broken
//! - [`addresses`]: which addresses strangers can have, and which belong together
//! - [`holding`]: what a table holds, beside what it may
//! - [`limits`]: every number that bounds what a peer can make us do, with its reason
//! - [`reader`]: a cursor that cannot leave the bytes it was given
//! - [`urn`]: names of file contents (SHA-1, bitprint, Tiger tree, ...)
//! - [`kazaa_hash`]: the names that they have on FastTrack
//! - [`time`]: moments, handed in and never read off a clock
//! - [`magnet`]: magnet links
//! - [`sig2dat`]: links of FastTrack
//! - [`file_name`]: names of files, as a disk may have them
//! - [`percent`]: what stands as `%41` in URLs
//! - [`legacy_text`]: text whose character set nobody declared
//! - [`fair_table`]: a table whose entries stand on accounts, so that nobody fills it alone
//! - [`hashing`]: hash tables whose keys strangers choose
//! - [`generator`]: randomness that takes little room while nobody asks for any
//! - [`token_bucket`]: rates with a store
//! - [`seldom`]: what may be done only so often for one address
//! - [`return_tokens`]: proofs that somebody gets what is sent to its address
//! - [`slots`]: places for things that come and go, with names that are never given twice
//! - [`by_slot`]: what a room keeps of each of them
//! - `mutant`: faults on purpose, for tests of the judge
//! - [`show`]: how bytes from strangers are shown to people and programs

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod addresses;
pub mod by_slot;
pub mod error;
pub mod fair_table;
pub mod file_name;
pub mod generator;
pub mod hashing;
pub mod holding;
pub mod kazaa_hash;
pub mod legacy_text;
pub mod limits;
pub mod magnet;
pub(crate) mod mutant;
pub mod percent;
pub mod ranges;
pub mod reader;
pub mod return_tokens;
pub mod seldom;
pub mod show;
pub mod sig2dat;
pub mod slots;
pub mod time;
pub mod token_bucket;
pub mod urn;
