//! Sources that were not there for a while.

use filbert::base::limits::SOURCE_RETRY_MAX_MS;
use filbert::base::time::Time;
use filbert::gnutella::wire::Guid;
use filbert::transfer::download::{
    CallFailure, Finding, Input, Origin, Output, Path, PushWay, SourceId, State, Why,
};

use super::swarm::{Peer, Swarm, address};

const LEN: usize = 1_000_000;
const HOUR_MS: u64 = 3_600_000;

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

fn reach(swarm: &mut Swarm, is_reachable: bool) {
    for peer in swarm.peers.values_mut() {
        peer.is_reachable = is_reachable;
    }
}

/// DOWN-15: our line, or it, was down for some minutes.
#[test]
fn a_stranger_that_a_search_finds_again_is_called_again() {
    let mut swarm = swarm(vec![Peer { is_reachable: false, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(10 * 60_000));
    assert_eq!(swarm.notes.calls.len(), 3);
    assert_eq!(swarm.notes.dropped, [(address(0), Why::Unreachable)]);
    // As often as it is named: not more often than once an hour.
    for minute in 10..120 {
        swarm.tell(address(0));
        swarm.run_until(Time::from_millis(minute * 60_000));
    }
    let calls = swarm.notes.calls.len();
    assert!((4..=5).contains(&calls), "{calls}");
    reach(&mut swarm, true);
    for minute in 120..185 {
        swarm.tell(address(0));
        swarm.run_until(Time::from_millis(minute * 60_000));
    }
    assert!(matches!(swarm.download.state(), State::Finished { .. }));
}

/// DOWN-15: a servent that was of use, and was off for hours.
#[test]
fn a_servent_that_comes_back_is_called_without_a_search() {
    let mut swarm = swarm(vec![Peer { rate: 20_000, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(5_000));
    reach(&mut swarm, false);
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Lost { source });
    swarm.run_until(Time::from_millis(20 * HOUR_MS));
    assert_eq!(swarm.notes.dropped, []);
    let calls = swarm.notes.calls.len();
    assert!((8..=40).contains(&calls), "{calls}");
    reach(&mut swarm, true);
    let back = swarm.now;
    swarm.finish();
    assert!(swarm.now.since(back).as_millis() < u128::from(SOURCE_RETRY_MAX_MS) + 120_000);
}

/// DOWN-15: nobody would find again whom the user has named.
#[test]
fn whom_the_user_has_named_is_not_forgotten() {
    let mut swarm = swarm(Vec::new());
    swarm.peers.insert(address(3), Peer { is_reachable: false, ..Peer::default() });
    swarm.hand_in(Input::Found(Finding::by_urn(address(3), Origin::User)));
    swarm.run_until(Time::from_millis(5 * HOUR_MS));
    let calls = swarm.notes.calls.len();
    assert!((5..=13).contains(&calls), "{calls}");
    reach(&mut swarm, true);
    swarm.finish();
}

/// DOWN-33: all that a link may name, and a servent that was of use and cannot be called.
#[test]
fn whom_a_link_names_is_known_after_a_restart() {
    let at = |address: &str, path| Finding {
        path,
        ..Finding::by_urn(address.parse().unwrap(), Origin::User)
    };
    let named = Path::Named { host: "files.example:80".to_owned(), target: "/a?b=ü".to_owned() };
    let way = PushWay { servent: Guid([7; 16]), index: 3, proxies: vec![address(8), address(9)] };
    let pushed = Finding {
        push: Some(way),
        is_firewalled: true,
        takes_tls: true,
        ..Finding::by_urn(address(8), Origin::User)
    };
    let by_index = Path::ByIndex { index: 9, name: "a b".to_owned() };
    let findings = vec![
        at("11.1.0.1:80", Path::Url("/file".to_owned())),
        at("192.168.1.7:443", named),
        at("[2001:db8::7]:6346", by_index),
        at("11.2.0.1:6346", Path::ByUrn),
        pushed,
    ];
    let mut swarm = swarm(Vec::new());
    for finding in &findings {
        swarm.hand_in(Input::Found(finding.clone()));
    }
    swarm.run_until(Time::from_millis(2_000));
    for _ in 0..2 {
        swarm = swarm.restart();
        let known = (0..).map_while(|id| swarm.download.finding(SourceId(id)).cloned());
        assert_eq!(known.collect::<Vec<_>>(), findings);
    }
    // Nothing is said twice.
    let len = swarm.disk.journal.content().len();
    assert!(swarm.restart().disk.journal.content().len() < len + 100);
}

/// DOWN-34: the user's limit has it wait for longer than a source may be silent.
#[test]
fn a_source_that_waits_for_us_is_not_silent() {
    for is_held in [true, false] {
        let mut swarm = swarm(vec![Peer::default()]);
        swarm.run_until(Time::from_millis(60));
        swarm.peers.get_mut(&address(0)).unwrap().latency_ms = 25_000;
        for second in 1..49 {
            swarm.run_until(Time::from_millis(second * 1_000));
            if is_held && second % 5 == 0 {
                let source = swarm.id_of(address(0));
                swarm.hand_in(Input::Held { source });
            }
        }
        assert_eq!(swarm.notes.disconnects.is_empty(), is_held);
    }
}

/// DOWN-15: we have no way to anybody just now.
#[test]
fn a_call_that_has_not_left_us_is_no_failure_of_the_source() {
    let mut swarm = swarm(vec![Peer::default()]);
    swarm.hand_in(Input::Pause);
    swarm.run_until(Time::from_millis(2));
    for round in 0..10 {
        swarm.now = Time::from_millis(10 + round * 60_000);
        swarm.hand_in(if round == 0 { Input::Resume } else { Input::Timeout });
        let called = std::iter::from_fn(|| swarm.download.poll()).find_map(|output| match output {
            Output::Connect { source, .. } => Some(source),
            _ => None,
        });
        let source = called.unwrap_or_else(|| panic!("not called in round {round}"));
        swarm.hand_in(Input::ConnectFailed { source, why: CallFailure::NoLine });
    }
    assert_eq!(swarm.notes.dropped, []);
}

/// DOWN-15: whoever has lied is not asked again, whoever names it.
#[test]
fn a_liar_that_is_found_again_is_not_called_again() {
    let mut swarm = swarm(vec![Peer { wrong_percent: 100, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(60_000));
    assert_eq!(swarm.notes.dropped, [(address(0), Why::WrongBytes)]);
    let calls = swarm.notes.calls.len();
    for hour in 1..5 {
        swarm.tell(address(0));
        swarm.run_until(Time::from_millis(hour * HOUR_MS));
    }
    assert_eq!(swarm.notes.calls.len(), calls);
}
