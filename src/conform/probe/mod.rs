//! One connection of ours to the subject: what comes over it, message by message.
//!
//! A probe understands what its case makes of the connection: heads until a handshake is over, then frames;
//! HTTP where it has asked for something. What it sends is the case's affair.

mod decoder;
mod handshake;

pub(crate) use decoder::{Decoder, Tongue};
pub(crate) use handshake::Handshake;
