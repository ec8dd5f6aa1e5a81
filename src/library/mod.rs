//! What we offer.
//!
//! | module | what it is |
//! |---|---|
//! | [`scan`] | folders -> the files in them |
//! | [`hash`] | the bytes of a file -> its SHA-1, its Tiger tree and its kzhash |
//! | [`tiger_tree`] | the tree by which each block is checked |
//! | [`uuhash`], [`md5_tree`] | the two parts of a kzhash, by which FastTrack knows a file |
//!
//! A file is offered once it is hashed, and not before: what it is is what others ask for.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod catalogue;
pub mod found;
pub mod hash;
pub mod md5_tree;
pub mod read_file;
pub mod scan;
pub mod tiger_tree;
pub mod uuhash;
