use bytes::{BufMut, BytesMut};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Capabilities, HeadReader, StartLine};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::HEAD_HEADERS_MAX;
use crate::base::mutant::mutant;
use crate::base::reader::Expect;

const NO_END: Expect = Expect::new("HAND-08", "the head has no empty line at its end");
const TOO_MANY: Expect = Expect::new("SIZE-10", "the head has more than 64 headers");
const CONTINUES_NOTHING: Expect = Expect::new("HAND-13", "a line continues no header");
const NO_COLON: Expect = Expect::new("HAND-14", "a header has no colon");
const BAD_NAME: Expect = Expect::new("HAND-15", "a header has an impossible name");

/// A first line, headers, and an empty line: what opens a connection (HAND-01), and what HTTP
/// requests and responses begin with.
///
/// ```text
/// GNUTELLA CONNECT/0.6 CR LF
/// X-Ultrapeer: False CR LF
/// CR LF
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The first line without its end.
    pub start: String,
    /// Names and values in the order in which they came. What was not UTF-8 is U+FFFD (HAND-18).
    pub headers: Vec<(String, String)>,
    passed_over: Faults,
}

impl Head {
    /// A head of our own.
    pub fn new(start: impl Into<String>) -> Self {
        Self { start: start.into(), ..Self::default() }
    }

    /// Adds a header at the end.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header where it applies.
    #[must_use]
    pub fn with_if(self, applies: bool, name: &str, value: impl Into<String>) -> Self {
        if applies { self.with(name, value) } else { self }
    }

    /// Adds a header where there is a value for it.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value.to_string()),
            None => self,
        }
    }

    /// Reads the head of a handshake at the front of `bytes`; what follows it comes back as well
    /// (HAND-09). For bytes that arrive bit by bit there is [`HeadReader`].
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let end = HeadReader::default().find_end(bytes)?;
        let whole = end.and_then(|end| bytes.split_at_checked(end));
        let (head, rest) = whole.ok_or(NO_END.broken_at(bytes.len()))?;
        let head = Self::parse(head)?;
        head.start_line()?;
        Ok((head, rest))
    }

    /// Takes apart the lines of a whole head, whatever its first line says.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut lines = Lines { rest: bytes, offset: 0 };
        let start = lines.next().map(|(_, line)| text(line)).unwrap_or_default();
        let mut builder = Builder { head: Self::new(start), count: 0, last: Last::Nothing };
        for (offset, line) in lines {
            builder.line(offset, line)?;
        }
        Ok(builder.head)
    }

    /// What the first line means in a handshake.
    pub fn start_line(&self) -> Result<StartLine, Malformed> {
        StartLine::parse(&self.start)
    }

    /// What the headers mean in a handshake.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities::of(self)
    }

    /// The values of a header, whatever the case of its name (HAND-11), first come first.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let headers = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.as_str())
    }

    /// The value of a header that is no list: of several the first counts (HAND-17).
    pub fn value(&self, name: &str) -> Option<&str> {
        let is_it = |known: &str| known.eq_ignore_ascii_case(name) && !mutant!(TellsCasesApart);
        let header = self.headers.iter().find(|(known, _)| known == name || is_it(known));
        header.map(|(_, value)| value.as_str())
    }

    /// The items of a header that is a list, without blanks and empty items; the header may be
    /// repeated (HAND-17).
    pub fn items<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let items = self.values(name).flat_map(|value| value.split(','));
        items.map(str::trim).filter(|item| !item.is_empty())
    }

    /// Notes the lines that decoding passed over.
    pub fn inspect(&self, faults: &mut Faults) {
        self.passed_over.as_slice().iter().for_each(|&fault| faults.push(fault));
    }

    /// Appends the head as it stands on the wire.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(self.start.as_bytes());
        out.put_slice(b"\r\n");
        for (name, value) in &self.headers {
            for part in [name, ": ", value, "\r\n"] {
                out.put_slice(part.as_bytes());
            }
        }
        out.put_slice(b"\r\n");
    }
}

impl Serialize for Head {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut head = serializer.serialize_struct("Head", 2)?;
        head.serialize_field("start", &self.start)?;
        head.serialize_field("headers", &self.headers)?;
        head.end()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines up to the empty one, each with its offset and without CR LF or LF (HAND-07).
struct Lines<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.rest.split(|&byte| byte == b'\n').next()?;
        let offset = self.offset;
        let whole_len = line.len().saturating_add(1);
        self.rest = self.rest.get(whole_len..)?;
        self.offset = self.offset.saturating_add(whole_len);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (!line.is_empty()).then_some((offset, line))
    }
}

struct Builder {
    head: Head,
    count: usize,
    last: Last,
}

/// What a continuation would continue.
enum Last {
    Nothing,
    Header,
    PassedOver,
}

impl Builder {
    fn line(&mut self, offset: usize, line: &[u8]) -> Result<(), Malformed> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if !mutant!(KnowsNoContinuation) {
                self.continuation(offset, trimmed(line));
            }
            return Ok(());
        }
        self.count = self.count.saturating_add(1);
        if self.count > HEAD_HEADERS_MAX && !mutant!(TakesManyHeaders) {
            return Err(TOO_MANY.broken_at(offset));
        }
        match header(line) {
            Ok(header) => {
                self.head.headers.push(header);
                self.last = Last::Header;
            }
            Err(expect) => {
                self.head.passed_over.push(expect.broken_at(offset));
                self.last = Last::PassedOver;
            }
        }
        Ok(())
    }

    /// HAND-12, and HAND-13 where there is nothing to continue.
    fn continuation(&mut self, offset: usize, line: &[u8]) {
        match (&self.last, self.head.headers.last_mut()) {
            (Last::PassedOver, _) => {}
            (Last::Header, Some((_, value))) => {
                if !value.is_empty() && !line.is_empty() {
                    value.push(' ');
                }
                value.push_str(&String::from_utf8_lossy(line));
            }
            _ => self.head.passed_over.push(CONTINUES_NOTHING.broken_at(offset)),
        }
    }
}

/// HAND-10, HAND-15.
fn header(line: &[u8]) -> Result<(String, String), Expect> {
    let colon = line.iter().position(|&byte| byte == b':').ok_or(NO_COLON)?;
    let (name, value) = line.split_at_checked(colon).ok_or(NO_COLON)?;
    let name = trimmed(name);
    let is_name_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if name.is_empty() || !name.iter().all(is_name_byte) {
        return Err(BAD_NAME);
    }
    Ok((text(name), text(trimmed(value.get(1..).unwrap_or_default()))))
}

/// Without the blanks around it, which are spaces and tabs.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
    let end =
        bytes.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last.saturating_add(1));
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_headers(lines: &[String]) -> Result<Head, Malformed> {
        let bytes = format!("GNUTELLA CONNECT/0.6\r\n{}\r\n", lines.concat());
        Head::decode(bytes.as_bytes()).map(|(head, _)| head)
    }

    fn numbered(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("X-{number}: value\r\n")).collect()
    }

    /// SIZE-10: lines that are passed over count, lines that continue others do not.
    #[test]
    fn headers_are_read_up_to_their_limit_and_refused_past_it() {
        let mut lines = numbered(HEAD_HEADERS_MAX - 1);
        lines.extend(["nonsense\r\n".to_owned(), " goes on\r\n".to_owned()]);
        assert_eq!(with_headers(&lines).unwrap().headers.len(), HEAD_HEADERS_MAX - 1);
        lines.push("one: more\r\n".to_owned());
        assert_eq!(with_headers(&lines).unwrap_err().rule.id(), "SIZE-10");
    }

    /// HAND-11, HAND-17.
    #[test]
    fn headers_are_found_in_any_case_and_lists_are_joined() {
        let head = Head::new("GNUTELLA CONNECT/0.6")
            .with("x-try", "a, ,b,")
            .with("User-Agent", "first")
            .with("USER-AGENT", "second")
            .with("X-TRY", "c");
        assert_eq!(head.value("user-agent"), Some("first"));
        assert_eq!(head.items("X-Try").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(head.value("X-Try-Ultrapeers"), None);
    }

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = Head::new("GNUTELLA/0.6 200 OK").with("GGEP", "0.5").with("Empty", "");
        let mut written = BytesMut::new();
        head.encode(&mut written);
        written.extend_from_slice(b"rest");
        assert_eq!(Head::decode(&written), Ok((head, &b"rest"[..])));
    }
}
