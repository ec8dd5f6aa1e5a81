use std::fmt;

use bytes::Bytes;
use serde::ser::{Serialize, Serializer};

use super::body::Fields;
use super::parts::{Sink, block};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::base::urn::Urn;
use crate::gnutella::wire::ggep::{Place, Value};
use crate::gnutella::wire::{GgepArea, Guid};

/// Bytes of `urn:sha1:` and 32 digits.
const URN_LEN: usize = 41;

const CUT: Expect = Expect::new("VMSG-38", "the HEAD ping ends early");
const NO_URN: Expect = Expect::new("VMSG-38", "the HEAD ping names no SHA-1");
const NOT_GGEP: Expect = Expect::new("VMSG-39", "the HEAD ping has no GGEP block");

/// Asks whether a servent has a file, and who else has it (VMSG-38, VMSG-39).
///
/// ```text
///  0   1  flags
///  1  41  urn:sha1: and 32 digits of base32
/// 42   n  GGEP, if the flags say so: PUSH names the leaf that is meant
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadPing {
    flags: u8,
    sha1: [u8; 20],
    /// As it was sent: letters may be of either case.
    urn: [u8; URN_LEN],
    extensions: Option<GgepArea>,
}

impl HeadPing {
    /// Which parts of the file are there?
    pub const RANGES: u8 = 0x01;
    /// Who else has it?
    pub const ALTERNATES: u8 = 0x02;
    /// Who has it behind a firewall?
    pub const PUSH_ALTERNATES: u8 = 0x04;
    /// Only those who can transfer between two firewalled servents.
    pub const FIREWALL_TRANSFER: u8 = 0x08;
    /// GGEP follows.
    pub const GGEP: u8 = 0x10;

    /// A ping with a block, or without one. The flag for it is set here.
    pub fn new(flags: u8, sha1: [u8; 20], block: Option<Bytes>) -> Self {
        let mut urn = [0; URN_LEN];
        let text = Urn::Sha1(sha1).to_string();
        urn.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        let ggep = if block.is_some() { Self::GGEP } else { 0 };
        let extensions = block.map(|block| GgepArea::new(block, Place::HeadPing));
        Self { flags: flags & !Self::GGEP | ggep, sha1, urn, extensions }
    }

    /// A block that cannot be read is left alone (VMSG-39).
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let flags = body.u8(CUT)?;
        let urn_start = body.offset();
        let urn = body.array(CUT)?;
        let Some(Urn::Sha1(sha1)) = Urn::parse(&urn) else {
            return Err(NO_URN.broken_at(urn_start));
        };
        let has_block = flags & Self::GGEP != 0;
        let block = || block(payload, body, Place::HeadPing, NOT_GGEP).ok();
        Ok(Self { flags, sha1, urn, extensions: has_block.then(block).flatten() })
    }

    /// What is asked for.
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// The GGEP block, if there is one that can be read.
    pub const fn extensions(&self) -> Option<&GgepArea> {
        self.extensions.as_ref()
    }

    /// The servent that is meant, where that is not the receiver (GGEP-70).
    pub fn servent(&self) -> Option<Guid> {
        match self.extensions.as_ref()?.value("PUSH")? {
            Value::Servent(guid) => Some(guid),
            _ => None,
        }
    }

    /// The file in question.
    pub const fn sha1(&self) -> &[u8; 20] {
        &self.sha1
    }
}

impl Fields for HeadPing {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.flags]);
        out.put(&self.urn);
        if let Some(extensions) = &self.extensions {
            out.put(extensions.as_bytes());
        }
    }

    fn extensions(&self) -> Option<&GgepArea> {
        self.extensions.as_ref()
    }
}

impl Serialize for HeadPing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Shown<'a> {
            flags: u8,
            urn: Urn,
            #[serde(flatten)]
            extensions: Option<&'a GgepArea>,
        }
        let (urn, extensions) = (Urn::Sha1(self.sha1), self.extensions.as_ref());
        Shown { flags: self.flags, urn, extensions }.serialize(serializer)
    }
}

impl fmt::Display for HeadPing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, flags {:#04x}", Urn::Sha1(self.sha1), self.flags)?;
        self.extensions.as_ref().map_or(Ok(()), |extensions| extensions.summarise(", ", f))
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    const URN: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
    const PUSH: &[u8] = b"\xc3\x84PUSH\x500123456789abcdef";

    fn ping(flags: u8, urn: &str, tail: &[u8]) -> (Result<HeadPing, Malformed>, usize) {
        let payload = Bytes::from([&[flags], urn.as_bytes(), tail].concat());
        let mut body = Reader::new(&payload);
        (HeadPing::decode(&payload, &mut body), body.len())
    }

    /// VMSG-38
    #[test]
    fn a_ping_names_a_sha1_in_letters_of_either_case() {
        let (upper, _) = ping(7, URN, b"");
        let (lower, _) = ping(7, &URN.to_lowercase(), b"");
        let (upper, lower) = (upper.unwrap(), lower.unwrap());
        assert_eq!(upper, HeadPing::new(7, *lower.sha1(), None));
        assert_eq!(upper.to_string(), format!("{URN}, flags 0x07"));
        let mut out = BytesMut::new();
        lower.encode(&mut out);
        assert_eq!(out[1..], *URN.to_lowercase().as_bytes());
        assert_eq!(serde_json::to_value(&lower).unwrap(), serde_json::to_value(&upper).unwrap());
    }

    /// VMSG-38
    #[test]
    fn a_ping_without_a_sha1_is_refused() {
        let btih = URN.replace("sha1", "btih");
        for urn in [&URN[..40], &btih, &URN.replace('P', "1")] {
            assert_eq!(ping(0, urn, b"").0.unwrap_err().rule.id(), "VMSG-38");
        }
    }

    /// VMSG-39, GGEP-70
    #[test]
    fn a_block_is_read_where_the_flag_announces_it() {
        let (with, rest_len) = ping(HeadPing::GGEP, URN, PUSH);
        let with = with.unwrap();
        assert_eq!((with.servent(), rest_len), (Some(Guid(*b"0123456789abcdef")), 0));
        let block = Bytes::from_static(PUSH);
        assert_eq!(with, HeadPing::new(0, *with.sha1(), Some(block)));
        for (flags, tail) in [(0, PUSH), (HeadPing::GGEP, &PUSH[..9])] {
            let (without, rest_len) = ping(flags, URN, tail);
            assert_eq!((without.unwrap().extensions(), rest_len), (None, tail.len()));
        }
    }
}
