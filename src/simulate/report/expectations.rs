use super::{Healing, Ratio, Report};
use crate::simulate::scale::Thousandths;
use crate::simulate::scenario::Expectations;

impl Report {
    /// What the scenario expects and did not come out, one sentence for each.
    pub(crate) fn misses(&self, expected: &Expectations) -> Vec<String> {
        let Expectations { coverage_min, of_walk_min, of_walk_max, recall_min, .. } = *expected;
        let again = (self.roles.ultrapeers > 0).then_some(self.roles.again_per_hour);
        let liars = self.liars.map(|liars| liars.ratio);
        let capacity = self.capacity.map(|capacity| capacity.ratio);
        let checks = [
            at_least("a search reaches", self.coverage, coverage_min, "of the ultrapeers"),
            at_least("a search reaches", self.of_walk, of_walk_min, "of what a walk does"),
            at_most("a search reaches", self.of_walk, of_walk_max, "of what a walk does"),
            at_least("a search finds", self.recall, recall_min, "of what is there"),
            at_least("ultrapeers have", capacity, expected.capacity_min, "times the capacity"),
            at_most("an ultrapeer is promoted again", again, expected.again_max, "times an hour"),
            at_most(
                "liars have",
                liars,
                expected.liars_max,
                "times their part of the ultrapeers' time",
            ),
            at_most("of known hosts", self.poison, expected.poison_max, "are made up"),
            at_most("attackers have", self.grip, expected.grip_max, "times their connections"),
            self.lasts(
                "a leaf without ultrapeer",
                self.orphans.longest.map(|longest| longest.ms),
                expected.orphan_s_max,
            ),
            self.lasts(
                "a leaf without ultrapeer that has found out",
                self.orphans_in_silence.longest.map(|longest| longest.known_ms()),
                expected.orphan_s_max,
            ),
            self.heals(expected.heal_s_max),
            at_least("searches reach", self.reach_again(), expected.reach_again_min, "of before"),
        ];
        checks.into_iter().flatten().collect()
    }

    /// No wait may be longer. That there was none is well.
    #[expect(clippy::unused_self, reason = "it reads like the others")]
    fn lasts(&self, what: &str, ms: Option<u64>, limit_s: Option<u32>) -> Option<String> {
        let (ms, limit_s) = (ms?, limit_s?);
        let is_longer = ms > u64::from(limit_s).saturating_mul(1_000);
        is_longer.then(|| format!("{what}: {ms} ms, not {limit_s} s at most"))
    }

    /// After the partition that has left most behind.
    fn reach_again(&self) -> Option<Ratio> {
        self.healed.iter().filter_map(Healing::reach_again).min()
    }

    fn heals(&self, limit_s: Option<u32>) -> Option<String> {
        limit_s?;
        if self.healed.iter().all(|healing| healing.pieces < 2) {
            return Some("no partition has parted anything".to_owned());
        }
        let waits: Option<Vec<u64>> = self.healed.iter().map(|healing| healing.ms).collect();
        match waits {
            None => Some("not all are connected again after the partition".to_owned()),
            Some(waits) => self.lasts("all connected again", waits.into_iter().max(), limit_s),
        }
    }
}

fn at_least(
    what: &str,
    found: Option<Ratio>,
    limit: Option<Thousandths>,
    of: &str,
) -> Option<String> {
    let limit = limit.map(ratio)?;
    let is_missed = found.is_none_or(|found| found < limit);
    is_missed.then(|| format!("{what} {} {of}, not {limit} at least", shown(found)))
}

fn at_most(
    what: &str,
    found: Option<Ratio>,
    limit: Option<Thousandths>,
    of: &str,
) -> Option<String> {
    let limit = limit.map(ratio)?;
    let is_missed = found.is_none_or(|found| found > limit);
    is_missed.then(|| format!("{what} {} {of}, not {limit} at most", shown(found)))
}

fn shown(found: Option<Ratio>) -> String {
    found.map_or_else(|| "nothing that was measured".to_owned(), |found| found.to_string())
}

fn ratio(limit: Thousandths) -> Ratio {
    Ratio::of(u64::from(limit.thousandths()), 1_000)
}
