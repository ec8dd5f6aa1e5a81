use std::ops::ControlFlow;

use bytes::BytesMut;

use super::chunks::Chunks;
use super::frames::{DeflatedFrames, Frames};
use super::outlet::Outlet;
use super::record::Unknown;
use crate::gnutella::link::{Head, Inflater};

/// The content type of descriptors; parameters may follow it.
const PACKETS: &str = "application/x-gnutella-packets";

/// The content that follows a head of HTTP. Query hits in it are read, all else is passed over.
#[derive(Debug)]
pub(super) struct HttpBody {
    framing: Framing,
    content: Content,
}

/// How one knows where the content ends.
#[derive(Debug)]
enum Framing {
    /// After so many more bytes; in all there are `announced_len`.
    Counted { left: u64, announced_len: u64 },
    /// Where its chunks say so.
    Chunked(Chunks),
    /// With the connection.
    UntilEnd,
}

/// What the content is.
#[derive(Debug)]
enum Content {
    /// Descriptors, as the answer to a browser of the host.
    Frames(Frames, BytesMut),
    /// The same, compressed; the bytes are those not inflated yet.
    Deflated(Coding, Box<DeflatedFrames>, BytesMut),
    /// The same in a coding that is not read, so many bytes.
    Unreadable(u64),
    /// A file, or what cannot be read any longer.
    Opaque,
}

/// How a content is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Zlib,
    Gzip,
}

impl HttpBody {
    /// The body of a request, which has none unless it says so.
    pub(super) fn of_request(head: &Head) -> Option<Self> {
        let framing = Framing::announced_by(head)?;
        Some(Self { framing, content: Content::Opaque })
    }

    /// The body of a response.
    pub(super) fn of_response(head: &Head) -> Option<Self> {
        let framing = Framing::announced_by(head).unwrap_or(Framing::UntilEnd);
        let is_empty = matches!(framing, Framing::Counted { left: 0, .. });
        (!is_empty).then(|| Self { framing, content: Content::described_by(head) })
    }

    /// Bytes of memory that this holds.
    pub(super) fn footprint_len(&self) -> usize {
        match &self.content {
            Content::Frames(_, buffer) => buffer.capacity(),
            Content::Deflated(_, frames, buffer) => {
                frames.footprint_len().saturating_add(buffer.capacity())
            }
            Content::Unreadable(_) | Content::Opaque => 0,
        }
    }

    /// Bytes of content, where the head said so.
    pub(super) const fn announced_len(&self) -> Option<u64> {
        match self.framing {
            Framing::Counted { announced_len, .. } => Some(announced_len),
            Framing::Chunked(_) | Framing::UntilEnd => None,
        }
    }

    /// Takes as much of the body as there is off the front of `stream`. Breaks at its end.
    pub(super) fn take_from(
        &mut self,
        stream: &mut BytesMut,
        out: &mut Outlet<'_, '_>,
    ) -> ControlFlow<()> {
        let flow = match &mut self.framing {
            Framing::Counted { left, .. } => {
                let taken = stream.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left = left.saturating_sub(taken as u64);
                self.content.push(&stream.split_to(taken), out);
                if *left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
            Framing::Chunked(chunks) => {
                let content = &mut self.content;
                chunks.take_from(stream, |data| content.push(data, out))
            }
            Framing::UntilEnd => {
                self.content.push(stream, out);
                stream.clear();
                ControlFlow::Continue(())
            }
        };
        if flow.is_break() {
            self.end(out);
        }
        flow
    }

    /// The body ends here, as it should or with the stream.
    pub(super) fn end(&mut self, out: &mut Outlet<'_, '_>) {
        std::mem::replace(&mut self.content, Content::Opaque).finish(out);
    }

    /// So many bytes of the stream are missing here. False where they reach beyond the body, or
    /// where that cannot be known.
    pub(super) fn gap(&mut self, gap_len: u64) -> bool {
        if !matches!(self.content, Content::Unreadable(_)) {
            self.content = Content::Opaque;
        }
        match &mut self.framing {
            Framing::Counted { left, .. } => match left.checked_sub(gap_len) {
                Some(rest) => {
                    *left = rest;
                    true
                }
                None => false,
            },
            Framing::Chunked(chunks) => chunks.gap(gap_len),
            Framing::UntilEnd => true,
        }
    }
}

impl Framing {
    fn announced_by(head: &Head) -> Option<Self> {
        if head.items("Transfer-Encoding").any(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Some(Self::Chunked(Chunks::default()));
        }
        let announced_len = decimal(head.value("Content-Length")?)?;
        Some(Self::Counted { left: announced_len, announced_len })
    }
}

impl Content {
    fn described_by(head: &Head) -> Self {
        if !head.value("Content-Type").is_some_and(is_packets) {
            return Self::Opaque;
        }
        match head.value("Content-Encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Frames(Frames::default(), BytesMut::new()),
            "deflate" => Self::deflated(Coding::Zlib, Inflater::new()),
            "gzip" | "x-gzip" => Self::deflated(Coding::Gzip, Inflater::gzip()),
            _ => Self::Unreadable(0),
        }
    }

    fn deflated(coding: Coding, inflater: Inflater) -> Self {
        Self::Deflated(coding, Box::new(DeflatedFrames::within(inflater)), BytesMut::new())
    }

    fn push(&mut self, bytes: &[u8], out: &mut Outlet<'_, '_>) {
        let result = match self {
            Self::Frames(frames, buffer) => {
                buffer.extend_from_slice(bytes);
                frames.take_from(buffer, out)
            }
            Self::Deflated(coding, frames, buffer) => {
                buffer.extend_from_slice(bytes);
                match frames.has_begun() {
                    false if buffer.len() < 2 => Ok(()),
                    // Some programs mean deflate without the header of zlib; that is not read.
                    false if !coding.is_start(buffer) => {
                        *self = Self::Unreadable(buffer.len() as u64);
                        return;
                    }
                    _ => frames.take_from(buffer, out),
                }
            }
            Self::Unreadable(len) => {
                *len = len.saturating_add(bytes.len() as u64);
                return;
            }
            Self::Opaque => Ok(()),
        };
        if result.is_err() {
            *self = Self::Opaque;
        }
    }

    /// Tells of a descriptor that the body ends in the middle of, and of what could not be read.
    fn finish(&self, out: &mut Outlet<'_, '_>) {
        let unfinished_len = match self {
            Self::Frames(_, buffer) => buffer.len(),
            Self::Deflated(_, frames, _) => frames.unfinished().len(),
            Self::Unreadable(bytes) => {
                let what = "list of files in a coding that is not read";
                return out.put_unknown(Unknown::Piece { what, bytes: *bytes });
            }
            Self::Opaque => 0,
        };
        if unfinished_len > 0 {
            out.put_unknown(Unknown::Unfinished { bytes: unfinished_len as u64 });
        }
    }
}

impl Coding {
    fn is_start(self, bytes: &[u8]) -> bool {
        match self {
            Self::Zlib => Inflater::is_start(bytes),
            Self::Gzip => Inflater::is_gzip_start(bytes),
        }
    }
}

fn is_packets(kind: &str) -> bool {
    kind.get(..PACKETS.len()).is_some_and(|front| front.eq_ignore_ascii_case(PACKETS))
}

/// A number of digits alone, without the sign that Rust's parser takes as well.
fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
