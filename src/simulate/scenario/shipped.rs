use super::{Scenario, ScenarioError};

/// The scenarios that Filbert brings along: a name, and the file.
const SHIPPED: &[(&str, &str)] = &[
    ("flood", include_str!("../scenarios/flood.toml")),
    ("shuffled-flood", include_str!("../scenarios/shuffled-flood.toml")),
    ("two-tier", include_str!("../scenarios/two-tier.toml")),
    ("indexed", include_str!("../scenarios/indexed.toml")),
    ("churn", include_str!("../scenarios/churn.toml")),
    ("ultrapeers-die", include_str!("../scenarios/ultrapeers-die.toml")),
    ("kazaa", include_str!("../scenarios/kazaa.toml")),
    ("partition", include_str!("../scenarios/partition.toml")),
    ("flash-crowd", include_str!("../scenarios/flash-crowd.toml")),
    ("free-riders", include_str!("../scenarios/free-riders.toml")),
    ("election", include_str!("../scenarios/election.toml")),
    ("capacity-liars", include_str!("../scenarios/capacity-liars.toml")),
    ("query-flood", include_str!("../scenarios/query-flood.toml")),
    ("poisoned-pongs", include_str!("../scenarios/poisoned-pongs.toml")),
];

impl Scenario {
    /// A scenario that Filbert brings along.
    pub fn shipped(name: &str) -> Option<Result<Self, ScenarioError>> {
        let (name, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(name, text))
    }

    /// Their names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }
}
