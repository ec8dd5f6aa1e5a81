use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::outlet::{Outlet, Sink};
use super::record::{Body, Packing, Route, Unknown};
use super::time::Timestamp;
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{
    DATAGRAM_INFLATED_LEN_MAX, FRAGMENTS_LIFE_SECONDS, FRAGMENTS_MAX, PAYLOAD_LEN_MAX,
};
use crate::base::reader::Expect;
use crate::gnutella::wire::{Frame, HEADER_LEN, Reliable, inflate};

const NO_MESSAGE: Expect = Expect::new("UDP-19", "the fragments join to no whole message");

/// Bytes of a message whose fragments are kept.
const MESSAGE_LEN_MAX: usize = PAYLOAD_LEN_MAX as usize + HEADER_LEN;

/// Messages of semi-reliable UDP that are being put together (UDP-19).
#[derive(Debug, Default)]
pub(super) struct Fragments {
    messages: BTreeMap<u64, Message>,
    turn: u64,
}

/// What names a message: who sent it to whom, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    route: Route,
    sequence: u16,
}
