//! How long it takes from one host to another.

use std::time::Duration;

use serde::Deserialize;

use super::random::{Lot, Subject, mixed, scaled};
use super::scale::Thousandths;

/// The time that anything takes one way between two hosts, the same both ways and at all times.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Latency {
    /// The same between all.
    Constant { ms: u64 },
    /// Drawn for each pair.
    Uniform { from_ms: u64, to_ms: u64 },
    /// The hosts are points of a square, and it takes `across_ms` from one side to the other.
    Plane { base_ms: u64, across_ms: u64 },
    /// The hosts live in regions.
    Regions {
        /// What part of the hosts lives in each.
        shares: Vec<Thousandths>,
        /// From each region to each: as many rows as regions, with as many numbers each.
        ms: Vec<Vec<u64>>,
    },
}

/// Where the hosts are.
#[derive(Debug)]
pub(crate) struct Places {
    model: Latency,
    seed: u64,
    /// For each host its point, or its region; none where it makes no difference.
    hosts: Vec<(u16, u16)>,
}

impl Latency {
    /// What is wrong with the model, if anything is.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Uniform { from_ms, to_ms } if from_ms > to_ms => {
                Err("[latency] goes from more to less; swap from_ms and to_ms")
            }
            Self::Regions { shares, ms }
                if shares.is_empty()
                    || ms.len() != shares.len()
                    || ms.iter().any(|row| row.len() != shares.len()) =>
            {
                Err("[latency] needs as many rows of ms, and as many numbers in each, as shares")
            }
            Self::Regions { ms, .. } if !is_symmetrical(ms) => {
                Err("[latency] differs from one region to another and back; make ms symmetrical")
            }
            _ => Ok(()),
        }
    }
}

impl Places {
    pub(crate) fn new(model: &Latency, hosts: u32, seed: u64) -> Self {
        let lot = &mut Lot::new(seed, Subject::Places);
        let count = match model {
            Latency::Constant { .. } | Latency::Uniform { .. } => 0,
            Latency::Plane { .. } | Latency::Regions { .. } => hosts,
        };
        let hosts = (0..count).map(|_| place(model, lot)).collect();
        Self { model: model.clone(), seed: lot.next(), hosts }
    }

    pub(crate) fn between(&self, here: u32, there: u32) -> Duration {
        let millis = |ms: u64| ms.saturating_mul(1_000);
        let micros = match &self.model {
            Latency::Constant { ms } => millis(*ms),
            Latency::Uniform { from_ms, to_ms } => {
                let (low, high) = (u64::from(here.min(there)), u64::from(here.max(there)));
                let span = millis(to_ms.saturating_sub(*from_ms)).saturating_add(1);
                millis(*from_ms).saturating_add(scaled(mixed(self.seed, low, high), span))
            }
            Latency::Plane { base_ms, across_ms } => {
                let distance = distance(self.place(here), self.place(there));
                let way = millis(*across_ms).saturating_mul(distance) >> u16::BITS;
                millis(*base_ms).saturating_add(way)
            }
            Latency::Regions { ms, .. } => {
                let (from, to) = (self.place(here).0, self.place(there).0);
                let row = ms.get(usize::from(from));
                millis(row.and_then(|row| row.get(usize::from(to))).copied().unwrap_or(0))
            }
        };
        Duration::from_micros(micros)
    }

    fn place(&self, host: u32) -> (u16, u16) {
        self.hosts.get(host as usize).copied().unwrap_or_default()
    }
}

fn place(model: &Latency, lot: &mut Lot) -> (u16, u16) {
    let [a, b, c, d, ..] = lot.next().to_le_bytes();
    match model {
        Latency::Regions { shares, .. } => (share(shares, u32::from_le_bytes([a, b, c, d])), 0),
        _ => (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])),
    }
}

/// Which of these parts a number falls into that is drawn from all numbers.
pub(crate) fn share(shares: &[Thousandths], drawn: u32) -> u16 {
    let whole = shares.iter().map(|share| u64::from(share.thousandths())).sum::<u64>();
    let mut rest = scaled(u64::from(drawn) << 32, whole);
    let mut place = 0_u16;
    for share in shares {
        let Some(left) = rest.checked_sub(u64::from(share.thousandths())) else { break };
        rest = left;
        place = place.saturating_add(1);
    }
    place
}

/// The distance between two points; the whole side is 2^16.
fn distance(from: (u16, u16), to: (u16, u16)) -> u64 {
    let square = |a: u16, b: u16| u64::from(a.abs_diff(b)).saturating_pow(2);
    square(from.0, to.0).saturating_add(square(from.1, to.1)).isqrt()
}

fn is_symmetrical(ms: &[Vec<u64>]) -> bool {
    ms.iter().enumerate().all(|(from, row)| {
        row.iter().enumerate().all(|(to, there)| {
            ms.get(to).and_then(|row| row.get(from)).is_some_and(|back| back == there)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(model: &Latency) -> Vec<u64> {
        let places = Places::new(model, 60, 7);
        let pairs = (0..60).flat_map(|a| (0..a).map(move |b| (a, b)));
        pairs
            .map(|(a, b)| {
                assert_eq!(places.between(a, b), places.between(b, a), "as long back");
                u64::try_from(places.between(a, b).as_micros()).unwrap()
            })
            .collect()
    }

    #[test]
    fn a_constant_is_one() {
        assert!(times(&Latency::Constant { ms: 50 }).iter().all(|time| *time == 50_000));
    }

    #[test]
    fn times_drawn_for_pairs_fill_their_range() {
        let times = times(&Latency::Uniform { from_ms: 10, to_ms: 20 });
        assert!(times.iter().all(|time| (10_000..=20_000).contains(time)));
        let (low, high) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        assert!(*low < 10_100 && *high > 19_900, "{low} to {high}");
        let mean = times.iter().sum::<u64>() / times.len() as u64;
        assert!((14_700..=15_300).contains(&mean), "{mean}");
    }

    #[test]
    fn on_a_plane_the_way_over_another_place_is_never_shorter() {
        let places = Places::new(&Latency::Plane { base_ms: 5, across_ms: 100 }, 30, 7);
        let way = |a, b| places.between(a, b).as_micros();
        let triples = (0..30).flat_map(|a| (0..30).map(move |b| (a, b, (a + b) % 30)));
        assert!(triples.into_iter().all(|(a, b, over)| way(a, b) <= way(a, over) + way(over, b)));
        assert_eq!(way(3, 3), 5_000);
    }

    #[test]
    fn hosts_live_in_regions_by_their_shares() {
        let shares = vec![Thousandths::new(600), Thousandths::new(400)];
        let model = Latency::Regions { shares, ms: vec![vec![10, 90], vec![90, 20]] };
        assert_eq!(model.check(), Ok(()));
        let times = times(&model);
        let share = |time| times.iter().filter(|found| **found == time).count() * 100 / times.len();
        assert!((25..=47).contains(&share(10_000)), "{}", share(10_000));
        assert!((38..=55).contains(&share(90_000)), "{}", share(90_000));
        assert_eq!(times.iter().filter(|time| ![10_000, 20_000, 90_000].contains(time)).count(), 0);
    }

    #[test]
    fn a_model_that_makes_no_sense_says_what_to_do() {
        let shares = vec![Thousandths::ONE; 2];
        let wrong = |ms| Latency::Regions { shares: shares.clone(), ms }.check().unwrap_err();
        assert!(wrong(vec![vec![1, 2]]).contains("as many rows"));
        assert!(wrong(vec![vec![1, 2], vec![3, 1]]).contains("symmetrical"));
        let swapped = Latency::Uniform { from_ms: 2, to_ms: 1 }.check();
        assert!(swapped.unwrap_err().contains("swap"));
    }
}
