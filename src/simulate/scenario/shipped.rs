use super::{Scenario, ScenarioError};

/// The scenarios that Filbert brings along: a name, and the file.
const SHIPPED: &[(&str, &str)] = &[("flood", include_str!("../scenarios/flood.toml"))];

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
