//! What a file is called that the user has not named: what most of those call it that have it (DOWN-40).

use std::collections::{BTreeMap, BTreeSet};

use super::Download;
use super::trees::network_of;
use crate::transfer::download::contract::Finding;
use crate::transfer::download::journal::Record;

/// What sources call it.
#[derive(Debug, Default)]
pub(super) struct Name {
    /// What most of them do.
    pub(super) said: Option<String>,
    /// What most did in an earlier run: as good as one source.
    before: Option<String>,
}

impl Name {
    pub(super) fn recalled(said: Option<String>) -> Self {
        Self { before: said.clone(), said }
    }
}

impl Download {
    /// What it is called, or will be where that is not taken.
    pub fn name(&self) -> &str {
        self.name.said.as_deref().unwrap_or(&self.intent.name)
    }

    /// Somebody is said to have it, and what it is called there.
    pub(super) fn hear_name(&mut self, finding: &Finding) {
        if finding.name.is_none() || !self.intent.is_nameless() || self.state.is_over() {
            return;
        }
        let mut same = self.sources.values_mut();
        if let Some(source) = same.find(|source| source.finding.is_same(finding)) {
            let name = &mut source.finding.name;
            *name = name.take().or_else(|| finding.name.clone());
        }
        self.choose_name();
    }

    /// Most networks decide. Where as many call it otherwise it keeps its name.
    fn choose_name(&mut self) {
        let mut said: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
        for source in self.sources.values().filter(|source| !source.is_dropped()) {
            let name = source.finding.name.as_deref();
            if let Some(name) = name.filter(|name| *name != self.intent.name) {
                let network = network_of(source.finding.address.ip());
                said.entry(name).or_default().insert(Some(network));
            }
        }
        if let Some(before) = &self.name.before {
            said.entry(before).or_default().insert(None);
        }
        let now = self.name.said.as_deref();
        let best = said.iter().max_by_key(|(name, by)| (by.len(), Some(**name) == now));
        let best = best.map(|(name, _)| (*name).to_owned());
        if best.is_some() && best != self.name.said {
            self.store.note(Record::Name(best.clone().unwrap_or_default()));
            self.name.said = best;
        }
    }
}
