use crate::gnutella::link::{Opening, opening};
use crate::gnutella::wire::{Function, HEADER_LEN, Header};

/// What a stream looks like by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Heads of a Gnutella handshake.
    Handshake,
    /// Heads of transfers, or the line of a callback.
    Http,
    /// Encrypted.
    Tls,
    /// Descriptors without a handshake before them: the beginning was not recorded.
    Frames,
    /// Something else.
    Foreign,
}

const HANDSHAKE: &[u8] = b"GNUTELLA";

/// How responses begin; requests and callbacks open a connection.
const RESPONSE: &[u8] = b"HTTP/1.";

/// A TTL or a number of hops over this is no sign of Gnutella.
const PLAUSIBLE_TTL_MAX: u8 = 15;

/// Says what begins with `bytes`; nothing while there are too few of them. Descriptors are looked
/// for only where the beginning of the stream `is_missing`, for no connection opens with them.
pub(super) fn guess(bytes: &[u8], is_missing: bool) -> Option<Guess> {
    if bytes.starts_with(HANDSHAKE) {
        return Some(Guess::Handshake);
    }
    if is_http(bytes) {
        return Some(Guess::Http);
    }
    if is_tls(bytes) {
        return Some(Guess::Tls);
    }
    if HANDSHAKE.starts_with(bytes) || RESPONSE.starts_with(bytes) || opening(bytes).is_none() {
        return None;
    }
    match is_missing {
        true if bytes.len() < HEADER_LEN => None,
        true if are_frames(bytes) => Some(Guess::Frames),
        _ => Some(Guess::Foreign),
    }
}

/// True for the beginning of a head of the handshake; nothing while there are too few bytes.
pub(super) fn is_handshake(bytes: &[u8]) -> Option<bool> {
    let front = bytes.get(..HANDSHAKE.len().min(bytes.len())).unwrap_or_default();
    let may_become = HANDSHAKE.starts_with(front) && front.len() < HANDSHAKE.len();
    (!may_become).then(|| front == HANDSHAKE)
}

/// True for a likely header; nothing while there are too few bytes.
pub(super) fn is_frame(bytes: &[u8]) -> Option<bool> {
    (bytes.len() >= HEADER_LEN).then(|| likely_payload_len(bytes).is_some())
}

/// True for the beginning of a head of HTTP, or of a callback.
pub(super) fn is_http(bytes: &[u8]) -> bool {
    let opens = matches!(opening(bytes), Some(Opening::Http(_) | Opening::Giv | Opening::Queue));
    opens || bytes.starts_with(RESPONSE)
}

/// True for the first record of a TLS handshake.
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    opening(bytes) == Some(Opening::Tls)
}

/// True when a likely header stands in front, and behind its payload another one, if that far is
/// seen.
pub(super) fn are_frames(bytes: &[u8]) -> bool {
    let Some(payload_len) = likely_payload_len(bytes) else {
        return false;
    };
    let behind = bytes.get(HEADER_LEN.saturating_add(payload_len)..).unwrap_or_default();
    behind.len() < HEADER_LEN || likely_payload_len(behind).is_some()
}

fn likely_payload_len(bytes: &[u8]) -> Option<usize> {
    let header = Header::decode(bytes).ok()?;
    let is_likely = header.ttl <= PLAUSIBLE_TTL_MAX
        && header.hops <= PLAUSIBLE_TTL_MAX
        && is_of_streams(header.function);
    header.framed_payload_len().ok().filter(|_| is_likely)
}

/// True for the functions that travel in TCP connections.
fn is_of_streams(function: Function) -> bool {
    !matches!(function, Function::RUDP | Function::DHT) && is_known(function)
}

/// True for the functions that have a name.
pub(super) fn is_known(function: Function) -> bool {
    function.name() != Function(0xff).name()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ping and a pong's header.
    fn frames() -> Vec<u8> {
        let mut bytes = vec![7; 16];
        bytes.extend([0x00, 4, 0, 2, 0, 0, 0, 0xc3, 0x01]);
        bytes.extend([9; 16]);
        bytes.extend([0x01, 3, 1, 14, 0, 0, 0]);
        bytes
    }

    #[test]
    fn streams_are_told_apart_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"GNUTELLA CONNECT/0.6\r\n"[..], Some(Guess::Handshake)),
            (b"GNUTELLA", Some(Guess::Handshake)),
            (b"GNUTELL", None),
            (b"G", None),
            (b"", None),
            (b"GET / HTTP/1.1", Some(Guess::Http)),
            (b"HTTP/1.0 200 OK", Some(Guess::Http)),
            (b"GIV 0:", Some(Guess::Http)),
            (b"GIVE 1", Some(Guess::Foreign)),
            (b"\x16\x03\x01\x00", Some(Guess::Tls)),
            (b"\x16", None),
            (b"SSH-2.0", Some(Guess::Foreign)),
        ] {
            assert_eq!(guess(bytes, false), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn frames_are_looked_for_only_where_the_beginning_is_missing() {
        assert_eq!(guess(&frames(), true), Some(Guess::Frames));
        assert_eq!(guess(&frames()[..23], true), Some(Guess::Frames));
        assert_eq!(guess(&frames()[..22], true), None);
        assert_eq!(guess(&frames(), false), Some(Guess::Foreign));
    }

    #[test]
    fn one_byte_off_is_no_frame() {
        assert_eq!(guess(&frames()[1..], true), Some(Guess::Foreign));
        let mut second_is_wrong = frames();
        second_is_wrong[25 + 16] = 0x99;
        assert_eq!(guess(&second_is_wrong, true), Some(Guess::Foreign));
    }
}
