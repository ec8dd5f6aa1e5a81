//! A port of a router that the test plays on loopback.

mod fake_nat_pmp;
mod fake_upnp;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::time::Duration;

use filbert::runtime::port_mapping::{Change, Mapper, Plan, Rules};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::running::PATIENCE;
use fake_nat_pmp::{FakeRouter, Kind};

const PORT: u16 = 6346;

/// The address that our routers say they have outside.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 114, 9);

/// What a router was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    is_tcp: bool,
    port: u16,
    /// 0 gives it back.
    lease_s: u32,
}

fn plan(router: Ipv4Addr, search: SocketAddr) -> Plan {
    let rules = Rules { renew_wait_min: Duration::from_millis(50), ..Rules::default() };
    Plan {
        port: NonZeroU16::new(PORT).unwrap(),
        local: None,
        router: Some(router),
        search,
        allow_private: false,
        rules,
    }
}

/// Nobody answers there.
fn nowhere(router: Ipv4Addr) -> SocketAddr {
    SocketAddr::new(router.into(), 9)
}

async fn change(mapper: &mut Mapper) -> Change {
    timeout(PATIENCE, mapper.next()).await.expect("something changes")
}

async fn asked(asked: &mut UnboundedReceiver<Asked>) -> Asked {
    timeout(PATIENCE, asked.recv()).await.expect("the router is asked").unwrap()
}

/// Everything that a router was asked for while a port was got and given back.
async fn all_asked(mut received: UnboundedReceiver<Asked>) -> Vec<Asked> {
    received.close();
    let mut all = Vec::new();
    while let Some(one) = received.recv().await {
        all.push(one);
    }
    all.sort_by_key(|one| (one.lease_s == 0, one.is_tcp));
    all
}

fn got_and_given_back(lease_s: u32) -> Vec<Asked> {
    let asked = |is_tcp, lease_s| Asked { is_tcp, port: PORT, lease_s };
    vec![asked(false, lease_s), asked(true, lease_s), asked(false, 0), asked(true, 0)]
}

/// HAND-82
#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_got_by_nat_pmp_and_given_back() {
    let mut router = FakeRouter::start(Kind::NatPmp, 3_600).await;
    let mut mapper = Mapper::start(plan(router.ip, nowhere(router.ip))).unwrap();
    assert_eq!(change(&mut mapper).await, Change::Mapped(SocketAddr::new(OUTSIDE.into(), PORT)));
    mapper.end().await;
    assert_eq!(all_asked(router.take_asked()).await, got_and_given_back(7_200));
}

/// HAND-82: the port outside is another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_got_by_pcp_and_renewed_before_its_time_is_over() {
    let mut router = FakeRouter::start(Kind::Pcp { shift: 1_000 }, 4).await;
    let mut mapper = Mapper::start(plan(router.ip, nowhere(router.ip))).unwrap();
    let outside = SocketAddr::new(OUTSIDE.into(), PORT + 1_000);
    assert_eq!(change(&mut mapper).await, Change::Mapped(outside));
    let mut received = router.take_asked();
    // Both, and both again.
    for _ in 0..4 {
        assert_ne!(asked(&mut received).await.lease_s, 0);
    }
    mapper.end().await;
    let given_back = all_asked(received).await;
    assert!(given_back.iter().any(|one| one.lease_s == 0 && one.is_tcp), "{given_back:?}");
}

/// HAND-82
#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_got_by_upnp_where_nobody_speaks_the_other_way() {
    let router = Ipv4Addr::new(127, 7, 211, 1);
    for only_for_good in [false, true] {
        let (search, received) = fake_upnp::start(router, only_for_good).await;
        let mut mapper = Mapper::start(plan(router, search)).unwrap();
        let outside = SocketAddr::new(OUTSIDE.into(), PORT);
        assert_eq!(change(&mut mapper).await, Change::Mapped(outside));
        mapper.end().await;
        let lease_s = if only_for_good { fake_upnp::FOR_GOOD } else { 7_200 };
        assert_eq!(all_asked(received).await, got_and_given_back(lease_s));
    }
}

/// HAND-82: a router that itself stands behind another one is of no use to strangers.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_strangers_cannot_call_is_not_told() {
    let mut router = FakeRouter::start(Kind::Private, 1).await;
    let mut mapper = Mapper::start(plan(router.ip, nowhere(router.ip))).unwrap();
    let mut received = router.take_asked();
    // It was got, and renewed, and nothing was told.
    for _ in 0..4 {
        asked(&mut received).await;
    }
    assert!(timeout(Duration::ZERO, mapper.next()).await.is_err());
    mapper.end().await;
}

/// HAND-82
#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_a_router_forgets_is_lost() {
    let mut router = FakeRouter::start(Kind::Once, 1).await;
    let mut mapper = Mapper::start(plan(router.ip, nowhere(router.ip))).unwrap();
    assert!(matches!(change(&mut mapper).await, Change::Mapped(_)));
    drop(router.take_asked());
    assert_eq!(change(&mut mapper).await, Change::Lost);
    mapper.end().await;
}

#[test]
fn only_where_a_router_may_stand_in_between_one_is_asked() {
    let plan = |listen: &str| Plan::of(listen.parse().unwrap(), false);
    for listen in ["127.0.0.1:6346", "[::1]:6346", "[2001:db8::1]:6346", "0.0.0.0:0"] {
        assert!(plan(listen).is_none(), "{listen}");
    }
    assert_eq!(plan("[::]:6346").unwrap().local, None);
    assert_eq!(plan("192.168.1.2:6346").unwrap().local, Some(Ipv4Addr::new(192, 168, 1, 2)));
}
