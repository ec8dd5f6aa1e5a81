//! By which word a host shows that it is a servent, and may be called like one (DOWN-16, PUSH-16).

use bytes::BytesMut;
use filbert::gnutella::http::ResponseReader;
use filbert::transfer::download::is_of_servent;

/// What programs of the web say, and what stands before them.
const OF_OTHERS: [&str; 8] = [
    "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nAccept-Ranges: bytes\r\nETag: \"67\"\r\n",
    "HTTP/1.1 404 Not Found\r\nServer: Apache/2.4.62\r\nX-Powered-By: PHP/8.3\r\nVary: Accept\r\n",
    "HTTP/1.1 206 Partial Content\r\nServer: Caddy\r\nContent-Range: bytes 0-9/10\r\nAlt-Svc: h3=\r\n",
    "HTTP/1.1 403 Forbidden\r\nServer: AmazonS3\r\nx-amz-request-id: A1\r\nx-amz-id-2: zz\r\n",
    "HTTP/1.1 503 Service Unavailable\r\nServer: cloudflare\r\nRetry-After: 30\r\nCF-RAY: 1\r\n",
    "HTTP/1.1 400 Bad Request\r\nServer: Microsoft-HTTPAPI/2.0\r\nX-Content-Type-Options: nosniff\r\n",
    "HTTP/1.0 501 Unsupported method\r\nServer: SimpleHTTP/0.6 Python/3.13\r\nX-Cache: MISS\r\n",
    "HTTP/1.1 200 OK\r\nServer: LimeWire/5.6 gtk-gnutella/1.2.3\r\nX-Request-Id: gnutella\r\n",
];

/// What only servents say.
const OF_SERVENTS: [&str; 11] = [
    "X-Gnutella-Content-URN: urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB",
    "X-Content-URN: urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB",
    "X-Thex-URI: /uri-res/N2X?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB",
    "X-Available-Ranges: bytes 0-10",
    "X-Alt: 203.1.0.2:6346",
    "X-Queue: position=2, pollMin=45, pollMax=120",
    "X-Queued: position=2; ID=ab12",
    "X-GUID: 000102030405060708090A0B0C0D0E0F",
    "X-Node: 203.1.0.2:6346",
    "X-Gnutella-Alternate-Location: http://203.1.0.2:6346/",
    "X-Features: browse/1.0",
];

fn is_servent(head: &str) -> bool {
    let mut bytes = BytesMut::from(format!("{head}Content-Length: 0\r\n\r\n").as_bytes());
    let response = ResponseReader::default().take_from(&mut bytes).unwrap().unwrap();
    is_of_servent(&response.head)
}

/// DOWN-16, PUSH-16, A7 of the attacks: a name that anybody can write into `Server` is no word.
#[test]
fn nothing_that_servers_of_the_web_say_makes_a_servent() {
    for head in OF_OTHERS {
        assert!(!is_servent(head), "{head}");
    }
}

/// DOWN-16, PUSH-16
#[test]
fn each_thing_that_only_servents_say_makes_one() {
    for (line, head) in OF_SERVENTS.iter().flat_map(|line| OF_OTHERS.map(|head| (line, head))) {
        assert!(is_servent(&format!("{head}{line}\r\n")), "{line}");
    }
}
