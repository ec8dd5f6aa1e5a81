//! Whether we can be reached, as others show it; and what others can send us to do.

#[allow(dead_code, reason = "each test file uses a part")]
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    CALLED_PORT_MIN, CONNECT_BACK_EVERY_MS, CONNECT_BACKS_MAX, CRAWLER_EVERY_MS, CRAWLERS_MAX,
    REACH_ANSWER_MS, REACH_HELPERS, REACH_PROVEN_MS, REACH_RETRY_MS, REACH_RETRY_MS_MAX,
    REACH_ROUNDS,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::announced::Abilities;
use filbert::gnutella::connect_back::{Errands, Helper, Missed, Reach, Reachability};
use filbert::gnutella::wire::vendor::{Body, MessageId, TcpConnectBack};
use filbert::gnutella::wire::{Frame, Function, Guid, Vendor};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::support::flow::slots;

const NOW: Time = Time::ZERO;
const PORT: u16 = 6_346;
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
const HELPS: Abilities = Abilities::OURS.and(Abilities::UDP_CONNECT_BACK);

/// A node and those whom it can ask.
struct Node {
    reachability: Reachability,
    helpers: Vec<Helper>,
    rng: ChaCha8Rng,
}

impl Node {
    fn new(helpers: usize) -> Self {
        let helper = |slot| Helper { slot, abilities: HELPS };
        Self {
            reachability: Reachability::new(PORT),
            helpers: slots(helpers).into_iter().map(helper).collect(),
            rng: ChaCha8Rng::seed_from_u64(1),
        }
    }

    /// Lets the time come, and tells who is asked for what.
    fn ask(&mut self, now: Time) -> Vec<(Slot, Frame, Vendor)> {
        let mut out = Vec::new();
        let helpers = self.helpers.iter().copied();
        self.reachability.timeout(now, helpers, &mut self.rng, &mut out);
        let decode = |(slot, frame): (Slot, Frame)| {
            let message = Vendor::decode(&frame.payload).unwrap();
            (slot, frame, message)
        };
        out.into_iter().map(decode).collect()
    }

    /// The GUID of the pings that are asked for now.
    fn ask_ping(&mut self, now: Time) -> Guid {
        let asked = self.ask(now);
        let is_ping = |message: &Vendor| matches!(message.body, Body::UdpConnectBack(_));
        asked.iter().find(|(_, _, message)| is_ping(message)).unwrap().1.guid
    }

    fn reach(&self) -> (Reach, Reach) {
        (self.reachability.tcp(), self.reachability.udp())
    }
}

fn just_before(time: Time) -> Time {
    Time::from_micros(time.as_micros() - 1)
}

fn host(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xcb00_0000 + u32::try_from(number).unwrap()))
}

/// VMSG-54
#[test]
fn a_few_are_asked_at_a_time_for_a_connection_and_for_a_ping() {
    let mut node = Node::new(REACH_HELPERS + 5);
    assert_eq!(
        (node.reach(), node.reachability.next_timeout()),
        ((Reach::Unknown, Reach::Unknown), Some(NOW))
    );
    let asked = node.ask(NOW);
    let (tcp, udp): (Vec<_>, Vec<_>) =
        asked.iter().partition(|(_, _, message)| message.id == MessageId::TCP_CONNECT_BACK);
    assert_eq!((tcp.len(), udp.len()), (REACH_HELPERS, REACH_HELPERS));
    for (_, frame, message) in &tcp {
        assert_eq!(message.body, Body::TcpConnectBack(TcpConnectBack { port: PORT }));
        assert_eq!((frame.ttl, frame.hops), (1, 0));
    }
    assert_ne!(tcp[0].0, tcp[1].0, "two and not one twice");
    assert_eq!(node.ask(NOW), [], "they have their time");
}

/// VMSG-13, VMSG-14
#[test]
fn a_ping_is_asked_for_in_the_version_that_the_helper_knows() {
    for (abilities, id) in [
        (Abilities::UDP_CONNECT_BACK_V1, MessageId::UDP_CONNECT_BACK_V1),
        (Abilities::UDP_CONNECT_BACK_V2, MessageId::UDP_CONNECT_BACK_V2),
        (Abilities::UDP_CONNECT_BACK, MessageId::UDP_CONNECT_BACK_V2),
    ] {
        let mut node = Node::new(1);
        node.helpers[0].abilities = abilities;
        let asked = node.ask(NOW);
        let [(_, frame, message)] = &asked[..] else { panic!("{asked:?}") };
        let Body::UdpConnectBack(request) = &message.body else { panic!("{message:?}") };
        assert_eq!((message.id, request.port), (id, PORT));
        assert_eq!(request.guid.unwrap_or(frame.guid), frame.guid);
        assert_eq!(request.guid.is_some(), id == MessageId::UDP_CONNECT_BACK_V1);
        assert!(node.reachability.pinged(frame.guid, NOW));
        assert_eq!(node.reach(), (Reach::Unknown, Reach::Proven));
    }
}

/// VMSG-54
#[test]
fn a_connection_from_outside_shows_that_we_can_be_reached() {
    let mut node = Node::new(3);
    node.ask(NOW);
    node.reachability.connected(NOW);
    assert_eq!(node.reach(), (Reach::Proven, Reach::Unknown));
}

/// VMSG-54: our servent GUID is no secret, and other pings say nothing.
#[test]
fn only_a_ping_that_was_asked_for_shows_anything() {
    let mut node = Node::new(3);
    assert!(!node.reachability.pinged(Guid::ZERO, NOW), "nobody was asked yet");
    let token = node.ask_ping(NOW);
    for guid in [Guid::ZERO, Guid([7; 16])] {
        assert!(!node.reachability.pinged(guid, NOW));
    }
    assert_eq!(node.reach().1, Reach::Unknown);
    assert!(node.reachability.pinged(token, NOW));
    assert_eq!(node.reach().1, Reach::Proven);
}

/// VMSG-54
#[test]
fn who_answers_late_still_shows_something_and_who_answers_very_late_does_not() {
    let mut node = Node::new(3);
    let first = node.ask_ping(NOW);
    let second = node.ask_ping(Time::from_millis(REACH_ANSWER_MS));
    let third = node.ask_ping(Time::from_millis(2 * REACH_ANSWER_MS));
    assert!(!node.reachability.pinged(first, NOW) && first != second);
    assert!(node.reachability.pinged(second, NOW) && second != third);
}

/// VMSG-54
#[test]
fn when_nobody_comes_through_we_count_as_unreachable_and_try_again_less_and_less_often() {
    let mut node = Node::new(3);
    let mut now = NOW;
    let mut waits = Vec::new();
    for _ in 0..6 {
        for round in 0..REACH_ROUNDS {
            assert_eq!(node.ask(now).len(), 2 * REACH_HELPERS, "round {round}");
            let due = now.after_ms(REACH_ANSWER_MS);
            assert_eq!(node.reachability.next_timeout(), Some(due));
            assert_eq!(node.ask(just_before(due)), []);
            now = due;
        }
        assert_eq!(node.ask(now), []);
        assert_eq!(node.reach(), (Reach::Unreachable, Reach::Unreachable));
        let retry = node.reachability.next_timeout().unwrap();
        assert_eq!(node.ask(just_before(retry)), []);
        waits.push(u64::try_from(retry.since(now).as_millis()).unwrap() / REACH_RETRY_MS);
        now = retry;
    }
    assert_eq!(waits, [1, 2, 4, 8, 8, 8]);
    assert_eq!(REACH_RETRY_MS_MAX, 8 * REACH_RETRY_MS);
    node.reachability.connected(now);
    assert_eq!(node.reach(), (Reach::Proven, Reach::Unreachable));
}

/// VMSG-54
#[test]
fn proof_holds_for_a_while_and_is_then_sought_anew() {
    let mut node = Node::new(3);
    let token = node.ask_ping(NOW);
    node.reachability.connected(NOW);
    node.reachability.pinged(token, NOW);
    let due = Time::from_millis(REACH_PROVEN_MS);
    assert_eq!(node.reachability.next_timeout(), Some(due));
    assert_eq!(node.ask(just_before(due)), []);
    let mut now = due;
    for _ in 0..REACH_ROUNDS {
        assert_eq!(node.ask(now).len(), 2 * REACH_HELPERS);
        assert_eq!(node.reach(), (Reach::Proven, Reach::Proven), "until it is refuted");
        now = now.after_ms(REACH_ANSWER_MS);
    }
    node.reachability.connected(just_before(now));
    node.ask(now);
    assert_eq!(node.reach(), (Reach::Proven, Reach::Unreachable));
}

/// VMSG-54
#[test]
fn without_anybody_to_ask_we_wait_until_there_is_somebody() {
    let mut node = Node::new(0);
    assert_eq!(node.ask(NOW), []);
    assert_eq!(node.reachability.next_timeout(), None);
    node.helpers = Node::new(1).helpers;
    node.helpers[0].abilities = Abilities::HOPS_FLOW;
    assert_eq!((node.ask(NOW), node.reachability.next_timeout()), (vec![], None));
    node.helpers[0].abilities = HELPS;
    assert_eq!(node.ask(NOW).len(), 2);
    assert_eq!(node.reachability.next_timeout(), Some(Time::from_millis(REACH_ANSWER_MS)));
}

/// VMSG-54
#[test]
fn without_anybody_to_ask_proof_is_over_after_its_time() {
    let mut node = Node::new(0);
    node.reachability.connected(NOW);
    let due = Time::from_millis(REACH_PROVEN_MS);
    node.ask(just_before(due));
    assert_eq!(node.reach().0, Reach::Proven);
    node.ask(due);
    assert_eq!(node.reach().0, Reach::Unknown);
    node.reachability.connected(due);
    assert_eq!(node.reach().0, Reach::Proven);
}

/// VMSG-54
#[test]
fn it_is_told_when_those_who_were_asked_have_not_come() {
    let mut node = Node::new(3);
    let tell = |node: &mut Node, now| {
        let helpers = node.helpers.iter().copied();
        node.reachability.timeout(now, helpers, &mut node.rng, &mut Vec::new())
    };
    let [first, second] = [1, 2].map(|rounds| Time::from_millis(rounds * REACH_ANSWER_MS));
    assert_eq!(tell(&mut node, NOW), Missed::default());
    assert_eq!(tell(&mut node, just_before(first)), Missed::default());
    assert_eq!(tell(&mut node, first), Missed { tcp: true, udp: true });
    assert_eq!(tell(&mut node, first), Missed::default(), "once for each round");
    node.reachability.connected(first);
    assert_eq!(tell(&mut node, second), Missed { tcp: false, udp: true });
}

#[test]
fn who_takes_no_connections_asks_nobody() {
    let mut node = Node::new(3);
    node.reachability = Reachability::new(0);
    node.reachability.connected(NOW);
    assert_eq!((node.ask(NOW), node.reachability.next_timeout()), (vec![], None));
    assert_eq!(node.reach(), (Reach::Unknown, Reach::Unknown));
}

/// VMSG-10, VMSG-53: whatever is asked, and by however many of its links, a host is called once a
/// minute.
#[test]
fn an_asker_is_called_back_itself_and_seldom() {
    let mut errands = Errands::new();
    let expected = SocketAddr::new(OUTSIDE, PORT);
    assert_eq!(errands.connect_back(OUTSIDE, PORT, NOW), Some(expected));
    let due = Time::from_millis(CONNECT_BACK_EVERY_MS);
    for port in [PORT, PORT + 1] {
        assert_eq!(errands.connect_back(OUTSIDE, port, just_before(due)), None);
    }
    assert_eq!(errands.connect_back(OUTSIDE, PORT, due), Some(expected));
    let (to, ping) = errands.ping_back(OUTSIDE, PORT, Guid([5; 16]), NOW).unwrap();
    assert_eq!((to, ping.function, ping.guid), (expected, Function::PING, Guid([5; 16])));
    assert_eq!((ping.ttl, ping.hops, ping.wire_len()), (1, 0, 23));
    assert_eq!(errands.ping_back(OUTSIDE, PORT, Guid([6; 16]), just_before(due)), None);
    assert!(errands.ping_back(OUTSIDE, PORT, Guid([6; 16]), due).is_some());
}

/// VMSG-53
#[test]
fn a_host_with_many_addresses_is_one_host() {
    let mut errands = Errands::new();
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    assert!(errands.connect_back(ip("2001:db8::1"), PORT, NOW).is_some());
    assert_eq!(errands.connect_back(ip("2001:db8::ffff:2"), PORT, NOW), None);
    assert!(errands.connect_back(ip("2001:db8:0:1::1"), PORT, NOW).is_some());
    assert!(errands.connect_back(ip("203.0.113.1"), PORT, NOW).is_some());
    assert_eq!(errands.connect_back(ip("::ffff:203.0.113.1"), PORT, NOW), None);
    assert!(errands.connect_back(ip("203.0.113.2"), PORT, NOW).is_some());
}

/// VMSG-53
#[test]
fn ports_of_other_services_are_not_called() {
    let mut errands = Errands::new();
    for port in [0, 22, 25, 80, 443, CALLED_PORT_MIN - 1] {
        assert_eq!(errands.connect_back(OUTSIDE, port, NOW), None);
        assert_eq!(errands.ping_back(OUTSIDE, port, Guid::ZERO, NOW), None);
    }
    assert!(errands.connect_back(OUTSIDE, CALLED_PORT_MIN, NOW).is_some());
    assert!(errands.ping_back(OUTSIDE, CALLED_PORT_MIN, Guid::ZERO, NOW).is_some());
}

/// VMSG-53
#[test]
fn so_many_are_called_back_in_a_minute_and_no_more() {
    let mut errands = Errands::new();
    for number in 0..CONNECT_BACKS_MAX {
        assert!(errands.connect_back(host(number), PORT, NOW).is_some());
        assert!(errands.ping_back(host(number), PORT, Guid::ZERO, NOW).is_some());
    }
    let one_more = host(CONNECT_BACKS_MAX);
    assert_eq!(errands.connect_back(one_more, PORT, NOW), None);
    assert_eq!(errands.ping_back(one_more, PORT, Guid::ZERO, NOW), None);
    let due = Time::from_millis(CONNECT_BACK_EVERY_MS);
    assert!(errands.connect_back(one_more, PORT, due).is_some());
    assert!(errands.ping_back(one_more, PORT, Guid::ZERO, due).is_some());
}

/// VMSG-51
#[test]
fn a_crawler_is_answered_seldom() {
    let mut errands = Errands::new();
    let due = Time::from_millis(CRAWLER_EVERY_MS);
    assert!(errands.answer_crawler(OUTSIDE, NOW));
    assert!(!errands.answer_crawler(OUTSIDE, just_before(due)));
    assert!(errands.answer_crawler(OUTSIDE, due));
    assert!((1..CRAWLERS_MAX).all(|number| errands.answer_crawler(host(number), due)));
    assert!(!errands.answer_crawler(host(CRAWLERS_MAX), due));
}
