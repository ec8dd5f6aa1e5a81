//! Who shares what, and what is searched for.

use serde::Deserialize;

use super::fixed;
use super::graph::ratio;
use super::random::{Lot, Subject};
use super::scale::Thousandths;
use crate::base::kazaa_hash::{KzHash, UuHash};

/// Titles that belong to one artist.
const TITLES_OF_AN_ARTIST: u32 = 10;

/// The files of a population.
///
/// Studies of 2000 and 2002 found that seven in ten share nothing, and that one in a hundred gives
/// half of the answers. So the copies of each title are dealt: `given` of them to the `givers`, the
/// rest to those who share little. No title has so many copies that the givers could not have their
/// part of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Different files.
    pub titles: u32,
    /// Copies of all titles together, for each host that shares anything.
    pub copies: Thousandths,
    /// How much rarer the second title is than the first, the third than the second, and so on: the
    /// exponent of Zipf's law. At zero all are as common.
    pub popularity: Thousandths,
    /// What part of the hosts shares nothing.
    pub free_riders: Thousandths,
    /// What part of all hosts gives most of the answers.
    pub givers: Thousandths,
    /// How many of the answers those give.
    pub given: Thousandths,
}

/// What each host shares: titles, the most popular one being zero.
#[derive(Debug)]
pub(crate) struct Shelves {
    shelves: Vec<Vec<u32>>,
    /// Who shares each title.
    holders: Vec<Vec<u32>>,
    givers: Vec<u32>,
}

impl Shelves {
    pub(crate) fn new(files: Option<&Files>, hosts: u32, seed: u64) -> Self {
        let mut shelves = Self { shelves: Vec::new(), holders: Vec::new(), givers: Vec::new() };
        if let Some(files) = files {
            shelves.fill(files, hosts, &mut Lot::new(seed, Subject::Files));
        }
        shelves
    }

    fn fill(&mut self, files: &Files, hosts: u32, lot: &mut Lot) {
        self.shelves.resize(hosts as usize, Vec::new());
        let mut order: Vec<u32> = (0..hosts).collect();
        lot.shuffle(&mut order);
        let sharers = hosts.saturating_sub(files.free_riders.of(hosts)).max(1);
        order.truncate(sharers as usize);
        let givers = files.givers.of(hosts).clamp(1, sharers) as usize;
        let (givers, others) = order.split_at_checked(givers).unwrap_or((&order, &[]));
        self.givers = givers.to_vec();
        let (mut giving, mut sharing) = (Deck::new(givers), Deck::new(others));
        let mut owed = 0_u64;
        let most = most_copies(files, giving.len(), sharers);
        for (title, copies) in (0..).zip(copies(files, sharers, most)) {
            owed = owed.saturating_add(files.given.times(u64::from(copies).saturating_mul(1_000)));
            let given = u32::try_from(owed / 1_000).unwrap_or(u32::MAX).min(giving.len());
            owed = owed.saturating_sub(u64::from(given).saturating_mul(1_000));
            let shared = copies.saturating_sub(given).min(sharing.len());
            let mut holders = giving.deal(given, lot);
            holders.extend(sharing.deal(shared, lot));
            for host in &holders {
                if let Some(shelf) = self.shelves.get_mut(*host as usize) {
                    shelf.push(title);
                }
            }
            self.holders.push(holders);
        }
    }

    /// The titles that a host shares.
    pub(crate) fn of(&self, host: u32) -> &[u32] {
        self.shelves.get(host as usize).map_or(&[], Vec::as_slice)
    }

    /// The hosts that share a title.
    pub(crate) fn holders(&self, title: u32) -> &[u32] {
        self.holders.get(title as usize).map_or(&[], Vec::as_slice)
    }

    /// The hosts that give most of the answers.
    pub(crate) fn givers(&self) -> &[u32] {
        &self.givers
    }
}

/// Hosts that take turns, in an order that is drawn anew for each round.
struct Deck {
    hosts: Vec<u32>,
    turn: usize,
}

impl Deck {
    fn new(hosts: &[u32]) -> Self {
        Self { hosts: hosts.to_vec(), turn: hosts.len() }
    }

    fn len(&self) -> u32 {
        u32::try_from(self.hosts.len()).unwrap_or(u32::MAX)
    }

    /// So many different hosts, at most as many as there are.
    fn deal(&mut self, count: u32, lot: &mut Lot) -> Vec<u32> {
        let mut dealt = Vec::new();
        while dealt.len() < (count as usize).min(self.hosts.len()) {
            if self.turn >= self.hosts.len() {
                lot.shuffle(&mut self.hosts);
                self.turn = 0;
            }
            let next = self.hosts.get(self.turn).filter(|host| !dealt.contains(*host));
            dealt.extend(next.copied());
            self.turn = self.turn.saturating_add(1);
        }
        dealt
    }
}

/// How many hosts share each title: by its popularity, at least one.
fn copies(files: &Files, sharers: u32, most: u32) -> Vec<u32> {
    let weights = weights(files.titles, files.popularity);
    let all = weights.iter().sum::<u64>();
    let total = files.copies.times(u64::from(sharers));
    let of = |weight: &u64| ratio(total, *weight, all).clamp(1, u64::from(most));
    weights.iter().map(|weight| u32::try_from(of(weight)).unwrap_or(u32::MAX)).collect()
}

/// Of which the givers can give their part.
fn most_copies(files: &Files, givers: u32, sharers: u32) -> u32 {
    let given = u64::from(files.given.thousandths());
    let most = u64::from(givers).saturating_mul(1_000).checked_div(given);
    most.and_then(|most| u32::try_from(most).ok()).map_or(sharers, |most| most.clamp(1, sharers))
}

/// How often each title is wanted, beside the others.
fn weights(titles: u32, exponent: Thousandths) -> Vec<u64> {
    let weight = |rank: u32| {
        let exponent = exponent.times(fixed::log2(u64::from(rank)));
        // Forty binary places, so that a sum of very many fits.
        (fixed::exp2_negative(exponent) >> 22).max(1)
    };
    (1..=titles).map(weight).collect()
}

/// Draws what is searched for.
#[derive(Debug)]
pub(crate) struct Taste {
    /// For each title, the weights of all up to it.
    sums: Vec<u64>,
}

impl Taste {
    pub(crate) fn new(files: Option<&Files>) -> Self {
        let weights = files.map_or(Vec::new(), |files| weights(files.titles, files.popularity));
        let mut sum = 0_u64;
        let sums = weights.into_iter().map(|weight| {
            sum = sum.saturating_add(weight);
            sum
        });
        Self { sums: sums.collect() }
    }

    /// The title that somebody wants.
    pub(crate) fn draw(&self, lot: &mut Lot) -> Option<u32> {
        let drawn = lot.below(*self.sums.last()?);
        let place = self.sums.partition_point(|sum| *sum <= drawn);
        u32::try_from(place).ok()
    }
}

/// What to search for a title with. No other title has all of these words.
pub(crate) fn words(title: u32) -> String {
    format!("artist{:05} song{title:07}", title / TITLES_OF_AN_ARTIST)
}

/// The file that has a title.
pub(crate) fn name(title: u32) -> String {
    format!("{}.mp3", words(title))
}

/// What stands for the digest of a title.
pub(crate) fn digest(title: u32) -> [u8; 20] {
    let mut digest = [0; 20];
    digest.iter_mut().zip(title.to_be_bytes()).for_each(|(byte, of_title)| *byte = of_title);
    digest
}

/// The same in FastTrack, where nothing but zeros stands for no digest.
pub(crate) fn kzhash(title: u32) -> KzHash {
    KzHash { uuhash: UuHash(digest(title.wrapping_add(1))), root: [0; 16] }
}

/// Which title a file of this name has.
pub(crate) fn title(name: &[u8]) -> Option<u32> {
    let name = std::str::from_utf8(name).ok()?;
    name.split_once("song")?.1.strip_suffix(".mp3")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files {
            titles: 2_000,
            copies: Thousandths::new(20_000),
            popularity: Thousandths::new(800),
            free_riders: Thousandths::new(700),
            givers: Thousandths::new(10),
            given: Thousandths::new(500),
        }
    }

    /// As was found in the year 2000: 70 % share nothing, and the top 1 % give 50 % of the answers.
    #[test]
    fn seven_in_ten_share_nothing_and_one_in_a_hundred_gives_half_of_the_answers() {
        for seed in 0..5 {
            let (hosts, files) = (10_000, files());
            let shelves = Shelves::new(Some(&files), hosts, seed);
            let sharing = (0..hosts).filter(|host| !shelves.of(*host).is_empty()).count();
            assert_eq!(sharing, 3_000);
            assert_eq!(shelves.givers().len(), 100);
            // Searches go by popularity; every host that shares what is wanted answers.
            let (taste, mut lot) = (Taste::new(Some(&files)), Lot::new(seed, Subject::Searches));
            let mut wanted = vec![0_u64; files.titles as usize];
            (0..5_000).for_each(|_| wanted[taste.draw(&mut lot).unwrap() as usize] += 1);
            let answers = |host: u32| {
                shelves.of(host).iter().map(|title| wanted[*title as usize]).sum::<u64>()
            };
            let all = (0..hosts).map(answers).sum::<u64>();
            let given = shelves.givers().iter().map(|host| answers(*host)).sum::<u64>();
            assert!((480..=520).contains(&(given * 1_000 / all)), "{given} of {all}");
        }
    }

    #[test]
    fn nobody_has_a_title_twice_and_all_copies_are_counted() {
        let shelves = Shelves::new(Some(&files()), 500, 7);
        let mut found = vec![0_usize; 2_000];
        for host in 0..500 {
            let mut titles = shelves.of(host).to_vec();
            titles.iter().for_each(|title| found[*title as usize] += 1);
            titles.dedup();
            assert_eq!(titles.len(), shelves.of(host).len());
        }
        let held = |title| shelves.holders(title).len();
        assert!((0..).zip(found).all(|(title, count)| count == held(title) && count > 0));
    }

    #[test]
    fn searches_follow_the_law_of_zipf() {
        let files = Files { popularity: Thousandths::ONE, ..files() };
        let (taste, mut lot) = (Taste::new(Some(&files)), Lot::new(7, Subject::Searches));
        let mut counts = vec![0_u32; 2_000];
        (0..200_000).for_each(|_| counts[taste.draw(&mut lot).unwrap() as usize] += 1);
        // The first of 2,000 is wanted once in H(2000) = 8.18, the second half as often.
        assert!((23_900..=25_000).contains(&counts[0]), "{}", counts[0]);
        assert!((11_900..=12_600).contains(&counts[1]), "{}", counts[1]);
        assert!((2_300..=2_600).contains(&counts[9]), "{}", counts[9]);
    }

    #[test]
    fn a_name_tells_its_title() {
        assert_eq!(name(1_234), "artist00123 song0001234.mp3");
        assert_eq!(title(name(1_234).as_bytes()), Some(1_234));
        assert_eq!(title(b"something else"), None);
    }
}
