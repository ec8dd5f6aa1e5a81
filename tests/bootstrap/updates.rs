//! What web caches are told of us.

use std::net::SocketAddrV4;

use filbert::base::limits::{WEB_ANNOUNCE_EVERY_MS, WEB_CACHE_INTERVAL_MS};
use filbert::gnutella::bootstrap::{Output, Rules, Standing};

use crate::desk::{ALONE, CONNECTED, Desk, rules, web, web_of};

fn at(address: &str) -> Standing {
    let reachable_at: SocketAddrV4 = address.parse().unwrap();
    Standing { reachable_at: Some(reachable_at), ..CONNECTED }
}

fn urls(happened: &[(u64, Output)]) -> Vec<(u64, &str)> {
    let asked = happened.iter().filter_map(|(at, output)| match output {
        Output::AskWeb { url, .. } => Some((*at, url.as_str())),
        _ => None,
    });
    asked.collect()
}

/// BOOT-13, BOOT-14
#[test]
fn a_reachable_ultrapeer_announces_itself_once_an_hour() {
    let mut desk = Desk::new(rules(2, 2));
    desk.stand(at("5.5.5.5:6346"));
    assert_eq!(desk.pass(WEB_ANNOUNCE_EVERY_MS - 1), []);
    for _ in 0..3 {
        let happened = desk.pass(1);
        let [(_, url)] = urls(&happened)[..] else { panic!("{happened:?}") };
        assert!(url.contains("?update=1&ip=5.5.5.5%3A6346&net=gnutella&client=FILB"), "{url}");
        let cache = web_of(&[happened[0].1.clone()]).remove(0);
        assert!(matches!(
            desk.fetched(cache, 200, "<html>no cache</html>")[..],
            [Output::Useless { .. }]
        ));
        assert_eq!(desk.pass(WEB_ANNOUNCE_EVERY_MS - 1), []);
    }
}

/// BOOT-13
#[test]
fn nobody_else_announces_itself() {
    let mut unwilling = rules(0, 2);
    unwilling.announces = false;
    for (rules, standing) in [
        (rules(0, 2), CONNECTED),
        (rules(0, 2), at("192.168.1.5:6346")),
        (unwilling, at("5.5.5.5:6346")),
    ] {
        let mut desk = Desk::new(rules);
        desk.stand(standing);
        assert_eq!(desk.pass(3 * WEB_ANNOUNCE_EVERY_MS), []);
    }
    let mut desk = Desk::new(Rules { allow_private: true, ..rules(0, 2) });
    desk.stand(at("192.168.1.5:6346"));
    assert_eq!(desk.pass(WEB_ANNOUNCE_EVERY_MS).len(), 1);
}

/// BOOT-13: an hour from when it became reachable, without a break.
#[test]
fn whoever_is_not_reachable_any_more_begins_anew() {
    let mut desk = Desk::new(rules(0, 2));
    desk.stand(at("5.5.5.5:6346"));
    desk.pass(WEB_ANNOUNCE_EVERY_MS / 2);
    desk.stand(CONNECTED);
    desk.stand(at("5.5.5.5:6346"));
    assert_eq!(desk.pass(WEB_ANNOUNCE_EVERY_MS - 1), []);
    assert_eq!(desk.pass(1).len(), 1);
}

/// BOOT-12, BOOT-14: only caches that work are passed on, and none is asked twice in an hour.
#[test]
fn an_announcement_names_another_cache_that_works() {
    let mut desk = Desk::new(rules(0, 2));
    let first = web_of(&desk.stand(ALONE)).remove(0);
    let second = web_of(&desk.fetched(first.clone(), 200, "")).remove(0);
    desk.fetched(second.clone(), 404, "");
    desk.stand(at("5.5.5.5:6346"));
    let happened = desk.pass(WEB_ANNOUNCE_EVERY_MS);
    let [(asked_at, url)] = urls(&happened)[..] else { panic!("{happened:?}") };
    assert_eq!(asked_at, WEB_CACHE_INTERVAL_MS);
    let known =
        |url: &str| [web(1), web(2)].iter().any(|cache| url.starts_with(&cache.to_string()));
    assert!(known(url));
    // The one that works comes first, and does not name itself; nor is the other one passed on.
    assert!(url.starts_with(&first.to_string()) && !url.contains("&url="), "{url}");
    assert_eq!(desk.fetched(first.clone(), 200, "OK\n"), []);
    let happened = desk.pass(WEB_ANNOUNCE_EVERY_MS);
    let [(_, url)] = urls(&happened)[..] else { panic!("{happened:?}") };
    assert!(url.starts_with(&first.to_string()) || url.contains("&url=http%3A%2F%2Fweb"), "{url}");
}

/// BOOT-14
#[test]
fn an_announcement_is_taken_or_the_cache_has_failed() {
    for (reply, is_taken) in [
        ("OK", true),
        ("OKWARNING: known already", true),
        ("I|update|OK\r\n", true),
        ("I|pong|x|gnutella\nI|update|OK|WARNING\n", true),
        ("I|update|WARNING|rejected", false),
        ("ERROR: too early", false),
        ("nothing", false),
    ] {
        let mut desk = Desk::new(rules(0, 1));
        desk.stand(at("5.5.5.5:6346"));
        desk.pass(WEB_ANNOUNCE_EVERY_MS);
        let said = desk.fetched(web(1), 200, reply);
        assert_eq!(said.is_empty(), is_taken, "{reply:?}: {said:?}");
    }
}
