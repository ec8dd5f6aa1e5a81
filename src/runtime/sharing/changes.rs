use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::time::Time;

/// Folders in which something has changed, until they are listed again: a while after the first change, so that
/// many changes cost one listing, and the longer the longer a listing takes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    due: BTreeMap<PathBuf, Time>,
    /// How long the last listing took.
    listing: Duration,
}

/// How soon a change is looked at.
const LOOK_AFTER: Duration = Duration::from_millis(300);

/// A listing may take this part of the time.
const REST: u32 = 20;

impl Changes {
    pub(super) fn add(&mut self, folder: PathBuf, now: Time) {
        let wait = LOOK_AFTER.max(self.listing.saturating_mul(REST));
        self.due.entry(folder).or_insert_with(|| now.after(wait));
    }

    /// All will be listed anyway.
    pub(super) fn clear(&mut self) {
        self.due.clear();
    }

    /// Takes a folder whose time has come.
    pub(super) fn take(&mut self, now: Time) -> Option<PathBuf> {
        let folder = self.due.iter().find(|(_, due)| **due <= now)?.0.clone();
        self.due.remove(&folder);
        Some(folder)
    }

    pub(super) fn listed_in(&mut self, duration: Duration) {
        self.listing = duration;
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.due.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_of_a_folder_cost_one_listing() {
        let mut changes = Changes::default();
        let at = Time::from_millis;
        changes.add("/a".into(), at(0));
        changes.add("/a".into(), at(200));
        assert_eq!(changes.next(), Some(at(300)));
        assert_eq!(changes.take(at(299)), None);
        assert_eq!(changes.take(at(300)), Some("/a".into()));
        assert_eq!((changes.take(at(300)), changes.next()), (None, None));
    }

    #[test]
    fn what_takes_long_to_list_is_listed_seldom() {
        let mut changes = Changes::default();
        changes.listed_in(Duration::from_millis(200));
        changes.add("/a".into(), Time::ZERO);
        assert_eq!(changes.next(), Some(Time::from_millis(4_000)));
        changes.clear();
        assert_eq!(changes.next(), None);
    }
}
