//! What hits of a running node say of it: that is what has happened, and nothing that was made up.

use std::io::{Read, Write};
use std::net::TcpStream;

use filbert::gnutella::wire::QueryHit;
use filbert::gnutella::wire::ggep::Value;

use crate::home::{Home, wait_until};
use crate::node::Node;
use crate::peer::Peer;
use crate::uploads::{bytes, connect};

const HIT: u8 = 0x81;

/// Larger than what may wait in a connection.
const LEN: usize = 64 << 20;

/// A hit as an answer to a question that was not asked before.
fn hit(peer: &mut Peer, question: u8) -> QueryHit {
    peer.ask(question, b"harbour");
    QueryHit::decode(&peer.until(HIT).into()).unwrap()
}

fn said(hit: &QueryHit) -> (Option<bool>, Option<bool>, bool) {
    let flags = hit.trailer.as_ref().unwrap().flags().unwrap();
    (flags.busy(), flags.uploaded(), hit.speed > 0)
}

/// Who has it too, as a hit says it.
fn sources(hit: &QueryHit) -> Vec<String> {
    let Some(Value::Addresses(found)) = hit.records[0].extensions.value("ALT") else {
        return Vec::new();
    };
    found.iter().map(ToString::to_string).collect()
}

fn request(target: &str, more: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\n{more}\r\n")
}

/// Reads to the end of a head.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            break;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// HIT-36, HIT-40, UPLOAD-14
#[test]
fn hits_say_who_has_a_file_too_and_what_uploads_have_come_to() {
    let home = Home::new("hits");
    let folder = home.path().join("shared");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("harbour song.ogg"), bytes(LEN)).unwrap();
    home.configure("[uploads]\nslots = 1\n");
    let shared = folder.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--role", "ultrapeer", "--share", &shared]);
    wait_until("the file is hashed", || {
        node.show("library")["files"].as_array().unwrap().len() == 1
    });
    let sha1 = node.show("library")["files"][0]["sha1"].as_str().unwrap().to_owned();
    let target = format!("/uri-res/N2R?urn:sha1:{sha1}");
    let mut peer = Peer::join(node.listen);
    let mut question = 0;
    let mut next = || {
        question += 1;
        hit(&mut peer, question)
    };
    let first = next();
    assert_eq!((said(&first), sources(&first)), ((Some(false), Some(false), false), vec![]));

    // Somebody who has it too takes all of it.
    let mut stream = connect(node.listen, 7);
    let line = "X-Alt: 127.1.0.7:6346\r\nConnection: close\r\n";
    stream.write_all(request(&target, line).as_bytes()).unwrap();
    assert!(head(&mut stream).starts_with("HTTP/1.1 200 "));
    wait_until("the only slot is taken", || said(&next()).0 == Some(true));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(rest.len(), LEN);
    wait_until("what it has told is told on", || {
        let hit = next();
        let (busy, uploaded, _) = said(&hit);
        (busy, uploaded) == (Some(false), Some(true)) && sources(&hit) == ["127.1.0.7:6346"]
    });
    assert_eq!(node.show("uploads")["totals"]["finished"], 1);
}

/// HIT-40
#[test]
fn whoever_gives_nothing_says_that_it_is_busy() {
    let home = Home::new("hits-none");
    let folder = home.path().join("shared");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("harbour song.ogg"), b"la").unwrap();
    home.configure("[uploads]\nslots = 0\n");
    let shared = folder.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--role", "ultrapeer", "--share", &shared]);
    wait_until("the file is hashed", || {
        node.show("library")["files"].as_array().unwrap().len() == 1
    });
    let mut peer = Peer::join(node.listen);
    assert_eq!(said(&hit(&mut peer, 1)).0, Some(true));
}

/// UPLOAD-13
#[test]
fn whoever_has_too_many_connections_is_told_so() {
    let home = Home::new("hits-many");
    let node = Node::start(&home, &["--role", "leaf"]);
    let ask = || {
        let mut stream = connect(node.listen, 9);
        stream.write_all(request("/nothing", "").as_bytes()).unwrap();
        let head = head(&mut stream);
        (stream, head)
    };
    let stay: Vec<_> = (0..8).map(|_| ask()).collect();
    assert!(stay.iter().all(|(_, head)| head.starts_with("HTTP/1.1 404 ")), "{stay:?}");
    let (mut ninth, head) = ask();
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nRetry-After: 60\r\n"),
        "{head}"
    );
    assert_eq!(ninth.read(&mut [0]).unwrap(), 0, "it ends in good order");
    drop(stay);
    wait_until("there is room again", || ask().1.starts_with("HTTP/1.1 404 "));
}
