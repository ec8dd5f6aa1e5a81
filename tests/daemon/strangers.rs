//! Strangers at the port of the API: whatever they ask for, with the token or without, they get no byte of a file.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::thread;

use filbert::base::show::is_harmful;
use filbert::control::server::paths;
use serde_json::Value;

use crate::home::{Home, PATIENCE};
use crate::hostile_requests::requests_to;
use crate::node::Node;

/// What stands in each file that nobody is to get.
const SECRET: &str = "CANARY-that-is-nobody's-business";

/// The one request of them all that is obeyed and ends the node.
const END: &[u8] = b"POST /api/v1/shutdown ";

/// A node with secrets all around: in its home, beside it, behind links, beside what is shared.
fn node_among_secrets() -> (Home, Node) {
    let home = Home::new("strangers");
    let shared = home.path().join("shared");
    for folder in [&shared, &home.path().join(".ssh")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(shared.join("small.txt"), "what everybody may have").unwrap();
    let state = home.state();
    let places = [home.path().join("canary"), home.path().join(".ssh/id_rsa")];
    for place in places.iter().chain([&shared.join(".hidden")]) {
        fs::write(place, SECRET).unwrap();
    }
    symlink(&places[0], shared.join("link")).unwrap();
    home.configure(&format!("# {SECRET}\nlog.filter = \"trace\"\n"));
    let folder = shared.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--role", "leaf", "--share", &folder]);
    // A node takes no home in which others have left something, and so they come later.
    for name in ["passwd", "canary", "config.json"] {
        fs::write(state.join(name), SECRET).unwrap();
    }
    symlink(&places[0], state.join("link")).unwrap();
    (home, node)
}

/// Sends this and no more, and reads to the end, which has to come, but for a stream of events, which has none.
fn ask(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let (mut answer, mut buffer) = (Vec::new(), [0; 4_096]);
    while !contains(&answer, b"text/event-stream") {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("neither answered nor closed: {}", request.escape_ascii())
            }
            Ok(0) | Err(_) => break,
            Ok(len) => answer.extend_from_slice(&buffer[..len]),
        }
    }
    answer
}

/// Whole lines, none of which steers anything.
fn check_head(head: &str, what: &str) {
    for (number, line) in head.split("\r\n").enumerate() {
        assert!(!line.chars().any(is_harmful), "{line:?} for {what}");
        let name = line.split_once(": ").map_or("", |(name, _)| name);
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
        assert!(number == 0 || is_name(name), "{line:?} for {what}");
    }
}

/// A refusal is a problem or nothing, and what is granted is what the API has for those with the token.
fn check_body(status: u16, head: &str, body: &str, what: &str) {
    // Lines of a stream come in chunks, which end with both.
    let ends_lines = |c| matches!(c, '\r' | '\n');
    assert!(!body.chars().any(|c| is_harmful(c) && !ends_lines(c)), "{body:?} for {what}");
    if status >= 400 {
        let problem = || serde_json::from_str::<Value>(body).is_ok_and(|it| it["status"] == status);
        assert!(body.is_empty() || problem(), "{what} got {body}");
        return;
    }
    let kinds = ["application/json", "text/plain; version=0.0.4", "text/event-stream"];
    let is_ours = kinds.iter().any(|kind| head.contains(&format!("\r\ncontent-type: {kind}")));
    assert!(is_ours || body.is_empty(), "{what} got {head} {body}");
}

/// The status, and that nothing is in the answer that is not to get out.
fn check(answer: &[u8], request: &[u8], secrets: &[&str]) -> u16 {
    let what = request[..request.len().min(300)].escape_ascii().to_string();
    let answer = String::from_utf8_lossy(answer);
    for secret in secrets {
        assert!(!answer.contains(secret), "{what} got {answer}");
    }
    if answer.is_empty() {
        return 0;
    }
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    check_head(head, &what);
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    // Behind an answer with a length may come another one, which was searched for secrets as well.
    let len = head.split("\r\ncontent-length: ").nth(1);
    let len = len.map(|rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
    let is_head = body.starts_with("HTTP/1.") || request.starts_with(b"HEAD ");
    let len = if is_head { 0 } else { len.unwrap_or(body.len()).min(body.len()) };
    check_body(status, head, &body[..len], &what);
    status
}

/// A4: each path of the corpus and each of its heads, from each route that there is.
#[test]
fn no_request_to_the_api_gets_a_byte_of_a_file() {
    let (home, node) = node_among_secrets();
    let token = fs::read_to_string(home.state().join("token")).unwrap();
    let routes: Vec<String> = paths().iter().map(|path| path.replace("{id}", "1")).collect();
    let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
    let address = node.api.as_deref().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let secrets = [SECRET, token.trim(), "root:x:", "/bin/sh", "HOME="];
    let canary = home.path().join("canary").to_string_lossy().into_owned();
    let ask_all = |lines: &str, allowed: &[&str]| {
        let requests = requests_to(&routes, lines, &canary);
        assert!(requests.len() >= 2_000, "{}", requests.len());
        let mut statuses = BTreeMap::<u16, usize>::new();
        for request in requests.iter().filter(|request| !request.starts_with(END)) {
            let status = check(&ask(address, request), request, &secrets);
            let is_open = || allowed.iter().any(|path| contains(request, path.as_bytes()));
            assert!(!matches!(status, 200..400) || is_open(), "{}", request.escape_ascii());
            *statuses.entry(status).or_default() += 1;
        }
        (requests.len(), statuses)
    };
    let with_token = format!("Host: localhost\r\nAuthorization: Bearer {}\r\n", token.trim());
    let (stranger, user) = thread::scope(|scope| {
        let stranger = scope.spawn(|| ask_all("Host: localhost\r\n", &["/health"]));
        let user = scope.spawn(|| ask_all(&with_token, &routes));
        (stranger.join().unwrap(), user.join().unwrap())
    });
    for ((count, statuses), wanted) in [(&stranger, [200, 400, 401]), (&user, [200, 400, 404])] {
        println!("{count} requests: {statuses:?}");
        let answered = count - statuses.get(&0).unwrap_or(&0);
        assert!(answered > count / 2, "{answered} of {count}");
        for status in wanted {
            assert!(statuses.contains_key(&status), "{status} never came: {statuses:?}");
        }
    }
    assert_eq!(node.show("status")["role"], "leaf", "the node lives");
    let log = node.log();
    assert!(!secrets[..2].iter().any(|secret| log.contains(secret)), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    assert!(!log.chars().any(|c| is_harmful(c) && c != '\n'), "{log:?}");
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|some| some == part)
}
