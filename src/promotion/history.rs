use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::thresholds::{Averaging, UptimeThresholds};
use crate::base::addresses::Network;
use crate::base::time::Time;

/// What a run leaves to the next one: for a driver to keep on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Runs so far, this one included.
    pub runs: u32,
    /// How long all of them took together.
    pub total: Duration,
    /// The decaying average of them.
    pub average: Duration,
    /// The address that others saw last, and for how long they had seen it.
    pub address: Option<(IpAddr, Duration)>,
    /// For how long an address stayed, as a decaying average of those before.
    pub address_average: Duration,
    /// Bytes a second upwards that were proven, as far as they still count.
    pub upload_proven: u64,
    /// The same downwards.
    pub download_proven: u64,
    /// A promise of bandwidth was refuted, and nothing proven since.
    pub claim_refuted: bool,
    /// How many demotions in a row double the time as a leaf.
    pub demotions: u8,
    /// How long the node must still stay a leaf.
    pub stay: Duration,
}

/// For how long this node has been there, this time and before.
#[derive(Clone, Debug)]
pub(super) struct History {
    started: Time,
    runs: u32,
    total: Duration,
    average: Duration,
    address: Option<Address>,
    address_average: Duration,
    /// Another address than ours, as somebody has told it; it counts when a second one agrees.
    rumour: Option<Box<(IpAddr, Network)>>,
}

#[derive(Clone, Copy, Debug)]
struct Address {
    ip: IpAddr,
    since: Time,
    /// For how long it was ours in earlier runs.
    before: Duration,
}

impl History {
    /// The first run of a node.
    pub(super) const fn starting(now: Time) -> Self {
        Self {
            started: now,
            runs: 0,
            total: Duration::ZERO,
            average: Duration::ZERO,
            address: None,
            address_average: Duration::ZERO,
            rumour: None,
        }
    }

    /// For how long the present run has lasted.
    pub(super) fn run(&self, now: Time) -> Duration {
        now.since(self.started)
    }

    /// When the present run has lasted for so long.
    pub(super) fn when_run_is(&self, run: Duration) -> Time {
        self.started.after(run)
    }

    /// How long a run lasts on average, if the present one ended now.
    pub(super) fn average(&self, averaging: Averaging, now: Time) -> Duration {
        let run = self.run(now);
        match averaging {
            Averaging::Decaying => decayed(self.average, run, 4),
            Averaging::Mean => {
                let total = self.total.saturating_add(run);
                total.checked_div(self.runs.saturating_add(1)).unwrap_or(total)
            }
        }
    }

    /// When the average run is as long as the thresholds want, if the present one goes on.
    pub(super) fn when_average_is(&self, thresholds: &UptimeThresholds) -> Time {
        let wanted = thresholds.average_min;
        let run = match thresholds.averaging {
            Averaging::Decaying => missing(self.average, wanted, 4),
            Averaging::Mean => {
                let total = wanted.saturating_mul(self.runs.saturating_add(1));
                total.saturating_sub(self.total)
            }
        };
        self.when_run_is(run)
    }

    /// The address under which others see us.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip)
    }

    /// For how long an address stays on average, if the present one ended now.
    pub(super) fn address_average(&self, now: Time) -> Duration {
        let life = self.address.map_or(Duration::ZERO, |address| address.life(now));
        decayed(self.address_average, life, 2)
    }

    /// When addresses have stayed for as long as the thresholds want, if the present one does.
    pub(super) fn when_address_average_is(&self, wanted: Duration) -> Option<Time> {
        let address = self.address?;
        let life = missing(self.address_average, wanted, 2);
        Some(address.since.after(life.saturating_sub(address.before)))
    }

    /// Somebody sees us under this address. One voice alone changes nothing that was known.
    pub(super) fn hear_address(&mut self, ip: IpAddr, told_by: IpAddr, now: Time) {
        let ip = ip.to_canonical();
        if self.address().is_none_or(|known| known == ip) {
            self.rumour = None;
            self.address.get_or_insert(Address { ip, since: now, before: Duration::ZERO });
            return;
        }
        let teller = Network::around(told_by);
        match self.rumour.as_deref().copied() {
            Some((heard, by)) if heard == ip && by != teller => self.move_to(ip, now),
            Some((heard, _)) if heard == ip => {}
            _ => self.rumour = Some(Box::new((ip, teller))),
        }
    }

    /// What the next run should know.
    pub(super) fn export(&self, now: Time) -> Record {
        let run = self.run(now);
        Record {
            runs: self.runs.saturating_add(1),
            total: self.total.saturating_add(run),
            average: self.average(Averaging::Decaying, now),
            address: self.address.map(|address| (address.ip, address.life(now))),
            address_average: self.address_average,
            ..Record::default()
        }
    }

    /// Takes over what earlier runs have left.
    pub(super) fn import(&mut self, record: &Record, now: Time) {
        self.runs = record.runs;
        self.total = record.total;
        self.average = record.average;
        self.address_average = record.address_average;
        self.address = record.address.map(|(ip, before)| Address { ip, since: now, before });
    }

    fn move_to(&mut self, ip: IpAddr, now: Time) {
        self.address_average = self.address_average(now);
        self.address = Some(Address { ip, since: now, before: Duration::ZERO });
        self.rumour = None;
    }
}

impl Address {
    fn life(&self, now: Time) -> Duration {
        self.before.saturating_add(now.since(self.since))
    }
}

/// The average once the newest value has joined it with one part in `parts`.
fn decayed(average: Duration, newest: Duration, parts: u32) -> Duration {
    let old = average.checked_div(parts).unwrap_or_default();
    let new = newest.checked_div(parts).unwrap_or_default();
    average.saturating_sub(old).saturating_add(new)
}

/// How large the newest value must be for [`decayed`] to reach `wanted`.
fn missing(average: Duration, wanted: Duration, parts: u32) -> Duration {
    let kept = decayed(average, Duration::ZERO, parts);
    // Division by `parts` may lose a few nanoseconds; a microsecond more makes up for it.
    let missing = wanted.saturating_sub(kept).saturating_mul(parts);
    if missing.is_zero() { missing } else { missing.saturating_add(Duration::from_micros(1)) }
}
