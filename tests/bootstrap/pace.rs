//! How often each of them is asked.

use std::time::Duration;

use filbert::base::limits::{
    BOOT_PATIENCE_MS, CACHES_ASKED_MAX, CACHES_BY_NEIGHBOURS_MAX, CACHES_LEARNT_MAX,
    CACHES_OF_ANSWER_MAX, DATAGRAM_PING_TIMEOUT_MS, HOST_CACHE_INTERVAL_MS,
    HOST_CACHE_NAMED_LIFE_MS, HOST_CACHE_TRIES, HOST_CACHE_WAIT_MAX_MS, HOST_CACHES_NAMED_MAX,
    WEB_CACHE_INTERVAL_MS, WEB_CACHE_TIMEOUT_MS, WEB_CACHE_WAIT_MAX_MS,
};
use filbert::gnutella::bootstrap::{Asked, Input, Output};

use crate::desk::{ALONE, Desk, rules, times_of, udp, udp_of, web, web_of};

fn waits(times: &[u64]) -> Vec<u64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// BOOT-04
#[test]
fn a_host_cache_that_never_answers_is_asked_more_and_more_seldom() {
    let mut desk = Desk::new(rules(1, 0));
    assert_eq!(udp_of(&desk.stand(ALONE)), [udp(1)]);
    let happened = desk.pass(20 * HOST_CACHE_WAIT_MAX_MS);
    let mut times = vec![0];
    times.extend(times_of(&happened, udp_of, &udp(1)));
    // It is said each time that it did not answer.
    let is_silent =
        |output: &Output| matches!(output, Output::Silent { cache } if *cache == udp(1));
    let silent: Vec<u64> =
        happened.iter().filter(|(_, output)| is_silent(output)).map(|(at, _)| *at).collect();
    let expected: Vec<u64> = times.iter().map(|at| at + DATAGRAM_PING_TIMEOUT_MS).collect();
    assert_eq!(silent[..], expected[..silent.len()]);
    assert!(silent.len() + 1 >= times.len());
    let waits = waits(&times);
    let tries = usize::from(HOST_CACHE_TRIES);
    assert_eq!(waits[..tries], [HOST_CACHE_INTERVAL_MS].repeat(tries));
    assert_eq!(waits[tries], 2 * HOST_CACHE_INTERVAL_MS);
    assert!(waits.is_sorted());
    assert_eq!(*waits.last().unwrap(), HOST_CACHE_WAIT_MAX_MS);
}

/// BOOT-04
#[test]
fn a_host_cache_that_answers_is_asked_again_after_three_minutes() {
    let mut desk = Desk::new(rules(1, 0));
    for _ in 0..10 {
        desk.stand(ALONE);
        assert_eq!(desk.answer(udp(1), 3, &[]), []);
        let happened = desk.pass(HOST_CACHE_INTERVAL_MS);
        assert_eq!(times_of(&happened, udp_of, &udp(1)), [desk.now_ms]);
    }
}

/// BOOT-12
#[test]
fn a_web_cache_is_asked_once_an_hour_and_less_when_it_fails() {
    let mut desk = Desk::new(rules(0, 1));
    assert_eq!(web_of(&desk.stand(ALONE)), [web(1)]);
    let mut times = vec![0];
    while times.len() < 9 {
        desk.fetched(web(1), 404, "");
        let due = desk.bootstrap.next_timeout().unwrap().as_micros() / 1_000;
        let happened = desk.pass(due - desk.now_ms);
        times.extend(times_of(&happened, web_of, &web(1)));
    }
    let hour = WEB_CACHE_INTERVAL_MS;
    let day = WEB_CACHE_WAIT_MAX_MS;
    assert_eq!(waits(&times), [hour, 2 * hour, 4 * hour, 8 * hour, 16 * hour, day, day, day]);
}

/// BOOT-12: never two at the same time, and one after the other.
#[test]
fn web_caches_are_asked_one_after_the_other() {
    let mut desk = Desk::new(rules(0, 2));
    let first = web_of(&desk.stand(ALONE));
    assert_eq!(first.len(), 1);
    assert_eq!(desk.stand(ALONE), []);
    let second = web_of(&desk.fetched(first[0].clone(), 200, ""));
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    // Where the driver never says what came of it, it has failed when twice the time has passed that it
    // may take.
    let mut desk = Desk::new(rules(0, 2));
    desk.stand(ALONE);
    assert_eq!(desk.pass(2 * WEB_CACHE_TIMEOUT_MS - 1), []);
    let second: Vec<_> = desk.pass(1).into_iter().map(|(_, output)| output).collect();
    assert_eq!(web_of(&second).len(), 1);
}

/// BOOT-04, BOOT-12
#[test]
fn who_was_asked_by_an_earlier_run_is_not_asked_too_soon() {
    let ago = |name: &str, ago_ms| Asked { name: name.into(), ago: Duration::from_millis(ago_ms) };
    for (ago_ms, udp_wait, web_wait) in [
        (0, HOST_CACHE_INTERVAL_MS, WEB_CACHE_INTERVAL_MS),
        (60_000, HOST_CACHE_INTERVAL_MS - 60_000, WEB_CACHE_INTERVAL_MS - 60_000),
    ] {
        let asked = [ago(&udp(1).to_string(), ago_ms), ago(&web(1).to_string(), ago_ms)];
        let mut desk = Desk::after(rules(1, 1), &asked);
        assert_eq!(desk.stand(ALONE), []);
        let happened = desk.pass(WEB_CACHE_INTERVAL_MS);
        assert_eq!(times_of(&happened, udp_of, &udp(1))[0], udp_wait);
        assert_eq!(times_of(&happened, web_of, &web(1))[0], web_wait);
    }
    let long_ago = [ago(&udp(1).to_string(), HOST_CACHE_INTERVAL_MS)];
    assert_eq!(udp_of(&Desk::after(rules(1, 0), &long_ago).stand(ALONE)), [udp(1)]);
}

/// BOOT-12: also where it is named again only later.
#[test]
fn what_was_asked_is_kept_for_the_next_run() {
    let mut desk = Desk::new(rules(1, 0));
    desk.stand(ALONE);
    desk.answer(udp(1), 1, &["learnt.example.net:6346"]);
    desk.pass(BOOT_PATIENCE_MS);
    desk.now_ms += 5_000;
    assert_eq!(desk.asked("learnt.example.net:6346"), Some(Duration::from_secs(5)));
    let asked = desk.bootstrap.asked(desk.now());
    let mut next = Desk::after(rules(1, 0), &asked);
    assert_eq!(next.asked("learnt.example.net:6346"), Some(Duration::from_secs(5)));
    next.now_ms = 1_000;
    assert_eq!(next.asked("learnt.example.net:6346"), Some(Duration::from_secs(6)));
    next.answer(udp(1), 0, &["learnt.example.net:6346"]);
    assert_eq!(next.stand(ALONE), []);
    let happened = next.pass(HOST_CACHE_INTERVAL_MS);
    let learnt = "learnt.example.net:6346".parse().unwrap();
    assert_eq!(times_of(&happened, udp_of, &learnt), [HOST_CACHE_INTERVAL_MS - 5_000]);
    // After a day it does not matter any more.
    next.now_ms = WEB_CACHE_WAIT_MAX_MS + HOST_CACHE_INTERVAL_MS;
    assert_eq!(next.bootstrap.asked(next.now()), []);
}

#[test]
fn so_many_that_were_asked_are_remembered_and_no_more() {
    let asked = |count: usize| {
        let asked: Vec<_> = (0..count)
            .map(|number| Asked { name: format!("cache{number}:1"), ago: Duration::ZERO })
            .collect();
        let desk = Desk::after(rules(0, 0), &asked);
        desk.bootstrap.asked(desk.now()).len()
    };
    assert_eq!(asked(CACHES_ASKED_MAX), CACHES_ASKED_MAX);
    assert_eq!(asked(CACHES_ASKED_MAX + 1), CACHES_ASKED_MAX);
}

/// BOOT-05
#[test]
fn caches_that_others_name_come_after_ours_and_are_forgotten_after_three_failures() {
    let mut desk = Desk::new(rules(1, 0));
    desk.stand(ALONE);
    let learnt = "learnt.example.net:6346".parse().unwrap();
    desk.answer(udp(1), 0, &["learnt.example.net&n=1", "not a name", "mail.example.net:25"]);
    let happened = desk.pass(5 * HOST_CACHE_WAIT_MAX_MS);
    let tries = usize::from(HOST_CACHE_TRIES);
    assert_eq!(times_of(&happened, udp_of, &learnt).len() + 1, tries);
    let mail = "mail.example.net:25".parse().unwrap();
    assert!(times_of(&happened, udp_of, &mail).is_empty());
    assert!(times_of(&happened, udp_of, &udp(1)).len() > tries);
}

/// BOOT-05, BOOT-12
#[test]
fn a_web_cache_that_others_name_is_forgotten_when_it_fails() {
    let mut desk = Desk::new(rules(0, 1));
    desk.stand(ALONE);
    let reply = "http://learnt.example.net/\n";
    let learnt = "http://learnt.example.net/".parse().unwrap();
    assert_eq!(web_of(&desk.fetched(web(1), 200, reply)), [learnt]);
    let learnt = "http://learnt.example.net/".parse().unwrap();
    desk.fetched(learnt, 500, "");
    let learnt = "http://learnt.example.net/".parse().unwrap();
    assert!(times_of(&desk.pass(WEB_CACHE_WAIT_MAX_MS), web_of, &learnt).is_empty());
}

/// BOOT-05
#[test]
fn so_many_caches_are_taken_from_an_answer_and_kept_in_all() {
    let names = |answer: usize, count: usize| -> Vec<String> {
        (0..count).map(|number| format!("a{answer}x{number}.net")).collect()
    };
    let asked_after = |answers: &[usize]| {
        let mut desk = Desk::new(rules(1, 0));
        desk.stand(ALONE);
        for (answer, count) in answers.iter().enumerate() {
            let names = names(answer, *count);
            desk.answer(udp(1), 9, &names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let happened = desk.pass(24 * DATAGRAM_PING_TIMEOUT_MS + BOOT_PATIENCE_MS);
        let asked = happened.iter().flat_map(|(_, output)| udp_of(std::slice::from_ref(output)));
        asked.filter(|name| *name != udp(1)).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(asked_after(&[CACHES_OF_ANSWER_MAX]), CACHES_OF_ANSWER_MAX);
    assert_eq!(asked_after(&[CACHES_OF_ANSWER_MAX + 1]), CACHES_OF_ANSWER_MAX);
    let full = [CACHES_OF_ANSWER_MAX].repeat(CACHES_LEARNT_MAX / CACHES_OF_ANSWER_MAX);
    let more = [full.clone(), vec![1]].concat();
    assert_eq!((learnt_after(&full), learnt_after(&more)), (CACHES_LEARNT_MAX, CACHES_LEARNT_MAX));

    fn learnt_after(answers: &[usize]) -> usize {
        let mut desk = Desk::new(rules(1, 0));
        desk.stand(ALONE);
        for (answer, count) in answers.iter().enumerate() {
            let names: Vec<_> =
                (0..*count).map(|number| format!("a{answer}x{number}.net")).collect();
            desk.answer(udp(1), 9, &names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        learnt(&mut desk)
    }
}

/// How many caches others have named.
fn learnt(desk: &mut Desk) -> usize {
    let mut learnt = std::collections::BTreeSet::new();
    // All answer in time, so that none is forgotten, and all come to be asked.
    desk.pass(BOOT_PATIENCE_MS - 1);
    let mut asked: Vec<_> = desk.pass(1).into_iter().map(|(_, output)| output).collect();
    while let Some(cache) = udp_of(&asked).first().cloned() {
        asked.remove(0);
        asked.extend(desk.answer(cache.clone(), 0, &[]));
        learnt.insert(cache);
    }
    learnt.remove(&udp(1));
    learnt.len()
}

/// BOOT-05
#[test]
fn few_caches_are_kept_by_the_word_of_neighbours() {
    let named = |count: usize, by: &str| -> Vec<String> {
        (0..count).map(|number| format!("{by}{number}.example.net:6346")).collect()
    };
    for (count, kept) in [
        (CACHES_BY_NEIGHBOURS_MAX, CACHES_BY_NEIGHBOURS_MAX),
        (CACHES_BY_NEIGHBOURS_MAX + 1, CACHES_BY_NEIGHBOURS_MAX),
    ] {
        let mut desk = Desk::new(rules(1, 0));
        desk.stand(ALONE);
        desk.answer(udp(1), 9, &[]);
        for name in named(count, "n") {
            assert_eq!(desk.hand_in(Input::Named { caches: vec![name] }), []);
        }
        assert_eq!(learnt(&mut desk), kept);
    }
    // What caches say has its room all the same.
    let mut desk = Desk::new(rules(1, 0));
    desk.stand(ALONE);
    desk.answer(udp(1), 9, &[]);
    desk.hand_in(Input::Named { caches: named(CACHES_BY_NEIGHBOURS_MAX, "n") });
    let named = named(CACHES_OF_ANSWER_MAX, "c");
    desk.answer(udp(1), 9, &named.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(learnt(&mut desk), CACHES_BY_NEIGHBOURS_MAX + CACHES_OF_ANSWER_MAX);
}

/// BOOT-05
#[test]
fn neighbours_cannot_have_other_services_asked() {
    let mut desk = Desk::new(rules(1, 0));
    desk.stand(ALONE);
    desk.answer(udp(1), 9, &[]);
    let lines = ["mail.example.net:25", "a b:9999", "", "uhc.example.net:1024"];
    desk.hand_in(Input::Named { caches: lines.map(str::to_owned).into() });
    assert_eq!(learnt(&mut desk), 1);
}

/// BOOT-21
#[test]
fn caches_that_have_answered_are_named_to_others() {
    let mut desk = Desk::new(rules(2, 0));
    let working = |desk: &Desk| desk.bootstrap.working(desk.now());
    let asked = udp_of(&desk.stand(ALONE));
    assert_eq!(working(&desk), [], "nobody has answered yet");
    desk.now_ms = 1_000;
    desk.answer(asked[0].clone(), 9, &[]);
    assert_eq!(working(&desk), asked[..1]);
    desk.now_ms = 2_000;
    desk.answer(asked[1].clone(), 9, &[]);
    assert_eq!(working(&desk), [asked[1].clone(), asked[0].clone()], "the last one first");
    desk.now_ms = 1_000 + HOST_CACHE_NAMED_LIFE_MS - 1;
    assert_eq!(working(&desk).len(), 2);
    desk.now_ms += 1;
    assert_eq!(working(&desk), asked[1..]);
}

/// BOOT-21
#[test]
fn caches_that_fail_are_named_no_longer() {
    let mut desk = Desk::new(rules(1, 0));
    desk.stand(ALONE);
    desk.answer(udp(1), 0, &[]);
    desk.pass(HOST_CACHE_INTERVAL_MS);
    assert_eq!(desk.bootstrap.working(desk.now()), [udp(1)], "it may still answer");
    desk.pass(DATAGRAM_PING_TIMEOUT_MS);
    assert_eq!(desk.bootstrap.working(desk.now()), []);
}

/// BOOT-21
#[test]
fn few_caches_are_named_and_none_at_the_port_of_another_service() {
    let names = |count: usize| {
        let mut desk = Desk::new(rules(count, 0));
        let mut asked = udp_of(&desk.stand(ALONE));
        while let Some(cache) = asked.pop() {
            asked.extend(udp_of(&desk.answer(cache, 0, &[])));
        }
        desk.bootstrap.working(desk.now()).len()
    };
    for count in [HOST_CACHES_NAMED_MAX, HOST_CACHES_NAMED_MAX + 1] {
        assert_eq!(names(count), HOST_CACHES_NAMED_MAX);
    }
    let mut rules = rules(0, 0);
    rules.names.udp = vec!["cache.example.net:53".parse().unwrap()];
    let mut desk = Desk::new(rules);
    let asked = udp_of(&desk.stand(ALONE));
    desk.answer(asked[0].clone(), 9, &[]);
    assert_eq!(desk.bootstrap.working(desk.now()), []);
}
