use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};
use crate::base::show::{Quoted, WORDS_LEN_MAX, one_line};

const CUT: Expect = Expect::new("BYE-03", "the bye has no code");
const NO_END: Expect = Expect::new("BYE-04", "the text of the bye is not ended by a NUL");
const NOT_LAST: Expect = Expect::new("BYE-05", "bytes follow the text of the bye");

/// Says why the sender is about to close (BYE-01).
///
/// ```text
/// 0  2  code, little-endian: 2xx nobody's fault, 4xx the receiver's, 5xx the sender's
/// 2  n  reason, and perhaps lines like headers, ended by a NUL
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bye {
    pub code: u16,
    /// Everything after the code, the NUL too if there is one.
    pub text: Bytes,
}

impl Bye {
    /// The program ends (BYE-11).
    pub const SHUTDOWN: u16 = 200;
    /// A user ended the connection.
    pub const CLOSED_BY_USER: u16 = 201;
    /// Another neighbour is preferred.
    pub const LOCAL_PREFERRED: u16 = 202;
    /// The sender has another role now.
    pub const MODE_CHANGE: u16 = 203;
    /// A message was too large.
    pub const TOO_LARGE: u16 = 400;
    /// The same messages came again and again (TTL-14).
    pub const DUPLICATES: u16 = 401;
    /// Many messages reached too far (TTL-08).
    pub const TTL_TOO_HIGH: u16 = 403;
    /// A message did not come to its end in time, or nothing was read for too long (FLOW-05).
    pub const TIMEOUT: u16 = 405;
    /// Nothing came in answer to signs of life (PING-07).
    pub const NO_ANSWER: u16 = 406;
    /// The sender is banned, or does what is not safe.
    pub const SECURITY: u16 = 412;
    /// The query table was wrong.
    pub const BAD_QUERY_TABLE: u16 = 413;
    /// What came cannot be read any more.
    pub const LOST_SYNCHRONISATION: u16 = 501;
    /// What has to be sent has no room any more.
    pub const QUEUE_FULL: u16 = 502;
    /// A leaf relayed a message.
    pub const RELAYED_BY_LEAF: u16 = 414;

    /// A farewell that names the program which says it (BYE-09). Of both only the first line is said,
    /// in so many characters that the whole has its place (SIZE-07), without control characters
    /// (BYE-12).
    pub fn signed(code: u16, reason: &str, program: &str) -> Self {
        let [reason, program] = [reason, program].map(|text| one_line(text, WORDS_LEN_MAX));
        Self::new(code, &format!("{reason}\r\nServer: {program}\r\n\r\n"))
    }

    /// A farewell with this text, as it is.
    pub fn new(code: u16, reason: &str) -> Self {
        let mut text = BytesMut::from(reason);
        text.put_u8(0);
        Self { code, text: text.freeze() }
    }

    /// The sender ends, or wants to be without this link (BYE-18).
    pub const fn is_goodbye(&self) -> bool {
        matches!(self.code, Self::SHUTDOWN | Self::CLOSED_BY_USER | Self::LOCAL_PREFERRED)
    }

    /// Fails only without a code; a missing NUL is tolerated.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        Ok(Self { code: reader.u16_le(CUT)?, text: payload.slice_ref(reader.rest()) })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u16_le(self.code);
        out.put_slice(&self.text);
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        let text_len = self.text.iter().position(|&byte| byte == 0);
        match text_len.map(|len| len.saturating_add(1)) {
            None => faults.push(NO_END.broken_at(self.text.len().saturating_add(2))),
            Some(end) if end == self.text.len() => {}
            Some(end) => faults.push(NOT_LAST.broken_at(end.saturating_add(2))),
        }
    }

    /// The first line, which is for people.
    pub fn reason(&self) -> &[u8] {
        self.lines().next().unwrap_or_default()
    }

    /// The lines after the first that read `Name: value`, up to an empty one.
    pub fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines().skip(1).take_while(|line| !line.is_empty()).filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((name.trim_ascii(), value.split_first()?.1.trim_ascii()))
        })
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let text = self.text.split(|&byte| byte == 0).next().unwrap_or_default();
        text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end)
    }
}

impl Serialize for Bye {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let headers: Vec<_> = self.headers().map(|(n, v)| [text(n), text(v)]).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("reason", &text(self.reason()))?;
        if !headers.is_empty() {
            map.serialize_entry("headers", &headers)?;
        }
        map.end()
    }
}

impl fmt::Display for Bye {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, Quoted(self.reason()))
    }
}
