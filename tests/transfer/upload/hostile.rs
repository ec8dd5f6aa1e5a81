use filbert::base::ranges::ByteRange;
use filbert::base::show::is_harmful;
use filbert::transfer::upload::Item;

use super::scene::{Scene, content, get, host, item};
use crate::hostile_requests;

/// Names of files may be hostile too: somebody has downloaded them from strangers.
const HOSTILE_NAME: &str = "a\r\nSet-Cookie: x\u{1b}[2J\u{202e}\"><script>.txt";

/// Heads that we write: whole lines, and nothing in them that ends or turns one.
#[track_caller]
fn check_head(head: &str, request: &[u8]) {
    let request = String::from_utf8_lossy(request);
    let lines = head.strip_suffix("\r\n\r\n").unwrap_or_else(|| panic!("{head:?}")).split("\r\n");
    for (number, line) in lines.enumerate() {
        assert!(!line.chars().any(is_harmful), "{line:?} for {request}");
        if number > 0 {
            let (name, _) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?}"));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
                "{line:?}"
            );
            assert!(!name.eq_ignore_ascii_case("set-cookie"), "{head}");
        }
    }
}

/// A3, A4, UPLOAD-16: whatever is asked for, nothing but bytes of shared files comes, and each request is answered or
/// the connection ends.
#[test]
fn no_request_gets_anything_that_is_not_shared() {
    let requests = hostile_requests::requests("/tmp/secret/canary");
    assert!(requests.len() >= 2_000, "{}", requests.len());
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    for (number, request) in requests.iter().enumerate() {
        let mut scene = Scene::new().with_fasttrack();
        scene.shelves.items.insert(7, item(7, 30, HOSTILE_NAME));
        let mut client = scene.client(host(number));
        let outcome = scene.say(&mut client, request);
        let is_left = !outcome.is_closed && outcome.answers.is_empty();
        assert!(!is_left, "neither answered nor closed: {}", String::from_utf8_lossy(request));
        // Pieces of a list have no head of their own.
        for answer in outcome.answers.iter().filter(|answer| !answer.head.is_empty()) {
            check_head(&answer.head, request);
            *statuses.entry(answer.status()).or_default() += 1;
            let is_page = answer.header("Content-Type").is_some_and(|kind| kind.contains("html"));
            let mut items = scene.shelves.items.values();
            let shared = answer.body.is_empty() || items.any(|item| is_of(item, &answer.body));
            let is_list = answer.head.contains("gnutella-packets") || is_page;
            assert!(is_list || shared, "{}", answer.head);
        }
    }
    println!("{} hostile requests: {statuses:?}", requests.len());
    for status in [200, 400, 404, 405, 501] {
        assert!(statuses.contains_key(&status), "{status} never came: {statuses:?}");
    }
}

fn is_of(item: &Item, body: &[u8]) -> bool {
    let whole = content(item.id.0, ByteRange::new(0, item.size));
    body == whole || body.len() < 1_000 && whole.windows(body.len().max(1)).any(|part| part == body)
}

/// HTTP-15: what follows a head that may have a body is never read as a request.
#[test]
fn a_request_inside_of_another_one_is_not_answered() {
    for lines in [
        "Content-Length: 40\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\nContent-Length: 9\r\n",
    ] {
        let mut scene = Scene::new();
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, [get(2, lines), get(2, "")].concat());
        assert_eq!((outcome.answers.len(), outcome.is_closed), (1, true), "{lines}");
    }
}

/// A28: the name of a file ends no line of a head.
#[test]
fn a_hostile_name_is_harmless_in_a_head() {
    let mut scene = Scene::new();
    scene.shelves.items.insert(7, item(7, 30, HOSTILE_NAME));
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, get(7, ""));
    check_head(&outcome.one().head, b"");
    let told = outcome.one().header("Content-Disposition").unwrap();
    assert!(told.starts_with("attachment; filename*=UTF-8''a%0D%0ASet-Cookie"), "{told}");
}
