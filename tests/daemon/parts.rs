//! Parts of files that nodes are still fetching go from one to the other.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use filbert::gnutella::http::thex::TreeRows;
use filbert::library::hash::Digests;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::home::{Home, PATIENCE, wait_for, wait_until};
use crate::node::Node;
use crate::uploads::bytes;

const LEN: usize = 3 << 20;

/// Bytes of the smallest piece that is proved by itself.
const PIECE_LEN: usize = 64 << 10;

fn content() -> Vec<u8> {
    bytes(LEN)
}

fn target(file: &[u8], resource: &str) -> String {
    format!("/uri-res/{resource}?urn:sha1:{}", BASE32_NOPAD.encode(&Digests::of(file).sha1))
}

/// A link to the file, its tree and those that have it.
fn magnet(file: &[u8], sources: &[SocketAddr]) -> String {
    let Digests { sha1, tree, .. } = Digests::of(file);
    let (sha1, root) = (BASE32_NOPAD.encode(&sha1), BASE32_NOPAD.encode(&tree.root()));
    let mut link = format!("magnet:?xt=urn:bitprint:{sha1}.{root}&xl={}&dn=river.bin", file.len());
    for source in sources {
        link += &format!("&xs=http://{source}{}", target(file, "N2R"));
    }
    link
}

/// A node that others can call, as its user says.
struct Peer {
    home: Home,
    node: Node,
}

impl Peer {
    fn new(name: &str, configuration: &str, arguments: &[&str]) -> Self {
        let home = Home::new(name);
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        home.configure(&format!("uploads.slots_per_host = 8\n{configuration}"));
        let own = ["run", "--listen", &free, "--advertise", &free, "--api", "127.0.0.1:0"];
        let laboratory = ["--no-bootstrap", "--allow-private", "--role", "leaf"];
        let node = Node::from(&mut home.filbert(&[&own[..], &laboratory, arguments].concat()));
        Self { home, node }
    }

    fn fetch(&self, link: &str) {
        let (status, answer) =
            self.node.ask("POST", "/api/v1/downloads", Some(&json!({ "link": link })));
        assert_eq!(status, 201, "{answer}");
    }

    fn download(&self) -> Value {
        self.node.show("downloads")[0].clone()
    }

    fn sent(&self) -> u64 {
        self.node.show("uploads")["totals"]["sent_bytes"].as_u64().unwrap()
    }

    fn finished(&self) -> Vec<u8> {
        let done = wait_for("the file is whole", || {
            Some(self.download()).filter(|download| download["state"] == "finished")
        });
        fs::read(done["path"].as_str().unwrap()).unwrap()
    }
}

/// UPLOAD-17, UPLOAD-24, DOWN-20, DOWN-21: two that fetch the same file, each from somebody who gives a third of it and
/// is gone, have the other's third from each other.
#[test]
fn two_that_fetch_the_same_file_give_each_other_what_they_have() {
    let file = content();
    let shared = std::env::temp_dir().join(format!("filbert-parts-{}", std::process::id()));
    let _ = fs::remove_dir_all(&shared);
    fs::create_dir_all(&shared).unwrap();
    let own = shared.to_string_lossy();
    let one = Peer::new("parts-one", "", &[]);
    let other = Peer::new("parts-other", "", &["--downloads", &own, "--share", &own]);
    let third = LEN / 3;
    let source = |has: Range<usize>, gives| Source { told: file.clone(), has, gives }.serve();
    let until_both_have = |len: usize| {
        wait_until("what there is has come", || {
            [&one, &other].iter().all(|peer| peer.download()["verified_bytes"] == len)
        });
    };
    one.fetch(&magnet(&file, &[source(0..third, third)]));
    other.fetch(&magnet(&file, &[source(third..2 * third, third)]));
    until_both_have(third);
    assert_eq!((one.sent(), other.sent()), (0, 0));
    // The first one hears of the second from its requests.
    other.fetch(&magnet(&file, &[one.node.listen]));
    until_both_have(2 * third);
    assert_eq!((one.sent(), other.sent()), (third as u64, third as u64));
    let last = magnet(&file, &[source(2 * third..LEN, LEN)]);
    one.fetch(&last);
    other.fetch(&last);
    assert!(one.finished() == file && other.finished() == file);
    // What is whole is had by others where the user shares the folder in which it is, and only there.
    let n2r = target(&file, "N2R");
    let head = wait_for("the library has it", || {
        thread::sleep(Duration::from_millis(100));
        let (head, _) = ask(other.node.listen, "HEAD", &n2r, "");
        head.starts_with("HTTP/1.1 200 ").then_some(head)
    });
    assert!(!head.contains("X-Available-Ranges"), "{head}");
    let (head, _) = ask(one.node.listen, "HEAD", &n2r, "");
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    fs::remove_dir_all(&shared).unwrap();
}

/// Somebody who gives the right tree of a file.
struct Source {
    /// What it gives out as the file.
    told: Vec<u8>,
    /// What it has of that.
    has: Range<usize>,
    /// Bytes that it gives before it is gone.
    gives: usize,
}

impl Source {
    fn serve(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let tree = Digests::of(&content()).tree;
        let tree = TreeRows::new(tree.size(), tree.breadth_first()).unwrap().encode().to_vec();
        let (one, tree) = (Arc::new(self), Arc::new(tree));
        let given = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (one, tree, given) = (Arc::clone(&one), Arc::clone(&tree), Arc::clone(&given));
                thread::spawn(move || drop(one.answer(&stream, &tree, &given)));
            }
        });
        address
    }

    fn answer(
        &self,
        mut stream: &TcpStream,
        tree: &[u8],
        given: &AtomicUsize,
    ) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        loop {
            let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let Some(first) = head.first() else { return Ok(()) };
            if given.load(Ordering::Relaxed) >= self.gives {
                return Ok(());
            }
            if first.contains("N2X") {
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", tree.len())?;
                stream.write_all(tree)?;
                continue;
            }
            let range = head.iter().find_map(|line| line.strip_prefix("Range: bytes=")).unwrap();
            let (start, last) = range.split_once('-').unwrap();
            let (start, last): (usize, usize) = (start.parse().unwrap(), last.parse().unwrap());
            let Range { start: from, end } = self.has;
            let has = format!("X-Available-Ranges: bytes {from}-{}", end - 1);
            if !self.has.contains(&start) || last >= end {
                let why = "HTTP/1.1 416 Requested Range Not Satisfiable";
                write!(stream, "{why}\r\n{has}\r\nContent-Length: 0\r\n\r\n")?;
                continue;
            }
            let content = format!("Content-Range: bytes {start}-{last}/{}", self.told.len());
            let len = format!("Content-Length: {}", last + 1 - start);
            let queue = "X-Queue: 0.1";
            write!(stream, "HTTP/1.1 206 OK\r\n{queue}\r\n{has}\r\n{content}\r\n{len}\r\n\r\n")?;
            stream.write_all(&self.told[start..=last])?;
            given.fetch_add(last + 1 - start, Ordering::Relaxed);
        }
    }
}

/// Gives the right tree and the right bytes up to here, and wrong ones behind that.
fn liar(mut told: Vec<u8>, honest: usize) -> SocketAddr {
    told[honest..].iter_mut().for_each(|byte| *byte = !*byte);
    Source { told, has: 0..LEN, gives: usize::MAX }.serve()
}

/// The head and the body of what a node answers.
fn ask(to: SocketAddr, method: &str, target: &str, more: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    (String::from_utf8_lossy(&answer[..end]).into_owned(), answer.split_off(end))
}

/// UPLOAD-17, UPLOAD-23, DOWN-08: what one source has lied about goes to nobody, though it is on the disk.
#[test]
fn only_what_is_proved_right_goes_to_others() {
    let (file, honest) = (content(), 20 * PIECE_LEN);
    let mut peer = Peer::new("parts-proved", "", &[]);
    peer.fetch(&magnet(&file, &[liar(file.clone(), honest)]));
    wait_until("the liar is not asked any more", || {
        let download = peer.download();
        download["sources"] == 0 && download["verified_bytes"].as_u64().unwrap() > 0
    });
    let n2r = target(&file, "N2R");
    let proved = wait_for("it says what it has", || {
        // It answers some hundred requests a minute that need no slot.
        thread::sleep(Duration::from_millis(100));
        let (head, _) = ask(peer.node.listen, "HEAD", &n2r, "");
        let ranges = head.split("X-Available-Ranges: bytes 0-").nth(1)?;
        ranges.split("\r\n").next()?.parse::<usize>().ok().map(|last| last + 1)
    });
    assert!(proved >= PIECE_LEN && proved <= honest, "{proved}");
    let (head, body) = ask(peer.node.listen, "GET", &n2r, "Range: bytes=0-\r\n");
    assert!(head.starts_with("HTTP/1.1 206 "), "{head}");
    assert!(body == file[..proved], "all that is proved, and nothing else");
    let (head, body) = ask(peer.node.listen, "GET", &n2r, "");
    assert!(head.starts_with("HTTP/1.1 416 ") && body.is_empty(), "it is not whole: {head}");
    for piece in (0..LEN / PIECE_LEN).filter(|piece| piece % 2 == 1 || *piece < 24) {
        let range = format!("Range: bytes={}-{}\r\n", piece * PIECE_LEN, LEN - 1);
        let (head, body) = ask(peer.node.listen, "GET", &n2r, &range);
        if piece * PIECE_LEN < proved {
            assert!(head.starts_with("HTTP/1.1 206 "), "{head}");
            assert!(body == file[piece * PIECE_LEN..proved], "{piece}");
        } else {
            assert!(head.starts_with("HTTP/1.1 416 ") && body.is_empty(), "{head}");
            assert!(head.contains("X-Available-Ranges: bytes 0-"), "{head}");
        }
    }
    let (head, body) = ask(peer.node.listen, "GET", &target(&file, "N2X"), "");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(TreeRows::decode(&body).unwrap().root(), Digests::of(&file).tree.root());
    // The user wants it no longer, from now on.
    peer.home.configure("[uploads]\nshare_parts = false\n");
    peer.node.signal(Signal::HUP);
    wait_until("nothing is given", || {
        thread::sleep(Duration::from_millis(100));
        ask(peer.node.listen, "GET", &n2r, "").0.starts_with("HTTP/1.1 404 ")
    });
    let (code, _) = peer.node.terminate(Signal::TERM);
    assert_eq!(code, Some(0));
}

/// HIT-39, QRP-42, UPLOAD-17: somebody who knows nobody finds a part by its content, and has it.
#[test]
fn a_part_is_found_by_whoever_searches_and_fetched() {
    let (file, honest) = (content(), 20 * PIECE_LEN);
    let holder = Peer::new("parts-holder", "", &[]);
    holder.fetch(&magnet(&file, &[liar(file.clone(), honest)]));
    wait_until("the liar is not asked any more", || {
        let download = holder.download();
        download["sources"] == 0 && download["verified_bytes"].as_u64().unwrap() > 0
    });
    let verified = holder.download()["verified_bytes"].as_u64().unwrap();
    let up_home = Home::new("parts-up");
    let up = Node::start(&up_home, &["--role", "ultrapeer"]);
    let to = up.listen.to_string();
    let (code, _) = holder.node.ask("POST", "/api/v1/peers", Some(&json!({ "address": to })));
    assert_eq!(code, 202);
    wait_until("its words are known", || {
        let peers = up.show("peers");
        let mut tables = peers.as_array().unwrap().iter().map(|peer| &peer["query_table"]);
        tables.any(|table| table["filled"].as_u64() > Some(0))
    });
    let seeker = Peer::new("parts-seeker", "", &["--connect", &to]);
    up.until_status("both leaves", |status| status["links"]["leaves"] == 2);
    let urn = target(&file, "N2R").split_once('?').unwrap().1.to_owned();
    let search = ["search", "--max", "1", "--wait", "20", "river", &urn];
    let found = seeker.home.run(&search);
    assert!(found.code == 0 && found.out.contains("river.bin"), "{}{}", found.out, found.err);
    seeker.fetch(&magnet(&file, &[]));
    wait_until("all that is there has come", || seeker.download()["verified_bytes"] == verified);
    assert_eq!(holder.sent(), seeker.download()["done_bytes"].as_u64().unwrap());
}
