use std::net::SocketAddrV4;

use super::sequence::Sequence;
use super::{Amount, Own};
use crate::base::limits::{FASTTRACK_OWN_EVERY_MS, FASTTRACK_OWN_RENEWED_MS};
use crate::base::time::Time;
use crate::fasttrack::wire::TableRecord;

/// The own record: what is said of this supernode, and what there would be to say.
#[derive(Debug)]
pub(super) struct OwnRecord {
    /// As it is told.
    told: TableRecord,
    /// When its number went up.
    raised: Time,
    latest: Own,
}

impl OwnRecord {
    pub(super) fn new(address: SocketAddrV4, own: Own, sequence: Sequence, now: Time) -> Self {
        Self { told: record(address, own, sequence), raised: now, latest: own }
    }

    pub(super) const fn told(&self) -> &TableRecord {
        &self.told
    }

    pub(super) const fn latest(&self) -> &Own {
        &self.latest
    }

    pub(super) const fn set(&mut self, own: Own) {
        self.latest = own;
    }

    /// When the number goes up (FTPEER-09).
    pub(super) fn next_timeout(&self) -> Time {
        let differs = differs(&self.told, &record(self.told.address, self.latest, Sequence(0)));
        let wait_ms = if differs { FASTTRACK_OWN_EVERY_MS } else { FASTTRACK_OWN_RENEWED_MS };
        self.raised.after_ms(wait_ms)
    }

    /// Lets the number go up if it is time; true where it has.
    pub(super) fn timeout(&mut self, now: Time) -> bool {
        if now < self.next_timeout() {
            return false;
        }
        let next = Sequence(self.told.sequence).next();
        self.told = record(self.told.address, self.latest, next);
        self.raised = now;
        true
    }
}

fn record(address: SocketAddrV4, own: Own, sequence: Sequence) -> TableRecord {
    TableRecord {
        address,
        sequence: sequence.0,
        children: own.children,
        load: own.load_percent,
        bandwidth: own.bandwidth,
        unknown: 0,
        media: own.media.map(Amount::written),
        distance: 0,
    }
}

/// Whether others would decide otherwise: half as many files more or less, a sixth of the load, a
/// quarter of the children.
fn differs(told: &TableRecord, latest: &TableRecord) -> bool {
    let logarithms = |record: &TableRecord| record.media.into_iter().flatten();
    let media = logarithms(told).zip(logarithms(latest));
    let (least, most) = (told.children.min(latest.children), told.children.max(latest.children));
    media.into_iter().any(|(told, latest)| told.0.abs_diff(latest.0) >= MEDIA_STEPS)
        || told.load.abs_diff(latest.load) >= LOAD_STEP
        || most.saturating_sub(least) > CHILDREN_STEP.max(most / 4)
        || told.bandwidth != latest.bandwidth
}

/// A factor of about 1.7.
const MEDIA_STEPS: u8 = 3;
const LOAD_STEP: u8 = 16;
const CHILDREN_STEP: u8 = 2;
