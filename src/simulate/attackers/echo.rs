use super::scripted::Malice;
use crate::gnutella::wire::{Frame, Function};
use crate::simulate::random::Lot;

/// Sends each query back, twice, and with the highest TTL.
#[derive(Debug)]
pub(crate) struct Echo;

impl Malice for Echo {
    fn heard(&mut self, heard: &Frame, out: &mut Vec<Frame>, _: &mut Lot) {
        if heard.function == Function::QUERY {
            out.push(heard.clone());
            out.push(heard.forwarded(u8::MAX, heard.hops));
        }
    }

    fn pause_ms(&self) -> Option<u64> {
        None
    }

    fn act(&mut self, _: &mut Vec<Frame>, _: &mut Lot) {}
}
