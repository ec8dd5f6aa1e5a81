//! Sources that cannot be called, those that say who else has the file, and what becomes of calls.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use filbert::base::limits::{
    ALTERNATE_STRIKES_MAX, PUSHED_ALTERNATES_TAKEN_MAX, SOURCE_PROXIES_MAX, SOURCE_PUSH_TIMEOUT_MS,
};
use filbert::base::ranges::ByteRange;
use filbert::base::time::Time;
use filbert::gnutella::http::{AltHost, NodeInfo, PushLocation};
use filbert::gnutella::wire::Guid;
use filbert::transfer::download::{
    Ask, CallFailure, Finding, Input, Manners, Origin, Outcome, Output, Path, PushWay, Rules,
    Wanted, Why, request_of,
};

use super::swarm::{Peer, Swarm, address, ask, file_of, intent_of};

const LEN: usize = 1_000_000;
const DAY: Time = Time::from_millis(24 * 3_600_000);

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

fn proxy(number: usize) -> SocketAddr {
    format!("12.0.0.{number}:6346").parse().unwrap()
}

/// A hit of a servent that says that it cannot be called.
fn firewalled(number: usize) -> Finding {
    let way = PushWay { servent: Guid([7; 16]), index: 3, proxies: vec![proxy(1)] };
    Finding {
        push: Some(way),
        is_firewalled: true,
        ..Finding::by_urn(address(number), Origin::Hit)
    }
}

/// Like `swarm`, with one source that is told of in this way, and that can be called in spite of it.
fn with_finding(finding: Finding) -> Swarm {
    let mut swarm = swarm(Vec::new());
    swarm.peers.insert(finding.address, Peer::default());
    swarm.hand_in(Input::Found(finding));
    swarm
}

/// PUSH-25
#[test]
fn a_source_that_nobody_can_push_is_called_as_soon_as_that_is_known() {
    let mut swarm = with_finding(firewalled(0));
    swarm.finish();
    assert_eq!(swarm.notes.pushes.len(), 1);
    let (pushed, called) = (swarm.notes.pushes[0].0, swarm.notes.calls[0].0);
    assert!(called.since(pushed).as_millis() <= 1_000, "it does not wait for the push");
}

/// PUSH-25, DOWN-15: it is not there at all.
#[test]
fn a_source_that_is_nowhere_is_given_up_after_three_failures() {
    let mut swarm = with_finding(firewalled(0));
    swarm.peers.get_mut(&address(0)).unwrap().is_reachable = false;
    swarm.run_until(DAY);
    assert_eq!((swarm.notes.pushes.len(), swarm.notes.calls.len()), (3, 1));
    assert_eq!(swarm.notes.dropped, [(address(0), Why::Unreachable)]);
}

/// PUSH-25: the address in a link is that of a proxy.
#[test]
fn a_proxy_is_not_asked_for_the_file() {
    let way = PushWay { servent: Guid([7; 16]), index: 0, proxies: vec![address(0)] };
    let named = Finding::by_urn(address(0), Origin::User);
    let mut swarm = with_finding(Finding { push: Some(way), is_firewalled: true, ..named });
    swarm.run_until(DAY);
    // The user has named it: it is tried as long as the file is wanted, and hardly ever.
    assert_eq!((swarm.notes.pushes.len(), swarm.notes.calls.len()), (29, 0));
}

/// PUSH-11
#[test]
fn a_servent_that_calls_is_asked_over_its_connection() {
    let mut swarm = with_finding(firewalled(0));
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(1_000));
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Connected { source });
    let asked = std::iter::from_fn(|| swarm.download.poll())
        .any(|output| matches!(output, Output::Ask { .. }));
    assert!(asked && swarm.notes.calls.is_empty());
}

/// What somebody who has called us is asked for, first to last.
fn asked_of_a_caller(names_root: bool) -> Vec<Wanted> {
    let mut swarm = with_finding(firewalled(0));
    swarm.peers.get_mut(&address(0)).unwrap().names_root = names_root;
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(1_000));
    swarm.come(address(0));
    swarm.finish();
    assert_eq!(swarm.notes.pushes.len(), 1);
    swarm.notes.asks.iter().map(|(.., ask)| ask.what).collect()
}

/// DOWN-38
#[test]
fn whoever_has_called_us_is_asked_for_bytes_and_for_its_tree_if_it_names_one() {
    let is_tree = |what: &Wanted| *what == Wanted::Tree;
    assert!(!asked_of_a_caller(false).iter().any(is_tree));
    let asked = asked_of_a_caller(true);
    assert_eq!(asked.iter().position(is_tree), Some(1), "{asked:?}");
}

/// DOWN-38: others may have it, and are not waited for longer than usual.
#[test]
fn the_tree_comes_from_others_where_somebody_has_called_us() {
    let mut swarm = with_finding(firewalled(0));
    swarm.pushes_fail = None;
    swarm.peers.insert(address(1), Peer::default());
    swarm.tell(address(1));
    swarm.run_until(Time::from_millis(50));
    swarm.come(address(0));
    swarm.finish();
    let asks = swarm.notes.asks.iter().filter(|(.., ask)| ask.what == Wanted::Tree);
    assert!(asks.map(|(_, who, _)| *who).eq([address(1)]));
    let first = swarm.notes.asks.iter().find(|(_, who, _)| *who == address(0));
    assert!(first.is_some_and(|(at, ..)| *at < Time::from_millis(1_000)), "{first:?}");
}

#[test]
fn a_servent_that_does_not_come_is_given_up_after_a_while() {
    let mut swarm = with_finding(firewalled(0));
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(SOURCE_PUSH_TIMEOUT_MS));
    assert!(swarm.notes.disconnects.is_empty());
    swarm.run_until(Time::from_millis(SOURCE_PUSH_TIMEOUT_MS + 1));
    assert_eq!(swarm.notes.disconnects.len(), 1);
}

/// DOWN-15: a call that has to wait is none that failed.
#[test]
fn a_source_that_may_be_called_later_is_called_later() {
    let mut swarm = swarm(vec![Peer { is_reachable: false, ..Peer::default() }]);
    for round in 0..10_u64 {
        swarm.now = Time::from_millis(1 + round * 90_000);
        swarm.hand_in(Input::Timeout);
        let connect =
            std::iter::from_fn(|| swarm.download.poll()).find_map(|output| match output {
                Output::Connect { source, .. } => Some(source),
                _ => None,
            });
        let source = connect.unwrap_or_else(|| panic!("not called in round {round}"));
        let why = CallFailure::Later { wait_ms: 60_000 };
        swarm.hand_in(Input::ConnectFailed { source, why });
        assert_eq!(
            swarm.download.next_timeout().map(|due| due.since(swarm.now).as_secs()),
            Some(60)
        );
    }
    assert!(swarm.notes.dropped.is_empty());
}

/// HTTP-36
#[test]
fn a_source_that_does_not_speak_tls_after_all_is_called_in_the_clear() {
    let mut swarm = swarm(Vec::new());
    let finding = Finding { takes_tls: true, ..Finding::by_urn(address(0), Origin::Hit) };
    swarm.hand_in(Input::Found(finding));
    swarm.run_until(Time::from_millis(10));
    let source = swarm.id_of(address(0));
    assert!(swarm.download.finding(source).unwrap().takes_tls);
    swarm.hand_in(Input::ConnectFailed { source, why: CallFailure::NotSecret });
    assert!(!swarm.download.finding(source).unwrap().takes_tls);
    swarm.run_until(Time::from_millis(2_000));
    assert_eq!(swarm.notes.calls.len(), 2);
}

/// QUEUE-06
#[test]
fn our_turn_ends_the_wait_on_the_connection_that_stands() {
    let queued = Outcome::Queued {
        poll_min_ms: 600_000,
        poll_max_ms: 900_000,
        ticket: Some("a1".to_owned()),
        place: Some(3),
    };
    let mut swarm =
        swarm(vec![Peer { says_first: vec![Outcome::Missing, queued], ..Peer::default() }]);
    swarm.run_until(Time::from_millis(5_000));
    let (source, asked) = (swarm.id_of(address(0)), swarm.notes.asks.len());
    swarm.hand_in(Input::Turn { source });
    swarm.run_until(Time::from_millis(5_001));
    assert_eq!(swarm.notes.asks.len(), asked + 1, "it is asked at once");
    assert_eq!(swarm.notes.asks[asked].2.ticket.as_deref(), Some("a1"));
    swarm.finish();
    assert_eq!(swarm.notes.calls.len(), 1);
}

/// QUEUE-06: whoever is not in a queue has no turn.
#[test]
fn a_turn_that_is_none_changes_nothing() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.run_until(Time::from_millis(120));
    let (source, asked) = (swarm.id_of(address(0)), swarm.notes.asks.len());
    swarm.hand_in(Input::Turn { source });
    swarm.run_until(Time::from_millis(121));
    assert_eq!(swarm.notes.asks.len(), asked);
    swarm.finish();
}

/// PUSH-20, PUSH-26: what a source says of its proxies replaces what its hit said.
#[test]
fn a_source_says_itself_who_passes_pushes_on_to_it() {
    let proxies: Vec<_> = (1..=SOURCE_PROXIES_MAX + 1).map(proxy).collect();
    let says = Peer { servent: Some(Guid([9; 16])), proxies, ..Peer::default() };
    let mut swarm = swarm(vec![says]);
    swarm.run_until(Time::from_millis(300));
    let way = swarm.download.finding(swarm.id_of(address(0))).unwrap().push.clone().unwrap();
    assert_eq!(way.servent, Guid([9; 16]));
    assert_eq!(way.proxies, (1..=SOURCE_PROXIES_MAX).map(proxy).collect::<Vec<_>>());
}

fn located(number: u8) -> PushLocation {
    PushLocation {
        servent: Guid([number; 16]),
        firewall_transfer: None,
        address: Some(address(number.into())),
        proxies: vec![AltHost::new(proxy(number.into()))],
    }
}

/// ALTLOC-04, DOWN-14: nobody knows where they are, and they are not one host for that.
#[test]
fn those_who_name_no_address_are_pushed_side_by_side() {
    let nowhere = |number| PushLocation { address: None, ..located(number) };
    let pushed: Vec<PushLocation> = (1..=3).map(nowhere).collect();
    let mut swarm = swarm(vec![Peer { pushed, rate: 10_000, ..Peer::default() }]);
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(20_000));
    let servents: BTreeSet<Guid> = swarm.notes.pushes.iter().map(|(_, way)| way.servent).collect();
    assert_eq!(servents, (1..=3).map(|number| Guid([number; 16])).collect());
    swarm.run_until(DAY);
    let told = swarm.notes.asks.iter().flat_map(|(.., ask)| ask.bad_alternates.clone());
    assert!(told.clone().all(|address| address.port() > 0), "{:?}", told.collect::<Vec<_>>());
}

/// ALTLOC-04, ALTLOC-05
#[test]
fn others_who_cannot_be_called_are_pushed() {
    let all = u8::try_from(PUSHED_ALTERNATES_TAKEN_MAX).unwrap() + 1;
    let pushed: Vec<PushLocation> = (1..=all).map(located).collect();
    // A slow one, so that there is something to do for others.
    let slow = Peer { pushed, rate: 10_000, ..Peer::default() };
    let mut swarm = swarm(vec![slow]);
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(40_000));
    let ways: Vec<_> = swarm.notes.pushes.iter().map(|(_, way)| way.clone()).collect();
    let (servent, proxies) = (Guid([1; 16]), vec![proxy(1)]);
    assert!(ways.contains(&PushWay { servent, index: 0, proxies }), "{ways:?}");
    let one_too_many = Guid([all; 16]);
    assert!(ways.iter().all(|way| way.servent != one_too_many));
}

/// ALTLOC-04
#[test]
fn those_who_cannot_be_called_are_told_of_once_they_were_of_use() {
    let mut swarm = swarm(vec![Peer { rate: 20_000, ..Peer::default() }]);
    swarm.peers.insert(address(5), Peer { rate: 20_000, ..Peer::default() });
    swarm.hand_in(Input::Found(firewalled(5)));
    swarm.pushes_fail = None;
    swarm.run_until(Time::from_millis(10));
    swarm.come(address(5));
    swarm.finish();
    let told = swarm.notes.asks.iter().filter(|(_, at, _)| *at == address(0));
    let told: Vec<_> = told.flat_map(|(.., ask)| ask.pushed.clone()).collect();
    let ours = PushLocation { address: Some(address(5)), ..located(7) };
    assert!(
        !told.is_empty()
            && told.iter().all(|location| {
                (location.servent, location.address) == (ours.servent, ours.address)
                    && location.proxies == [AltHost::new(proxy(1))]
            }),
        "{told:?}"
    );
}

/// HTTP-34, at the limit and one before it.
#[test]
fn whom_several_call_gone_is_not_called() {
    let accused_by = |count, origin| {
        let file = file_of(LEN, 1);
        let intent = intent_of(&file, true);
        let accused = address(50);
        let slow = Peer { gone: vec![accused], rate: 5_000, ..Peer::default() };
        let rules = Rules { connected_max: count, ..Rules::default() };
        let mut swarm = Swarm::with_rules(file, intent, vec![slow; count], rules, 1);
        swarm.run_until(Time::from_millis(5));
        // There is no room for it before the others have spoken.
        swarm.hand_in(Input::Found(Finding::by_urn(accused, origin)));
        swarm.run_until(Time::from_millis(2_000));
        swarm.notes.dropped.contains(&(accused, Why::Missing))
    };
    assert!(accused_by(ALTERNATE_STRIKES_MAX, Origin::Alternate));
    assert!(!accused_by(ALTERNATE_STRIKES_MAX - 1, Origin::Alternate));
    assert!(!accused_by(ALTERNATE_STRIKES_MAX, Origin::User), "the user knows better");
}

/// HTTP-34: one alone could name itself by many addresses.
#[test]
fn nobody_is_gone_because_those_say_so_who_have_called_us() {
    let accused = address(50);
    let mut swarm = swarm(Vec::new());
    swarm.pushes_fail = None;
    for number in 1..=ALTERNATE_STRIKES_MAX {
        let says = Peer { gone: vec![accused], rate: 5_000, ..Peer::default() };
        swarm.peers.insert(address(number), says);
        let servent = Guid([u8::try_from(number).unwrap(); 16]);
        let push = Some(PushWay { servent, index: 0, proxies: vec![proxy(1)] });
        swarm.hand_in(Input::Found(Finding { push, ..firewalled(number) }));
    }
    // It is known, and not there now.
    swarm.peers.insert(accused, Peer { is_reachable: false, ..Peer::default() });
    swarm.hand_in(Input::Found(Finding::by_urn(accused, Origin::Alternate)));
    swarm.run_until(Time::from_millis(200));
    (1..=ALTERNATE_STRIKES_MAX).for_each(|number| swarm.come(address(number)));
    swarm.run_until(Time::from_millis(5_000));
    let asked: BTreeSet<_> = swarm.notes.asks.iter().map(|(_, who, _)| *who).collect();
    assert_eq!(asked.len(), ALTERNATE_STRIKES_MAX);
    assert_eq!(swarm.notes.dropped, []);
}

/// PUSH-27
#[test]
fn whoever_cannot_be_called_says_so_with_its_requests() {
    let ask = ask(Wanted::Tree);
    let head = |manners: &Manners| {
        let head = request_of(&ask, Some([1; 20]), address(1), manners).unwrap().to_bytes();
        String::from_utf8(head.to_vec()).unwrap()
    };
    let behind = Manners { behind: Some(NodeInfo(located(7))), ..Manners::default() };
    let said = head(&behind);
    let info = format!("\r\nX-FW-Node-Info: {};6346:11.7.0.1;12.0.0.7:6346\r\n", "07".repeat(16));
    assert!(said.contains(&info) && said.contains("\r\nX-Push-Proxy: 12.0.0.7:6346\r\n"), "{said}");
    assert!(!said.contains("X-Node"));
    let said = head(&Manners { listen: Some(address(2)), ..behind });
    assert!(said.contains("\r\nX-Node: 11.2.0.1:6346\r\n"), "{said}");
    assert!(!said.contains("X-FW-Node-Info") && !said.contains("X-Push-Proxy"), "{said}");
}

/// HTTP-35: hosts that have several names are called by the one in the link.
#[test]
fn a_host_that_a_link_names_is_called_by_its_name() {
    let host = "files.example:8080".to_owned();
    let path = Path::Named { host, target: "/a b".to_owned() };
    let ask = Ask { path, pushed: vec![located(3)], ..ask(Wanted::Bytes(ByteRange::new(0, 5))) };
    let head = request_of(&ask, Some([1; 20]), address(1), &Manners::default()).unwrap().to_bytes();
    let head = String::from_utf8(head.to_vec()).unwrap();
    assert!(head.starts_with("GET /a%20b HTTP/1.1\r\nHost: files.example:8080\r\n"), "{head}");
    let falt = format!("\r\nX-Falt: {};6346:11.3.0.1;12.0.0.3:6346\r\n", "03".repeat(16));
    assert!(head.contains(&falt), "{head}");
}
