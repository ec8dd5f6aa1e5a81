use super::capture::CaptureReader;
use super::outlet::Sink;
use super::pasted::Pasted;
use super::raw::{self, Raw};
use super::recording::Recording;
use super::refusal::Refusal;
use crate::base::limits::DETECT_LEN;

/// What a user may hand in, told apart by its first bytes.
#[derive(Debug)]
pub(super) enum Source {
    /// Too little to tell.
    Front(Vec<u8>),
    Capture(CaptureReader),
    Pasted(Box<Pasted>),
    Raw(Raw),
}

impl Default for Source {
    fn default() -> Self {
        Self::Front(Vec::new())
    }
}

/// How files begin that are compressed, and with what.
const COMPRESSED: [(&[u8], &str); 5] = [
    (&[0x1f, 0x8b], "gzip"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
];

impl Source {
    /// More of the input.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        match self {
            Self::Front(front) => {
                front.extend_from_slice(bytes);
                // A live recording is not kept waiting for the bytes that other formats need.
                if front.len() >= DETECT_LEN || CaptureReader::detect(front).is_some() {
                    return self.detect(recording, sink);
                }
                Ok(())
            }
            Self::Capture(capture) => Ok(recording.push_capture(capture, bytes, sink)?),
            Self::Pasted(pasted) => pasted.push(bytes, recording, sink),
            Self::Raw(raw) => {
                raw.push(bytes, sink);
                Ok(())
            }
        }
    }

    /// The input ends here.
    pub(super) fn end(
        &mut self,
        recording: &mut Recording,
        sink: &mut Sink<'_>,
    ) -> Result<(), Refusal> {
        if matches!(self, Self::Front(_)) {
            self.detect(recording, sink)?;
        }
        match self {
            Self::Pasted(pasted) => pasted.end(recording, sink)?,
            Self::Raw(raw) => raw.end(sink),
            Self::Front(_) | Self::Capture(_) => {}
        }
        Ok(())
    }

    /// True when a capture ends within a packet.
    pub(super) fn is_cut(&self) -> bool {
        match self {
            Self::Capture(capture) => !capture.is_between_packets(),
            _ => false,
        }
    }

    fn detect(&mut self, recording: &mut Recording, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let Self::Front(front) = self else {
            return Ok(());
        };
        let front = std::mem::take(front);
        *self = Self::of(front.get(..DETECT_LEN).unwrap_or(&front))?;
        self.push(&front, recording, sink)
    }

    fn of(front: &[u8]) -> Result<Self, Refusal> {
        if front.is_empty() {
            return Err(Refusal::Empty);
        }
        if let Some(capture) = CaptureReader::detect(front) {
            return Ok(Self::Capture(capture));
        }
        if let Some((_, program)) = COMPRESSED.iter().find(|(magic, _)| front.starts_with(magic)) {
            return Err(Refusal::Compressed(program));
        }
        if raw::is_text_stream(front) {
            return Ok(Self::Raw(Raw::default()));
        }
        if let Some(pasted) = Pasted::detect(front) {
            return Ok(Self::Pasted(Box::new(pasted)));
        }
        raw::is_binary(front).then(|| Self::Raw(Raw::default())).ok_or(Refusal::Foreign)
    }
}
