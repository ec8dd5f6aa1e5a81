//! What is under way, for whoever watches.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use data_encoding::BASE32_NOPAD;
use tokio_util::sync::CancellationToken;

use crate::base::addresses::Network;
use crate::base::limits::{UPLOADED_RANGES_MAX, VISITS_MAX, VISITS_PER_HOST_MAX};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::base::time::Time;
use crate::control::model::{Upload, UploadTotals};
use crate::transfer::upload::{Ended, Item, VisitId};

/// Everybody who is here, and what they take.
#[derive(Debug, Default)]
pub(super) struct Book {
    visits: BTreeMap<VisitId, Visit>,
    last: u64,
    pub(super) totals: UploadTotals,
    speed: Speed,
}

/// Somebody who is here.
#[derive(Debug)]
struct Visit {
    address: SocketAddr,
    /// Ends the answer that is under way.
    take_back: CancellationToken,
    why: Option<Ended>,
    upload: Option<Running>,
}

/// A file that somebody takes, in one answer or in many.
#[derive(Debug)]
struct Running {
    id: u64,
    item: Item,
    sent: u64,
    /// The bytes of the file that have gone, and where the next ones stand.
    parts: RangeSet,
    at: u64,
    /// All of it has gone.
    is_whole: bool,
    since: Time,
    /// Bytes and the moment up to which the rate was counted, and the rate.
    counted: (u64, Time),
    rate: u64,
}

/// What has begun or ended, for the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) id: u64,
    pub(super) address: SocketAddr,
    pub(super) item: Item,
    pub(super) sent: u64,
    pub(super) why: Option<Ended>,
}

/// Milliseconds over which a rate is counted.
const RATE_MS: u64 = 1_000;

/// Milliseconds over which it is measured how fast we are.
const SPEED_WINDOW_MS: u64 = 10_000;

impl Book {
    /// Somebody comes. Nothing where there is no room for it.
    pub(super) fn enter(
        &mut self,
        visit: VisitId,
        address: SocketAddr,
    ) -> Option<CancellationToken> {
        let host = |ip: IpAddr| Network::host(ip);
        let of_host =
            self.visits.values().filter(|one| host(one.address.ip()) == host(address.ip()));
        if self.visits.len() >= VISITS_MAX || of_host.count() >= VISITS_PER_HOST_MAX {
            return None;
        }
        let take_back = CancellationToken::new();
        let token = take_back.clone();
        self.visits.insert(visit, Visit { address, take_back, why: None, upload: None });
        Some(token)
    }

    /// An answer begins, with the byte of the file that stands there. What has begun, and what has ended for it, where it
    /// is of another file.
    pub(super) fn begin(
        &mut self,
        visit: VisitId,
        (item, at): (&Item, u64),
        now: Time,
    ) -> (Option<Told>, Option<Told>) {
        let Some(one) = self.visits.get_mut(&visit) else { return (None, None) };
        if let Some(running) = one.upload.as_mut().filter(|running| running.item.id == item.id) {
            running.at = at;
            return (None, None);
        }
        let ended = one.end();
        self.last = self.last.saturating_add(1);
        let (id, item) = (self.last, item.clone());
        self.totals.started = self.totals.started.saturating_add(1);
        let running = Running {
            id,
            item,
            sent: 0,
            parts: RangeSet::new(),
            at,
            is_whole: false,
            since: now,
            counted: (0, now),
            rate: 0,
        };
        let begun = running.told(one.address, None);
        one.upload = Some(running);
        (ended, Some(begun))
    }

    pub(super) fn sent(&mut self, visit: VisitId, len: u64, now: Time) {
        self.totals.sent_bytes = self.totals.sent_bytes.saturating_add(len);
        self.speed.count(len, now);
        let running = self.visits.get_mut(&visit).and_then(|one| one.upload.as_mut());
        if running.is_some_and(|running| running.count(len, now)) {
            self.totals.finished = self.totals.finished.saturating_add(1);
        }
    }

    /// What uploads were measured to bring together, in kbit/s.
    pub(super) const fn speed_kbits(&self) -> Option<u32> {
        self.speed.best_kbits
    }

    /// Somebody goes. What has ended for it.
    pub(super) fn leave(&mut self, visit: VisitId) -> Option<Told> {
        self.visits.remove(&visit)?.end()
    }

    /// Its slot is wanted for others.
    pub(super) fn take_back(&mut self, visit: VisitId, why: Ended) {
        if let Some(one) = self.visits.get_mut(&visit) {
            one.why = Some(why);
            one.take_back.cancel();
        }
        let of_kind = match why {
            Ended::Slow => &mut self.totals.too_slow,
            Ended::Turn => &mut self.totals.turns_over,
        };
        *of_kind = of_kind.saturating_add(1);
    }

    /// What is under way.
    pub(super) fn uploads(&self, now: Time) -> Vec<Upload> {
        let running =
            self.visits.values().filter_map(|one| Some((one.address, one.upload.as_ref()?)));
        running.map(|(address, upload)| upload.shown(address, now)).collect()
    }
}

impl Visit {
    fn end(&mut self) -> Option<Told> {
        Some(self.upload.take()?.told(self.address, self.why))
    }
}

impl Running {
    /// Returned is whether it is whole with this.
    fn count(&mut self, len: u64, now: Time) -> bool {
        self.sent = self.sent.saturating_add(len);
        let part = ByteRange::new(self.at, self.at.saturating_add(len));
        self.has_gone(part);
        self.at = part.end;
        let whole = ByteRange::new(0, self.item.size);
        let was_whole = std::mem::replace(&mut self.is_whole, self.parts.contains(whole));
        let (before, since) = self.counted;
        let passed_ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        if passed_ms >= RATE_MS {
            let bytes = self.sent.saturating_sub(before);
            self.rate = bytes.saturating_mul(1_000).checked_div(passed_ms).unwrap_or(0);
            self.counted = (self.sent, now);
        }
        self.is_whole && !was_whole
    }

    fn has_gone(&mut self, part: ByteRange) {
        self.parts.insert(part);
        if self.parts.count() > UPLOADED_RANGES_MAX {
            // It touches no other one, or there would not be more of them.
            self.parts.remove(part);
        }
    }

    fn told(&self, address: SocketAddr, why: Option<Ended>) -> Told {
        Told { id: self.id, address, item: self.item.clone(), sent: self.sent, why }
    }

    fn shown(&self, address: SocketAddr, now: Time) -> Upload {
        Upload {
            id: self.id,
            address,
            name: self.item.name.to_string(),
            size: self.item.size,
            sha1: base32(self.item.sha1),
            sent_bytes: self.sent,
            // Who takes nothing has no rate, whatever it was.
            bytes_per_s: if now >= self.counted.1.after_ms(3 * RATE_MS) { 0 } else { self.rate },
            for_s: now.since(self.since).as_secs(),
        }
    }
}

/// How fast we were when we were fastest.
#[derive(Debug, Default)]
struct Speed {
    /// Bytes since a moment.
    window: Option<(u64, Time)>,
    best_kbits: Option<u32>,
}

impl Speed {
    fn count(&mut self, len: u64, now: Time) {
        let (bytes, since) = self.window.unwrap_or((0, now));
        let bytes = bytes.saturating_add(len);
        let passed_ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        if passed_ms < SPEED_WINDOW_MS {
            self.window = Some((bytes, since));
            return;
        }
        self.window = None;
        // Bits of a millisecond are kilobits of a second.
        let kbits = bytes.saturating_mul(8).checked_div(passed_ms).unwrap_or(0);
        let kbits = u32::try_from(kbits).unwrap_or(u32::MAX);
        // What is hardly more is not worth telling.
        let least = self.best_kbits.map_or(1, |best| best.saturating_add(best / 4).max(1));
        if kbits >= least {
            self.best_kbits = Some(kbits);
        }
    }
}

/// A digest as the API has it.
pub(super) fn base32(sha1: Option<[u8; 20]>) -> Option<String> {
    sha1.map(|sha1| BASE32_NOPAD.encode(&sha1))
}

#[cfg(test)]
mod tests;
