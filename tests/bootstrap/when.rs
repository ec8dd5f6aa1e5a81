//! When anybody is asked at all.

use filbert::base::limits::{
    BOOT_HOSTS_ENOUGH, BOOT_PATIENCE_MS, BOOT_UNRESOLVED_MAX_MS, BOOT_UNRESOLVED_MS,
    BOOT_WEB_AFTER_MS, HOST_CACHES_ASKED_MAX,
};
use filbert::gnutella::bootstrap::{Output, Standing};

use crate::desk::{ALONE, CONNECTED, Desk, rules, udp, udp_of, web, web_of};

/// BOOT-01
#[test]
fn nobody_is_asked_while_there_is_an_ultrapeer() {
    let mut desk = Desk::new(rules(3, 3));
    assert_eq!(desk.pass(60_000), []);
    assert_eq!(desk.stand(Standing { hosts: 0, ..CONNECTED }), []);
    assert_eq!(desk.pass(7_200_000), []);
    assert_eq!(desk.bootstrap.next_timeout(), None);
}

/// BOOT-01
#[test]
fn whoever_knows_enough_hosts_tries_them_first() {
    let known = |hosts| Desk::new(rules(3, 0)).stand(Standing { hosts, ..ALONE });
    assert_eq!(udp_of(&known(BOOT_HOSTS_ENOUGH - 1)).len(), HOST_CACHES_ASKED_MAX);
    assert_eq!(known(BOOT_HOSTS_ENOUGH), []);
    let mut desk = Desk::new(rules(3, 0));
    desk.stand(Standing { hosts: BOOT_HOSTS_ENOUGH, ..ALONE });
    assert_eq!(desk.pass(BOOT_PATIENCE_MS - 1), []);
    assert_eq!(desk.pass(1).len(), HOST_CACHES_ASKED_MAX);
}

/// BOOT-01: the time begins when the last ultrapeer has gone.
#[test]
fn whoever_was_connected_has_patience_again() {
    let mut desk = Desk::new(rules(3, 0));
    desk.stand(CONNECTED);
    desk.pass(500_000);
    assert_eq!(desk.stand(Standing { hosts: 100, ..ALONE }), []);
    assert_eq!(desk.pass(BOOT_PATIENCE_MS - 1), []);
    assert_eq!(desk.pass(1).len(), HOST_CACHES_ASKED_MAX);
}

/// BOOT-01
#[test]
fn web_caches_follow_where_udp_host_caches_did_not_help() {
    let mut desk = Desk::new(rules(1, 2));
    assert_eq!(udp_of(&desk.stand(ALONE)), [udp(1)]);
    assert_eq!(desk.pass(BOOT_WEB_AFTER_MS - 1), []);
    let asked: Vec<Output> = desk.pass(1).into_iter().map(|(_, output)| output).collect();
    assert_eq!(web_of(&asked).len(), 1);
    // Without any of the others at once.
    assert_eq!(web_of(&Desk::new(rules(0, 2)).stand(ALONE)).len(), 1);
}

/// BOOT-01
#[test]
fn hosts_that_were_named_are_tried_before_anybody_else_is_asked() {
    let mut desk = Desk::new(rules(4, 1));
    let asked = udp_of(&desk.stand(ALONE));
    desk.now_ms = 1_000;
    assert_eq!(desk.answer(asked[0].clone(), 20, &[]), []);
    assert_eq!(desk.stand(Standing { hosts: 10, ..ALONE }), []);
    let asks = |happened: Vec<(u64, Output)>| {
        happened.iter().any(|(_, output)| !matches!(output, Output::Silent { .. }))
    };
    assert!(!asks(desk.pass(BOOT_PATIENCE_MS - 1)));
    assert!(asks(desk.pass(1)));
}

/// BOOT-01: an answer without hosts changes nothing.
#[test]
fn an_empty_answer_leads_to_the_next_cache() {
    let mut desk = Desk::new(rules(4, 0));
    let asked = udp_of(&desk.stand(ALONE));
    assert_eq!(udp_of(&desk.answer(asked[0].clone(), 0, &[])).len(), 1);
}

/// BOOT-04: so many at the same time, and not one more.
#[test]
fn few_host_caches_are_asked_at_the_same_time() {
    let asked = |caches| udp_of(&Desk::new(rules(caches, 0)).stand(ALONE)).len();
    assert_eq!(asked(HOST_CACHES_ASKED_MAX), HOST_CACHES_ASKED_MAX);
    assert_eq!(asked(HOST_CACHES_ASKED_MAX + 1), HOST_CACHES_ASKED_MAX);
}

/// BOOT-04: without a network names are looked up more and more seldom, and soon again when it is back.
#[test]
fn names_that_cannot_be_resolved_are_looked_up_more_and_more_seldom() {
    let mut desk = Desk::new(rules(2, 2));
    let mut pending = desk.stand(ALONE);
    let mut rounds = Vec::new();
    while desk.now_ms < 6 * BOOT_UNRESOLVED_MAX_MS {
        rounds.push(desk.now_ms);
        for output in std::mem::take(&mut pending) {
            assert_eq!(desk.unresolved(&output), []);
        }
        while pending.is_empty() {
            let due = desk.bootstrap.next_timeout().unwrap();
            desk.now_ms = due.as_micros() / 1_000;
            pending = desk.hand_in(filbert::gnutella::bootstrap::Input::Timeout);
        }
    }
    let waits: Vec<u64> = rounds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits[..3], [BOOT_UNRESOLVED_MS, 2 * BOOT_UNRESOLVED_MS, 4 * BOOT_UNRESOLVED_MS]);
    assert_eq!(*waits.iter().max().unwrap(), BOOT_UNRESOLVED_MAX_MS);
    assert!(waits.is_sorted(), "{waits:?}");
    // Nobody was asked, so that all may be asked now.
    assert_eq!(desk.bootstrap.asked(desk.now()).len(), pending.len());
    let Output::AskUdp { cache } = pending.remove(0) else { panic!("a web cache comes first") };
    desk.answer(cache, 0, &[]);
    assert!(web_of(&pending).contains(&web(1)) || web_of(&pending).contains(&web(2)));
}
