//! Who has misbehaved, and who is turned away for it for a while.
//!
//! Each broken rule costs points, which are forgiven with time; at a limit the address is banned,
//! and longer each time. Addresses from which connections come too often are banned too, for less
//! long (HAND-62); those that only ask for links too often may still connect for files. Where several
//! addresses of one network are banned, the network is.
//!
//! An address of IPv6 is here a /64, for every host has as many. This machine is never banned, and
//! networks only where strangers have them: in laboratories everybody is somebody's neighbour.

mod record;

use std::net::IpAddr;

use crate::base::addresses::{Network, is_public};
use crate::base::error::{Misbehaved, Rule};
use crate::base::limits::{
    ADMIT_NETWORK_TIMES, ADMIT_TIMES, BAN_BLAME_S, BAN_HASTE_MAX_S, BAN_HASTE_S, BAN_MAX_S,
    BAN_RECORDS_MAX, BANNED_OF_NETWORK,
};
use crate::base::time::Time;
use record::{Record, Term};

const TOO_OFTEN: Misbehaved =
    Misbehaved { rule: Rule::new("HAND-62"), what: "it connects too often" };
const TOO_MANY: Misbehaved =
    Misbehaved { rule: Rule::new("HAND-62"), what: "it opens too many connections" };

const FOR_HASTE: Term = Term { first_s: BAN_HASTE_S, longest_s: BAN_HASTE_MAX_S };
const FOR_BLAME: Term = Term { first_s: BAN_BLAME_S, longest_s: BAN_MAX_S };

/// Bits that the addresses of one host of IPv6 share.
const HOST_LEN: u8 = 64;

/// Milliseconds between two sweeps.
const SWEEP_MS: u64 = 60_000;

/// Too many attempts, and everything else (HAND-57).
const CODES: [u16; 2] = [429, 550];

/// Who is watched, and who is banned.
#[derive(Clone, Debug, Default)]
pub struct Bans {
    /// By network. Those that lie in another one stand behind it.
    records: Vec<Record>,
    sweep: Time,
}

/// A ban that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ban {
    /// One address, or all that lie together.
    pub network: Network,
    pub until: Time,
    /// The requirement that was broken last, and what was done.
    pub breach: Misbehaved,
    /// How often it has been banned.
    pub times: u8,
}

/// How bad a breach is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A message was dropped for it.
    Slip,
    /// A link was ended for it.
    Breach,
}

/// Whether a connection is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Welcome,
    /// Turned away, by code 429 or 550. A few of many attempts are worth an answer; the others are
    /// closed without a word.
    Refused {
        code: u16,
        says_so: bool,
    },
}

impl Bans {
    /// Nobody is banned.
    pub const fn new() -> Self {
        Self { records: Vec::new(), sweep: Time::ZERO }
    }

    /// Somebody connects, and may be turned away. As long as nobody knows what it wants, it counts like one
    /// that wants files: that it has wanted too many links is no reason to turn it away yet.
    pub fn admit(&mut self, ip: IpAddr, now: Time) -> Admission {
        let ban = self.bans_of(ip, now).find(|ban| ban.breach != TOO_OFTEN);
        match ban {
            Some(ban) => self.turn_away(ban.network, now),
            None => self.count(ip, (Record::call, TOO_MANY), now),
        }
    }

    /// Somebody who was let in wants a link, or has gone without a word: that is an attempt, and it may be
    /// turned away for it.
    pub fn attempt(&mut self, ip: IpAddr, now: Time) -> Admission {
        match self.ban_of(ip, now) {
            Some(ban) => self.turn_away(ban.network, now),
            None => self.count(ip, (Record::attempt, TOO_OFTEN), now),
        }
    }

    fn count(
        &mut self,
        ip: IpAddr,
        (one_more, breach): (fn(&mut Record, u32) -> bool, Misbehaved),
        now: Time,
    ) -> Admission {
        let Some(host) = host_of(ip) else { return Admission::Welcome };
        let network = network_of(ip);
        let is_hasty = !self.record(host, now).is_none_or(|host| one_more(host, ADMIT_TIMES));
        let all_hasty = network.filter(|network| {
            !self.record(*network, now).is_none_or(|all| one_more(all, ADMIT_NETWORK_TIMES))
        });
        let Some(hasty) = is_hasty.then_some(host).or(all_hasty) else {
            return Admission::Welcome;
        };
        self.ban(hasty, breach, FOR_HASTE, now);
        self.turn_away(hasty, now)
    }

    /// Somebody broke a rule; the ban that follows, if one does.
    pub fn strike(
        &mut self,
        ip: IpAddr,
        breach: Misbehaved,
        weight: Weight,
        now: Time,
    ) -> Option<Ban> {
        let host = host_of(ip)?;
        if !self.record(host, now)?.blame(weight) {
            return None;
        }
        let ban = self.ban(host, breach, FOR_BLAME, now)?;
        let all =
            network_of(ip).filter(|network| self.banned_in(*network, now) >= BANNED_OF_NETWORK);
        all.and_then(|network| self.ban(network, breach, FOR_BLAME, now)).or(Some(ban))
    }

    /// The ban that holds for an address now, if one does.
    pub fn ban_of(&self, ip: IpAddr, now: Time) -> Option<Ban> {
        self.bans_of(ip, now).next()
    }

    fn bans_of(&self, ip: IpAddr, now: Time) -> impl Iterator<Item = Ban> {
        let networks = [network_of(ip), host_of(ip)];
        networks.into_iter().flatten().filter_map(move |network| self.get(network)?.ban(now))
    }

    /// One sentence on why an address is turned away, if it is.
    pub fn explain(&self, ip: IpAddr, now: Time) -> Option<String> {
        Some(self.ban_of(ip, now)?.explain(now))
    }

    /// Forgets all that an address did, and its network.
    pub fn pardon(&mut self, ip: IpAddr) {
        self.records.retain(|record| !record.network.contains(ip));
    }

    /// How many addresses and networks are watched or banned.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True when nobody is watched.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn turn_away(&mut self, network: Network, now: Time) -> Admission {
        let [too_often, banned] = CODES;
        let Some(record) = self.record(network, now) else {
            return Admission::Refused { code: banned, says_so: false };
        };
        let is_hasty = [TOO_OFTEN, TOO_MANY].contains(&record.breach());
        let code = if is_hasty { too_often } else { banned };
        Admission::Refused { code, says_so: record.says_so() }
    }

    fn ban(&mut self, network: Network, breach: Misbehaved, term: Term, now: Time) -> Option<Ban> {
        let record = self.record(network, now)?;
        record.punish(breach, term);
        record.ban(now)
    }

    fn banned_in(&self, network: Network, now: Time) -> usize {
        let (first, last) = network.bounds();
        let inside = self.records.iter().filter(|record| record.network != network);
        let inside = inside.filter(|record| (first..=last).contains(&record.network.bounds().0));
        inside.filter(|record| record.ban(now).is_some()).count()
    }

    fn get(&self, network: Network) -> Option<&Record> {
        self.records.get(self.find(network).ok()?)
    }

    /// What is known of a network, up to date; a new record where nothing is.
    fn record(&mut self, network: Network, now: Time) -> Option<&mut Record> {
        self.sweep_when_due(now);
        let index = match self.find(network) {
            Ok(index) => index,
            Err(_) => {
                self.make_room(now);
                let (Ok(index) | Err(index)) = self.find(network);
                self.records.insert(index, Record::new(network, TOO_OFTEN, now));
                index
            }
        };
        let record = self.records.get_mut(index)?;
        record.forgive(now);
        Some(record)
    }

    fn make_room(&mut self, now: Time) {
        if self.records.len() < BAN_RECORDS_MAX {
            return;
        }
        let records = self.records.iter().enumerate();
        let least = records.min_by_key(|(_, record)| record.standing(now));
        if let Some(index) = least.map(|(index, _)| index) {
            self.records.remove(index);
        }
    }

    fn sweep_when_due(&mut self, now: Time) {
        if now < self.sweep {
            return;
        }
        self.sweep = now.after_ms(SWEEP_MS);
        self.records.retain_mut(|record| {
            record.forgive(now);
            !record.is_forgotten(now)
        });
        if self.records.len() < self.records.capacity() / 2 {
            self.records.shrink_to_fit();
        }
    }

    fn find(&self, network: Network) -> Result<usize, usize> {
        self.records.binary_search_by_key(&network, |record| record.network)
    }
}

impl Ban {
    /// One sentence for people.
    pub fn explain(&self, now: Time) -> String {
        let Self { network, breach: Misbehaved { rule, what }, times, until } = self;
        let minutes = until.since(now).as_secs().div_ceil(60);
        let again = if *times > 1 { " again" } else { "" };
        format!("{network} is turned away{again} for {minutes} min: {what} ({rule})")
    }
}

/// What stands for one host; nothing does for this machine.
fn host_of(ip: IpAddr) -> Option<Network> {
    let ip = ip.to_canonical();
    let len = if ip.is_ipv4() { u8::MAX } else { HOST_LEN };
    (!ip.is_loopback()).then(|| Network::of(ip, len))
}

/// What stands for all that may belong to the same person, where that can be told.
fn network_of(ip: IpAddr) -> Option<Network> {
    is_public(ip).then(|| Network::around(ip))
}
