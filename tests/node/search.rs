//! Searches in small overlays of whole nodes.

use filbert::base::urn::Urn;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;

use crate::support::net::Net;

/// Two ultrapeers, each with a leaf.
fn two_pairs() -> Net {
    let mut net = Net::new();
    for role in [Role::Leaf, Role::Ultrapeer, Role::Ultrapeer, Role::Leaf] {
        net.add(role);
    }
    for (from, to) in [(0, 1), (1, 2), (3, 2)] {
        net.connect(from, to);
    }
    net
}

#[test]
fn a_leaf_finds_what_the_leaf_of_another_ultrapeer_has() {
    let mut net = two_pairs();
    net.share(3, &["the first light of winter.ogg", "something else.ogg"]);
    net.run(60);
    let search = net.search(0, "winter light");
    net.run(30);
    assert_eq!(net.hits(0, search), ["the first light of winter.ogg"]);
}

/// QRP-34: what its table does not have is not asked of a leaf.
#[test]
fn a_leaf_is_not_asked_for_what_it_does_not_have() {
    let mut net = two_pairs();
    net.share(3, &["the first light of winter.ogg"]);
    net.run(60);
    let search = net.search(0, "summer");
    net.run(30);
    assert_eq!(net.hits(0, search), Vec::<String>::new());
    assert_eq!(net.received(3, Function::QUERY), 0);
}

#[test]
fn an_ultrapeer_finds_what_is_near_and_far() {
    let mut net = two_pairs();
    net.share(0, &["winter one"]);
    net.share(2, &["winter two"]);
    net.share(3, &["winter three"]);
    net.run(60);
    let search = net.search(1, "winter");
    net.run(30);
    let mut hits = net.hits(1, search);
    hits.sort();
    assert_eq!(hits, ["winter one", "winter three", "winter two"]);
}

/// QUERY-31: words bring the query to whoever may have the content, and the content says who answers.
#[test]
fn a_content_is_found_among_files_of_the_same_words() {
    let mut net = two_pairs();
    net.share(3, &["winter song one.ogg", "winter song two.ogg"]);
    net.run(60);
    let second = Urn::Sha1([1; 20]);
    let search = net.search(0, &format!("winter {second}"));
    net.run(30);
    assert_eq!(net.hits(0, search), ["winter song two.ogg"]);
    let bare = net.search(0, &second.to_string());
    net.run(30);
    assert_eq!(net.hits(0, bare), ["winter song two.ogg"]);
}

/// QUERY-31: what is cut from many words is not the content.
#[test]
fn a_content_behind_many_words_is_looked_for_all_the_same() {
    let mut net = two_pairs();
    net.share(3, &["winter song one.ogg", "winter song two.ogg"]);
    net.run(60);
    let words = "winter ".repeat(60);
    let search = net.search(0, &format!("{words}{}", Urn::Sha1([1; 20])));
    net.run(30);
    assert_eq!(net.hits(0, search), ["winter song two.ogg"]);
}
