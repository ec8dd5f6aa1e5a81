use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::time::Time;

/// Folders in which something has changed, until they are listed again: a while after the first change, so that
/// many changes cost one listing, and the longer the longer a listing takes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    due: BTreeMap<PathBuf, Time>,
    /// Folders that could not be listed, and how often in succession.
    in_vain: BTreeMap<PathBuf, u32>,
    /// How long the last listing took.
    listing: Duration,
}

/// How soon a change is looked at.
const LOOK_AFTER: Duration = Duration::from_millis(300);

/// How soon a folder is listed again that could not be; twice as long each time, up to the longest of these waits.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(300);

/// A listing may take this part of the time.
const REST: u32 = 20;

impl Changes {
    pub(super) fn add(&mut self, folder: PathBuf, now: Time) {
        let wait = LOOK_AFTER.max(self.listing.saturating_mul(REST));
        let due = self.due.entry(folder).or_insert_with(|| now.after(wait));
        *due = now.after(wait).min(*due);
    }

    /// The system has failed to say what is in a folder. When that is asked again.
    pub(super) fn failed(&mut self, folder: &Path, now: Time) -> Time {
        let count = self.in_vain.entry(folder.to_owned()).or_default();
        let due = now.after(AGAIN_AFTER.saturating_mul(1 << *count).min(AGAIN_AFTER_MAX));
        *count = count.saturating_add(1).min(16);
        self.due.entry(folder.to_owned()).or_insert(due);
        due
    }

    /// It has said so.
    pub(super) fn succeeded(&mut self, folder: &Path) {
        self.in_vain.remove(folder);
    }

    /// Only these folders are there.
    pub(super) fn keep(&mut self, is_there: impl Fn(&Path) -> bool) {
        self.in_vain.retain(|folder, _| is_there(folder));
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
    fn what_cannot_be_listed_is_tried_again_more_and_more_seldom() {
        let (mut changes, folder) = (Changes::default(), Path::new("/a"));
        let mut waits = Vec::new();
        for _ in 0..20 {
            changes.failed(folder, Time::ZERO);
            waits.push(changes.next().unwrap());
            changes.clear();
        }
        assert_eq!(waits[..3], [2_000, 4_000, 8_000].map(Time::from_millis));
        assert_eq!(waits[19], Time::ZERO.after(AGAIN_AFTER_MAX));
        changes.failed(folder, Time::ZERO);
        changes.add(folder.to_owned(), Time::ZERO);
        assert_eq!(changes.next(), Some(Time::from_millis(300)), "it has changed");
        changes.clear();
        changes.succeeded(folder);
        assert_eq!(changes.failed(folder, Time::ZERO), Time::from_millis(2_000));
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
