use super::capture::{CaptureReader, Packet};
use super::digits::{BadLine, Digits};
use super::dump::{Dump, Token};
use super::outlet::Sink;
use super::packet::LinkType;
use super::raw::{self, Raw};
use super::recording::Recording;
use super::refusal::Refusal;
use crate::base::limits::CAPTURE_BLOCK_LEN_MAX;

/// Bytes that somebody wrote down in hexadecimal: packets with all their headers, a whole capture,
/// or what [`Raw`] reads.
#[derive(Debug)]
pub(super) struct Pasted {
    text: Text,
    content: Content,
    has_bytes: bool,
}

#[derive(Debug)]
enum Text {
    Digits(Digits),
    Dump(Dump),
}

/// What the bytes are.
#[derive(Debug)]
enum Content {
    /// Not known yet; or packets, of which the next one is not complete.
    Front(Vec<u8>),
    Capture(CaptureReader),
    Raw(Raw),
}

impl Pasted {
    /// Recognises the text by its first lines, of which the last may be incomplete.
    pub(super) fn detect(front: &[u8]) -> Option<Self> {
        let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
        if !front.iter().all(is_text) {
            return None;
        }
        let content = Content::Front(Vec::new());
        if Dump::is_in(front) {
            let text = Text::Dump(Dump::default());
            return Some(Self { text, content, has_bytes: false });
        }
        // The last word may go on behind the front.
        let whole_len = front.iter().rposition(u8::is_ascii_whitespace).unwrap_or(front.len());
        let words = front.get(..whole_len).filter(|words| !words.trim_ascii().is_empty())?;
        let are_digits = Digits::new().read(words, &mut Vec::new()).is_ok();
        let text = Text::Digits(Digits::new());
        are_digits.then_some(Self { text, content, has_bytes: false })
    }

    /// More of the text.
    pub(super) fn push(
        &mut self,
        text: &[u8],
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        let mut tokens = Vec::new();
        let read = match &mut self.text {
            Text::Digits(digits) => {
                let mut bytes = Vec::new();
                let read = digits.read(text, &mut bytes);
                tokens.push(Token::Bytes(bytes));
                read
            }
            Text::Dump(dump) => dump.read(text, &mut tokens),
        };
        self.take(tokens, recording, sink)?;
        Ok(read?)
    }

    /// The text ends here.
    pub(super) fn end(
        &mut self,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        let mut tokens = Vec::new();
        match &mut self.text {
            Text::Digits(digits) => {
                digits.end()?;
                tokens.push(Token::End);
            }
            Text::Dump(dump) => dump.end(&mut tokens)?,
        }
        self.take(tokens, recording, sink)?;
        if !self.has_bytes {
            return Err(Refusal::Empty);
        }
        if let Content::Raw(raw) = &mut self.content {
            raw.end(sink);
        }
        Ok(())
    }

    fn take(
        &mut self,
        tokens: Vec<Token>,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        for token in tokens {
            self.has_bytes |= matches!(&token, Token::Bytes(bytes) if !bytes.is_empty());
            self.content.take(token, recording, sink)?;
        }
        Ok(())
    }
}

impl Content {
    fn take(
        &mut self,
        token: Token,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        match (self, token) {
            (Self::Capture(capture), Token::Bytes(bytes)) => {
                recording.push_capture(capture, &bytes, sink)?;
            }
            (Self::Raw(raw), Token::Bytes(bytes)) => raw.push(&bytes, sink),
            (Self::Capture(_) | Self::Raw(_), Token::End) => {}
            (content @ Self::Front(_), token) => return content.take_front(token, recording, sink),
        }
        Ok(())
    }

    /// Finds out what the bytes are. What can only be told from all of a dump waits for its end.
    fn take_front(
        &mut self,
        token: Token,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        let Self::Front(front) = self else {
            return Ok(());
        };
        let is_end = token == Token::End;
        if let Token::Bytes(bytes) = token {
            front.extend_from_slice(&bytes);
        }
        if let Some(capture) = CaptureReader::detect(front) {
            return self.become_known(Self::Capture(capture), recording, sink);
        }
        let packet_link = if is_end { packet_link(front) } else { None };
        if let Some(link) = packet_link {
            let data = std::mem::take(front);
            recording.push(&Packet { time: None, link, data }, sink);
        } else if is_end || front.len() > CAPTURE_BLOCK_LEN_MAX || raw::is_text_stream(front) {
            return self.become_known(Self::Raw(Raw::default()), recording, sink);
        }
        Ok(())
    }

    fn become_known(
        &mut self,
        content: Self,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        let before = std::mem::replace(self, content);
        let Self::Front(front) = before else {
            return Ok(());
        };
        self.take(Token::Bytes(front), recording, sink)
    }
}

impl From<BadLine> for Refusal {
    fn from(BadLine { line, what }: BadLine) -> Self {
        Self::BadHex { line, what }
    }
}

/// Recognises a whole packet by a length that fits: with the header of Ethernet, or without any in
/// front of IP.
fn packet_link(bytes: &[u8]) -> Option<LinkType> {
    [LinkType::RAW_IP, LinkType::ETHERNET].into_iter().find(|link| link.is_exactly(bytes))
}
