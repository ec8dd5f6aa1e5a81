//! Whoever asks with a number of yesterday gets the file of that name, and no other one (UPLOAD-25).

use super::scene::{Client, Outcome, Scene, content, get, host, item};
use filbert::base::limits::{QUICK_PER_MINUTE, REQUESTS_IN_VAIN_MAX};
use filbert::base::ranges::ByteRange;

fn status(scene: &mut Scene, target: &str, more: &str) -> (u16, Vec<u8>) {
    let mut client = scene.client(host(1));
    let head = format!("GET {target} HTTP/1.1\r\n{more}\r\n");
    let answer = scene.say(&mut client, head.as_bytes()).answers.remove(0);
    (answer.status(), answer.body)
}

fn scene(names: &[&str]) -> Scene {
    let mut scene = Scene::new();
    scene.shelves.items.clear();
    for (number, name) in (10..).zip(names) {
        scene.shelves.items.insert(number, item(number, 30, name));
    }
    scene
}

/// UPLOAD-25
#[test]
fn the_name_finds_the_file_where_the_number_is_that_of_none_or_of_another() {
    let mut scene = scene(&["a.ogg", "b.ogg"]);
    for number in [0, 1, 10, 11, u32::MAX] {
        let (status, body) = status(&mut scene, &format!("/get/{number}/b.ogg"), "");
        assert_eq!((status, body), (200, content(11, ByteRange::new(0, 30))), "{number}");
    }
}

/// HTTP-09, UPLOAD-25
#[test]
fn a_name_that_differs_finds_nothing() {
    let mut scene = scene(&["a.ogg", "b.ogg"]);
    for name in ["B.ogg", "b.og", "b.ogg%20", "%20b.ogg", "b%00.ogg", "./b.ogg", "x/b.ogg", "b"] {
        for number in [7, 11] {
            assert_eq!(status(&mut scene, &format!("/get/{number}/{name}"), "").0, 404, "{name}");
        }
    }
}

/// UPLOAD-25
#[test]
fn of_files_with_one_name_only_the_number_finds_one() {
    let mut scene = scene(&["a.ogg", "b.ogg", "b.ogg"]);
    for (number, found) in [(10, 404), (11, 200), (12, 200), (13, 404)] {
        assert_eq!(status(&mut scene, &format!("/get/{number}/b.ogg"), "").0, found, "{number}");
    }
}

/// HTTP-22, UPLOAD-25
#[test]
fn whoever_says_what_it_means_gets_nothing_else() {
    let mut scene = scene(&["a.ogg"]);
    let sha1 = scene.shelves.items[&10].sha1.unwrap();
    for (sha1, found) in [(sha1, 200), ([0xee; 20], 404)] {
        let urn = filbert::base::urn::Urn::Sha1(sha1);
        let more = format!("X-Gnutella-Content-URN: {urn}\r\n");
        assert_eq!(status(&mut scene, "/get/3/a.ogg", &more).0, found, "{urn}");
    }
}

/// Somebody who has a slot.
fn with_a_slot(scene: &mut Scene) -> Client {
    let mut client = scene.client(host(0));
    assert_eq!(scene.say(&mut client, get(1, PIECE)).status(), 206);
    assert!(scene.counter.serves(client.visit));
    client
}

fn by_name(scene: &mut Scene, client: &mut Client, name: &str) -> Outcome {
    scene.say(client, format!("GET /get/99/{name} HTTP/1.1\r\n{PIECE}\r\n"))
}

const PIECE: &str = "Range: bytes=0-9\r\n";

/// UPLOAD-13, UPLOAD-25: else whoever has a slot could have all names tried.
#[test]
fn names_that_nothing_has_are_counted_also_of_somebody_with_a_slot() {
    let mut scene = Scene::new();
    let mut client = with_a_slot(&mut scene);
    // That request had no slot yet.
    for number in 1..QUICK_PER_MINUTE {
        let outcome = by_name(&mut scene, &mut client, "nothing.bin");
        assert_eq!((outcome.status(), outcome.is_closed), (404, false), "{number}");
        // What is there makes up for what is not, and is not counted.
        for _ in 0..3 {
            assert_eq!(scene.say(&mut client, get(1, PIECE)).status(), 206);
        }
    }
    let outcome = by_name(&mut scene, &mut client, "nothing.bin");
    assert_eq!((outcome.status(), outcome.is_closed), (503, true));
}

/// UPLOAD-25
#[test]
fn a_name_that_finds_something_does_not_make_up_for_requests_in_vain() {
    let mut scene = Scene::new();
    let mut client = with_a_slot(&mut scene);
    for number in 1..=REQUESTS_IN_VAIN_MAX {
        assert_eq!(by_name(&mut scene, &mut client, "large.bin").status(), 206);
        let outcome = by_name(&mut scene, &mut client, "nothing.bin");
        let is_over = number == REQUESTS_IN_VAIN_MAX;
        assert_eq!((outcome.status(), outcome.is_closed), (404, is_over), "{number}");
    }
}
