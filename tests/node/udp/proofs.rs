//! Hits by UDP go to whoever has shown that it gets what is sent to it.

use filbert::base::limits::{OFFER_LIFE_MS, PROOF_LIFE_MS, PROOF_PING_EVERY_MS, UNCLAIMED_BAN_MS};
use filbert::gnutella::wire::{Function, QueryHit};
use filbert::node::Command;

use super::out_of_band::{PLAIN, SECURE, claim, holder, prove, query};
use super::{answer_ping, guid_of, pings_to, send, sent, stranger};
use crate::support::net::Net;

/// How many hits the stranger has got for a query, from here on.
fn hits_for(net: &Net, holder: usize, number: u32, from: usize) -> usize {
    let query = guid_of(number, stranger());
    let sent = sent(net, holder, from).into_iter();
    let hits =
        sent.filter(|(_, frame)| (frame.guid, frame.function) == (query, Function::QUERY_HIT));
    hits.map(|(_, hit)| QueryHit::decode(&hit.payload).unwrap().records.len()).sum()
}

/// OOB-10: it answers a ping, and is asked no more for ten minutes.
#[test]
fn an_honest_querier_gets_all_its_hits() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    for number in 0..20 {
        let (payload, token) =
            if number % 2 == 0 { (SECURE, &b"abcd"[..]) } else { (PLAIN, &b""[..]) };
        net.forge(asker, holder, query(number, 1, payload));
        send(&mut net, holder, stranger(), &claim(number, 255, token));
    }
    let told = sent(&net, holder, 0);
    assert!(told.iter().all(|(_, frame)| frame.function != Function::QUERY_HIT));
    prove(&mut net, holder, 0);
    net.run(170);
    let all = (0..20).map(|number| hits_for(&net, holder, number, 0));
    assert_eq!(all.collect::<Vec<_>>(), [2, 1].repeat(10));
    // Its next claims have hits sent at once.
    net.run(PROOF_LIFE_MS / 1_000 - 171);
    let before = net.places[holder].lost.len();
    net.forge(asker, holder, query(30, 1, SECURE));
    send(&mut net, holder, stranger(), &claim(30, 255, b"abcd"));
    assert_eq!(hits_for(&net, holder, 30, before), 2);
    assert_eq!(pings_to(&net, holder, stranger(), before), []);
    net.run(1);
    let before = net.places[holder].lost.len();
    net.forge(asker, holder, query(31, 1, SECURE));
    send(&mut net, holder, stranger(), &claim(31, 255, b"abcd"));
    assert_eq!(hits_for(&net, holder, 31, before), 0);
    prove(&mut net, holder, before);
    net.run(10);
    assert_eq!(hits_for(&net, holder, 31, before), 2);
}

/// OOB-10: a ping is lost, and the next claim has another one sent, not within a minute.
#[test]
fn a_ping_that_is_lost_is_repeated_for_a_later_claim() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    let ask = |net: &mut Net, number| {
        net.forge(asker, holder, query(number, 1, SECURE));
        send(net, holder, stranger(), &claim(number, 255, b"abcd"));
        pings_to(net, holder, stranger(), 0).len()
    };
    assert_eq!(ask(&mut net, 1), 1);
    net.run(PROOF_PING_EVERY_MS / 1_000 - 1);
    assert_eq!(ask(&mut net, 2), 1);
    net.run(1);
    assert_eq!(ask(&mut net, 3), 2);
    let [_, again] = &pings_to(&net, holder, stranger(), 0)[..] else { panic!("two pings") };
    answer_ping(&mut net, holder, stranger(), again);
    net.run(30);
    assert_eq!([1, 2, 3].map(|number| hits_for(&net, holder, number, 0)), [2; 3]);
}

/// OOB-10: to whichever ping of ours.
#[test]
fn any_pong_that_we_asked_for_shows_that_a_host_gets_what_is_sent() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    net.forge(asker, holder, query(1, 1, SECURE));
    net.command(holder, Command::AskHostCache(stranger()));
    send(&mut net, holder, stranger(), &claim(1, 255, b"abcd"));
    let [first, second] = &pings_to(&net, holder, stranger(), 0)[..] else { panic!("two pings") };
    let cache_ping = if first.payload.is_empty() { second } else { first };
    assert!(!cache_ping.payload.is_empty());
    answer_ping(&mut net, holder, stranger(), cache_ping);
    assert_eq!(hits_for(&net, holder, 1, 0), 2);
}

/// OOB-05, OOB-10
#[test]
fn whoever_does_not_answer_pings_gets_its_next_hits_over_the_connection() {
    let mut net = Net::new();
    let (asker, holder) = holder(&mut net);
    net.forge(asker, holder, query(1, 1, SECURE));
    send(&mut net, holder, stranger(), &claim(1, 255, b"abcd"));
    net.run(OFFER_LIFE_MS / 1_000);
    assert_eq!(hits_for(&net, holder, 1, 0), 0);
    net.places[holder].lost.clear();
    net.forge(asker, holder, query(2, 1, SECURE));
    assert_eq!(net.places[holder].lost.len(), 0);
    assert_eq!(net.received(asker, Function::QUERY_HIT), 1);
    net.run(UNCLAIMED_BAN_MS / 1_000);
    net.forge(asker, holder, query(3, 1, SECURE));
    assert_eq!(net.places[holder].lost.len(), 1);
}
