//! What a source answers, as it comes.

use bytes::BytesMut;
use filbert::base::limits::REFUSAL_LEN_MAX;
use filbert::base::ranges::ByteRange;
use filbert::transfer::download::{Heard, NoReply, Outcome, Reply, Wanted};

use super::swarm::ask;

fn reply() -> Reply {
    Reply::to(ask(Wanted::Bytes(ByteRange::new(0, 4))), Some([7; 20]))
}

/// All that is told of these pieces.
fn heard(reply: &mut Reply, pieces: &[&[u8]]) -> Result<Vec<Heard>, NoReply> {
    let (mut read, mut all) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        read.extend_from_slice(piece);
        while let Some(heard) = reply.take_from(&mut read, false)? {
            all.push(heard);
        }
    }
    Ok(all)
}

/// HTTP-18, HTTP-19, HTTP-28
#[test]
fn an_answer_that_comes_byte_by_byte_is_the_same() {
    let plain = "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\nabcd";
    let chunked = "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-3/4\r\nTransfer-Encoding: chunked\r\n\r\n\
                   1\r\na\r\n3;x=1\r\nbcd\r\n0\r\n\r\n";
    for answer in [plain, chunked] {
        let mut reply = reply();
        let bytes: Vec<_> = answer.as_bytes().chunks(1).collect();
        let (mut body, mut answers) = (Vec::new(), 0);
        for heard in heard(&mut reply, &bytes).unwrap() {
            match heard {
                Heard::Answered(answer) => {
                    let range = ByteRange::new(0, 4);
                    assert_eq!(answer.outcome, Outcome::Bytes { range, size: Some(4) });
                    answers += 1;
                }
                Heard::Body(bytes) => body.extend_from_slice(&bytes),
                Heard::Tree(_) => panic!("nobody has asked for a tree"),
            }
        }
        assert!(reply.is_over(), "{answer}");
        assert_eq!((answers, body.as_slice()), (1, &b"abcd"[..]));
    }
}

/// At the limit and one past it.
#[test]
fn words_for_people_are_passed_over_as_long_as_they_are_few() {
    let told = |len: usize| {
        let mut reply = reply();
        let head = format!("HTTP/1.1 503 Busy\r\nContent-Length: {len}\r\n\r\n");
        let body = vec![b'x'; len];
        heard(&mut reply, &[head.as_bytes(), &body]).map(|heard| (heard.len(), reply.is_over()))
    };
    assert_eq!(told(0), Ok((1, true)));
    assert_eq!(told(REFUSAL_LEN_MAX - 1), Ok((1, true)));
    assert_eq!(told(REFUSAL_LEN_MAX), Err(NoReply::Broken));
}

#[test]
fn what_is_no_answer_is_told_from_one_that_breaks_off() {
    let mut nonsense = reply();
    assert_eq!(heard(&mut nonsense, &[b"220 ftp\r\n\r\n"]).unwrap_err(), NoReply::Nonsense);
    // DOWN-16: what such a server says first may be all that it says.
    let mut banner = reply();
    assert_eq!(heard(&mut banner, &[b"SSH-2.0-OpenSSH_9.9\r\n"]).unwrap_err(), NoReply::Nonsense);
    let mut open = reply();
    assert!(heard(&mut open, &[b"HTTP/1.1 206 OK\r\n"]).unwrap().is_empty());
    assert!(!open.is_over() && !open.may_end_here());
}
