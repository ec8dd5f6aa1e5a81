use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{Keeper, MEASURE_EVERY};
use crate::base::time::Time;
use crate::gnutella::servent::Offer;
use crate::library::catalogue::{Amount, Inventory, Totals};
use crate::library::found::LeftOut;
use crate::runtime::sharing::newest::Newest;
use crate::runtime::sharing::progress::{Progress, Rate};

/// What others are told, and when.
#[derive(Debug)]
pub(in crate::runtime::sharing) struct Telling {
    offer: Arc<Newest<Box<Offer>>>,
    inventory: watch::Sender<Arc<Inventory>>,
    progress: watch::Sender<Progress>,
    /// Something of what is offered has changed.
    has_changed: bool,
    told_at: Option<Time>,
    /// How long it took to make the last inventory.
    making: Duration,
    /// All folders have been looked through since.
    has_looked: bool,
    measured_at: Option<Time>,
    rate: Rate,
    offered: Amount,
    is_scanning: bool,
    /// Folders that cannot be shared, of this walk and of the last one.
    refused: BTreeSet<PathBuf>,
    refused_before: BTreeSet<PathBuf>,
    left_out: LeftOut,
}

/// How often others learn what is offered while files are read.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// What is offered may take this part of the time to be put together.
const REST: u32 = 20;

/// However long that takes, on a machine that has more to do: nobody waits longer for it.
const REST_MAX: Duration = Duration::from_secs(60);

impl Telling {
    pub(in crate::runtime::sharing) fn new(
        offer: Arc<Newest<Box<Offer>>>,
        inventory: watch::Sender<Arc<Inventory>>,
        progress: watch::Sender<Progress>,
    ) -> Self {
        Self {
            offer,
            inventory,
            progress,
            has_changed: false,
            told_at: None,
            making: Duration::ZERO,
            has_looked: false,
            measured_at: None,
            rate: Rate::default(),
            offered: Amount::default(),
            is_scanning: true,
            refused: BTreeSet::new(),
            refused_before: BTreeSet::new(),
            left_out: LeftOut::default(),
        }
    }

    pub(super) const fn changed(&mut self) {
        self.has_changed = true;
    }

    pub(super) fn begin_walk(&mut self) {
        self.is_scanning = true;
        self.refused_before = std::mem::take(&mut self.refused);
    }

    /// Each is named once, until it can be shared.
    pub(super) fn missing(&mut self, folder: PathBuf) {
        if !self.refused_before.contains(&folder) {
            let path = folder.display();
            tracing::warn!("share: there is no folder {path}; nothing of it is shared");
        }
        self.refused.insert(folder);
    }

    pub(super) fn own(&mut self, folder: PathBuf) {
        if !self.refused_before.contains(&folder) {
            let path = folder.display();
            tracing::warn!("share: {path} belongs to the node itself; nothing of it is shared");
        }
        self.refused.insert(folder);
    }

    pub(super) fn end_walk(&mut self, totals: &Totals) {
        (self.is_scanning, self.has_looked) = (false, true);
        let LeftOut { unreadable, unnameable, .. } = totals.left_out;
        let before = std::mem::replace(&mut self.left_out, totals.left_out);
        if unreadable > 0 && unreadable != before.unreadable {
            tracing::warn!(unreadable, "not everything in the shared folders can be read");
        }
        if unnameable > 0 && unnameable != before.unnameable {
            tracing::info!(unnameable, "some files have names that cannot be offered");
        }
        if totals.beyond > 0 {
            let (files, more) = (totals.found.files, totals.beyond);
            tracing::warn!(files, more, "there are more files than are shared");
        }
    }

    /// When something is to be told.
    pub(super) fn next(&self, is_busy: bool) -> Option<Time> {
        let measure = self.measured_at.filter(|_| is_busy).map(|then| then.after(MEASURE_EVERY));
        let tell = self.tell_at(is_busy);
        measure.into_iter().chain(tell).min()
    }

    /// When what is offered is told again: soon where no more comes, and at once where all folders have been looked
    /// through, as after a start, when nearly all of it is known.
    fn tell_at(&self, is_busy: bool) -> Option<Time> {
        let pause = self.making.saturating_mul(REST).min(REST_MAX);
        let pause = if is_busy || self.is_scanning { pause.max(TELL_EVERY) } else { pause };
        let told_at = self.told_at.filter(|_| !self.has_looked);
        let due = told_at.map_or(Time::ZERO, |told_at| told_at.after(pause));
        self.has_changed.then_some(due)
    }
}

impl Keeper {
    /// Tells others what is offered and how far it is, if it is time.
    pub(super) fn tell(&mut self) {
        let (now, is_busy) = (self.now(), self.is_busy());
        let offered = self.catalogue.totals().offered;
        self.telling.has_changed |= offered != self.telling.offered;
        if self.telling.tell_at(is_busy).is_some_and(|due| due <= now) {
            self.tell_inventory();
        }
        let is_due = self.telling.measured_at.is_none_or(|then| then.after(MEASURE_EVERY) <= now);
        let was_busy = self.telling.progress.borrow().is_hashing();
        if is_due || is_busy != was_busy || self.walk.is_none() {
            self.tell_progress(is_busy);
        }
    }

    fn tell_inventory(&mut self) {
        // Whoever is offered a file may ask for its tree.
        self.keep_all_hashes();
        let began = Instant::now();
        let inventory = Arc::new(self.catalogue.inventory());
        self.telling.offer.put(Box::new(Offer::of(inventory.files().clone())));
        self.telling.inventory.send_replace(inventory);
        self.telling.making = began.elapsed();
        (self.telling.has_changed, self.telling.has_looked) = (false, false);
        let offered = self.catalogue.totals().offered;
        if std::mem::replace(&mut self.telling.offered, offered) != offered && !self.is_busy() {
            let Amount { files, bytes } = offered;
            tracing::info!(files, bytes, "others find our files");
        }
        self.telling.told_at = Some(self.now());
    }

    fn tell_progress(&mut self, is_busy: bool) {
        let (now, read_bytes) = (self.now(), self.pool.read_bytes());
        match is_busy {
            true => self.telling.rate.measure(now, read_bytes),
            false => self.telling.rate.pause(),
        }
        let (waiting, reading) = (self.catalogue.waiting(), self.reading.left(read_bytes));
        let progress = Progress {
            is_scanning: self.telling.is_scanning || self.walk.is_some(),
            totals: self.catalogue.totals(),
            waiting: Amount {
                files: waiting.files.saturating_add(reading.files),
                bytes: waiting.bytes.saturating_add(reading.bytes),
            },
            put_off: self.catalogue.put_off_len() as u64,
            unreadable: self.catalogue.unreadable_len() as u64,
            hashed: self.reading.hashed,
            bytes_per_s: self.telling.rate.bytes_per_s(),
            watched: self.watching.watched(),
        };
        self.telling.measured_at = Some(now);
        self.telling
            .progress
            .send_if_modified(|known| std::mem::replace(known, progress) != progress);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telling() -> Telling {
        let inventory = watch::channel(Arc::new(Inventory::default())).0;
        let progress = watch::channel(Progress::default()).0;
        Telling::new(Arc::default(), inventory, progress)
    }

    /// On a machine that is slow or busy it takes long to put a million files together.
    #[test]
    fn nobody_waits_for_long_to_be_told_of_what_was_found() {
        let mut telling = telling();
        let now = Time::from_millis(100_000);
        telling.begin_walk();
        telling.changed();
        assert_eq!(telling.tell_at(false), Some(Time::ZERO), "nothing was told yet");
        (telling.told_at, telling.making) = (Some(now), Duration::from_millis(500));
        assert_eq!(telling.tell_at(false), Some(now.after_ms(10_000)));
        telling.making = Duration::from_millis(50_000);
        assert_eq!(telling.tell_at(false), Some(now.after_ms(60_000)));
        telling.end_walk(&Totals::default());
        assert_eq!(telling.tell_at(true), Some(Time::ZERO), "it is known what there is");
        telling.has_looked = false;
        telling.making = Duration::from_millis(1);
        assert_eq!(telling.tell_at(true), Some(now.after_ms(2_000)), "more comes");
        assert_eq!(telling.tell_at(false), Some(now.after_ms(20)));
        telling.has_changed = false;
        assert_eq!(telling.tell_at(false), None);
    }
}
