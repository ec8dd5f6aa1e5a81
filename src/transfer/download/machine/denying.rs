//! A size that the user, a link or a hit has named, and that those who have the file deny (DOWN-07).

use std::collections::{BTreeMap, BTreeSet};

use super::Download;
use crate::base::limits::{DENIED_SIZE_WAIT_MS, FILE_LEN_MAX};
use crate::base::time::Time;
use crate::transfer::download::contract::{SourceId, State, Why};
use crate::transfer::download::source::Source;

/// Who says otherwise.
#[derive(Debug, Default)]
pub(super) struct Denials {
    said: BTreeMap<SourceId, u64>,
    /// The user is told then, unless somebody else is found.
    told_at: Option<Time>,
}

impl Denials {
    pub(super) fn forget(&mut self, id: SourceId) {
        self.said.remove(&id);
    }

    /// When the user is told.
    pub(super) const fn told_at(&self) -> Option<Time> {
        self.told_at
    }

    /// The user wants it to go on all the same.
    pub(super) const fn wait_anew(&mut self) {
        self.told_at = None;
    }
}

impl Download {
    /// Its file has a size that ours cannot have.
    pub(super) fn has_other_file(&mut self, id: SourceId, said: u64) {
        self.drop_source(id, Why::WrongSize);
        if self.denies_named_size(said) {
            self.sizes.denials.said.insert(id, said);
        }
    }

    /// Whether a file of so many bytes is another one than that which was named.
    pub(super) fn denies_named_size(&self, said: u64) -> bool {
        let is_possible = (1..=FILE_LEN_MAX).contains(&said);
        is_possible && self.intent.sure_size().is_some_and(|named| named != said)
    }

    /// Where all who have it said another size, nothing of it has come, and a search has brought nobody else, the
    /// user has to know: what was named is wrong. Those who were not there have said nothing.
    pub(super) fn tell_if_size_is_denied(&mut self, now: Time) {
        let said = &self.sizes.denials.said;
        let denies =
            |(id, source): (&SourceId, &Source)| source.is_dropped() && said.contains_key(id);
        let is_hopeless = self.pieces.is_empty() && self.sources.iter().all(denies);
        let denials = &mut self.sizes.denials;
        if denials.said.is_empty() || !is_hopeless {
            denials.told_at = None;
            return;
        }
        let told_at = *denials.told_at.get_or_insert(now.after_ms(DENIED_SIZE_WAIT_MS));
        if let Some(named) = self.intent.sure_size().filter(|_| told_at <= now) {
            let why = why(named, &self.sizes.denials.said);
            self.sizes.denials.told_at = None;
            self.commit();
            self.become_(State::Stuck(why));
        }
    }
}

/// What people are told.
fn why(named: u64, said: &BTreeMap<SourceId, u64>) -> String {
    let sizes: BTreeSet<u64> = said.values().copied().collect();
    let said = match sizes.first().filter(|_| sizes.len() == 1) {
        Some(size) => format!("{size} bytes"),
        None => "another size".to_owned(),
    };
    format!(
        "whoever has answered says that the file has {said}, and not {named} bytes as the hit or the link says; cancel it, and choose another hit or leave the size away"
    )
}
