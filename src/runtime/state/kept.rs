//! What is kept, and how it is written.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::wall::Wall;
use crate::gnutella::bootstrap::Asked;
use crate::gnutella::wire::Guid;
use crate::node::Earlier;
use crate::node::host_cache::{Quality, SavedHost};
use crate::promotion::Record;

/// What earlier runs have left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub guid: Option<Guid>,
    /// The best first: for [`Command::Remember`](crate::node::Command::Remember).
    pub hosts: Vec<SavedHost>,
    /// The same of FastTrack: for [`Command::Remember`](crate::node::fasttrack::Command::Remember).
    pub supernodes: Vec<SavedHost>,
    /// For [`Config::earlier`](crate::node::Config::earlier).
    pub earlier: Option<Earlier>,
    /// For [`Config::earlier`](crate::node::fasttrack::Config::earlier).
    pub fasttrack_earlier: Option<Earlier>,
    /// For [`Bootstrap::new`](crate::gnutella::bootstrap::Bootstrap::new).
    pub asked: Vec<Asked>,
    /// The last number that a search has had, or may have had.
    pub searches: u64,
}

/// What is to be kept from now on; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub guid: Option<Guid>,
    pub hosts: Option<Vec<SavedHost>>,
    pub supernodes: Option<Vec<SavedHost>>,
    pub record: Option<Record>,
    pub fasttrack_record: Option<Record>,
    pub asked: Option<Vec<Asked>>,
    pub searches: Option<u64>,
}

/// The names under which the parts are kept.
pub(super) const NAMES: [&str; 7] =
    [GUID, HOSTS, SUPERNODES, RECORD, FASTTRACK_RECORD, ASKED, SEARCHES];
const GUID: &str = "guid";
const HOSTS: &str = "hosts";
const SUPERNODES: &str = "supernodes";
const RECORD: &str = "record";
const FASTTRACK_RECORD: &str = "fasttrack_record";
const ASKED: &str = "asked";
const SEARCHES: &str = "searches";

/// Address, quality, ultrapeer, daily uptime in minutes, distance, when it was heard of last.
type HostRow = (SocketAddr, u8, bool, u16, u8, u64);

/// Name, and when it was asked.
type AskedRow = (String, u64);

#[derive(Deserialize, Serialize)]
struct RecordRow {
    record: Record,
    /// When the run was still going on.
    at: u64,
}

impl Parts {
    /// What `newer` does not replace stays.
    pub(super) fn replace_by(&mut self, newer: Self) {
        self.guid = newer.guid.or(self.guid.take());
        self.hosts = newer.hosts.or(self.hosts.take());
        self.supernodes = newer.supernodes.or(self.supernodes.take());
        self.record = newer.record.or(self.record.take());
        self.fasttrack_record = newer.fasttrack_record.or(self.fasttrack_record.take());
        self.asked = newer.asked.or(self.asked.take());
        self.searches = newer.searches.or(self.searches.take());
    }

    pub(super) const fn is_empty(&self) -> bool {
        let Self { guid, hosts, supernodes, record, fasttrack_record, asked, searches } = self;
        let has_lists = hosts.is_some() || supernodes.is_some() || asked.is_some();
        let has_records = record.is_some() || fasttrack_record.is_some();
        !has_lists && !has_records && guid.is_none() && searches.is_none()
    }

    /// The bytes of each part.
    pub(super) fn encode(&self, now: Wall) -> Vec<(&'static str, Vec<u8>)> {
        let Self { guid, hosts, supernodes, record, fasttrack_record, asked, searches } = self;
        let hosts_row = |hosts: &Vec<SavedHost>| {
            json(&hosts.iter().map(|host| host_row(host, now)).collect::<Vec<HostRow>>())
        };
        let record_row = |record: &Record| json(&RecordRow { record: record.clone(), at: now.0 });
        let asked = asked.as_ref().map(|asked| {
            let row = |asked: &Asked| (asked.name.clone(), now.before(asked.ago).0);
            json(&asked.iter().map(row).collect::<Vec<AskedRow>>())
        });
        let guid = guid.map(|Guid(bytes)| bytes.to_vec());
        let searches = searches.map(|searches| json(&searches));
        let all = [
            (GUID, guid),
            (HOSTS, hosts.as_ref().map(hosts_row)),
            (SUPERNODES, supernodes.as_ref().map(hosts_row)),
            (RECORD, record.as_ref().map(record_row)),
            (FASTTRACK_RECORD, fasttrack_record.as_ref().map(record_row)),
            (ASKED, asked),
            (SEARCHES, searches),
        ];
        all.into_iter().filter_map(|(name, bytes)| Some((name, bytes?))).collect()
    }
}

impl Kept {
    /// Reads one part. What cannot be read is as if it were not there; false then.
    pub(super) fn decode(&mut self, name: &str, bytes: &[u8], now: Wall) -> bool {
        let is_read = match name {
            GUID => bytes.try_into().ok().map(|bytes| self.guid = Some(Guid(bytes))),
            HOSTS => saved_hosts(bytes, now).map(|hosts| self.hosts = hosts),
            SUPERNODES => saved_hosts(bytes, now).map(|hosts| self.supernodes = hosts),
            RECORD => earlier(bytes, now).map(|earlier| self.earlier = Some(earlier)),
            FASTTRACK_RECORD => {
                earlier(bytes, now).map(|earlier| self.fasttrack_earlier = Some(earlier))
            }
            ASKED => rows::<AskedRow>(bytes).map(|rows| {
                let asked =
                    |(name, at)| Asked { name, ago: now.since(Wall(at)).unwrap_or_default() };
                self.asked = rows.into_iter().map(asked).collect();
            }),
            SEARCHES => serde_json::from_slice(bytes).ok().map(|last| self.searches = last),
            // Of a later version.
            _ => Some(()),
        };
        is_read.is_some()
    }
}

fn earlier(bytes: &[u8], now: Wall) -> Option<Earlier> {
    let RecordRow { record, at } = serde_json::from_slice(bytes).ok()?;
    Some(Earlier { record, away: now.since(Wall(at)).unwrap_or_default() })
}

fn saved_hosts(bytes: &[u8], now: Wall) -> Option<Vec<SavedHost>> {
    let rows = rows::<HostRow>(bytes)?;
    Some(rows.into_iter().filter_map(|row| saved_host(row, now)).collect())
}

fn host_row(host: &SavedHost, now: Wall) -> HostRow {
    let SavedHost { address, quality, is_ultrapeer, daily_uptime_min, distance, age_s } = *host;
    let quality = match quality {
        Quality::Hearsay => 0,
        Quality::Met => 1,
        Quality::Proven => 2,
    };
    let seen = now.before(std::time::Duration::from_secs(age_s.into()));
    (address, quality, is_ultrapeer, daily_uptime_min, distance, seen.0)
}

fn saved_host(row: HostRow, now: Wall) -> Option<SavedHost> {
    let (address, quality, is_ultrapeer, daily_uptime_min, distance, seen) = row;
    let quality = match quality {
        0 => Quality::Hearsay,
        1 => Quality::Met,
        2 => Quality::Proven,
        _ => return None,
    };
    let age_s = now.age_of_host(Wall(seen));
    Some(SavedHost { address, quality, is_ultrapeer, daily_uptime_min, distance, age_s })
}

fn rows<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Option<Vec<T>> {
    serde_json::from_slice(bytes).ok()
}

/// These values have no maps with odd keys, so that writing them cannot fail.
fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
