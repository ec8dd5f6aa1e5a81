//! What a file is called that the user has not named: what most of those call it that have it (DOWN-40).

use std::collections::{BTreeMap, BTreeSet};

use super::Download;
use super::trees::network_of;
use crate::base::addresses::Network;
use crate::transfer::download::contract::Finding;
use crate::transfer::download::journal::Record;
use crate::transfer::download::source::Source;

/// What sources call it.
#[derive(Debug, Default)]
pub(super) struct Name {
    /// What most of them do.
    pub(super) said: Option<String>,
    /// What most did in an earlier run: as good as one source.
    before: Option<String>,
    /// The disk may have given it that name already.
    pub(super) is_settled: bool,
}

/// Who says what it is called.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Voice {
    EarlierRun,
    /// Somebody who cannot be called may say any address.
    Firewalled,
    Network(Network),
}

impl Name {
    pub(super) fn recalled(said: Option<String>, is_settled: bool) -> Self {
        Self { before: said.clone(), said, is_settled }
    }
}

impl Voice {
    fn of(finding: &Finding) -> Self {
        if finding.is_firewalled {
            Self::Firewalled
        } else {
            Self::Network(network_of(finding.address.ip()))
        }
    }
}

impl Download {
    /// What it is called, or will be where that is not taken.
    pub fn name(&self) -> &str {
        self.name.said.as_deref().unwrap_or(&self.intent.name)
    }

    /// Somebody is said to have it, and what it is called there.
    pub(super) fn hear_name(&mut self, finding: &Finding) {
        if finding.name.is_none() {
            return;
        }
        let mut same = self.sources.values_mut();
        if let Some(source) = same.find(|source| source.finding.is_same(finding)) {
            let name = &mut source.finding.name;
            *name = name.take().or_else(|| finding.name.clone());
        }
        self.choose_name();
    }

    /// Most networks decide, and only those of whom something has come, where there are such. Where as many call it
    /// otherwise it keeps its name.
    pub(super) fn choose_name(&mut self) {
        if !self.intent.is_nameless() || self.state.is_over() || self.name.is_settled {
            return;
        }
        let sources = self.sources.values().filter(|source| !source.is_dropped());
        let named = sources.filter_map(|source| {
            let name = source.finding.name.as_deref().filter(|name| *name != self.intent.name);
            name.map(|name| (name, source))
        });
        let has_given = |(_, source): &(&str, &Source)| source.useful_len > 0;
        let is_any = named.clone().any(|one| has_given(&one));
        let mut said: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
        for (name, source) in named.filter(|one| !is_any || has_given(one)) {
            said.entry(name).or_default().insert(Voice::of(&source.finding));
        }
        if let Some(before) = &self.name.before {
            said.entry(before).or_default().insert(Voice::EarlierRun);
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
