use filbert::base::limits::{
    QUEUE_CALL_WAIT_MS, QUEUE_CALLS_MAX, QUEUE_EARLY_MS, QUEUE_LATE_S, QUEUE_RESERVE_MS,
    QUEUE_STAYS_MAX, UPLOAD_POLL_MAX_S, UPLOAD_POLL_S,
};
use filbert::transfer::upload::{CounterOutput, Terms};

use super::scene::{Answer, Client, Scene, get, host};

const STAYS: &str = "X-Queue: 0.1\r\n";

/// A scene whose only slot somebody has.
fn full() -> (Scene, Client) {
    let mut scene = Scene::with_terms(Terms { slots: 1, slots_per_host: 1, queue_len: 200 });
    let mut client = scene.client(host(0));
    client.takes = false;
    assert_eq!(scene.say(&mut client, get(1, "")).status(), 200);
    (scene, client)
}

fn numbered(id: Option<&str>, node: &str) -> String {
    let queued = id.map(|id| format!("X-Queued: position=1; ID={id}\r\n")).unwrap_or_default();
    get(1, &format!("X-Queue: 1.0\r\n{queued}{node}"))
}

/// The number of an entry.
fn id_of(answer: &Answer) -> String {
    let queued = answer.header("X-Queued").unwrap_or_else(|| panic!("{}", answer.head));
    let id = queued.split("; ").find_map(|part| part.strip_prefix("ID=")).unwrap();
    id.to_owned()
}

fn position_of(answer: &Answer) -> usize {
    let text = answer.header("X-Queue").or(answer.header("X-Queued")).unwrap();
    let mut parts = text.split([',', ';']).map(str::trim);
    parts.find_map(|part| part.strip_prefix("position=")).unwrap().parse().unwrap()
}

/// UPLOAD-02, UPLOAD-06
#[test]
fn who_can_wait_is_told_where_it_stands_and_when_to_ask_again() {
    let (mut scene, _busy) = full();
    let mut clients: Vec<Client> = Vec::new();
    for number in 1..=30 {
        let mut client = scene.client(host(number));
        let outcome = scene.say(&mut client, get(1, STAYS));
        assert_eq!((outcome.status(), outcome.is_closed), (503, false));
        let poll_min = (UPLOAD_POLL_S * u32::try_from(number).unwrap()).min(UPLOAD_POLL_MAX_S);
        let poll_max = poll_min + QUEUE_LATE_S;
        let expected = format!(
            "position={number}, length={number}, limit=1, pollMin={poll_min}, pollMax={poll_max}"
        );
        assert_eq!(outcome.one().header("X-Queue"), Some(expected.as_str()));
        assert_eq!(outcome.one().header("Content-Length"), Some("0"));
        clients.push(client);
    }
    assert_eq!(scene.counter.waiting(), 30);
}

/// UPLOAD-05
#[test]
fn who_asks_too_soon_or_too_late_stands_at_the_end() {
    let late_ms = u64::from(UPLOAD_POLL_S + QUEUE_LATE_S) * 1_000;
    let soon_ms = u64::from(UPLOAD_POLL_S) * 1_000 - QUEUE_EARLY_MS;
    for (wait_ms, position) in
        [(soon_ms - 1, 2), (soon_ms, 1), (late_ms - 1, 1), (late_ms, 2), (100, 2)]
    {
        let (mut scene, _busy) = full();
        let mut first = scene.client(host(1));
        scene.say(&mut first, get(1, STAYS));
        let mut second = scene.client(host(2));
        scene.say(&mut second, get(1, STAYS));
        scene.now = scene.now.after_ms(wait_ms);
        let outcome = scene.say(&mut first, get(1, STAYS));
        assert_eq!(position_of(outcome.one()), position, "{wait_ms}");
    }
}

/// UPLOAD-03, UPLOAD-08
#[test]
fn a_number_finds_its_place_over_another_connection_of_its_host() {
    let (mut scene, _busy) = full();
    let mut first = scene.client(host(1));
    let outcome = scene.say(&mut first, numbered(None, ""));
    let answer = outcome.one().clone();
    let id = id_of(&answer);
    assert_eq!((id.len(), answer.header("Retry-After")), (32, Some("15")));
    assert!(answer.header("X-Queued").unwrap().contains("lifetime=75"), "{}", answer.head);
    assert!(!outcome.is_closed, "who is near the front stays");
    let mut second = scene.client(host(2));
    assert_eq!(position_of(scene.say(&mut second, numbered(None, "")).one()), 2);
    scene.leave(&first);
    scene.wait_ms(20_000);
    let mut thief = scene.client(host(3));
    let stolen = scene.say(&mut thief, numbered(Some(&id), "")).one().clone();
    assert_ne!(id_of(&stolen), id, "a number is worth nothing elsewhere");
    assert_eq!(position_of(&stolen), 3);
    let mut again = scene.client(host(1));
    let kept = scene.say(&mut again, numbered(Some(&id), "")).one().clone();
    assert_eq!((position_of(&kept), id_of(&kept)), (1, id));
}

/// UPLOAD-03
#[test]
fn who_is_far_from_the_front_comes_again() {
    let (mut scene, _busy) = full();
    for number in 1..=QUEUE_STAYS_MAX + 1 {
        let mut client = scene.client(host(number));
        let outcome = scene.say(&mut client, numbered(None, ""));
        assert_eq!(outcome.is_closed, number > QUEUE_STAYS_MAX, "{number}");
    }
}

/// UPLOAD-04
#[test]
fn who_knows_no_queue_keeps_its_place_by_coming_again() {
    let (mut scene, busy) = full();
    let mut first = scene.client(host(1));
    let outcome = scene.say(&mut first, get(1, ""));
    assert_eq!((outcome.status(), outcome.is_closed), (503, true));
    assert_eq!(outcome.one().header("Retry-After"), Some("15"));
    assert_eq!(outcome.one().header("X-Queue"), None);
    scene.leave(&first);
    let mut second = scene.client(host(2));
    scene.say(&mut second, get(1, STAYS));
    scene.leave(&busy);
    scene.wait_ms(15_000);
    let mut again = scene.client(host(1));
    assert_eq!(scene.say(&mut again, get(1, "")).status(), 200);
}

/// UPLOAD-02: no number leads back to its place, and nobody stands behind somebody who has gone.
#[test]
fn who_waits_over_a_connection_leaves_the_queue_with_it() {
    let (mut scene, busy) = full();
    let mut first = scene.client(host(1));
    scene.say(&mut first, get(1, STAYS));
    let mut second = scene.client(host(2));
    assert_eq!(position_of(scene.say(&mut second, get(1, STAYS)).one()), 2);
    scene.leave(&first);
    assert_eq!(scene.counter.waiting(), 1);
    scene.wait_ms(30_000);
    assert_eq!(position_of(scene.say(&mut second, get(1, STAYS)).one()), 1);
    let mut again = scene.client(host(1));
    assert_eq!(position_of(scene.say(&mut again, get(1, STAYS)).one()), 2, "at the end");
    scene.leave(&again);
    scene.leave(&second);
    scene.leave(&busy);
    assert_eq!(scene.counter.waiting(), 0);
    let mut third = scene.client(host(3));
    assert_eq!(scene.say(&mut third, get(1, "")).status(), 200, "nobody is waited for");
}

/// UPLOAD-02, UPLOAD-04
#[test]
fn who_knows_queues_and_wants_its_connection_closed_keeps_its_place() {
    let (mut scene, busy) = full();
    let mut first = scene.client(host(1));
    let outcome = scene.say(&mut first, get(1, &format!("{STAYS}Connection: close\r\n")));
    assert_eq!((outcome.status(), outcome.is_closed), (503, true));
    assert_eq!(outcome.one().header("Retry-After"), Some("15"));
    scene.leave(&first);
    assert_eq!(scene.counter.waiting(), 1);
    scene.leave(&busy);
    scene.wait_ms(15_000);
    let mut again = scene.client(host(1));
    assert_eq!(scene.say(&mut again, get(1, STAYS)).status(), 200);
}

/// UPLOAD-09: nobody is called at another address than its own, or at a port of another service.
#[test]
fn who_does_not_come_back_is_called_twice_and_then_forgotten() {
    let here = host(1).ip();
    for (node, calls) in [
        (format!("X-Node: {here}:6346\r\n"), usize::from(QUEUE_CALLS_MAX)),
        ("X-Node: 203.0.113.77:6346\r\n".to_owned(), 0),
        (format!("X-Node: {here}:25\r\n"), 0),
        (String::new(), 0),
    ] {
        let (mut scene, _busy) = full();
        let mut client = scene.client(host(1));
        scene.say(&mut client, numbered(None, &node));
        scene.leave(&client);
        let mut called = 0;
        for _ in 0..10 {
            scene.counter.sent(filbert::transfer::upload::VisitId(1), 10_000_000);
            scene.wait_ms(QUEUE_CALL_WAIT_MS);
            let outputs = std::iter::from_fn(|| scene.counter.poll());
            called += outputs.filter(|output| matches!(output, CounterOutput::Call { .. })).count();
        }
        assert_eq!((called, scene.counter.waiting()), (calls, 0), "{node}");
    }
}

/// UPLOAD-07
#[test]
fn those_of_one_network_stand_behind_the_first_of_others() {
    let (mut scene, _busy) = full();
    for number in 1..=20 {
        let mut near = host(1);
        near.set_ip(std::net::Ipv4Addr::new(198, 51, 100, number).into());
        let mut client = scene.client(near);
        scene.say(&mut client, get(1, STAYS));
    }
    let mut other = scene.client(host(5));
    let position = position_of(scene.say(&mut other, get(1, STAYS)).one());
    assert_eq!(position, 2, "behind the first of them, before the second");
}

/// UPLOAD-07
#[test]
fn in_a_full_queue_the_network_with_most_gives_way() {
    let terms = Terms { slots: 1, slots_per_host: 1, queue_len: 4 };
    let mut scene = Scene::with_terms(terms);
    let mut busy = scene.client(host(0));
    busy.takes = false;
    scene.say(&mut busy, get(1, ""));
    for number in 1..=4 {
        let mut near = host(1);
        near.set_ip(std::net::Ipv4Addr::new(198, 51, 100, number).into());
        let mut client = scene.client(near);
        assert_eq!(scene.say(&mut client, get(1, STAYS)).status(), 503);
    }
    let full = |answer: &Answer| answer.head.starts_with("HTTP/1.1 503 Queue Full");
    let mut near = host(1);
    near.set_ip(std::net::Ipv4Addr::new(198, 51, 100, 9).into());
    let mut fifth = scene.client(near);
    assert!(full(scene.say(&mut fifth, get(1, STAYS)).one()));
    for number in 5..=7 {
        let mut other = scene.client(host(number));
        let outcome = scene.say(&mut other, get(1, STAYS));
        assert!(!full(outcome.one()), "{number}: {outcome:?}");
    }
    let mut other = scene.client(host(8));
    assert!(full(scene.say(&mut other, get(1, STAYS)).one()), "now all have one");
    assert_eq!(scene.counter.waiting(), 4);
}

/// A slot is not left empty for long because the first in the queue is late.
#[test]
fn a_slot_that_the_first_does_not_take_goes_to_somebody_near() {
    for (wait_ms, status) in [(QUEUE_RESERVE_MS - 1, 503), (QUEUE_RESERVE_MS, 200)] {
        let (mut scene, busy) = full();
        let mut first = scene.client(host(1));
        scene.say(&mut first, get(1, STAYS));
        let mut second = scene.client(host(2));
        scene.say(&mut second, get(1, STAYS));
        scene.wait_ms(15_000);
        scene.leave(&busy);
        scene.wait_ms(wait_ms);
        assert_eq!(scene.say(&mut second, get(1, STAYS)).status(), status, "{wait_ms}");
    }
}
