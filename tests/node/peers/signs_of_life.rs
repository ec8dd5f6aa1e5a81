//! What others hear of us while nobody asks anything.

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;

use crate::support::net::Net;

/// The longest silence, in seconds, that `listener` hears of `speaker` within half an hour.
fn longest_silence_s(net: &mut Net, speaker: usize, listener: usize) -> u64 {
    let link = net.link_between(listener, speaker).unwrap();
    let mut longest = 0;
    let (mut heard, mut silent) = (0, 0);
    for _ in 0..1_800 {
        net.run(1);
        let received = net.places[listener].received.iter().filter(|(from, _)| *from == link);
        let now = received.count();
        silent = if now > heard { 0 } else { silent + 1 };
        longest = longest.max(silent);
        heard = now;
    }
    longest
}

/// PING-07: gtk-gnutella drops an ultrapeer that says nothing by itself after 126 s, and one that only answers after
/// 174 s. One that it hears every 15 s stays.
#[test]
fn an_ultrapeer_hears_of_another_every_quarter_of_a_minute() {
    let mut net = Net::new();
    let (ours, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.connect(ours, other);
    net.run(1);
    let silence = longest_silence_s(&mut net, ours, other);
    assert!((1..=15).contains(&silence), "{silence} s");
    let link = net.link_between(other, ours).unwrap();
    let pings = net.places[other].received.iter();
    let pings = pings.filter(|(from, frame)| *from == link && frame.function == Function::PING);
    assert!(pings.count() >= 50, "pings of ours, not only answers");
}

/// PING-07: gtk-gnutella drops a leaf after 485 s without a word, others sooner. Each hears of us within two minutes,
/// however many ultrapeers we have.
#[test]
fn an_ultrapeer_hears_of_its_leaf_within_two_minutes() {
    for ultrapeers in 1..=4 {
        let mut net = Net::new();
        let leaf = net.add(Role::Leaf);
        let parents: Vec<usize> = (0..ultrapeers).map(|_| net.add(Role::Ultrapeer)).collect();
        parents.iter().for_each(|parent| net.connect(leaf, *parent));
        net.run(1);
        let silence = longest_silence_s(&mut net, leaf, parents[0]);
        assert!((1..=120).contains(&silence), "{ultrapeers}: {silence} s");
    }
}
