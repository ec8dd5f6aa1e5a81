use filbert::base::limits::{
    QUICK_TIMEOUT_MS, REQUEST_TIMEOUT_MS, REQUESTS_AHEAD_LEN_MAX, REQUESTS_IN_VAIN_MAX,
    TRANSFER_HEAD_LEN_MAX, VISIT_IDLE_MS,
};
use filbert::transfer::upload::{Conversation, Input};

use super::scene::{Client, Scene, get, host};

/// Whether the time is up after so long.
fn is_over(scene: &mut Scene, client: &mut Client, wait_ms: u64) -> bool {
    scene.now = scene.now.after_ms(wait_ms);
    scene.hand_in(client, Input::Timeout);
    scene.run(client).is_closed
}

/// UPLOAD-20
#[test]
fn a_request_that_comes_byte_by_byte_has_its_time_and_no_more() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let begun = scene.now;
    assert_eq!(client.conversation.next_timeout(), Some(begun.after_ms(REQUEST_TIMEOUT_MS)));
    scene.say(&mut client, "G");
    for byte in get(2, "").as_bytes().iter().skip(1).take(14) {
        assert!(!is_over(&mut scene, &mut client, 1_000));
        scene.say(&mut client, [*byte]);
    }
    assert!(!is_over(&mut scene, &mut client, 999));
    assert!(is_over(&mut scene, &mut client, 1));
}

/// UPLOAD-20
#[test]
fn who_says_nothing_more_is_let_go() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    scene.say(&mut client, get(2, ""));
    assert!(!is_over(&mut scene, &mut client, VISIT_IDLE_MS - 1));
    assert!(is_over(&mut scene, &mut client, 1));
    let mut client = scene.client(host(0));
    scene.say(&mut client, get(2, ""));
    scene.say(&mut client, "G");
    assert!(!is_over(&mut scene, &mut client, REQUEST_TIMEOUT_MS - 1));
    assert!(is_over(&mut scene, &mut client, 1), "a request has less time than a rest");
}

/// UPLOAD-20
#[test]
fn a_small_answer_that_is_not_taken_ends() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    client.takes = false;
    scene.say(&mut client, get(2, ""));
    assert!(!is_over(&mut scene, &mut client, QUICK_TIMEOUT_MS - 1));
    assert!(is_over(&mut scene, &mut client, 1));
}

#[test]
fn who_has_a_slot_is_watched_by_its_rate_alone() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    client.takes = false;
    scene.say(&mut client, get(1, ""));
    assert_eq!(client.conversation.next_timeout(), None);
}

#[test]
fn who_asks_in_vain_again_and_again_is_let_go() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    for number in 1..=REQUESTS_IN_VAIN_MAX {
        let outcome = scene.say(&mut client, "GET /nothing HTTP/1.1\r\n\r\n");
        assert_eq!((outcome.status(), outcome.is_closed), (404, number == REQUESTS_IN_VAIN_MAX));
    }
}

#[test]
fn heads_are_read_up_to_their_limit_and_requests_ahead_too() {
    let mut scene = Scene::new();
    let head = |len: usize| {
        let start = "GET /get/2/small.txt HTTP/1.1\r\n";
        let filler = format!("X: {}\r\n", "y".repeat(500));
        let mut text = start.to_owned();
        while text.len() + filler.len() + 2 <= len {
            text.push_str(&filler);
        }
        let rest = len - text.len() - 2;
        if rest >= 6 {
            text.push_str(&format!("X: {}\r\n", "z".repeat(rest - 5)));
        }
        text + "\r\n"
    };
    for (len, status) in [(TRANSFER_HEAD_LEN_MAX, 200), (TRANSFER_HEAD_LEN_MAX + 1, 431)] {
        let mut client = scene.client(host(0));
        let text = head(len);
        assert_eq!(text.len(), len);
        assert_eq!(scene.say(&mut client, text).status(), status, "{len}");
    }
    let mut client = scene.client(host(0));
    client.takes = false;
    scene.say(&mut client, get(2, ""));
    let piece = get(2, "");
    let mut sent = 0;
    while client.conversation.wants_bytes() {
        scene.say(&mut client, &piece);
        sent += piece.len();
    }
    let most = REQUESTS_AHEAD_LEN_MAX..REQUESTS_AHEAD_LEN_MAX + piece.len();
    assert!(most.contains(&sent), "{sent}");
}

#[test]
fn a_connection_without_requests_is_small() {
    assert!(size_of::<Conversation>() <= 512, "{}", size_of::<Conversation>());
}
