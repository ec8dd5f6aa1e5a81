use filbert::base::limits::{
    QUICK_PER_HOST_MAX, QUICK_PER_MINUTE, UPLOAD_QUEUED_PER_HOST, UPLOAD_RATE_MIN, UPLOAD_REST_MS,
    UPLOAD_TURN_MAX_MS, UPLOAD_TURN_MS, UPLOAD_WINDOW_MS,
};
use filbert::transfer::upload::{CounterOutput, Ended, Input, Terms};

use super::scene::{Client, Scene, TERMS, get, host, request};

/// A client that is in the middle of an answer.
fn busy(scene: &mut Scene, number: usize) -> Client {
    let mut client = scene.client(host(number));
    client.takes = false;
    assert_eq!(scene.say(&mut client, get(1, "")).status(), 200);
    client
}

fn outputs(scene: &mut Scene) -> Vec<CounterOutput> {
    std::iter::from_fn(|| scene.counter.poll()).collect()
}

/// UPLOAD-01
#[test]
fn so_many_have_a_slot_and_the_next_one_waits() {
    let mut scene = Scene::new();
    let first = busy(&mut scene, 0);
    assert!(!scene.counter.is_busy());
    let _second = busy(&mut scene, 1);
    assert!(scene.counter.is_busy());
    let mut third = scene.client(host(2));
    assert_eq!(scene.say(&mut third, get(1, "X-Queue: 0.1\r\n")).status(), 503);
    scene.leave(&first);
    assert_eq!((scene.counter.serving(), scene.counter.waiting()), (1, 1));
    assert!(scene.counter.is_busy(), "whoever waits comes first");
    scene.wait_ms(15_000);
    assert_eq!(scene.say(&mut third, get(1, "X-Queue: 0.1\r\n")).status(), 200);
}

/// UPLOAD-01
#[test]
fn a_host_has_as_many_slots_as_it_may_and_a_few_places_more() {
    let mut scene = Scene::new();
    let first = busy(&mut scene, 0);
    let [mut second, mut third, mut last] = [0; 3].map(|_| scene.client(host(0)));
    let mut early = scene.client(host(0));
    let refused = scene.say(&mut early, get(1, "X-Queue: 1.0\r\n"));
    assert!(refused.one().head.starts_with("HTTP/1.1 503 Too Many Transfers"), "{refused:?}");
    assert_eq!(scene.counter.waiting(), 0, "only its own transfer is in its way");
    let _other = busy(&mut scene, 1);
    let waits = scene.say(&mut second, get(1, "X-Queue: 0.1\r\n"));
    assert_eq!(waits.one().header("X-Queue").map(|queue| &queue[..10]), Some("position=1"));
    // Gtk-gnutella asks for each file over a connection of its own.
    for place in 1..UPLOAD_QUEUED_PER_HOST {
        let waits = scene.say(&mut third, get(1, "X-Queue: 1.0\r\n"));
        assert!(waits.one().header("X-Queued").is_some_and(|one| one.contains("ID=")), "{place}");
        third = scene.client(host(0));
    }
    let refused = scene.say(&mut last, get(1, "X-Queue: 0.1\r\n"));
    assert_eq!((refused.status(), refused.is_closed), (503, true));
    assert!(refused.one().head.starts_with("HTTP/1.1 503 Too Many Transfers"), "{refused:?}");
    assert_eq!(refused.one().header("Retry-After"), Some("60"));
    scene.leave(&first);
    scene.wait_ms(15_000);
    assert_eq!(scene.say(&mut second, get(1, "X-Queue: 0.1\r\n")).status(), 200);
    let three = Terms { slots: 9, slots_per_host: 3, ..TERMS };
    let mut scene = Scene::with_terms(three);
    let _three: Vec<Client> = (0..3).map(|_| busy(&mut scene, 0)).collect();
    let mut fourth = scene.client(host(0));
    let refused = scene.say(&mut fourth, get(1, ""));
    assert_eq!((refused.status(), refused.one().header("Retry-After")), (503, Some("60")));
    // Who cannot have one does not hold up those behind it.
    let mut other = scene.client(host(1));
    assert_eq!(scene.say(&mut other, get(1, "")).status(), 200);
}

/// UPLOAD-26: the other side sees the last bytes before we know that they have gone.
#[test]
fn whoever_comes_again_for_more_takes_its_slot_along() {
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
    let mut first = scene.client(host(0));
    first.takes = false;
    assert_eq!(scene.say(&mut first, get(1, "Connection: close\r\n")).status(), 200);
    let again = |scene: &mut Scene, from| {
        let mut client = scene.client(host(from));
        client.takes = false;
        let status = scene.say(&mut client, get(1, "Connection: close\r\n")).status();
        (client, status)
    };
    assert_eq!(again(&mut scene, 0).1, 503, "it has bytes to take");
    scene.hand_in(&mut first, Input::Ending);
    assert_eq!(again(&mut scene, 1).1, 503, "it is nobody else's");
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
    let mut client = again(&mut scene, 0).0;
    scene.hand_in(&mut client, Input::Ending);
    let (mut next, status) = again(&mut scene, 0);
    assert_eq!((status, scene.counter.serving()), (200, 1));
    assert_eq!(again(&mut scene, 0).1, 503, "it has gone along once");
    // That the first one ends is no matter of the second.
    scene.take(&mut client);
    scene.leave(&client);
    assert_eq!(scene.counter.serving(), 1);
    // Its turn is as long as that of others.
    let mut other = scene.client(host(1));
    assert_eq!(scene.say(&mut other, get(1, "X-Queue: 0.1\r\n")).status(), 503);
    scene.now = scene.now.after_ms(UPLOAD_TURN_MS);
    scene.hand_in(&mut next, Input::Ending);
    assert_eq!(again(&mut scene, 0).1, 503, "others wait");
    // Whoever stays connected asks there.
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
    let mut stays = busy(&mut scene, 0);
    scene.hand_in(&mut stays, Input::Ending);
    assert_eq!(again(&mut scene, 0).1, 503);
}

/// UPLOAD-10
#[test]
fn whoever_takes_too_little_loses_its_slot_and_is_left_alone_for_a_while() {
    let seconds = UPLOAD_WINDOW_MS / 1_000;
    for (bytes, is_slow) in
        [(seconds * UPLOAD_RATE_MIN, false), (seconds * UPLOAD_RATE_MIN - 1, true)]
    {
        let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
        let client = busy(&mut scene, 0);
        // What the system took at once counts, and is seen in the next window.
        scene.wait_ms(UPLOAD_WINDOW_MS);
        scene.counter.sent(client.visit, bytes);
        outputs(&mut scene);
        scene.wait_ms(UPLOAD_WINDOW_MS - 1);
        assert_eq!(outputs(&mut scene), []);
        scene.wait_ms(1);
        let taken_back = CounterOutput::TakeBack { visit: client.visit, why: Ended::Slow };
        assert_eq!(outputs(&mut scene).contains(&taken_back), is_slow, "{bytes}");
        let mut again = scene.client(host(0));
        let outcome = scene.say(&mut again, get(1, ""));
        assert_eq!(outcome.status(), 503);
        let told = outcome.one().head.starts_with("HTTP/1.1 503 Transfer Too Slow");
        assert_eq!(told, is_slow, "{outcome:?}");
        scene.wait_ms(60_000);
        if is_slow {
            let mut again = scene.client(host(0));
            assert_eq!(scene.say(&mut again, get(1, "")).status(), 200, "after a minute");
        }
    }
}

/// UPLOAD-10: what we do not send it cannot take.
#[test]
fn time_in_which_we_hold_back_does_not_count() {
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
    let client = busy(&mut scene, 0);
    scene.wait_ms(UPLOAD_WINDOW_MS);
    for _ in 0..100 {
        let since = scene.now;
        scene.now = scene.now.after_ms(10_000);
        scene.counter.held(client.visit, since, scene.now);
        scene.counter.handle_timeout(scene.now);
    }
    assert!(scene.counter.serves(client.visit));
    scene.wait_ms(UPLOAD_WINDOW_MS);
    assert!(!scene.counter.serves(client.visit));
}

/// UPLOAD-11
#[test]
fn a_turn_ends_where_others_wait_and_only_there() {
    for others_wait in [false, true] {
        let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
        let mut client = busy(&mut scene, 0);
        let mut other = scene.client(host(1));
        if others_wait {
            scene.say(&mut other, get(1, "X-Queue: 0.1\r\n"));
        }
        for _ in 0..UPLOAD_TURN_MS / 10_000 {
            scene.counter.sent(client.visit, 1_000_000);
            scene.wait_ms(10_000);
            assert!(scene.counter.serves(client.visit), "not before the end of its turn");
            if others_wait {
                // It comes too soon each time, and stands in the queue anew.
                scene.say(&mut other, get(1, "X-Queue: 0.1\r\n"));
            }
        }
        let next = get(1, "X-Queue: 0.1\r\n");
        scene.say(&mut client, next);
        let status = scene.take(&mut client).status();
        assert_eq!(status, if others_wait { 503 } else { 200 });
    }
}

/// UPLOAD-11: of several answers that last as many end as slots are lacking, and none where one is free.
#[test]
fn only_as_many_turns_end_as_slots_are_lacking() {
    for (slots, queued, who_wait, lacking) in [
        (4, 0, vec![], 0),
        (4, 0, vec![7], 1),
        (4, 0, vec![7, 8], 2),
        (4, 0, vec![7, 7, 7], 1),
        (5, 0, vec![7], 0),
        // Those who have a slot wait for their next files as well.
        (4, 1, vec![], 0),
        (4, UPLOAD_QUEUED_PER_HOST, vec![7], 1),
        (4, UPLOAD_QUEUED_PER_HOST, vec![7, 8], 2),
        (5, 1, vec![7], 0),
    ] {
        let mut scene = Scene::with_terms(Terms { slots: 4, ..TERMS });
        let mut clients = Vec::new();
        for number in 0..4 {
            clients.push(busy(&mut scene, number));
            scene.wait_ms(1_000);
        }
        scene.counter.set_terms(Terms { slots, ..TERMS });
        for _ in 0..UPLOAD_TURN_MAX_MS / 5_000 {
            clients.iter().for_each(|client| scene.counter.sent(client.visit, 1_000_000));
            scene.wait_ms(5_000);
        }
        // It does not take a free slot at once that is kept for somebody else.
        let mut waiting = Vec::new();
        if slots > 4 {
            let mut other = scene.client(host(6));
            other.takes = false;
            scene.say(&mut other, get(1, ""));
            scene.counter.set_terms(Terms { slots: 5, ..TERMS });
            waiting.push(other);
        }
        let of_holders = (0..4).flat_map(|number| vec![number; queued]);
        for number in of_holders.chain(who_wait.iter().copied()) {
            let mut other = scene.client(host(number));
            assert_eq!(scene.say(&mut other, get(1, "X-Queue: 0.1\r\n")).status(), 503);
            waiting.push(other);
        }
        if slots > 4 {
            scene.leave(&waiting[0]);
        }
        let expected: Vec<bool> = (0..4).map(|place| place >= lacking).collect();
        // Until the first of those who wait may come back for the slot.
        for second in 0..14 {
            scene.wait_ms(1_000);
            let serves: Vec<bool> =
                clients.iter().map(|client| scene.counter.serves(client.visit)).collect();
            assert_eq!(serves, expected, "{slots} {queued} {who_wait:?} {second}");
        }
    }
}

/// UPLOAD-11: those who have a slot wait for their next files already when somebody comes who has none.
#[test]
fn a_newcomer_costs_one_answer_and_gets_the_slot() {
    const STAYS: &str = "X-Queue: 0.1\r\n";
    let mut scene = Scene::with_terms(Terms { slots: 4, ..TERMS });
    let mut holders = Vec::new();
    for number in 0..4 {
        holders.push(busy(&mut scene, number));
        scene.wait_ms(1_000);
    }
    for _ in 0..UPLOAD_TURN_MAX_MS / 5_000 - 1 {
        holders.iter().for_each(|client| scene.counter.sent(client.visit, 1_000_000));
        scene.wait_ms(5_000);
    }
    let mut waiting: Vec<Client> = (0..5).map(|number| scene.client(host(number))).collect();
    for client in &mut waiting {
        client.takes = false;
        assert_eq!(scene.say(client, get(1, STAYS)).status(), 503);
        scene.take(client);
    }
    // Each is the next one that might have a slot, and asks as soon as it is told to.
    let mut served_s = [None; 5];
    for second in 1..=UPLOAD_TURN_MS / 1_000 {
        holders.iter().chain(&waiting).for_each(|one| scene.counter.sent(one.visit, 1_000_000));
        scene.wait_ms(1_000);
        for (client, served_s) in waiting.iter_mut().zip(&mut served_s) {
            if second % 15 == 0 && served_s.is_none() {
                match scene.say(client, get(1, STAYS)).status() {
                    200 => *served_s = Some(second),
                    _ => assert!(scene.take(client).answers.is_empty()),
                }
            }
        }
    }
    assert_eq!(served_s, [None, None, None, None, Some(15)]);
    let serves: Vec<bool> = holders.iter().map(|one| scene.counter.serves(one.visit)).collect();
    assert_eq!(serves, [false, true, true, true]);
}

/// UPLOAD-11
#[test]
fn an_answer_without_an_end_ends_where_others_wait() {
    for (others_wait, wait_ms) in [
        (false, 10 * UPLOAD_TURN_MAX_MS),
        (true, UPLOAD_TURN_MAX_MS - 1),
        (true, UPLOAD_TURN_MAX_MS),
    ] {
        let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
        let client = busy(&mut scene, 0);
        let begun = scene.now;
        while scene.now < begun.after_ms(wait_ms) {
            scene.counter.sent(client.visit, 1_000_000);
            let left_ms =
                u64::try_from(begun.after_ms(wait_ms).since(scene.now).as_millis()).unwrap();
            if others_wait && left_ms <= 5_000 {
                let mut other = scene.client(host(1));
                scene.say(&mut other, get(1, "X-Queue: 0.1\r\n"));
            }
            scene.wait_ms(left_ms.min(5_000));
        }
        let keeps = !others_wait || wait_ms < UPLOAD_TURN_MAX_MS;
        assert_eq!(scene.counter.serves(client.visit), keeps, "{others_wait} {wait_ms}");
    }
}

#[test]
fn a_slot_is_kept_for_a_moment_between_two_requests() {
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS });
    let mut client = busy(&mut scene, 0);
    scene.take(&mut client);
    scene.wait_ms(UPLOAD_REST_MS - 1);
    assert!(scene.counter.serves(client.visit));
    scene.wait_ms(1);
    assert!(!scene.counter.serves(client.visit));
    assert_eq!(scene.say(&mut client, get(1, "")).status(), 200, "it may ask again");
}

/// UPLOAD-12
#[test]
fn what_is_small_needs_no_slot_and_is_bounded_all_the_same() {
    let mut scene = Scene::new();
    let _busy = [busy(&mut scene, 0), busy(&mut scene, 1)];
    let mut clients = Vec::new();
    for _ in 0..QUICK_PER_HOST_MAX {
        let mut client = scene.client(host(2));
        client.takes = false;
        assert_eq!(scene.say(&mut client, get(2, "")).status(), 200);
        clients.push(client);
    }
    let mut more = scene.client(host(2));
    assert_eq!(scene.say(&mut more, get(2, "")).status(), 503, "one past it has to have a slot");
    let mut elsewhere = scene.client(host(3));
    assert_eq!(scene.say(&mut elsewhere, get(2, "")).status(), 200);
    scene.take(&mut clients[0]);
    let mut more = scene.client(host(2));
    assert_eq!(scene.say(&mut more, get(2, "")).status(), 200);
}

/// UPLOAD-13
#[test]
fn a_host_asks_so_often_without_a_slot_and_not_once_more() {
    let mut scene = Scene::new();
    for number in 0..=QUICK_PER_MINUTE {
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, request("HEAD", 1, ""));
        let is_over = number == QUICK_PER_MINUTE;
        assert_eq!(
            (outcome.status(), outcome.is_closed),
            if is_over { (503, true) } else { (200, false) }
        );
    }
    let mut other = scene.client(host(1));
    assert_eq!(scene.say(&mut other, request("HEAD", 1, "")).status(), 200);
    scene.wait_ms(60_000);
    let mut client = scene.client(host(0));
    assert_eq!(scene.say(&mut client, request("HEAD", 1, "")).status(), 200);
}

/// UPLOAD-13: whoever has a slot asks as often as it likes.
#[test]
fn whoever_has_a_slot_takes_its_file_in_as_many_pieces_as_it_likes() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    for piece in 0..1_000 {
        let range = format!("Range: bytes={}-{}\r\n", piece * 1_000, piece * 1_000 + 999);
        assert_eq!(scene.say(&mut client, get(1, &range)).status(), 206, "{piece}");
    }
}
