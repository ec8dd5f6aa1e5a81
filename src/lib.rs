//! Filbert: a headless node, a conformance judge and a decoder for Gnutella and FastTrack.
//!
//! This is the map of the house, in reading order. Each room says at its door what it knows.
//!
//! | floor | room | what it is |
//! |---|---|---|
//! | 1 | [`base`] | errors, limits, time, the bounded reader: no protocol |
//! | 1 | [`control`] | how people and programs steer a running node: the API and its client |
//! | 1 | [`specification`] | the requirements of `protocol-spec`, to look up and to print |
//! | 2 | [`index`] | words -> files, words -> neighbours |
//! | 2 | [`promotion`] | who becomes a supernode, and who stops being one |
//! | 3 | [`gnutella`] | the Gnutella network without sockets or clocks |
//! | | [`gnutella::wire`] | values <-> bytes, one message a file |
//! | | [`gnutella::link`] | one connection: first bytes, handshake, compression, framing |
//! | | [`gnutella::servent`] | every Gnutella rule of one node |
//! | 3 | [`fasttrack`] | the FastTrack network without sockets or clocks |
//! | | [`fasttrack::wire`] | values <-> bytes, one message a file |
//! | | [`fasttrack::link`] | one session: hello, cipher, framing |
//! | 3 | [`library`] | what we offer |
//! | 4 | [`node`] | one node: the wings, the hosts it knows, whom it lets in |
//! | 4 | [`dissect`] | recorded packets -> decoded messages |
//! | 4 | [`transfer`] | which bytes from whom, which slot to whom |
//! | 5 | [`runtime`] | the node in the real world: sockets, files, the clock |
//! | 5 | [`simulate`] | thousands of nodes under one virtual clock |
//! | | [`conform`] | the judge: what does another servent do? |
//! | 6 | [`cli`] | one subcommand a file |
//! | | [`fuzzing`] | bodies of the fuzz targets, so that a normal build compiles them |
//!
//! Imports run downwards only; `tests/house/walls.rs` fails on any other. Whatever a peer sends ends in
//! an error that names the requirement it broke ([`base::error`]); a panic is a bug of ours.

pub mod base;
pub mod cli;
pub mod conform;
pub mod control;
pub mod dissect;
pub mod fasttrack;
pub mod fuzzing;
pub mod gnutella;
pub mod index;
pub mod library;
pub mod node;
pub mod promotion;
pub mod runtime;
pub mod simulate;
pub mod specification;
pub mod transfer;
