//! Files that FastTrack knows, from nodes of both networks.

use std::collections::BTreeSet;
use std::net::{SocketAddr, SocketAddrV4};

use filbert::base::file_name::SafeName;
use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::base::limits::{FILE_LEN_MAX, SOURCE_PUSH_TIMEOUT_MS, SOURCE_RETRY_MAX_MS};
use filbert::base::ranges::ByteRange;
use filbert::base::time::Time;
use filbert::library::hash::{Digests, Wanted as Digested};
use filbert::transfer::download::journal::{self, Intent, Record, Writer};
use filbert::transfer::download::{
    Finding, Input, KazaaHost, KazaaName, KnownBy, Origin, Path, State, Wanted, Why,
};

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 3_000_000;

pub fn kzhash(file: &[u8]) -> KzHash {
    Digests::wanted_of(file, Digested { kzhash: true }).kzhash.unwrap()
}

pub fn node(hash: UuHash) -> KazaaHost {
    let supernode = Some(SocketAddrV4::new([198, 51, 100, 1].into(), 1214));
    KazaaHost { hash, user: "bob".to_owned(), network: "KaZaA".to_owned(), supernode }
}

fn v4(address: SocketAddr) -> SocketAddrV4 {
    let SocketAddr::V4(address) = address else { panic!("{address}") };
    address
}

pub fn finding(number: usize, hash: UuHash) -> Finding {
    Finding::of_kazaa(v4(address(number)), node(hash), Origin::Hit)
}

/// As nodes of FastTrack are: one connection a request, and no tree.
pub fn kazaa() -> Peer {
    Peer { gives_tree: false, stays_open: false, ..Peer::default() }
}

/// What is wanted of a file whose hash of parts is known, and perhaps more.
fn intent(file: &[u8], known_by: KnownBy) -> Intent {
    Intent { known_by, root: None, ..intent_of(file, false) }
}

pub fn by_parts(file: &[u8]) -> Intent {
    intent(file, KnownBy::Kazaa(KazaaName::parts(kzhash(file).uuhash)))
}

fn by_all(file: &[u8]) -> Intent {
    intent(file, KnownBy::Kazaa(kzhash(file).into()))
}

/// A download that knows so many nodes of FastTrack.
pub fn swarm(file: &bytes::Bytes, intent: Intent, peers: Vec<Peer>) -> Swarm {
    let mut swarm = Swarm::new(file.clone(), intent, Vec::new(), 1);
    let hash = kzhash(file).uuhash;
    for (number, peer) in peers.into_iter().enumerate() {
        swarm.peers.insert(address(number), peer);
        swarm.hand_in(Input::Found(finding(number, hash)));
    }
    swarm
}

/// FTHTTP-15, FTHTTP-16, FTHASH-04
#[test]
fn a_file_comes_from_several_nodes_and_stays_unverified_where_its_parts_alone_are_known() {
    let file = file_of(LEN, 1);
    for (intent, is_sure) in [(by_parts(&file), false), (by_all(&file), true)] {
        assert_eq!(intent.is_of_all_bytes(intent.size), is_sure);
        let mut swarm = swarm(&file, intent, vec![kazaa(), kazaa(), kazaa()]);
        assert_eq!(swarm.download.sha1(), None);
        swarm.finish();
        let askers: BTreeSet<_> = swarm.notes.asks.iter().map(|(_, at, _)| *at).collect();
        assert_eq!(askers.len(), 3, "ranges came from each of them");
        let asks = &swarm.notes.asks;
        assert!(asks.iter().all(|(_, _, ask)| matches!(ask.path, Path::Kazaa(_))));
        assert_eq!(swarm.download.sha1(), Some(Digests::of(&file).sha1), "it can be shared by it");
        assert!(swarm.cost_percent() <= 101, "{}", swarm.cost_percent());
        assert_eq!(swarm.download.shared().len(), 0, "nothing of it was proved meanwhile");
    }
}

/// FTHASH-04, FTHTTP-16: a forged middle passes where nobody knows better, and nowhere else.
#[test]
fn a_forged_middle_is_found_where_the_tree_is_known() {
    let file = file_of(LEN, 1);
    let mut forged = file.to_vec();
    forged[2_000_000] ^= 1;
    let forged = bytes::Bytes::from(forged);
    assert_eq!(kzhash(&forged).uuhash, kzhash(&file).uuhash, "no part of it is there");
    let liar = Peer { own: Some(forged.clone()), rate: 2_000_000, ..kazaa() };
    let mut swarm = swarm(&file, by_parts(&file), vec![liar.clone()]);
    swarm.file = forged;
    swarm.finish();

    let honest = Peer { rate: 100_000, ..kazaa() };
    let mut swarm = self::swarm(&file, by_all(&file), vec![liar, honest]);
    swarm.finish();
    assert!(
        swarm.notes.dropped.contains(&(address(0), Why::WrongBytes)),
        "{:?}",
        swarm.notes.dropped
    );
    let verified = swarm.notes.states.iter().filter(|state| **state == State::Verifying);
    assert!(verified.count() >= 2, "it was wrong at first");
}

/// FTHTTP-15: the tree of one network proves what comes from the other.
#[test]
fn one_download_takes_sources_of_both_networks() {
    let file = file_of(LEN, 1);
    let servent = Peer { rate: 50_000, ..Peer::default() };
    let liar = Peer { wrong_percent: 100, ..kazaa() };
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, true), vec![servent], 1);
    let hash = kzhash(&file).uuhash;
    for (number, peer) in [(1, kazaa()), (2, liar)] {
        swarm.peers.insert(address(number), peer);
        swarm.hand_in(Input::Found(finding(number, hash)));
    }
    swarm.finish();
    let came_from = |number| {
        let asks = swarm.notes.asks.iter().filter(|(_, at, _)| *at == address(number));
        asks.filter(|(_, _, ask)| matches!(ask.path, Path::Kazaa(_))).count()
    };
    assert_eq!(came_from(0), 0);
    assert!(came_from(1) > 1 && came_from(2) >= 1);
    assert!(swarm.notes.dropped.contains(&(address(2), Why::WrongBytes)));
    let told: BTreeSet<_> =
        swarm.notes.asks.iter().flat_map(|(_, _, ask)| &ask.alternates).collect();
    assert!(!told.contains(&address(1)), "servents could ask it for nothing");
}

/// FTHTTP-17
#[test]
fn whoever_never_answers_is_asked_three_times_an_hour_apart() {
    let file = file_of(LEN, 1);
    let mute = Peer { is_mute: true, ..kazaa() };
    let mut swarm = swarm(&file, by_parts(&file), vec![mute]);
    assert!(swarm.run_until(Time::from_millis(24 * SOURCE_RETRY_MAX_MS)));
    let calls: Vec<Time> = swarm.notes.calls.iter().map(|(at, _)| *at).collect();
    let [first, second, third] = calls[..] else { panic!("{calls:?}") };
    for (before, after) in [(first, second), (second, third)] {
        let waited = u64::try_from(after.since(before).as_millis()).unwrap();
        assert!((SOURCE_RETRY_MAX_MS..SOURCE_RETRY_MAX_MS + 2_000).contains(&waited), "{waited}");
    }
    assert_eq!(swarm.notes.dropped, [(address(0), Why::Unreachable)]);
}

#[test]
fn whoever_has_another_file_or_cannot_be_asked_for_this_one_is_no_source() {
    let file = file_of(LEN, 1);
    let mut swarm = swarm(&file, by_parts(&file), Vec::new());
    swarm.hand_in(Input::Found(finding(1, UuHash([1; 20]))));
    swarm.tell(address(2));
    assert_eq!(swarm.download.sources().count(), 0);
    swarm.hand_in(Input::Found(finding(3, kzhash(&file).uuhash)));
    assert_eq!(swarm.download.sources().count(), 1);
    // A file that is known by its SHA-1 may have any name on the other network.
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, false), Vec::new(), 1);
    swarm.hand_in(Input::Found(finding(1, UuHash([1; 20]))));
    assert_eq!(swarm.download.sources().count(), 1);
}

/// Who cannot be called is asked for by its supernode, once for each user of it.
#[test]
fn a_node_that_cannot_be_called_is_pushed_by_its_supernode() {
    let file = file_of(LEN, 1);
    let mut swarm = swarm(&file, by_parts(&file), vec![kazaa()]);
    let hash = kzhash(&file).uuhash;
    let inside = || Finding { is_firewalled: true, ..finding(9, hash) };
    swarm.hand_in(Input::Found(inside()));
    swarm.hand_in(Input::Found(inside()));
    let alice = KazaaHost { user: "alice".to_owned(), ..node(hash) };
    swarm.hand_in(Input::Found(Finding { path: Path::Kazaa(alice.clone()), ..inside() }));
    let nobodys = KazaaHost { supernode: None, ..alice.clone() };
    swarm.hand_in(Input::Found(Finding { path: Path::Kazaa(nobodys), ..inside() }));
    assert_eq!(swarm.download.sources().count(), 3);
    assert!(swarm.run_until(Time::from_millis(SOURCE_PUSH_TIMEOUT_MS / 2)));
    let pushed: Vec<_> = swarm.notes.kazaa_pushes.iter().map(|(_, host)| host.clone()).collect();
    assert_eq!(pushed, [node(hash)], "at one address there is one host");
    swarm.finish();
}

/// FTHTTP-13, FTNODE-13: each connection costs a push, and of those there are few.
#[test]
fn a_node_that_is_pushed_is_asked_for_all_at_once() {
    let file = file_of(LEN, 1);
    let mut swarm = swarm(&file, by_parts(&file), Vec::new());
    let (hash, at) = (kzhash(&file).uuhash, address(1));
    swarm.peers.insert(at, Peer { is_reachable: false, takes_pushes: true, ..kazaa() });
    swarm.hand_in(Input::Found(finding(1, hash)));
    swarm.finish();
    assert_eq!(swarm.notes.calls.len(), 1, "it was called in vain");
    assert_eq!(swarm.notes.kazaa_pushes.len(), 1);
    assert_eq!(swarm.notes.asks.len(), 1);
}

/// DOWN-33: sources of both networks, and what is wanted, are known after a crash.
#[test]
fn a_download_goes_on_after_a_crash() {
    let file = file_of(LEN, 1);
    for intent in [by_parts(&file), by_all(&file)] {
        let mut swarm = swarm(&file, intent.clone(), vec![kazaa(), kazaa()]);
        swarm.steps_left = Some(40);
        assert!(!swarm.run_until(Time::from_millis(60_000)), "the power went");
        let mut swarm = swarm.restart();
        assert_eq!(swarm.download.intent(), &intent);
        let done_len = swarm.download.progress().done_len;
        assert!(done_len > 0 && swarm.download.sources().count() > 0);
        swarm.finish();
        assert!(swarm.download.progress().received_len <= LEN as u64 - done_len + 200_000);
    }
}

/// Journals of programs that know no FastTrack are read as they were, and what they know is written as they do.
#[test]
fn a_journal_of_gnutella_alone_is_as_it_was() {
    let sha1 = [7; 20];
    let intent =
        Intent { name: "a".to_owned(), known_by: KnownBy::Sha1(sha1), size: Some(9), root: None };
    let (_, bytes) = Writer::begin([3; 16], &Record::Intent(intent.clone()));
    let payload: Vec<u8> = [&[1_u8][..], &sha1, &9_u64.to_le_bytes(), &[0; 24], b"a"].concat();
    let (head, rest) = bytes.split_at(24);
    assert_eq!((&head[..8], rest[4]), (&b"FILBERT1"[..], 1));
    assert_eq!(rest[5..5 + payload.len()], payload);
    assert_eq!(journal::replay(&bytes).unwrap().intent, intent);
    // What FastTrack knows is another kind of record, which such programs do not take for theirs.
    for known_by in [
        KnownBy::Kazaa(KazaaName::parts(UuHash([1; 20]))),
        KnownBy::Kazaa(KazaaName { uuhash: UuHash([1; 20]), root: Some([2; 16]) }),
        KnownBy::Both(sha1, KazaaName::parts(UuHash([1; 20]))),
        KnownBy::Both(sha1, KazaaName { uuhash: UuHash([1; 20]), root: Some([0; 16]) }),
    ] {
        for (size, root) in [(None, None), (Some(0), Some([0; 24])), (Some(5), None)] {
            let intent = Intent { known_by, size, root, ..intent.clone() };
            let (_, bytes) = Writer::begin([3; 16], &Record::Intent(intent.clone()));
            assert_eq!(bytes[28], 15);
            assert_eq!(journal::replay(&bytes).unwrap().intent, intent);
        }
    }
}

/// DOWN-07: at the limits and one past them, as for files of Gnutella.
#[test]
fn a_file_without_bytes_has_a_hash_that_everybody_knows() {
    let intent = by_parts(b"");
    assert!(intent.may_have(0) && !intent.may_have(1));
    assert_eq!(Intent { size: None, ..intent }.sure_size(), Some(0));
    let intent = by_parts(b"1");
    assert!(!intent.may_have(0) && intent.may_have(1) && intent.may_have(FILE_LEN_MAX));
    assert!(!intent.may_have(FILE_LEN_MAX + 1));
    let hash = kzhash(b"1").uuhash.to_string();
    let name = SafeName::from_remote(&hash).as_str().to_owned();
    assert!(!intent.is_nameless() && Intent { name, ..intent }.is_nameless());
}

/// FTHASH-02: the hash of a short file says how many bytes it has.
#[test]
fn a_size_that_a_short_file_cannot_have_is_believed_of_nobody() {
    let file = file_of(10_240, 1);
    let unsized_ = Intent { size: None, ..by_parts(&file) };
    assert!(unsized_.may_have(10_240) && !unsized_.may_have(10_241) && !unsized_.may_have(307_200));
    assert!(unsized_.may_have(307_201), "nobody could tell");
    let liar = Peer { size: Some(9_999), rate: 2_000_000, ..kazaa() };
    let mut swarm = swarm(&file, unsized_, vec![liar, kazaa()]);
    swarm.finish();
    assert_eq!(swarm.notes.dropped, [(address(0), Why::WrongSize)]);
    let long = file_of(LEN, 1);
    assert!(!by_parts(&long).may_have(307_200) && by_parts(&long).may_have(307_201));
}

/// FTHTTP-05: whoever is asked for more than there is says 400, so that the first request names no range.
#[test]
fn where_no_size_is_known_the_first_byte_is_asked_for() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..by_parts(&file) };
    let mut swarm = swarm(&file, intent, vec![kazaa()]);
    swarm.finish();
    let (_, _, first) = &swarm.notes.asks[0];
    assert_eq!(first.what, Wanted::Bytes(ByteRange::new(0, 1)));
    assert_eq!(swarm.notes.asks.len(), 1, "the answer is all of it, and is taken");
    for (_, _, ask) in &swarm.notes.asks {
        let Wanted::Bytes(range) = ask.what else { panic!("{ask:?}") };
        assert!(range.end <= LEN as u64 && !range.is_empty(), "{range}");
    }
}
