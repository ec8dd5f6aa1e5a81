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
    /// The hello of a session of FastTrack: as giFT and mldonkey send it on a port for both networks,
    /// and any bytes on one that is for FastTrack alone.
    FastTrack,
    /// Anything else, where the port is for both networks: KaZaA's own hello is among it, for that
    /// begins with random bytes, and so is the probe that BEAR/7 asks for (VMSG-10): two line feeds.
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

/// What a port is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Port {
    /// Gnutella and FastTrack (LINK-01): what opens nothing is foreign.
    #[default]
    Shared,
    /// FastTrack alone (FTLINK-01): what is no word of a transfer is a hello.
    FastTrack,
}

/// The openings that a port for FastTrack alone knows by their words.
const OPENINGS_OF_FASTTRACK: [(&[u8], Opening); 3] = [
    (b"GET ", Opening::Http(Method::Get)),
    (b"HEAD ", Opening::Http(Method::Head)),
    (b"GIVE ", Opening::Give),
];

/// Says what begins with `first` on a port for both networks; nothing while that can still become more than one thing, which it
/// cannot with [`OPENING_LEN_MAX`] bytes.
pub fn opening(first: &[u8]) -> Option<Opening> {
    opening_at(Port::Shared, first)
}

/// The same on this port.
pub fn opening_at(port: Port, first: &[u8]) -> Option<Opening> {
    let (openings, other) = match port {
        Port::Shared => (&OPENINGS[..], Opening::Foreign),
        Port::FastTrack => (&OPENINGS_OF_FASTTRACK[..], Opening::FastTrack),
    };
    let first = first.get(..OPENING_LEN_MAX).unwrap_or(first);
    for &(word, opening) in openings {
        if first.starts_with(word) {
            return Some(opening);
        }
        if word.starts_with(first) {
            return None;
        }
    }
    Some(other)
}

/// Keeps the first bytes of a connection until they say what it is.
///
/// Whoever feeds it also watches the time, for the other side may send nothing at all.
#[derive(Debug, Default)]
pub struct Sniffer {
    port: Port,
    bytes: BytesMut,
}

impl Sniffer {
    /// In front of a connection to a port for both networks.
    pub fn new() -> Self {
        Self::default()
    }

    /// In front of a connection to this port.
    pub fn at(port: Port) -> Self {
        Self { port, bytes: BytesMut::new() }
    }

    /// Takes in what came, and says what the connection is as soon as that is certain. Until then it
    /// holds less than [`OPENING_LEN_MAX`] bytes, and behind that there is nothing to wait for.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<Opening> {
        self.bytes.extend_from_slice(bytes);
        opening_at(self.port, &self.bytes)
    }

    /// Everything that came, for whoever reads the connection on.
    pub fn into_bytes(self) -> BytesMut {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HAND-02
    #[test]
    fn connections_are_told_apart_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"GNUTELLA CONNECT/0.6\r\n"[..], Opening::Gnutella),
            (b"GNUTELLA CONNECT/0.4\n\n", Opening::Gnutella),
            (b"GET /uri-res/N2R?urn:sha1:X HTTP/1.1\r\n", Opening::Http(Method::Get)),
            (b"HEAD / HTTP/1.1\r\n", Opening::Http(Method::Head)),
            (b"POST / HTTP/1.1\r\n", Opening::Http(Method::Post)),
            (b"PUT / HTTP/1.1\r\n", Opening::Http(Method::Put)),
            (b"OPTIONS * HTTP/1.1\r\n", Opening::Http(Method::Options)),
            (b"GIV 0:00112233445566778899AABBCCDDEEFF/\n\n", Opening::Giv),
            (b"QUEUE 00112233445566778899AABBCCDDEEFF\r\n", Opening::Queue),
            (b"GIVE 1\r\n", Opening::Give),
            (b"\x16\x03\x01\x00\xc8\x01", Opening::Tls),
            (b"\xfa\x00\xb6\x2b\xfa\xcb\x12\x38\x32\x09\xd2\x32", Opening::FastTrack),
            // A hello of KaZaA, a probe of BEAR/7, and others.
            (b"\x5b\x64\xd1\x99", Opening::Foreign),
            (b"\n\n", Opening::Foreign),
            (b"CONNECT BACK\n\n", Opening::Foreign),
            (b"GNUTELLA/0.6 200 OK\r\n", Opening::Foreign),
            (b"gnutella connect/0.6\r\n", Opening::Foreign),
            (b"SSH-2.0-", Opening::Foreign),
            (b"\x16\x02", Opening::Foreign),
        ] {
            assert_eq!(opening(bytes), Some(expected), "{}", bytes.escape_ascii());
        }
    }

    /// FTLINK-01: on a port of FastTrack alone, what is no transfer is a hello, whatever it begins with.
    #[test]
    fn a_port_for_fasttrack_alone_takes_anything_for_a_hello() {
        for (bytes, expected) in [
            (&b"GET /.hash=00 HTTP/1.1\r\n"[..], Some(Opening::Http(Method::Get))),
            (b"HEAD / HTTP/1.1\r\n", Some(Opening::Http(Method::Head))),
            (b"GIVE 1\r\n", Some(Opening::Give)),
            (b"\xfa\x00\xb6\x2b\xfa\xcb\x12\x38\x32\x09\xd2\x32", Some(Opening::FastTrack)),
            (b"\xfa", Some(Opening::FastTrack)),
            (b"\x5b\x64\xd1\x99", Some(Opening::FastTrack)),
            (b"GNUTELLA CONNECT/0.6\r\n", Some(Opening::FastTrack)),
            (b"GIV 0:", Some(Opening::FastTrack)),
            (b"\x16\x03\x01\x00", Some(Opening::FastTrack)),
            (b"\n\n", Some(Opening::FastTrack)),
            (b"", None),
            (b"G", None),
            (b"GI", None),
            (b"GIVE", None),
            (b"HEAD", None),
        ] {
            assert_eq!(opening_at(Port::FastTrack, bytes), expected, "{}", bytes.escape_ascii());
            let mut sniffer = Sniffer::at(Port::FastTrack);
            assert_eq!(sniffer.receive(bytes), expected);
        }
    }

    #[test]
    fn a_word_is_known_with_its_last_byte_and_not_before() {
        for (word, expected) in OPENINGS {
            assert_eq!(opening(word), Some(expected));
            for len in 0..word.len() {
                assert_eq!(opening(&word[..len]), None, "{}", word[..len].escape_ascii());
            }
        }
    }

    /// Whatever is no beginning of a word is decided, so it is enough to leave each word at each
    /// place in each way.
    #[test]
    fn what_leaves_every_word_is_foreign_at_once_and_the_longest_word_ends_in_time() {
        assert_eq!(OPENINGS.iter().map(|(word, _)| word.len()).max(), Some(OPENING_LEN_MAX));
        for (word, _) in OPENINGS {
            for (len, next) in
                (0..word.len()).flat_map(|len| (0..=255).map(move |next| (len, next)))
            {
                let bytes = [&word[..len], &[next]].concat();
                let may_go_on = OPENINGS.iter().any(|(other, _)| other.starts_with(&bytes));
                let expected = (!may_go_on).then_some(Opening::Foreign);
                let known = OPENINGS.iter().find(|(other, _)| other[..] == bytes[..]);
                assert_eq!(opening(&bytes), known.map(|(_, opening)| *opening).or(expected));
            }
        }
    }

    #[test]
    fn a_connection_is_the_same_however_its_bytes_arrive() {
        let streams = OPENINGS.iter().map(|(word, opening)| (*word, *opening));
        for (word, expected) in streams.chain([(&b"GNUTELLA?"[..], Opening::Foreign)]) {
            let bytes = [word, b"and so on"].concat();
            for cut in 0..=bytes.len() {
                let mut sniffer = Sniffer::new();
                let first = sniffer.receive(&bytes[..cut]);
                assert_eq!(first, (cut >= word.len()).then_some(expected));
                assert!(first.is_some() || sniffer.bytes.len() < OPENING_LEN_MAX);
                assert_eq!(sniffer.receive(&bytes[cut..]), Some(expected));
                assert_eq!(sniffer.into_bytes(), bytes);
            }
        }
    }
}
