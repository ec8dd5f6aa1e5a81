//! Files that others take from a running node.

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::home::{Home, PATIENCE, wait_for, wait_until};
use crate::hostile_requests;
use crate::node::Node;
use crate::programs::Program;

const SECRET: &[u8] = b"CANARY-that-is-nobody's-business";

/// Bytes that differ at every place.
pub fn bytes(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(len).collect()
}

/// A node that shares a folder.
pub struct Sharer {
    pub home: Home,
    pub node: Node,
}

impl Sharer {
    pub fn new(name: &str, files: &[(&str, &[u8])], configuration: &str) -> Self {
        let home = Home::new(name);
        let folder = home.path().join("shared");
        fs::create_dir(&folder).unwrap();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
        home.configure(configuration);
        let shared = folder.to_string_lossy().into_owned();
        let node = Node::start(&home, &["--role", "leaf", "--share", &shared]);
        let sharer = Self { home, node };
        sharer.until_shared(files.len());
        sharer
    }

    fn until_shared(&self, count: usize) {
        wait_until("the files are hashed", || self.library().len() == count);
    }

    fn library(&self) -> Vec<Value> {
        self.node.show("library")["files"].as_array().unwrap().clone()
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("shared")
    }

    /// By which a file is asked for.
    pub fn target(&self, name: &str) -> String {
        let file = wait_for("the file is shared", || {
            self.library().into_iter().find(|file| file["name"] == name)
        });
        format!("/uri-res/N2R?urn:sha1:{}", file["sha1"].as_str().unwrap())
    }

    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        ask(self.node.listen, request.as_bytes(), 1)
    }
}

/// Sends a request from one of the many addresses of this machine, and reads until the end.
fn ask(to: SocketAddr, request: &[u8], from: usize) -> (String, Vec<u8>) {
    let mut stream = connect(to, from);
    // Whoever is refused early may have closed already.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    split(&answer)
}

pub fn connect(to: SocketAddr, from: usize) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let [a, b] = u16::try_from(from).unwrap().to_be_bytes();
    let ours = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 1, a, b.max(1))), 0);
    socket.bind(&ours.into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn split(answer: &[u8]) -> (String, Vec<u8>) {
    let end =
        answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end..].to_vec())
}

fn closing(target: &str, more: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n")
}

#[test]
fn a_shared_file_is_served_and_shown() {
    let content = bytes(3_000_000);
    let sharer = Sharer::new("serving", &[("river.bin", &content), ("note.txt", b"short")], "");
    let target = sharer.target("river.bin");
    let (head, body) = sharer.ask(&closing(&target, ""));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("X-Thex-URI: /uri-res/N2X?urn:sha1:"), "{head}");
    assert_eq!(body, content);
    let (head, body) = sharer.ask(&closing(&target, "Range: bytes=1000000-1999999\r\n"));
    assert!(head.starts_with("HTTP/1.1 206 ") && head.contains("bytes 1000000-1999999/3000000"));
    assert_eq!(body, &content[1_000_000..2_000_000]);
    let (head, body) = sharer.ask("GET /get/7/nothing HTTP/1.0\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 404 ") && body.is_empty(), "{head}");

    wait_until("the API tells of it", || {
        let shown = sharer.node.show("uploads");
        let totals = &shown["totals"];
        totals["sent_bytes"] == 4_000_000 && totals["started"] == 2 && shown["slots_taken"] == 0
    });
    let printed = sharer.home.printed(&["uploads"]);
    assert!(printed.contains("0 of 8 slots taken, 0 waiting"), "{printed}");
    let json: Value = serde_json::from_str(&sharer.home.printed(&["uploads", "--json"])).unwrap();
    assert_eq!((&json["slots"], &json["uploads"]), (&8.into(), &Value::Array(Vec::new())));
}

#[test]
fn many_requests_go_over_one_connection_and_trees_and_lists_too() {
    let content = bytes(500_000);
    let sharer = Sharer::new("keepalive", &[("river.bin", &content)], "");
    let target = sharer.target("river.bin");
    let mut stream = connect(sharer.node.listen, 1);
    for piece in 0..50_usize {
        let range = format!("bytes={}-{}", piece * 10_000, piece * 10_000 + 9_999);
        write!(stream, "GET {target} HTTP/1.1\r\nRange: {range}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0; 16_384];
        while split(&answer).1.len() < 10_000 {
            let len = stream.read(&mut buffer).unwrap();
            assert!(len > 0, "{piece}: it has ended");
            answer.extend_from_slice(&buffer[..len]);
        }
        assert_eq!(split(&answer).1, &content[piece * 10_000..(piece + 1) * 10_000], "{piece}");
    }
    let tree = target.replace("N2R", "N2X");
    let (head, body) = sharer.ask(&closing(&tree, ""));
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("application/dime"), "{head}");
    let rows = filbert::gnutella::http::thex::TreeRows::decode(&body).unwrap();
    assert_eq!(rows.size(), 500_000);
    let (head, body) = sharer.ask(&closing("/", "Accept: text/html\r\n"));
    assert!(head.contains("text/html") && String::from_utf8_lossy(&body).contains("river.bin"));
}

const CURL: Program = Program { name: "curl", needed: true };

/// What curl gets, where it is installed.
fn curl(arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = CURL.command()?;
    let output = command.args(["-sS", "--max-time", "30"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[test]
fn curl_fetches_whole_files_parts_and_the_rest_of_what_it_has() {
    let content = bytes(2_000_000);
    let sharer = Sharer::new("curl", &[("river.bin", &content)], "");
    let url = format!("http://{}{}", sharer.node.listen, sharer.target("river.bin"));
    let Some(whole) = curl(&[&url]) else { return };
    assert!(whole == content);
    assert_eq!(curl(&["-r", "5-14", &url]).unwrap(), &content[5..15]);
    assert_eq!(curl(&["-r", "-10", &url]).unwrap(), &content[content.len() - 10..]);
    let head = String::from_utf8(curl(&["-I", &url]).unwrap()).unwrap();
    assert!(head.contains("Content-Length: 2000000"), "{head}");
    let part = sharer.home.path().join("part");
    fs::write(&part, &content[..777_777]).unwrap();
    curl(&["-C", "-", "-o", &part.to_string_lossy(), &url]).unwrap();
    assert!(fs::read(&part).unwrap() == content, "it was resumed");
}

#[test]
fn what_is_under_way_obeys_the_limit_of_the_user_and_ends_with_the_node() {
    let content = bytes(4_000_000);
    let limits = "bandwidth.upload_bytes_per_s = 400000\nuploads.slots = 1\n";
    let mut sharer = Sharer::new("limited", &[("river.bin", &content)], limits);
    let target = sharer.target("river.bin");
    let mut stream = connect(sharer.node.listen, 1);
    let begun = Instant::now();
    stream.write_all(closing(&target, "").as_bytes()).unwrap();
    let mut taken = 0;
    let mut buffer = [0; 65_536];
    while taken < 1_600_000 {
        taken += stream.read(&mut buffer).unwrap();
    }
    let seconds = begun.elapsed().as_secs_f64();
    // A second's bytes may have been saved, and a quarter of them is left to links.
    assert!(seconds > 2.4, "{taken} bytes in {seconds} s");
    let uploads = sharer.node.show("uploads");
    assert_eq!(
        (&uploads["slots_taken"], &uploads["uploads"][0]["name"]),
        (&1.into(), &"river.bin".into())
    );
    assert_eq!(uploads["uploads"][0]["size"], 4_000_000);
    let (head, _) = ask(sharer.node.listen, closing(&target, "X-Queue: 0.1\r\n").as_bytes(), 2);
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("Retry-After"), "{head}");
    let (code, took) = sharer.node.terminate(rustix::process::Signal::TERM);
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// The head of the next answer.
fn head_from(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// UPLOAD-05: it asks again over the connection that it has kept, when it was told to. The rule has no clock; this
/// is about the one that it is handed.
#[test]
fn whoever_asks_again_when_it_was_told_to_keeps_its_place() {
    let content = bytes(30_000_000);
    let limits = "bandwidth.upload_bytes_per_s = 1000000\nuploads.slots = 1\n";
    let sharer = Sharer::new("queue", &[("river.bin", &content)], limits);
    let target = sharer.target("river.bin");
    let mut first = connect(sharer.node.listen, 1);
    first.write_all(closing(&target, "").as_bytes()).unwrap();
    assert!(head_from(&mut first).starts_with("HTTP/1.1 200 "));
    thread::spawn(move || std::io::copy(&mut first, &mut std::io::sink()));

    let mut second = connect(sharer.node.listen, 600);
    let mut place_with = |more: &str| {
        write!(second, "GET {target} HTTP/1.1\r\nHost: x\r\nX-Queue: 1.0\r\n{more}\r\n").unwrap();
        let head = head_from(&mut second);
        assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
        let queued = head.split("X-Queued: ID=").nth(1).expect(&head);
        (queued.split(';').next().unwrap().to_owned(), head)
    };
    let (id, head) = place_with("");
    assert!(head.contains("Retry-After: 15\r\n"), "{head}");
    // Two seconds sooner is still in time.
    thread::sleep(Duration::from_millis(13_500));
    let (again, head) = place_with(&format!("X-Queued: ID={id}; position=1\r\n"));
    assert_eq!(again, id, "{head}");
}

/// A3, A4, UPLOAD-16
#[test]
fn no_request_gets_a_byte_from_outside_of_the_shared_folder() {
    let content = bytes(2_000);
    let sharer = Sharer::new("hostile", &[("small.txt", &content)], "log.filter = \"trace\"\n");
    let canary = sharer.home.path().join("canary");
    fs::write(&canary, SECRET).unwrap();
    fs::write(sharer.folder().join(".hidden"), SECRET).unwrap();
    std::os::unix::fs::symlink(&canary, sharer.folder().join("link")).unwrap();
    let requests = hostile_requests::requests(&canary.to_string_lossy());
    assert!(requests.len() >= 2_000, "{}", requests.len());
    let (mut answered, mut closed) = (0_usize, 0_usize);
    for (number, request) in requests.iter().enumerate() {
        let mut stream = connect(sharer.node.listen, 2 + number / 60);
        let _ = stream.write_all(request);
        // Whoever waits for more than this gets the end.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let outcome = stream.read_to_end(&mut answer);
        assert!(!contains(&answer, SECRET), "{}", String::from_utf8_lossy(request));
        let (head, _) = split(&answer);
        for (head, body) in answers(&answer) {
            let gives = ["HTTP/1.1 200 ", "HTTP/1.1 206 "].iter().any(|it| head.starts_with(it));
            // A part of the one file that is shared, or a list with nothing but it.
            let is_list = contains(&body, b"small.txt") && body.len() < 1_000;
            let is_ours = gives && (contains(&content, &body) || is_list);
            assert!(body.is_empty() || is_ours, "{} {head}", String::from_utf8_lossy(request));
        }
        match head.strip_prefix("HTTP/1.1 ") {
            Some(_) => answered += 1,
            None => closed += 1,
        }
        let is_timed_out =
            outcome.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!is_timed_out, "neither answered nor closed: {}", String::from_utf8_lossy(request));
        assert!(
            !head.chars().any(|char| char.is_control() && char != '\r' && char != '\n'),
            "{head:?}"
        );
    }
    println!("{} requests: {answered} answered, {closed} closed", requests.len());
    assert!(answered > requests.len() / 2, "{answered} of {}", requests.len());
    let target = sharer.target("small.txt");
    let (_, body) = sharer.ask(&closing(&target, ""));
    assert_eq!(body, content, "the node lives");
    let log = sharer.node.log();
    assert!(log.contains("an upload begins"), "it says what it does: {log:?}");
    assert!(!log.contains('\u{202e}') && !log.contains("\u{1b}["), "{log:?}");
}

/// The answers to requests that came one after the other; the last one may go on to the end.
fn answers(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = split(bytes);
        let len = head.split("\r\nContent-Length: ").nth(1);
        let len = len.map(|len| len.split("\r\n").next().unwrap().parse::<usize>().unwrap());
        let len = len.unwrap_or(rest.len()).min(rest.len());
        bytes = &bytes[bytes.len() - rest.len() + len..];
        answers.push((head, rest[..len].to_vec()));
    }
    answers
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|some| some == part)
}

/// UPLOAD-16
#[test]
fn a_file_that_was_replaced_is_not_sent_in_its_place() {
    let content = bytes(300_000);
    let settings = "library.watch = false\n";
    type Change = fn(&Path, &Path);
    let changes: [(&str, Change); 5] = [
        ("a link to a secret", |file, secret| {
            fs::remove_file(file).unwrap();
            std::os::unix::fs::symlink(secret, file).unwrap();
        }),
        ("another file", |file, secret| {
            fs::remove_file(file).unwrap();
            fs::copy(secret, file).unwrap();
        }),
        ("shorter", |file, _| {
            fs::OpenOptions::new().write(true).open(file).unwrap().set_len(1_000).unwrap();
        }),
        ("longer", |file, secret| {
            let mut file = fs::OpenOptions::new().append(true).open(file).unwrap();
            file.write_all(&fs::read(secret).unwrap()).unwrap();
        }),
        ("gone", |file, _| fs::remove_file(file).unwrap()),
    ];
    let names: Vec<String> = (0..changes.len()).map(|number| format!("file {number}")).collect();
    let contents: Vec<Vec<u8>> =
        (0..changes.len()).map(|number| content[number..].to_vec()).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&contents).map(|(name, content)| (&**name, &**content)).collect();
    let sharer = Sharer::new("replaced", &files, settings);
    let targets: Vec<String> = names.iter().map(|name| sharer.target(name)).collect();
    let secret = sharer.home.path().join("canary");
    fs::write(&secret, SECRET.repeat(10_000)).unwrap();
    for ((name, change), (file, target)) in changes.iter().zip(names.iter().zip(&targets)) {
        change(&sharer.folder().join(file), &secret);
        let (head, body) = sharer.ask(&closing(target, ""));
        let is_refused = head.starts_with("HTTP/1.1 410 ") || head.starts_with("HTTP/1.1 404 ");
        assert!(is_refused && body.is_empty(), "{name}: {head} {}", body.len());
    }
    // What is found then is what is there now.
    let (code, _) = sharer.node.ask("POST", "/api/v1/config/reload", None);
    assert_eq!(code, 200);
    sharer.until_shared(3);
}

/// UPLOAD-16: also in the middle of an answer.
#[test]
fn a_file_that_changes_while_it_is_sent_ends_the_answer() {
    let content = bytes(60_000_000);
    let sharer = Sharer::new("changing", &[("river.bin", &content)], "library.watch = false\n");
    let target = sharer.target("river.bin");
    let mut stream = connect(sharer.node.listen, 1);
    stream.write_all(closing(&target, "").as_bytes()).unwrap();
    let mut taken = vec![0; 100_000];
    stream.read_exact(&mut taken).unwrap();
    thread::sleep(Duration::from_millis(20));
    fs::write(sharer.folder().join("river.bin"), SECRET.repeat(2_000_000)).unwrap();
    let _ = stream.read_to_end(&mut taken);
    let (_, body) = split(&taken);
    assert!(body.len() < content.len(), "it has ended early");
    // What lay in the buffers of the system may be the old bytes or, of pages that were shared, new ones; but
    // nothing was added once the change was seen.
    assert!(body.len() < 30_000_000, "{}", body.len());
}
