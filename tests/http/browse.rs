use std::io::Write;
use std::net::Ipv4Addr;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::BROWSE_BODY_LEN_MAX;
use filbert::gnutella::http::{BrowseForm, BrowseReader, PageEnd, PageEntry, PageStart};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{AreaWriter, Frame, Function, Guid, QueryHit, Record};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::head;

/// A message of so many files, and a long name among them.
fn frame(function: Function, files: u32, name: &str) -> Vec<u8> {
    let record = |index| Record {
        index,
        size: 1,
        name: Bytes::copy_from_slice(name.as_bytes()),
        extensions: AreaWriter::new().finish(Place::Record),
    };
    let hit = QueryHit {
        port: 1,
        address: Ipv4Addr::LOCALHOST,
        speed: 0,
        records: (0..files).map(record).collect(),
        trailer: None,
        servent: Guid::ZERO,
    };
    let (mut payload, mut out) = (BytesMut::new(), BytesMut::new());
    hit.encode(&mut payload);
    let payload = payload.freeze();
    Frame { guid: Guid::ZERO, function, ttl: 1, hops: 0, size_flags: None, payload }
        .encode(&mut out);
    out.to_vec()
}

/// How many files there are; or the requirement that is broken.
fn read(headers: &str, body: &[u8], piece_len: usize) -> Result<usize, &'static str> {
    let mut reader = BrowseReader::new(&head(headers)).map_err(|fault| fault.rule.id())?;
    let mut count = 0;
    for piece in body.chunks(piece_len) {
        let piece = Bytes::copy_from_slice(piece);
        reader.receive(piece, |hit| count += hit.records.len()).map_err(|fault| fault.rule.id())?;
    }
    Ok(count)
}

/// HTTP-29
#[test]
fn lists_come_as_packets_or_as_a_page() {
    for (lines, form) in [
        ("Accept: application/x-gnutella-packets", Some(BrowseForm::Packets)),
        ("Accept: text/html, Application/X-Gnutella-Packets;q=0.5", Some(BrowseForm::Packets)),
        ("Accept: text/html,application/xml;q=0.9", Some(BrowseForm::Html)),
        ("Accept: */*;q=0.8", Some(BrowseForm::Html)),
        ("Accept: text/*", Some(BrowseForm::Html)),
        ("Accept:", Some(BrowseForm::Html)),
        ("X: y", Some(BrowseForm::Html)),
        ("Accept: image/png", None),
        ("Accept: application/x-gnutella2", None),
    ] {
        assert_eq!(BrowseForm::of(&head(lines)), form, "{lines}");
    }
    assert_eq!(BrowseForm::Packets.content_type(), "application/x-gnutella-packets");
}

/// HTTP-30
#[test]
fn a_list_is_query_hits_plain_or_compressed() {
    let list = [frame(Function::QUERY_HIT, 3, "a"), frame(Function::QUERY_HIT, 4, "b")].concat();
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&list).unwrap();
    let deflated = deflated.finish().unwrap();
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(&list).unwrap();
    let zipped = zipped.finish().unwrap();
    for (headers, body) in [
        ("X: y", &list),
        ("Content-Encoding: identity", &list),
        ("Content-Encoding: deflate", &deflated),
        ("Content-Encoding: gzip", &zipped),
    ] {
        for piece_len in [1, 7, 10_000] {
            assert_eq!(read(headers, body, piece_len), Ok(7), "{headers} by {piece_len}");
        }
    }
    assert_eq!(read("Content-Encoding: br", &list, 100), Err("HTTP-30"));
    let foreign = [frame(Function::QUERY_HIT, 3, "a"), frame(Function::PING, 0, "")].concat();
    assert_eq!(read("X: y", &foreign, 100), Err("HTTP-30"));
    let mut damaged = frame(Function::QUERY_HIT, 3, "a");
    damaged[23] = 200;
    assert_eq!(read("X: y", &[damaged, list].concat(), 100), Ok(7), "it is passed over");
}

/// HTTP-33
#[test]
fn a_list_is_read_up_to_its_end_and_not_one_byte_further() {
    let hit = frame(Function::QUERY_HIT, 1, &"x".repeat(1000));
    let mut list: Vec<u8> =
        hit.iter().copied().cycle().take(BROWSE_BODY_LEN_MAX / hit.len() * hit.len()).collect();
    assert_eq!(read("X: y", &list, 1 << 20), Ok(BROWSE_BODY_LEN_MAX / hit.len()));
    list.extend(&hit);
    list.truncate(BROWSE_BODY_LEN_MAX);
    assert!(read("X: y", &list, 1 << 20).is_ok());
    list.push(0);
    assert_eq!(read("X: y", &list, 1 << 20), Err("HTTP-33"));
}

/// HTTP-31, HTTP-32
#[test]
fn names_in_a_page_are_text() {
    let start = PageStart { title: "<b>&'\"" }.to_string();
    assert!(start.contains("<h1>&lt;b&gt;&amp;&#39;&quot;</h1>"), "{start}");
    let name = "\"><script>alert(1)</script>\u{202e}\n.ogg";
    let named = PageEntry { index: 7, name, size: 5, sha1: None }.to_string();
    let expected = "<li><a href=\"/get/7/%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%E2%80%AE%0A.ogg\">\
                    &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\u{fffd}\u{fffd}.ogg</a> 5 bytes</li>\n";
    assert_eq!(named, expected);
    let by_urn = PageEntry { index: 7, name: "a", size: 5, sha1: Some([0; 20]) }.to_string();
    let link = format!("<a href=\"/uri-res/N2R?urn:sha1:{}\">a</a>", "A".repeat(32));
    assert!(by_urn.contains(&link), "{by_urn}");
    for is_cut in [false, true] {
        let end = PageEnd { is_cut }.to_string();
        assert!(end.starts_with("</ul>") && end.ends_with("</html>\n"), "{end}");
        assert_eq!(end.contains("more files"), is_cut);
    }
}
