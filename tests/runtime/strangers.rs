//! Whoever is called because only others have named it.

use std::net::SocketAddr;
use std::time::Duration;

use filbert::gnutella::http::{Giv, HeaderText};
use filbert::runtime::downloads::Wanted;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, KnownBy, Origin, PushWay};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::fetching::{Fetcher, SERVENT, call_from, serve};

/// Somebody on the internet. The node of this test calls from an address of loopback, from which the system lets
/// nobody call it: each call fails at once, and no packet leaves the machine.
const VICTIM: &str = "203.1.0.1:6346";

/// Files that are all said to be at one address.
const FILES: u8 = 10;

/// By then, whoever is called as a servent is, has been called for each file as often as is worth it, which takes three
/// minutes. A stranger has been called three times for all of them.
const LATER_S: u64 = 220;

impl Fetcher {
    /// A hit says that a servent behind a firewall is there, which calls, and gives all of the file.
    async fn fetch_from_whoever_calls(&self, n: u16, named: SocketAddr) {
        let way = PushWay { servent: SERVENT, index: 3, proxies: Vec::new() };
        let by_urn = Finding::by_urn(named, Origin::Hit);
        let id = self.fetch(Finding { push: Some(way), is_firewalled: true, ..by_urn });
        let (giv, to) =
            (Giv { index: 3, servent: SERVENT, name: HeaderText::default() }, self.address);
        let calling = tokio::spawn(async move {
            // Whoever comes before it is awaited is hung up on.
            loop {
                let mut source = call_from(n, to).await;
                source.write_all(giv.to_string().as_bytes()).await.unwrap();
                serve(source, mpsc::unbounded_channel().0).await;
            }
        });
        self.finish(id).await;
        calling.abort();
    }

    /// For how many of some files somebody is still hoped to be there, after a while.
    async fn hopes(&self, at: SocketAddr) -> u64 {
        tokio::time::pause();
        let wanted = |number| Intent {
            name: format!("file {number}"),
            known_by: KnownBy::Sha1([number; 20]),
            size: Some(1_000),
            root: None,
        };
        let ids: Vec<u64> = (1..=FILES)
            .map(|number| {
                let findings = vec![Finding::by_urn(at, Origin::Hit)];
                self.downloads.add(Wanted { intent: wanted(number), findings }).unwrap().id
            })
            .collect();
        for _ in 0..LATER_S {
            tokio::time::advance(Duration::from_secs(1)).await;
            for _ in 0..4 {
                tokio::task::yield_now().await;
                std::thread::sleep(Duration::from_micros(300));
            }
        }
        ids.into_iter().map(|id| self.downloads.one(id).unwrap().sources).sum()
    }
}

/// PUSH-16, PUSH-28, A7 of the attacks: hits name a victim, and whoever has made them calls itself and is a servent as
/// any other. That is no reason to call the victim as one.
#[tokio::test]
async fn who_has_called_says_nothing_of_the_address_that_its_hit_has_named() {
    let victim = VICTIM.parse().unwrap();
    let mut fetcher = Fetcher::start(730, 1).await;
    fetcher.fetch_from_whoever_calls(731, victim).await;
    fetcher.end_node().await;
    let hopes = fetcher.hopes(victim).await;
    assert!(hopes >= u64::from(FILES) - 3, "{hopes}: it was called for the others");
}
