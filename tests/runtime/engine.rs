//! Links, searches and goodbyes between nodes over TCP and UDP.

use filbert::base::file_name::SafeName;
use filbert::base::limits::DATAGRAM_LEN_MAX;
use filbert::base::magnet::Magnet;
use filbert::base::urn::Urn;
use filbert::control::desk::{Refusal, Request};
use filbert::control::model::{Network, Peer, StartSearch};
use filbert::gnutella::link::Role;
use tokio::net::UdpSocket;

use crate::running::Running;

/// Nobody could find anything by it, and others drop such queries.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_word_is_not_searched_for() {
    let node = Running::start(44, Role::Leaf);
    for (words, is_taken) in [("*?", false), (" \t", false), ("*?a", true), ("é", true)] {
        let asked = node
            .desk
            .ask(|reply| Request::StartSearch(StartSearch::everywhere(words.to_owned()), reply))
            .await;
        match asked {
            Ok(_) => assert!(is_taken, "{words}"),
            Err(Refusal::Invalid(_)) => assert!(!is_taken, "{words}"),
            Err(other) => panic!("{words}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_asked_that_the_node_has_part_in() {
    let node = Running::start(46, Role::Leaf);
    for (network, asked) in [
        (None, Ok(vec![Network::Gnutella])),
        (Some(Network::Gnutella), Ok(vec![Network::Gnutella])),
        (Some(Network::FastTrack), Err(())),
    ] {
        let wanted = StartSearch { words: "words".to_owned(), network };
        let search = node.desk.ask(|reply| Request::StartSearch(wanted, reply)).await;
        let told = search.map(|search| search.networks).map_err(|refusal| {
            assert!(matches!(&refusal, Refusal::Invalid(why) if why.ends_with("'--fasttrack on'")));
        });
        assert_eq!(told, asked);
    }
}

/// QUERY-34: a name as long as names may be on a disk, of words or of one word.
#[tokio::test(flavor = "multi_thread")]
async fn a_content_is_searched_for_whatever_it_is_called() {
    let node = Running::start(45, Role::Leaf);
    for name in ["river ".repeat(43), "r".repeat(300), "é".repeat(200)] {
        let magnet = Magnet {
            urns: vec![Urn::Sha1([7; 20])],
            name: Some(SafeName::from_remote(&name)),
            ..Magnet::default()
        };
        let link = Magnet::link_to(&[magnet]);
        let search = node
            .desk
            .ask(|reply| Request::StartSearch(StartSearch::everywhere(link), reply))
            .await
            .unwrap();
        assert!(search.words.starts_with(&Urn::Sha1([7; 20]).to_string()), "{}", search.words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_finds_what_another_leaf_of_its_ultrapeer_shares() {
    let ultrapeer = Running::start(1, Role::Ultrapeer);
    let sharer = Running::start(2, Role::Leaf);
    let mut seeker = Running::start(3, Role::Leaf);
    sharer.share(&["slow river blues.ogg"]).await;
    sharer.connect(ultrapeer.address).await;
    seeker.connect(ultrapeer.address).await;
    ultrapeer.until("two leaves", |status| status.links.leaves == 2).await;

    let hit = seeker.find("river blues").await;
    assert_eq!(hit.name, "slow river blues.ogg");
    assert_eq!((hit.size, hit.address), (1_000, sharer.address));
    assert_eq!(hit.sha1.as_deref(), Some("A4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYH"));
    assert_eq!(hit.vendor.as_deref(), Some("FILB"));

    let peers = ultrapeer.peers().await;
    let vendors: Vec<_> = peers.iter().filter_map(|peer| peer.vendor.as_deref()).collect();
    assert_eq!(vendors, [concat!("Filbert/", env!("CARGO_PKG_VERSION")); 2]);
    assert!(peers.iter().all(|peer| peer.deflate_in && peer.deflate_out && !peer.tls));
    assert!(peers.iter().all(|peer| peer.received_bytes > 0 && peer.sent_bytes > 0));
    let totals = ultrapeer.status().await.totals;
    let of_peers = |count: fn(&Peer) -> u64| peers.iter().map(count).sum::<u64>();
    assert!(totals.received_messages >= of_peers(|peer| peer.received_messages));
    assert!(totals.sent_messages >= 2 && totals.received_messages >= 4, "{totals:?}");
    assert_eq!((totals.dropped_messages, totals.shed_messages), (0, 0));

    ultrapeer.end().await;
    sharer.until("no link after the goodbye", |status| status.links.total == 0).await;
}

/// UDP-34
#[tokio::test(flavor = "multi_thread")]
async fn datagrams_that_nobody_looks_at_are_counted() {
    let node = Running::start(4, Role::Ultrapeer);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for len in [DATAGRAM_LEN_MAX + 1, DATAGRAM_LEN_MAX, 65_507, 1] {
        socket.send_to(&vec![0; len], node.address).await.unwrap();
    }
    let counts = |received, dropped| {
        node.until("datagrams are counted", move |status| {
            let totals = status.totals;
            (totals.received_datagrams, totals.dropped_datagrams) == (received, dropped)
        })
    };
    counts(2, 2).await;
    node.end().await;
}
