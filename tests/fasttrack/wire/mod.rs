//! Messages and datagrams as bytes.

mod allocation;
mod arbitrary;
mod datagrams;
mod lies;
mod limits;
mod numbers;
mod results;
mod round_trips;
mod routed;
mod shown;
mod tags;

use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::base::error::{Faults, Malformed};
use filbert::fasttrack::wire::{Frame, Kind, Message, Side};

fn frame(kind: Kind, payload: &[u8]) -> Frame {
    Frame { kind, payload: Bytes::copy_from_slice(payload) }
}

fn parse(kind: Kind, side: Side, payload: &[u8]) -> Result<Message, Malformed> {
    Message::parse(&frame(kind, payload), side)
}

/// What a careful look finds.
fn faults(message: &Message) -> Vec<&'static str> {
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    faults.as_slice().iter().map(|fault| fault.rule.id()).collect()
}

fn rule<T: std::fmt::Debug>(result: Result<T, Malformed>) -> &'static str {
    result.unwrap_err().rule.id()
}

fn address(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}
