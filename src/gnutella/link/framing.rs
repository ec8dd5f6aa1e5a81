use bytes::BytesMut;

use super::Role;
use crate::base::error::{Fault, Faults, Malformed, Misbehaved, Rule};
use crate::base::mutant::mutant;
use crate::base::reader::Expect;
use crate::gnutella::wire::{Bye, Frame, Function, HEADER_LEN, Header};

const MARKED: Expect = Expect::new("LINK-19", "the length has flags that were not agreed on");
const RELAYED: Misbehaved =
    Misbehaved { rule: Rule::new("TTL-10"), what: "a leaf relays messages of others" };

const OF_DATAGRAMS: Expect = Expect::new("FRAME-22", "a message of UDP came by TCP");
const UNKNOWN: Expect = Expect::new("FRAME-08", "nobody knows this function");

/// Where the function stands in a header.
const FUNCTION_OFFSET: usize = 16;
/// Where the length stands in a header.
const LENGTH_OFFSET: usize = 19;

/// What stood at the front of a stream of frames.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// A frame for the node.
    Frame(Frame),
    /// A frame that does not count, and why.
    Dropped(Header, Malformed),
    /// The other side's last words.
    Bye(Bye),
    /// The end of a compressed stream, behind which nothing can follow (LINK-13).
    StreamEnd,
}

/// Takes the first frame off the front of `stream`, or nothing while it is not complete.
///
/// What is too long is refused on its header: nobody waits for, or makes room for, a payload that
/// will not be accepted. An error ends the link at its [`Cost`](super::Cost).
pub(super) fn take(stream: &mut BytesMut, peer_role: Role) -> Result<Option<Taken>, Fault> {
    if stream.len() < HEADER_LEN {
        return Ok(None);
    }
    let header = Header::decode(stream)?;
    check(&header, peer_role)?;
    let Some(frame) = Frame::take_from(stream)? else {
        return Ok(None);
    };
    if let Some(fault) = why_dropped(&frame) {
        if mutant!(EndsAtUnknownFunctions) {
            return Err(fault.into());
        }
        return Ok(Some(Taken::Dropped(header, fault)));
    }
    if frame.function != Function::BYE {
        return Ok(Some(Taken::Frame(frame)));
    }
    if mutant!(HearsNoBye) {
        return Ok(Some(Taken::Frame(frame)));
    }
    // Even a Bye that cannot be read is one (LINK-17).
    Ok(Some(Taken::Bye(Bye::decode(&frame.payload)?)))
}

/// What a header alone tells about the end of the link.
fn check(header: &Header, peer_role: Role) -> Result<(), Fault> {
    if header.size_flags.is_some() {
        return Err(MARKED.broken_at(LENGTH_OFFSET).into());
    }
    if !mutant!(TakesAnySize) {
        header.check_size()?;
    }
    match peer_role.is_leaf() && header.hops > 0 && !mutant!(BelievesRelayingLeaves) {
        true => Err(RELAYED.into()),
        false => Ok(()),
    }
}

/// Why a frame is worthless here, if it is. What only forbids to forward it is the router's.
fn why_dropped(frame: &Frame) -> Option<Malformed> {
    match frame.function {
        Function::RUDP | Function::DHT => return Some(OF_DATAGRAMS.broken_at(FUNCTION_OFFSET)),
        function if !function.is_known() => return Some(UNKNOWN.broken_at(FUNCTION_OFFSET)),
        _ => {}
    }
    let mut faults = Faults::new();
    frame.inspect(&mut faults);
    let is_for_router = |fault: &&Malformed| {
        matches!(fault.rule.id(), "SIZE-02" | "SIZE-05")
            || mutant!(HearsFarVendorMessages) && fault.rule.id() == "TTL-09"
    };
    faults.as_slice().iter().find(|fault| !is_for_router(fault)).copied()
}
