//! That a host cache keeps its shares, whatever happens.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use filbert::node::host_cache::{HostCache, Outcome, Quality, Source};
use proptest::prelude::*;

use super::shares::{lab, peer};
use super::{at, host};

#[derive(Clone, Copy, Debug)]
enum Event {
    Learn { host: u32, source: u32 },
    Outcome { host: u32, outcome: Outcome },
    Next,
    Pass { seconds: u32 },
}

fn any_event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![
        Just(Outcome::Connected),
        Just(Outcome::Failed),
        Just(Outcome::Goodbye),
        Just(Outcome::Foreign),
        prop_oneof![Just(503), Just(403), Just(204), Just(577)].prop_map(Outcome::Refused),
    ];
    prop_oneof![
        8 => (0..600_u32, 0..12_u32).prop_map(|(host, source)| Event::Learn { host, source }),
        2 => (0..600_u32, outcome).prop_map(|(host, outcome)| Event::Outcome { host, outcome }),
        2 => Just(Event::Next),
        1 => (0..5_000_u32).prop_map(|seconds| Event::Pass { seconds }),
    ]
}

proptest! {
    /// Whatever happens: limits hold, and no word of others pushes out a proven host.
    #[test]
    fn whatever_happens_the_shares_hold(events in prop::collection::vec(any_event(), 0..600)) {
        // A third of the hosts share three networks.
        let named = |number: u32| if number.is_multiple_of(3) {
            SocketAddr::new(Ipv4Addr::from_bits(0x5f01_0000 + number).into(), 6346)
        } else {
            host(number)
        };
        let mut lab = lab(40);
        let mut rng = rand::SeedableRng::seed_from_u64(1);
        let mut now = 0;
        for event in events {
            let proven: BTreeSet<_> = proven(&lab.cache);
            match event {
                Event::Learn { host: number, source } => {
                    let source = match source {
                        0 => Source::User,
                        1 => Source::Itself,
                        other => peer(other),
                    };
                    lab.learn(named(number), source, now);
                    prop_assert_eq!(proven, self::proven(&lab.cache));
                }
                Event::Outcome { host, outcome } => {
                    lab.cache.outcome(named(host), outcome, at(now));
                }
                Event::Next => {
                    let known = lab.cache.len();
                    let next = lab.cache.next(at(now), &mut rng, |_| false);
                    prop_assert!(next.is_none_or(|next| lab.cache.quality(next).is_some()));
                    prop_assert!(lab.cache.len() <= known);
                }
                Event::Pass { seconds } => now += seconds,
            }
            let counts = [Quality::Hearsay, Quality::Met, Quality::Proven];
            let counts = counts.map(|quality| lab.cache.count(quality));
            prop_assert_eq!(counts.iter().sum::<usize>(), lab.cache.len());
            prop_assert_eq!(lab.cache.iter().count(), lab.cache.len());
            prop_assert!(lab.cache.len() <= 40 && counts[1] <= 8 && counts[2] <= 16);
            let is_near = |host: &SocketAddr| host.to_string().starts_with("95.1.0.");
            let near = lab.cache.iter().filter(|(host, _)| is_near(host)).count();
            prop_assert!(near <= 4, "a tenth of forty");
        }
    }
}

fn proven(cache: &HostCache) -> BTreeSet<SocketAddr> {
    cache.iter().filter(|(_, quality)| *quality == Quality::Proven).map(|(host, _)| host).collect()
}
