use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{Frame, Function, HEADER_LEN, Header, Reliable, inflate};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::DATAGRAM_INFLATED_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::Expect;

const BAD_LEN: Expect = Expect::new("UDP-01", "the datagram is not exactly one message");
const BAD_TYPE: Expect = Expect::new("UDP-02", "a message of this function is not sent by UDP");
const SIZE_FLAGS: Expect = Expect::new("UDP-03", "the datagram has size flags");
const BAD_DEFLATE: Expect = Expect::new("UDP-07", "the payload of the datagram does not inflate");
const NOT_OURS: Expect = Expect::new("UDP-11", "the datagram is no Gnutella message");
const TOO_LONG: Expect = Expect::new("SIZE-13", "the payload of the datagram inflates to too much");

const FUNCTION_OFFSET: usize = 16;
const LENGTH_OFFSET: usize = 19;

/// In the TTL: the payload is deflated (UDP-05).
const DEFLATED: u8 = 0x80;
/// In the TTL: the sender can inflate (UDP-08).
const CAN_INFLATE: u8 = 0x08;
/// The highest TTL that a message has which could be taken for a fragment (UDP-32).
const TTL_MAX: u8 = 7;
/// The most hops that such a message has (UDP-32).
const HOPS_MAX: u8 = 2;

/// What one UDP datagram holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// A message. Its TTL is without the two marks, its payload inflated.
    Frame { frame: Frame, deflated: bool, can_inflate: bool },
    /// A fragment of a message, or an acknowledgement of one.
    Reliable(Reliable),
}

impl Datagram {
    /// Fails where the datagram is neither.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let header = Header::decode(bytes).ok();
        if let Some(header) = header
            && (!Reliable::has_tag(bytes) || is_surely_message(&header, bytes.len()))
        {
            return Self::decode_frame(header, bytes);
        }
        if Reliable::has_tag(bytes) {
            return Reliable::decode(bytes).map(Self::Reliable);
        }
        Err(NOT_OURS.broken_at(0))
    }

    fn decode_frame(header: Header, bytes: &Bytes) -> Result<Self, Malformed> {
        header.framed_payload_len()?;
        if !is_exact(&header, bytes.len()) && !mutant!(TakesHalfDatagrams) {
            return Err(BAD_LEN.broken_at(LENGTH_OFFSET));
        }
        let mut payload = bytes.clone();
        payload.advance(HEADER_LEN);
        let deflated = header.ttl & DEFLATED != 0;
        if deflated {
            let inflated = inflate(&payload, DATAGRAM_INFLATED_LEN_MAX, BAD_DEFLATE, TOO_LONG);
            payload = inflated.map_err(|fault| fault.moved_by(HEADER_LEN))?.into();
        }
        let can_inflate = header.ttl & CAN_INFLATE != 0;
        let ttl = header.ttl & !(DEFLATED | CAN_INFLATE);
        let frame = Frame { ttl, ..Frame::from_parts(header, payload) };
        frame.header().check_size()?;
        Ok(Self::Frame { frame, deflated, can_inflate })
    }

    /// The datagram as bytes.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }

    /// Appends the datagram. A deflated one is written inflated, which says the same.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Frame { frame, can_inflate, .. } => {
                let mark = if *can_inflate { CAN_INFLATE } else { 0 };
                let header = Header { ttl: frame.ttl | mark, ..frame.header() };
                out.put_slice(&header.encode());
                out.put_slice(&frame.payload);
            }
            Self::Reliable(reliable) => reliable.encode(out),
        }
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        let Self::Frame { frame, .. } = self else { return };
        frame.inspect_size(faults);
        if frame.size_flags.is_some_and(|flags| flags != 0) {
            faults.push(SIZE_FLAGS.broken_at(LENGTH_OFFSET));
        }
        if !is_sent_by_udp(frame.function) {
            faults.push(BAD_TYPE.broken_at(FUNCTION_OFFSET));
        }
    }
}

fn is_exact(header: &Header, datagram_len: usize) -> bool {
    header.framed_payload_len().is_ok_and(|len| len.checked_add(HEADER_LEN) == Some(datagram_len))
}

/// Tells a message whose GUID begins like a fragment from a fragment.
fn is_surely_message(header: &Header, datagram_len: usize) -> bool {
    let ttl = header.ttl & !(DEFLATED | CAN_INFLATE);
    is_exact(header, datagram_len) && ttl <= TTL_MAX && header.hops <= HOPS_MAX
}

const fn is_sent_by_udp(function: Function) -> bool {
    matches!(
        function,
        Function::PING
            | Function::PONG
            | Function::VENDOR
            | Function::VENDOR_STANDARD
            | Function::PUSH
            | Function::RUDP
            | Function::DHT
            | Function::QUERY
            | Function::QUERY_HIT
    )
}
