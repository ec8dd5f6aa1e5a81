use bytes::BytesMut;

use crate::base::limits::OPENING_LEN_MAX;

/// What somebody wants who has connected to us, by the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A request of the Gnutella handshake (HAND-02). A crawler opens like any other servent: the
    /// header `Crawler` of its head gives it away.
    Gnutella,
    /// A request for a file, a list of files or a push.
    Http(Method),
    /// The answer to a push of Gnutella.
    Giv,
    /// A turn in the queue of an upload.
    Queue,
    /// The answer to a push of FastTrack.
    Give,
    /// The first record of a TLS handshake.
    Tls,
    /// The hello of giFT and mldonkey, as FastTrack's other clients do not send it.
    FastTrack,
    /// Anything else. KaZaA's own hello begins with random bytes and is among it, so that whoever
    /// speaks FastTrack may try. So is the probe that BEAR/7 asks for (VMSG-10): two line feeds.
    Foreign,
}

/// What a request of HTTP asks to be done. Servents know the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Options,
}

/// How each opening begins. None of these begins with another one.
const OPENINGS: [(&[u8], Opening); 11] = [
    (b"GNUTELLA ", Opening::Gnutella),
    (b"GET ", Opening::Http(Method::Get)),
    (b"HEAD ", Opening::Http(Method::Head)),
    (b"POST ", Opening::Http(Method::Post)),
    (b"PUT ", Opening::Http(Method::Put)),
    (b"OPTIONS ", Opening::Http(Method::Options)),
    (b"GIV ", Opening::Giv),
    (b"QUEUE ", Opening::Queue),
    (b"GIVE ", Opening::Give),
    (&[0x16, 0x03], Opening::Tls),
    (&[0xfa, 0x00, 0xb6, 0x2b], Opening::FastTrack),
];

/// Says what begins with `first`; nothing while that can still become more than one thing, which it
/// cannot with [`OPENING_LEN_MAX`] bytes.
pub fn opening(first: &[u8]) -> Option<Opening> {
    for (word, opening) in OPENINGS {
        if first.starts_with(word) {
            return Some(opening);
        }
        if word.starts_with(first) {
            return None;
        }
    }
    Some(Opening::Foreign)
}

/// Keeps the first bytes of a connection until they say what it is.
///
/// Whoever feeds it also watches the time, for the other side may send nothing at all.
#[derive(Debug, Default)]
pub struct Sniffer {
    bytes: BytesMut,
}

impl Sniffer {
    /// In front of a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what came, and says what the connection is as soon as that is certain. Until then it
    /// holds less than [`OPENING_LEN_MAX`] bytes, and behind that there is nothing to wait for.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<Opening> {
        self.bytes.extend_from_slice(bytes);
        opening(&self.bytes)
    }

    /// Everything that came, for whoever reads the connection on.
    pub fn into_bytes(self) -> BytesMut {
        self.bytes
    }
}
