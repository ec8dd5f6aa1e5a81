use std::cmp::Ordering;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{Function, Guid, HEADER_LEN, Header};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{QUERY_FORWARDED_LEN_MAX, QUERY_HIT_FORWARDED_LEN_MAX, QUERY_LEN_MIN};
use crate::base::reader::Expect;

const CUT: Expect = Expect::new("FRAME-04", "the payload ends early");
const SURPLUS: Expect = Expect::new("FRAME-05", "bytes follow the frame");
const QUERY_LONG: Expect = Expect::new("SIZE-02", "the query is over 256 bytes");
const QUERY_SHORT: Expect = Expect::new("SIZE-04", "the query is under four bytes");
const HIT_LONG: Expect = Expect::new("SIZE-05", "the query hit is over 16,384 bytes");
const BYE_FAR: Expect = Expect::new("BYE-14", "a bye has crossed, or may cross, other links");
const FAR: Expect =
    Expect::new("TTL-09", "a message for one link has crossed, or may cross, others");

const TTL_OFFSET: usize = 17;
const LENGTH_OFFSET: usize = 19;

/// One descriptor: its header and its payload, which is shared and never copied.
///
/// To forward it, clone it and change [`ttl`](Self::ttl) and [`hops`](Self::hops): the payload
/// stays where it was received, and nothing is allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub guid: Guid,
    pub function: Function,
    pub ttl: u8,
    pub hops: u8,
    /// Flags in the length word, for those who agreed on them (FRAME-17).
    pub size_flags: Option<u16>,
    pub payload: Bytes,
}

impl Frame {
    /// Takes the first frame off the front of `stream`, or nothing while it is not complete.
    ///
    /// The payload shares its memory with `stream`: whoever keeps one for long keeps all that was
    /// received with it, and does better to copy it.
    ///
    /// A length beyond the limit is refused as soon as the header is there, so that nobody waits
    /// for, or makes room for, a payload that will not be accepted.
    // Inlined, the fields of the header go straight to where the caller wants the frame.
    #[inline]
    pub fn take_from(stream: &mut BytesMut) -> Result<Option<Self>, Malformed> {
        if stream.len() < HEADER_LEN {
            return Ok(None);
        }
        let header = Header::decode(stream)?;
        let frame_len = header.framed_payload_len()?.saturating_add(HEADER_LEN);
        if stream.len() < frame_len {
            return Ok(None);
        }
        let mut payload = stream.split_to(frame_len).freeze();
        payload.advance(HEADER_LEN);
        // An empty rest would keep the whole buffer for nothing.
        let payload = if payload.is_empty() { Bytes::new() } else { payload };
        Ok(Some(Self::from_parts(header, payload)))
    }

    /// Reads bytes that are one frame and nothing else.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let header = Header::decode(bytes)?;
        let payload_len = header.framed_payload_len()?;
        let payload = bytes.slice(HEADER_LEN..);
        match payload.len().cmp(&payload_len) {
            Ordering::Less => Err(CUT.broken_at(bytes.len())),
            Ordering::Equal => Ok(Self::from_parts(header, payload)),
            Ordering::Greater => Err(SURPLUS.broken_at(payload_len.saturating_add(HEADER_LEN))),
        }
    }

    /// Puts a payload under the header that announced it.
    pub const fn from_parts(header: Header, payload: Bytes) -> Self {
        let Header { guid, function, ttl, hops, size_flags, .. } = header;
        Self { guid, function, ttl, hops, size_flags, payload }
    }

    /// The same descriptor with another TTL and another number of hops, sharing the payload.
    #[must_use]
    pub fn forwarded(&self, ttl: u8, hops: u8) -> Self {
        Self { ttl, hops, ..self.clone() }
    }

    /// The header of this frame.
    pub fn header(&self) -> Header {
        Header {
            guid: self.guid,
            function: self.function,
            ttl: self.ttl,
            hops: self.hops,
            payload_len: u32::try_from(self.payload.len()).unwrap_or(u32::MAX),
            size_flags: self.size_flags,
        }
    }

    /// Bytes on the wire.
    pub fn wire_len(&self) -> usize {
        self.payload.len().saturating_add(HEADER_LEN)
    }

    /// Notes what is wrong with the frame as such, its payload unread, on a TCP connection.
    pub fn inspect(&self, faults: &mut Faults) {
        self.inspect_size(faults);
        let crosses_one_link = self.ttl <= 1 && self.hops == 0;
        match self.function {
            Function::BYE if !crosses_one_link => faults.push(BYE_FAR.broken_at(TTL_OFFSET)),
            Function::QUERY_TABLE
            | Function::VENDOR
            | Function::VENDOR_STANDARD
            | Function::HSEP
                if !crosses_one_link =>
            {
                faults.push(FAR.broken_at(TTL_OFFSET));
            }
            _ => {}
        }
    }

    /// Notes what is wrong with the length.
    pub(super) fn inspect_size(&self, faults: &mut Faults) {
        faults.note(self.header().check_size(), 0);
        let broken = match (self.function, self.payload.len()) {
            (Function::QUERY, len) if len > QUERY_FORWARDED_LEN_MAX => QUERY_LONG,
            (Function::QUERY, len) if len < QUERY_LEN_MIN => QUERY_SHORT,
            (Function::QUERY_HIT, len) if len > QUERY_HIT_FORWARDED_LEN_MAX => HIT_LONG,
            _ => return,
        };
        faults.push(broken.broken_at(LENGTH_OFFSET));
    }

    /// Appends the frame as it stands on the wire.
    pub fn encode(&self, out: &mut BytesMut) {
        out.reserve(self.wire_len());
        out.put_slice(&self.header().encode());
        out.put_slice(&self.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::PAYLOAD_LEN_MAX;

    fn frame(payload: &'static [u8]) -> Frame {
        Frame {
            guid: Guid([7; 16]),
            function: Function::QUERY,
            ttl: 3,
            hops: 1,
            size_flags: None,
            payload: Bytes::from_static(payload),
        }
    }

    /// FRAME-01, and that frames follow one another without a gap.
    #[test]
    fn a_stream_yields_its_frames_whatever_the_pieces() {
        let mut wire = BytesMut::new();
        frame(b"one").encode(&mut wire);
        frame(b"").encode(&mut wire);
        let (mut stream, mut seen) = (BytesMut::new(), Vec::new());
        for byte in wire {
            stream.put_u8(byte);
            seen.extend(Frame::take_from(&mut stream).unwrap());
        }
        assert_eq!(seen, [frame(b"one"), frame(b"")]);
        assert!(stream.is_empty());
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_its_payload_arrives() {
        let mut header = frame(b"").header();
        header.payload_len = PAYLOAD_LEN_MAX;
        assert_eq!(Frame::take_from(&mut BytesMut::from(&header.encode()[..])), Ok(None));
        header.payload_len += 1;
        let refused = Frame::take_from(&mut BytesMut::from(&header.encode()[..])).unwrap_err();
        assert_eq!((refused.rule.id(), refused.offset), ("SIZE-01", 19));
    }

    /// FRAME-04, FRAME-05
    #[test]
    fn bytes_that_are_one_frame_are_neither_more_nor_less() {
        let mut wire = BytesMut::new();
        frame(b"one").encode(&mut wire);
        let wire = wire.freeze();
        assert_eq!(Frame::decode(&wire), Ok(frame(b"one")));
        let longer = Bytes::from([&wire[..], b"x"].concat());
        let (more, less) = (Frame::decode(&longer), Frame::decode(&wire.slice(..25)));
        let rule = |frame: Result<Frame, Malformed>| frame.unwrap_err().rule.id();
        assert_eq!((rule(more), rule(less)), ("FRAME-05", "FRAME-04"));
    }

    #[test]
    fn forwarding_shares_the_payload() {
        let received = frame(b"payload");
        let sent = received.forwarded(2, 2);
        assert_eq!((sent.ttl, sent.hops), (2, 2));
        assert_eq!(sent.payload.as_ptr(), received.payload.as_ptr());
    }
}
