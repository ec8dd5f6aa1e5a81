//! Requests of people who want other files than those that are shared.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeSet;

/// Ways upwards, in every spelling that some server has taken for one.
const UPWARDS: &[&str] = &[
    "../",
    "..\\",
    "..%2f",
    "..%2F",
    "..%5c",
    "%2e%2e/",
    "%2e%2e%2f",
    "%2E%2E%5C",
    ".%2e/",
    "%2e./",
    "%252e%252e%252f",
    "..%252f",
    "..%255c",
    "%25252e%25252e%25252f",
    "....//",
    "....\\\\",
    "..;/",
    "..%00/",
    "..%0d/",
    "..%0a/",
    "..%09/",
    ".%00./",
    "..//",
    "..\\/",
    "./../",
    ".\\..\\",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae%c0%af",
    "..%e0%80%af",
    "%e0%80%ae%e0%80%ae/",
    "..%f0%80%80%af",
    "..%u2215",
    "..%u002f",
    "%uff0e%uff0e/",
    "\u{2025}/",
    "\u{ff0e}\u{ff0e}/",
    "..\u{2215}",
    "..\u{29f8}",
    "%%32%65%%32%65/",
    "..%01/",
    "/../",
    "//../",
    "..?/",
    "..#/",
    "..&/",
    "..=/",
    "..+/",
    "..%20/",
    "..%26/",
    "..%3d/",
    "~/../",
];

/// Where somebody may want to get, besides the file that a test has put there.
const PLACES: &[&str] = &[
    "etc/passwd",
    "/etc/passwd",
    "etc/shadow%00.txt",
    "proc/self/environ",
    "proc/self/fd/3",
    "dev/zero",
    "C:/Windows/win.ini",
    "boot.ini",
];

/// Names that are devices, streams or shares on some system.
const DEVICES: &[&str] = &[
    "CON",
    "NUL",
    "AUX",
    "PRN",
    "COM1",
    "LPT1",
    "CLOCK$",
    "CON.txt",
    "nul.",
    "aux::$DATA",
    "small.txt::$DATA",
    "small.txt%00",
    "small.txt%20",
    "small.txt.",
    "SMALL~1.TXT",
    "\\\\?\\C:\\boot.ini",
    "\\\\.\\PhysicalDrive0",
    "//?/C:/boot.ini",
    "\\\\localhost\\c$\\boot.ini",
    "file:///etc/passwd",
    "C:boot.ini",
    "/dev/tcp/127.0.0.1/22",
    "~root/.profile",
    ".hidden",
    ".ssh/id_rsa",
    "node.json",
    "token",
    "config.toml",
    "link",
    "link/passwd",
    "below/../../token",
];

/// What a path may begin with: every route, and what looks like one.
const ROUTES: &[&str] = &[
    "/",
    "//",
    "///",
    "/./",
    "\\",
    "/get/",
    "/get/1/",
    "/get/2/",
    "/get/0/",
    "/get/-1/",
    "/get//",
    "/get/4294967295/",
    "/get/4294967297/",
    "/get/99999999999999999999/",
    "/get/1%2f",
    "/get/%31/",
    "/get/0x1/",
    "/get/1/small.txt/",
    "/GET/1/",
    "/uri-res/",
    "/uri-res/N2R?",
    "/uri-res/N2X?",
    "/uri-res/N2R?urn:sha1:",
    "/uri-res/N2R?urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "/uri-res/../",
    "/uri-res/N2L?",
    "/gnutella/push-proxy?ServerId=",
    "/gnet/",
    "/.hash=",
    "/.hash=/",
    "/.hash=a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
    "/.hash=A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1/",
    "/.hash=%61",
    "/.files",
    "/1234/",
    "/browse/",
    "/share/",
    "/files/",
    "http://127.0.0.1/",
    "http://127.0.0.1/get/1/",
    "http:///",
    "file://",
    "?",
    "*",
    "",
];

/// Paths that lead nowhere from these routes, each once: a few thousand. `secret` is the path of a file that is not
/// shared.
fn paths(routes: &[&str], secret: &str) -> Vec<Vec<u8>> {
    let mut paths: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut add = |path: String| {
        paths.insert(path.into_bytes());
    };
    for (number, route) in routes.iter().enumerate() {
        for (other, upwards) in UPWARDS.iter().enumerate() {
            let depth = 1 + (number + other) % 9;
            let place = PLACES[(number * 3 + other) % PLACES.len()];
            add(format!("{route}{}{place}", upwards.repeat(depth)));
            add(format!("{route}{}{}", upwards.repeat(12), secret.trim_start_matches('/')));
        }
        for name in DEVICES.iter().chain(PLACES) {
            add(format!("{route}{name}"));
        }
        add(format!("{route}{secret}"));
        add(format!("{route}{}", secret.replace('/', "%2f")));
        add(format!("{route}{}", "A".repeat(3_000)));
        add(format!("{route}{}", "/".repeat(1_000)));
        add(format!("{route}{}", "%".repeat(200)));
    }
    // What is no text at all.
    for (number, route) in routes.iter().enumerate() {
        for byte in [0x00_u8, 0x01, 0x0b, 0x1b, 0x7f, 0x80, 0xc0, 0xff] {
            let mut path = route.as_bytes().to_vec();
            path.extend(std::iter::repeat_n(byte, 1 + number % 3));
            path.extend_from_slice(b"../etc/passwd");
            paths.insert(path);
        }
    }
    paths.into_iter().collect()
}

/// Requests to the port of the overlay: its routes, and heads that two readers could take for two things.
pub fn requests(secret: &str) -> Vec<Vec<u8>> {
    let sha1 = "/uri-res/N2R?urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut requests = with_paths(ROUTES, "Host: x\r\n", secret);
    let hash = "/.hash=a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
    requests.extend(with_heads(&["/", "/get/1/small.txt", sha1, hash, secret], "", secret));
    requests
}

/// The same to a server that has these routes besides, and answers nobody who does not send these lines.
pub fn requests_to(routes: &[&str], lines: &str, secret: &str) -> Vec<Vec<u8>> {
    let mut starts: Vec<String> = ROUTES.iter().map(|&route| route.to_owned()).collect();
    for (number, route) in routes.iter().enumerate() {
        // What a route leads to may begin behind it in several ways.
        let other = ["?file=", "%2f", ";", "", "//"][number % 5];
        starts.extend(["/", other].map(|end| format!("{route}{end}")));
    }
    let starts: Vec<&str> = starts.iter().map(String::as_str).collect();
    let mut requests = with_paths(&starts, lines, secret);
    requests.extend(with_heads(&[routes, &["/", secret]].concat(), lines, secret));
    requests
}

/// Each of these paths, with lines that are well.
fn with_paths(routes: &[&str], lines: &str, secret: &str) -> Vec<Vec<u8>> {
    let methods = ["GET", "HEAD", "GET", "GET"];
    let mut requests: Vec<Vec<u8>> = Vec::new();
    for (number, path) in paths(routes, secret).iter().enumerate() {
        let (method, version) = (methods[number % 4], if number % 7 == 0 { "1.0" } else { "1.1" });
        let tail = format!(" HTTP/{version}\r\n{lines}\r\n");
        requests.push([method.as_bytes(), b" ", path, tail.as_bytes()].concat());
    }
    requests
}

/// Heads that are hostile whatever they ask for.
fn with_heads(targets: &[&str], well: &str, secret: &str) -> Vec<Vec<u8>> {
    let mut heads = Vec::new();
    let inner = format!("GET {secret} HTTP/1.1\r\nHost: x\r\n\r\n");
    for target in targets {
        for lines in [
            format!("Content-Length: {}\r\n", inner.len()),
            format!("Content-Length: 0\r\nContent-Length: {}\r\n", inner.len()),
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n".to_owned(),
            "Transfer-Encoding: xchunked\r\n".to_owned(),
            "Transfer-Encoding : chunked\r\n".to_owned(),
            "Content-Length: -1\r\n".to_owned(),
            "Content-Length: 18446744073709551616\r\n".to_owned(),
            " folded: before anything\r\n".to_owned(),
            "X: a\r\n\tb\r\n c\r\n".to_owned(),
            "no colon here\r\n".to_owned(),
            ": no name\r\n".to_owned(),
            "X\0Y: nul\r\n".to_owned(),
            "X: a\rGET /etc/passwd HTTP/1.1\r\n".to_owned(),
            "X: a\nGET /etc/passwd HTTP/1.1\n\n".to_owned(),
            "X: \u{1b}[31m\u{202e}\r\n".to_owned(),
            "Range: bytes=-1--1\r\nRange: bytes=5-1\r\n".to_owned(),
            "Range: bytes=18446744073709551615-18446744073709551616\r\n".to_owned(),
            format!("Range: bytes={}\r\n", "0-,".repeat(1_000)),
            format!("Range: bytes=0-0{}\r\n", ",0-0".repeat(900)),
            "X-Alt: ../../etc/passwd, 127.0.0.1:22, \u{1b}]0;x\u{7}\r\n".to_owned(),
            "X-Node: 127.0.0.1:22\r\nX-Queue: 1.0\r\nX-Queued: position=-1; ID=../../x\r\n"
                .to_owned(),
            "X-Queue: 99999999999.-1\r\nX-Queued: ID=\r\n".to_owned(),
            format!("Host: {}\r\n", "h".repeat(4_000)),
            "X-Kazaa-IP: ../..:0\r\nX-Kazaa-Username: \u{1b}[2J\r\nX-KazaaTag: 3==../etc\r\n"
                .to_owned(),
            "X-Rewrite-URL: /etc/passwd\r\nX-Original-URL: /etc/passwd\r\n".to_owned(),
            "Connection: keep-alive, close, Upgrade\r\nUpgrade: h2c\r\n".to_owned(),
            "Expect: 100-continue\r\n".to_owned(),
            "Accept: application/x-gnutella-packets\r\nAccept-Encoding: deflate;q=../..\r\n"
                .to_owned(),
        ] {
            for method in ["GET", "HEAD", "POST", "PUT", "TRACE", "CONNECT", "G\0T", "get", "GET\t"]
            {
                let head = format!("{method} {target} HTTP/1.1\r\n{well}{lines}\r\n{inner}");
                heads.push(head.into_bytes());
            }
        }
        for start in [
            format!("GET {target}"),
            format!("GET  {target}  HTTP/1.1"),
            format!("GET {target} HTTP/1.1 HTTP/1.1"),
            format!("GET {target} HTTP/0.9"),
            format!("GET {target} HTTP/9.9"),
            format!("GET {target} HTTP/1.1\0"),
            format!("GET {target}\tHTTP/1.1"),
            format!("GET {target} XXXX/1.1"),
            format!("GET {target} HTTP/1.1\r"),
        ] {
            heads.push(format!("{start}\r\n{well}\r\n").into_bytes());
            heads.push(format!("{start}\n\n").into_bytes());
        }
    }
    heads
}
