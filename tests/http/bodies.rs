use bytes::BytesMut;
use filbert::base::limits::CHUNK_LINE_LEN_MAX;
use filbert::gnutella::http::{BodyEnd, BodyReader};

/// The body, what follows it, and whether it is over; or the requirement that is broken.
fn read(
    end: BodyEnd,
    bytes: &[u8],
    piece_len: usize,
) -> Result<(Vec<u8>, Vec<u8>, bool), &'static str> {
    let (mut reader, mut stream, mut body) = (BodyReader::new(end), BytesMut::new(), Vec::new());
    for piece in bytes.chunks(piece_len) {
        stream.extend_from_slice(piece);
        while let Some(part) = reader.take_from(&mut stream).map_err(|fault| fault.rule.id())? {
            body.extend_from_slice(&part);
        }
    }
    Ok((body, stream.to_vec(), reader.is_done()))
}

/// HTTP-19, HTTP-28
#[test]
fn bodies_are_read_to_their_ends_however_they_are_cut() {
    let chunked: &[u8] = b"5;x=y\r\nhello\r\n06\n world\n0\r\nX: y\r\n\r\nHTTP/1.1";
    for (end, bytes, body, rest, is_done) in [
        (BodyEnd::After(5), &b"hello world"[..], &b"hello"[..], &b" world"[..], true),
        (BodyEnd::After(20), b"hello", b"hello", b"", false),
        (BodyEnd::After(0), b"HTTP/1.1", b"", b"HTTP/1.1", true),
        (BodyEnd::Close, b"hello world", b"hello world", b"", false),
        (BodyEnd::Chunked, chunked, b"hello world", b"HTTP/1.1", true),
        (BodyEnd::Chunked, b"0\r\n\r\n", b"", b"", true),
        (BodyEnd::Chunked, b"5\r\nhello", b"hello", b"", false),
    ] {
        for piece_len in 1..=bytes.len() {
            let expected = Ok((body.to_vec(), rest.to_vec(), is_done));
            assert_eq!(read(end, bytes, piece_len), expected, "{end:?} by {piece_len}");
        }
    }
    assert!(BodyReader::new(BodyEnd::Close).may_end_here());
    assert!(!BodyReader::new(BodyEnd::Chunked).may_end_here());
}

/// HTTP-28
#[test]
fn damaged_chunks_end_a_response() {
    let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(17));
    for bytes in
        ["x\r\n", "\r\n", "-5\r\nhello", "5\r\nhello world\r\n", "11111111111111111\r\n", &trailers]
    {
        assert_eq!(read(BodyEnd::Chunked, bytes.as_bytes(), 7), Err("HTTP-28"), "{bytes:?}");
    }
    let line = |len: usize| format!("1;{}\n", "x".repeat(len - 3)).into_bytes();
    assert!(read(BodyEnd::Chunked, &line(CHUNK_LINE_LEN_MAX), 100).is_ok());
    assert_eq!(read(BodyEnd::Chunked, &line(CHUNK_LINE_LEN_MAX + 1), 100), Err("HTTP-28"));
}
