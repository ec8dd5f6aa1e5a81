//! What we offer.
//!
//! | module | what it is |
//! |---|---|
//! | [`scan`] | folders -> the files in them |
//!
//! Nothing is hashed or transferred yet: others find our files by their names.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod scan;
