use filbert::gnutella::http::{OwnHead, Request, Status, Target};
use proptest::prelude::*;

use crate::{get, request, text};

/// Ways out of a folder, in the encodings in which they were tried on others.
const STEPS: [&str; 24] = [
    "../",
    "..\\",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%2f",
    "..%5c",
    "%2e%2e%5c",
    "%252e%252e%252f",
    "..%252f",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "..%e0%80%af",
    "..%ef%bc%8f",
    "....//",
    "..;/",
    "./",
    "//",
    "/",
    "\\",
    "\\\\?\\",
    "C:\\",
    "%00/",
    "..%00/",
    "~/",
];
const FILES: [&str; 9] = [
    "etc/passwd",
    "etc/passwd%00.ogg",
    "boot.ini",
    "con",
    "nul.txt",
    ".ssh/id_rsa",
    "a:stream",
    "..",
    ".",
];
const ROUTES: [&str; 12] = [
    "/",
    "/get/1/",
    "/get/0/",
    "/get/1",
    "/get/",
    "/uri-res/N2R?",
    "/uri-res/N2X?",
    "/uri-res/",
    "/gnutella/",
    "/gnutella/push-proxy?ServerId=",
    "http://x/",
    "/get/1/a/",
];

/// HTTP-09
#[test]
fn no_path_in_a_request_is_more_than_a_name_to_compare() {
    let mut count = 0;
    for route in ROUTES {
        for step in STEPS {
            for file in FILES {
                let target = format!("{route}{step}{file}");
                match get(&target).target {
                    // A name that is compared, or something that nobody has.
                    Target::ByIndex { .. } | Target::Other(_) => {}
                    other => panic!("{target} is {other:?}"),
                }
                count += 1;
            }
        }
    }
    assert!(count >= 2_000, "{count}");
}

/// HTTP-15, HTTP-16, HTTP-17
#[test]
fn no_second_request_is_smuggled_behind_a_first() {
    let lengths = ["5", " 5", "\t5", "+5", "0x5", "05", "5, 0", "0, 5", "5;", "\u{b}5", "٥"];
    let names = [
        "Content-Length",
        "content-length",
        "Content-Length ",
        "\tContent-Length",
        "Content_Length",
        "X:\r\nContent-Length",
        "X: y\nContent-Length",
        "X: y\rContent-Length",
        "Transfer-Encoding",
        "Transfer-Encoding\t",
    ];
    for name in names {
        for length in lengths {
            let head = format!("GET / HTTP/1.1\r\n{name}: {length}\r\n\r\nGET /x HTTP/1.1\r\n\r\n");
            let closes = request(&head).map_or(true, |request| !request.keeps_connection());
            // A line that begins with a blank goes on the one before it, for everybody.
            let continues = name.starts_with('\t');
            assert!(closes || continues, "{head:?}");
        }
    }
}

proptest! {
    /// HTTP-21
    #[test]
    fn whatever_is_echoed_stays_on_its_line(value in "\\PC*|.*|[\r\n\t\0\u{1b}\u{85}\u{2028}a:]{0,40}") {
        let own = OwnHead::response_saying(Status::OK, &value).with("X-Echo", &value).with("X-End", 1);
        let text = text(&own);
        let lines: Vec<&str> = text.split("\r\n").collect();
        prop_assert_eq!(lines.len(), 5, "{:?}", text);
        prop_assert!(lines.iter().all(|line| !line.contains(char::is_control)));
        prop_assert!(lines[1].starts_with("X-Echo: ") && lines[2] == "X-End: 1");
    }

    /// HTTP-20
    #[test]
    fn every_target_is_asked_for_as_it_is_understood(path in "/(get/[0-9]{1,3}/)?\\PC{0,40}") {
        let target = Target::parse(&path);
        let again = Request::read(get(&target.to_string()).head).unwrap().target;
        if matches!(target, Target::Other(_)) {
            prop_assert_eq!(again.to_string(), target.to_string());
        } else {
            prop_assert_eq!(again, target);
        }
    }
}
