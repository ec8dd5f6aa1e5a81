use std::io::Read;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{BROWSE_EVERY_MS, BROWSE_FILES_MAX, BROWSES_PER_HOST};
use filbert::gnutella::wire::{Frame, Function, QueryHit};

use super::scene::{Outcome, Scene, host, item};

const PACKETS: &str = "GET / HTTP/1.1\r\nAccept: application/x-gnutella-packets\r\n";

fn body(outcome: &Outcome) -> Vec<u8> {
    outcome.answers.iter().flat_map(|answer| answer.body.clone()).collect()
}

fn hits(body: &[u8]) -> Vec<QueryHit> {
    let mut stream = BytesMut::from(body);
    let mut hits = Vec::new();
    while let Some(frame) = Frame::take_from(&mut stream).unwrap() {
        assert_eq!(frame.function, Function::QUERY_HIT);
        hits.push(QueryHit::decode(&frame.payload).unwrap());
    }
    assert!(stream.is_empty());
    hits
}

fn names(body: &[u8]) -> Vec<String> {
    let text = |name: &Bytes| String::from_utf8(name.to_vec()).unwrap();
    let hits = hits(body);
    hits.iter().flat_map(|hit| &hit.records).map(|record| text(&record.name)).collect()
}

/// UPLOAD-19, HIT-28, HIT-33: whoever has read them can fetch what they name, also from behind a firewall.
#[test]
fn hits_of_a_list_are_as_those_that_answer_queries() {
    let mut scene = Scene::new();
    for index in 5..200 {
        scene.shelves.items.insert(index, item(index, 1, &format!("file {index}")));
    }
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, format!("{PACKETS}\r\n"));
    let hits = hits(&body(&outcome));
    let largest = hits.iter().map(|hit| hit.records.len()).max();
    assert_eq!(largest, Some(10), "LimeWire ignores hits with more");
    assert!(hits.len() < 30, "{} hits", hits.len());
    for hit in &hits {
        assert_eq!((hit.address.to_string().as_str(), hit.port), ("203.0.113.1", 6346));
        let trailer = hit.trailer.as_ref().unwrap();
        let flags = trailer.flags().unwrap();
        assert_eq!((flags.push(), flags.busy()), (Some(true), Some(true)));
        for told in ["PUSH", "BH"] {
            assert!(trailer.extensions().find(told).is_some(), "{told}");
        }
    }
}

/// UPLOAD-19, HTTP-30
#[test]
fn servents_get_all_files_as_query_hits_plain_or_deflated() {
    for encoding in ["", "Accept-Encoding: deflate\r\n", "Accept-Encoding: deflate;q=0\r\n"] {
        let mut scene = Scene::new();
        for index in 5..200 {
            scene.shelves.items.insert(index, item(index, 5_000_000_000, &format!("file {index}")));
        }
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, format!("{PACKETS}{encoding}\r\n"));
        let head = &outcome.answers[0];
        assert_eq!((head.status(), outcome.is_closed), (200, true));
        assert_eq!(head.header("Content-Type"), Some("application/x-gnutella-packets"));
        let is_deflated = head.header("Content-Encoding") == Some("deflate");
        assert_eq!(is_deflated, encoding == "Accept-Encoding: deflate\r\n");
        let mut plain = body(&outcome);
        if is_deflated {
            let packed = std::mem::take(&mut plain);
            assert!(packed.len() < 8_000, "{}", packed.len());
            flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
        }
        let names = names(&plain);
        assert_eq!((names.len(), &*names[0], &*names[198]), (199, "large.bin", "file 199"));
    }
}

/// UPLOAD-19: nothing in a name becomes a part of the page.
#[test]
fn people_get_a_page_in_which_names_are_only_names() {
    let mut scene = Scene::new();
    let hostile = "<script>alert('x')</script>\u{1b}[2J\".txt";
    scene.shelves.items.insert(9, item(9, 1, hostile));
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n");
    assert_eq!(outcome.answers[0].header("Content-Type"), Some("text/html; charset=utf-8"));
    let page = String::from_utf8(body(&outcome)).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"), "{page}");
    assert!(page.contains("small.txt") && page.contains("/uri-res/N2R?urn:sha1:"), "{page}");
    assert!(!page.contains("<script>") && !page.contains('\u{1b}'), "{page}");
}

/// UPLOAD-19
#[test]
fn a_host_gets_a_few_lists_and_then_has_to_wait() {
    let mut scene = Scene::new();
    for number in 0..=BROWSES_PER_HOST {
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, format!("{PACKETS}\r\n"));
        let expected = if number < BROWSES_PER_HOST { 200 } else { 503 };
        assert_eq!(outcome.answers[0].status(), expected, "{number}");
        scene.leave(&client);
    }
    scene.wait_ms(BROWSE_EVERY_MS);
    let mut client = scene.client(host(0));
    assert_eq!(scene.say(&mut client, format!("{PACKETS}\r\n")).answers[0].status(), 200);
}

/// UPLOAD-19
#[test]
fn a_list_has_so_many_files_and_not_one_more() {
    for count in [BROWSE_FILES_MAX, BROWSE_FILES_MAX + 1] {
        let mut scene = Scene::new();
        scene.shelves.items.clear();
        for index in 1..=count {
            let name = format!("{index}");
            let file = item(1, 1, &name);
            let id = filbert::index::files::FileId(u32::try_from(index).unwrap());
            let file = filbert::transfer::upload::Item { id, ..file };
            scene.shelves.items.insert(id.0, file);
        }
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, format!("{PACKETS}\r\n"));
        assert_eq!(names(&body(&outcome)).len(), BROWSE_FILES_MAX);
        let mut reader = scene.client(host(1));
        let page = body(&scene.say(&mut reader, "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n"));
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page.matches("<li>").count(), BROWSE_FILES_MAX);
        assert_eq!(page.contains("There are more files"), count > BROWSE_FILES_MAX);
        let largest = outcome.answers.iter().map(|answer| answer.body.len()).max().unwrap();
        assert!(largest < 128 * 1024, "it is not made all at once: {largest}");
    }
}

#[test]
fn who_accepts_neither_form_gets_none() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, "GET / HTTP/1.1\r\nAccept: image/png\r\n\r\n");
    assert_eq!(outcome.status(), 406);
}
