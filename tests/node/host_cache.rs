//! What a node knows of others: whom it calls, whom it tells of, and who has room.

mod any_events;
mod attacks;
mod calls;
mod cut_off;
mod hearsay;
mod left_alone;
mod shares;
mod slander;

use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::time::Time;
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{
    Facts, HostCache, HostCacheRules, Learnt, Outcome, Quality, Source,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ULTRAPEER: Facts = Facts {
    is_ultrapeer: true,
    is_leaf: false,
    free_slots: None,
    daily_uptime_s: None,
    takes_tls: false,
    is_advice: false,
};

fn at(second: u32) -> Time {
    Time::from_millis(u64::from(second) * 1_000)
}

/// Hosts in networks of their own.
fn host(number: u32) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::from_bits(0x5100_0009 + (number << 8)).into(), 6346)
}

/// A cache, and what it is asked with.
struct Lab {
    cache: HostCache,
    filter: AddressFilter,
    rng: ChaCha8Rng,
}

impl Lab {
    fn new() -> Self {
        Self::of(HostCacheRules::default())
    }

    fn of(rules: HostCacheRules) -> Self {
        let (cache, filter) = (HostCache::new(rules), AddressFilter::new(false));
        Self { cache, filter, rng: ChaCha8Rng::seed_from_u64(1) }
    }

    fn learn(&mut self, host: SocketAddr, source: Source, second: u32) -> Learnt {
        self.learn_as(host, source, ULTRAPEER, second)
    }

    fn learn_as(&mut self, host: SocketAddr, source: Source, facts: Facts, second: u32) -> Learnt {
        self.cache.learn(host, source, facts, &self.filter, at(second))
    }

    /// The user names it, and we are connected to it: how well it is known then.
    fn connect(&mut self, host: SocketAddr, second: u32) -> Option<Quality> {
        self.learn(host, Source::User, second);
        self.cache.outcome(host, Outcome::Connected, at(second));
        self.cache.quality(host)
    }

    fn prove(&mut self, host: SocketAddr, second: u32) {
        assert_eq!(self.connect(host, second), Some(Quality::Proven));
    }

    fn next(&mut self, second: u32) -> Option<SocketAddr> {
        self.cache.next(at(second), &mut self.rng, |_| false)
    }

    fn next_when_cut_off(&mut self, second: u32) -> Option<SocketAddr> {
        self.cache.next_when_cut_off(at(second), &mut self.rng, |_| false)
    }

    /// The first second from `after` on in which somebody is called.
    fn next_call_s(&self, after: u32) -> Option<u32> {
        let mut probe = self.cache.clone();
        let steps = (0..200_000).map(|step| after + step);
        steps.into_iter().find(|second| {
            probe.next(at(*second), &mut ChaCha8Rng::seed_from_u64(1), |_| false).is_some()
        })
    }
}
