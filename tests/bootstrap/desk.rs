//! A bootstrap on a clock of its own, whose outputs are collected.

use std::time::Duration;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::gnutella::bootstrap::{
    Asked, Bootstrap, HostCacheName, Input, Names, Output, Rules, Standing, Unresolved, WebCacheUrl,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub struct Desk {
    pub bootstrap: Bootstrap,
    /// Milliseconds.
    pub now_ms: u64,
}

/// A node without neighbours that knows nobody.
pub const ALONE: Standing = Standing { hosts: 0, ultrapeers: 0, reachable_at: None };

/// One that has what it wants.
pub const CONNECTED: Standing = Standing { hosts: 5, ultrapeers: 3, reachable_at: None };

pub fn udp(number: usize) -> HostCacheName {
    format!("cache{number}.example.net:6346").parse().unwrap()
}

pub fn web(number: usize) -> WebCacheUrl {
    format!("http://web{number}.example.net/gwc.php").parse().unwrap()
}

pub fn rules(udp_caches: usize, web_caches: usize) -> Rules {
    let (udp, web) = ((1..=udp_caches).map(udp).collect(), (1..=web_caches).map(web).collect());
    Rules { names: Names { udp, web }, announces: true, allow_private: false }
}

impl Desk {
    pub fn new(rules: Rules) -> Self {
        Self::after(rules, &[])
    }

    /// After another run.
    pub fn after(rules: Rules, asked: &[Asked]) -> Self {
        Self::with_seed(rules, asked, 1)
    }

    pub fn with_seed(rules: Rules, asked: &[Asked], seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Self { bootstrap: Bootstrap::new(rules, asked, &mut rng, Time::ZERO), now_ms: 0 }
    }

    pub fn now(&self) -> Time {
        Time::from_millis(self.now_ms)
    }

    pub fn hand_in(&mut self, input: Input) -> Vec<Output> {
        self.bootstrap.handle(input, self.now());
        std::iter::from_fn(|| self.bootstrap.poll()).collect()
    }

    pub fn stand(&mut self, standing: Standing) -> Vec<Output> {
        self.hand_in(Input::Standing(standing))
    }

    pub fn answer(&mut self, cache: HostCacheName, hosts: usize, caches: &[&str]) -> Vec<Output> {
        let caches = caches.iter().map(|&line| line.to_owned()).collect();
        self.hand_in(Input::Answered { cache, hosts, caches })
    }

    pub fn fetched(&mut self, cache: WebCacheUrl, status: u16, body: &str) -> Vec<Output> {
        let answer = Some((status, Bytes::copy_from_slice(body.as_bytes())));
        self.hand_in(Input::Fetched { cache, answer })
    }

    pub fn unresolved(&mut self, output: &Output) -> Vec<Output> {
        self.hand_in(Input::Unresolved(match output {
            Output::AskUdp { cache } => Unresolved::Udp(cache.clone()),
            Output::AskWeb { cache, .. } => Unresolved::Web(cache.clone()),
            other => panic!("{other:?} asks nobody"),
        }))
    }

    /// Lets so much time pass; what happened, and when.
    pub fn pass(&mut self, ms: u64) -> Vec<(u64, Output)> {
        let end_ms = self.now_ms + ms;
        let mut happened = Vec::new();
        while let Some(due) = self.bootstrap.next_timeout() {
            let due_ms = due.as_micros().div_ceil(1_000);
            if due_ms > end_ms {
                break;
            }
            assert!(due_ms > self.now_ms, "it wants to be woken again at once");
            self.now_ms = due_ms;
            let outputs = self.hand_in(Input::Timeout);
            happened.extend(outputs.into_iter().map(|output| (due_ms, output)));
        }
        self.now_ms = end_ms;
        happened
    }

    pub fn asked(&self, name: &str) -> Option<Duration> {
        let asked = self.bootstrap.asked(self.now());
        asked.into_iter().find(|asked| asked.name == name).map(|asked| asked.ago)
    }
}

/// The UDP host caches that are asked.
pub fn udp_of(outputs: &[Output]) -> Vec<HostCacheName> {
    let asked = outputs.iter().filter_map(|output| match output {
        Output::AskUdp { cache } => Some(cache.clone()),
        _ => None,
    });
    asked.collect()
}

/// The web caches that are asked.
pub fn web_of(outputs: &[Output]) -> Vec<WebCacheUrl> {
    let asked = outputs.iter().filter_map(|output| match output {
        Output::AskWeb { cache, .. } => Some(cache.clone()),
        _ => None,
    });
    asked.collect()
}

/// When each of these was asked.
pub fn times_of<K: PartialEq>(
    happened: &[(u64, Output)],
    of: impl Fn(&[Output]) -> Vec<K>,
    name: &K,
) -> Vec<u64> {
    let asked =
        happened.iter().filter(|(_, output)| of(std::slice::from_ref(output)).contains(name));
    asked.map(|(at, _)| *at).collect()
}
