//! Bytes of the subject -> trees of values.

use bytes::{Buf, Bytes, BytesMut};
use serde_json::{Value, json};

use crate::base::limits::{CASE_BYTES_MAX, HEAD_LEN_MAX};
use crate::conform::message::{frame_tree, head_tree, http_tree, start_of};
use crate::gnutella::link::{HeadReader, Inflater};
use crate::gnutella::wire::Frame;

/// What the bytes are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// Whatever the first bytes say.
    Unknown,
    /// Heads of a handshake.
    Heads,
    /// One head more, then frames.
    LastHead,
    /// Frames.
    Frames,
    /// Answers of HTTP, and requests.
    Http,
    /// The line with which a servent that was asked to call begins, up to an empty one.
    Line,
}

/// The bytes of one connection, as they come.
pub(crate) struct Decoder {
    tongue: Tongue,
    bytes: BytesMut,
    heads: HeadReader,
    /// What the subject sends is deflated from now on.
    inflater: Option<Inflater>,
    /// A response whose body is not there yet: its head, and how much follows, if it says so.
    response: Option<(Bytes, Option<usize>)>,
    /// The request that is answered has no body in its answer.
    pub(crate) has_asked_for_head: bool,
}

impl Decoder {
    pub(crate) fn new(tongue: Tongue) -> Self {
        Self {
            tongue,
            bytes: BytesMut::new(),
            heads: HeadReader::default(),
            inflater: None,
            response: None,
            has_asked_for_head: false,
        }
    }

    pub(crate) const fn tongue(&self) -> Tongue {
        self.tongue
    }

    /// From now on the bytes are this.
    pub(crate) const fn turn_to(&mut self, tongue: Tongue) {
        self.tongue = tongue;
    }

    /// What follows is deflated.
    pub(crate) fn inflate(&mut self) {
        self.inflater = Some(Inflater::new());
        let so_far = self.bytes.split().freeze();
        self.receive(&so_far);
    }

    /// Frames follow this head, and it says whether they are deflated.
    pub(crate) fn turn_to_frames(&mut self, head: &Value) {
        self.tongue = Tongue::Frames;
        let encoding = head.get("headers").and_then(|headers| headers.get("content-encoding"));
        let encoding = encoding.and_then(Value::as_str).unwrap_or("");
        if encoding.to_ascii_lowercase().contains("deflate") {
            self.inflate();
        }
    }

    /// More bytes.
    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        match &mut self.inflater {
            None => self.bytes.extend_from_slice(bytes),
            Some(inflater) => inflate_all(inflater, bytes, &mut self.bytes),
        }
    }

    /// Whether more has come than any case can use.
    pub(crate) fn is_flooded(&self) -> bool {
        self.bytes.len() > CASE_BYTES_MAX
    }

    /// The next message, if it is complete. What is none comes as `garbage`, once.
    pub(crate) fn next(&mut self) -> Option<Value> {
        if self.tongue == Tongue::Unknown {
            self.tongue = sniff(&self.bytes)?;
        }
        match self.tongue {
            Tongue::Unknown => None,
            Tongue::Heads => match self.heads.take_from(&mut self.bytes) {
                Ok(head) => head.as_ref().map(head_tree),
                Err(fault) => self.garbage(fault.rule.id()),
            },
            Tongue::LastHead => {
                self.tongue = Tongue::Heads;
                let head = self.next();
                match &head {
                    None => self.tongue = Tongue::LastHead,
                    Some(head) => self.turn_to_frames(head),
                }
                head
            }
            Tongue::Frames => match Frame::take_from(&mut self.bytes) {
                Ok(frame) => frame.as_ref().map(frame_tree),
                Err(fault) => self.garbage(fault.rule.id()),
            },
            Tongue::Http => self.next_of_http(),
            Tongue::Line => self.next_line(),
        }
    }

    /// What stands there when nothing more comes: a body whose end was the end of the connection, or half a message.
    pub(crate) fn last(&mut self) -> Option<Value> {
        if let Some((head, _)) = self.response.take() {
            let body = self.bytes.split();
            return Some(http_tree(&head, &body));
        }
        if self.bytes.is_empty() { None } else { self.garbage("it ends in the middle") }
    }

    fn garbage(&mut self, why: &str) -> Option<Value> {
        if self.bytes.is_empty() {
            return None;
        }
        let bytes = self.bytes.split();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(json!({
            "type": "garbage",
            "why": why,
            "text": text,
            "len": bytes.len(),
            "payload": data_encoding::HEXLOWER.encode(&bytes),
        }))
    }

    /// `GIV` and its like end with two line feeds, or with two of CR LF; `GIVE` with one.
    fn next_line(&mut self) -> Option<Value> {
        let ends: [&[u8]; 2] = match self.bytes.starts_with(b"GIVE ") {
            true => [b"\n", b"\r\n"],
            false => [b"\n\n", b"\r\n\r\n"],
        };
        let found = ends.iter().filter_map(|end| {
            let at = self.bytes.windows(end.len()).position(|window| window == *end)?;
            Some((at, end.len()))
        });
        let (at, len) = found.min()?;
        let line = self.bytes.split_to(at.saturating_add(len));
        let text = String::from_utf8_lossy(line.get(..at)?).into_owned();
        let word = text.split_whitespace().next().unwrap_or("").to_owned();
        Some(json!({ "type": "line", "word": word, "text": text }))
    }

    fn next_of_http(&mut self) -> Option<Value> {
        if self.response.is_none() {
            let (start, len) = match start_of(&self.bytes) {
                Some(found) => found,
                None if self.bytes.len() > HEAD_LEN_MAX => {
                    return self.garbage("the head is too long");
                }
                None => return None,
            };
            let head = self.bytes.split_to(len).freeze();
            let tree = http_tree(&head, b"");
            let status = tree.get("status").and_then(Value::as_u64);
            let said = tree.get("headers").and_then(|headers| headers.get("content-length"));
            let said = said.and_then(Value::as_str);
            let len = said.and_then(|len| len.parse().ok());
            let is_bare = self.has_asked_for_head
                || !start.starts_with("HTTP")
                || matches!(status, Some(100..=199 | 204 | 304));
            self.has_asked_for_head &= matches!(status, Some(100..=199));
            self.response = Some((head, if is_bare { Some(0) } else { len }));
        }
        let (_, len) = self.response.as_ref()?;
        let len = (*len)?;
        if self.bytes.remaining() < len {
            return None;
        }
        let (head, _) = self.response.take()?;
        let body = self.bytes.split_to(len);
        Some(http_tree(&head, &body))
    }
}

/// What a call of the subject's begins with.
fn sniff(bytes: &[u8]) -> Option<Tongue> {
    const WORDS: [(&[u8], Tongue); 7] = [
        (b"GNUTELLA", Tongue::Heads),
        (b"GET ", Tongue::Http),
        (b"HEAD ", Tongue::Http),
        (b"POST ", Tongue::Http),
        (b"HTTP", Tongue::Http),
        (b"GIV ", Tongue::Line),
        (b"GIVE ", Tongue::Line),
    ];
    if bytes.is_empty() {
        return None;
    }
    let may_be = |word: &[u8]| {
        let len = bytes.len().min(word.len());
        bytes.get(..len) == word.get(..len)
    };
    match WORDS.iter().find(|(word, _)| may_be(word)) {
        Some((word, tongue)) if bytes.len() >= word.len() => Some(*tongue),
        Some(_) => None,
        None => Some(Tongue::Line),
    }
}

fn inflate_all(inflater: &mut Inflater, mut bytes: &[u8], out: &mut BytesMut) {
    loop {
        match inflater.step(&mut bytes, out) {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => {
                // What cannot be inflated is garbage to whoever reads it.
                out.extend_from_slice(bytes);
                return;
            }
        }
    }
}
