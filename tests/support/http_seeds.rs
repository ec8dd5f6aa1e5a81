//! Seeds of the targets for transfers: what real programs say, and a little more.

use super::seeds::{Seeds, add};

/// Lengths of pieces.
const PIECES: [u8; 4] = [1, 23, 7, 0];

const REQUESTS: [&[u8]; 6] = [
    b"GET /uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB HTTP/1.1\r\nHost: 1.2.3.4:6346\r\n\
      User-Agent: LimeWire/5.6\r\nX-Queue: 0.1\r\nX-Gnutella-Content-URN: urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB\r\n\
      X-Alt: tls=8,1.2.3.4:6347,5.6.7.8\r\nX-NAlt: 9.9.9.9:1\r\nRange: bytes=0-131071\r\nX-Node: 5.6.7.8:6346\r\n\
      X-Features: fwalt/0.1, browse/1.0, queue/0.1\r\nX-Downloaded: 131072\r\n\r\n",
    b"HEAD /get/7/a%20song+b.ogg HTTP/1.0\r\nConnection: keep-alive\r\nRange: bytes=-500\r\n\
      X-Queue: 1.1\r\nX-Queued: position=2; ID=0123456789abcdef0123456789abcdef\r\n\r\n\
      GET /uri-res/N2X?urn:bitprint:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB.LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nAccept: application/x-gnutella-packets\r\nX-FW-Node-Info: 9dbc52eeebca2c8a79036d626b959900;fwt/1;26252:85.182.49.3;pptls=E;69.12.88.95:1085;64.53.20.48:804\r\n\r\n",
    b"GET /gnutella/push-proxy?ServerId=AAAQEAYEAUDAOCAJBIFQYDIOB4&file=7&tls=true HTTP/1.1\nX-Node: 1.2.3.4:5\n\n",
    b"HEAD http://a:80/gnet/push-proxy?guid=000102030405060708090a0b0c0d0e0f HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

const RESPONSES: [&[u8]; 5] = [
    b"HTTP/1.1 206 Partial Content\r\nServer: gtk-gnutella/1.2\r\nContent-Length: 5\r\nContent-Range: bytes 0-4/10\r\n\
      X-Gnutella-Content-URN: urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB\r\n\
      X-Thex-URI: /uri-res/N2X?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB;LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ\r\n\
      X-Create-Time: 1100000000000\r\nX-Available: bytes 5\r\nX-Available-Ranges: bytes 0-4, 7-8\r\n\r\nhello",
    b"HTTP/1.1 503 Queued\r\nX-Queue: position=2, length=5, limit=4, pollMin=45, pollMax=120\r\nRetry-After: 60\r\n\
      X-Queued: ID=0123456789abcdef0123456789abcdef; position=2; length=5; ETA=60; lifetime=300\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"HTTP 200 OK\r\nContent-length:3\r\n\r\nabc",
    b"HTTP/1.1 416\nContent-Range: bytes */10\nConnection: close\n\n",
];

/// As nodes of FastTrack answer, and what names a file there.
const KAZAA: [&[u8]; 6] = [
    b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000-2999/9000\r\nContent-Length: 2000\r\n\
      Accept-Ranges: bytes\r\nServer: KazaaClient Nov  3 2002 20:29:03\r\nConnection: close\r\n\
      X-Kazaa-Username: bob\r\nX-Kazaa-Network: KaZaA\r\nX-Kazaa-IP: 203.0.113.5:1214\r\n\
      X-Kazaa-SupernodeIP: 198.51.100.1:1214\r\nX-KazaaTag: 5=70\r\nX-KazaaTag: 6=Ann\r\n\
      X-KazaaTag: 3==BwcHBwcHBwcHBwcHBwcHBwcHBwc=\r\nContent-Type: audio/mpeg\r\n\r\n",
    b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 300\r\nX-Kazaa-Username: bob\r\n\r\n",
    b"HTTP/1.1 206 Partial Content\r\nContent-Length: 500\r\n\r\n",
    b"=ndOuamyODLTbQrlweIThEv9P+/8=",
    b"/.hash=9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff",
    b"9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff73ecb9b592fff03d0bb5631b39842c13",
];

const LINES: [&[u8]; 6] = [
    b"1.1",
    b"position=2, length=5, limit=4, pollMin=45, pollMax=120",
    b"ID=0123456789abcdef0123456789abcdef; position=2; length=5; ETA=60; lifetime=300",
    b"QUEUE 0123456789abcdef0123456789abcdef 1.2.3.4:6346\r\n",
    b"GIV 7:000102030405060708090a0b0c0d0e0f/a song.ogg\n\n",
    b"3600",
];

const RANGES: [&[u8]; 8] = [
    b"bytes=0-499",
    b"bytes=500-",
    b"bytes=-500, 3-4",
    b"bytes 0-9/10",
    b"bytes=0-9/*",
    b"bytes */10",
    b"bytes 0-99, 200-299, 250-400",
    b"bytes",
];

const ALTERNATES: [&[u8]; 5] = [
    b"X-Alt: tls=48, 1.2.3.4:6347, 5.6.7.8, [2001:db8::1]:7\r\nX-NAlt: 9.9.9.9:1",
    b"X-Falt: 9dbc52eeebca2c8a79036d626b959900;fwt/1.0;26252:85.182.49.3;pptls=E;69.12.88.95:1085;64.53.20.48:804",
    b"X-NFalt: 9dbc52eeebca2c8a79036d626b959900;1.2.3.4:5,00000000000000000000000000000000",
    b"X-Gnutella-Alternate-Location: http://1.2.3.4:6346/uri-res/N2R?urn:sha1:A4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYH 2002-04-30T08:30Z,\r\n http://5.6.7.8/get/1/a",
    b"X-Push-Proxy: pptls=8,1.2.3.4:5,6.7.8.9:10\r\nX-Alt: http://1.2.3.4/uri-res/N2R?urn:sha1:A4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYH",
];

const LINKS: [&[u8]; 4] = [
    b"magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a+song%20b.ogg&xl=123&kt=a+b&xs=http://1.2.3.4:6346/uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB",
    b"magnet:?xt.1=urn:bitprint:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB.LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ&dn.1=..%2f..%2fetc%2fpasswd&xt.2=urn:md5:d41d8cd98f00b204e9800998ecf8427e&tr=http%3A%2F%2Fx",
    b"magnet:?as=push://9dbc52eeebca2c8a79036d626b959900:1.2.3.4:5:[2001:db8::1]:6/uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&xs=urn:guid:9dbc52eeebca2c8a79036d626b959900",
    b"CON.tar.gz",
];

/// What a tree is made of: a size, and digests.
const TREE: &[u8] = b"\x01\0\0\0\0\0\x01\0\0\
    abcdefghijklmnopqrstuvwxabcdefghijklmnopqrstuvwxabcdefghijklmnopqrstuvwx";

/// The head of a record, and little behind it.
const CUT_TREE: &[u8] = b"\0\x0c\x10\0\0\0\0\0\x08\0\0\0\x04text/xml<a>\0";

/// Adds them all.
pub fn add_transfers(seeds: &mut Seeds) {
    for (target, inputs) in [
        ("queueing", &LINES[..]),
        ("alternates", &ALTERNATES),
        ("magnet", &LINKS),
        ("kazaa", &KAZAA),
    ] {
        inputs.iter().for_each(|input| add(seeds, target, &[], input));
    }
    [TREE, CUT_TREE].iter().for_each(|input| add(seeds, "thex", &[], input));
    RANGES.iter().for_each(|value| add(seeds, "ranges", &[0, 0, 0, 0, 0, 0, 3, 0], value));
    REQUESTS.iter().for_each(|request| add(seeds, "http_request", &PIECES, request));
    RESPONSES.iter().for_each(|response| add(seeds, "http_response", &PIECES, response));
}
