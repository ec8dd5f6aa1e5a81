use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::alt_host::{read_hosts, write_hosts};
use super::form::{after, host, write_list};
use super::{AltHost, OwnHead, PushLocation, Target};
use crate::base::limits::{
    ALTERNATES_TAKEN_MAX, ALTERNATES_TOLD_MAX, PUSHED_ALTERNATES_TAKEN_MAX,
    PUSHED_ALTERNATES_TOLD_MAX,
};
use crate::gnutella::link::Head;

/// Port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// Names of the header that holds URLs (ALTLOC-07).
const URL_NAMES: [&str; 3] =
    ["X-Gnutella-Alternate-Location", "Alternate-Location", "Alt-Location"];

/// Who else has a content, or no longer has it, as a head says it (ALTLOC-01).
///
/// Strangers say it: no address in it has been looked at, and none is known to be in the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternates {
    /// `X-Alt`: they have it.
    pub hosts: Vec<AltHost>,
    /// `X-NAlt`: they have it no longer.
    pub gone: Vec<AltHost>,
    /// `X-Falt`: they have it, and cannot be reached but by push.
    pub pushed: Vec<PushLocation>,
    /// `X-NFalt`: these have it no longer.
    pub pushed_gone: Vec<PushLocation>,
}

impl Alternates {
    /// What a head says of the content with this SHA-1; older headers name the content with each host.
    pub fn of(head: &Head, sha1: &[u8; 20]) -> Self {
        let mut found = Self::default();
        for value in head.values("X-Alt") {
            // Shareaza writes URLs here.
            if value.contains("://") { found.add_urls(value, sha1) } else { found.add(value) }
        }
        for name in URL_NAMES {
            head.values(name).for_each(|value| found.add_urls(value, sha1));
        }
        let gone = head.values("X-NAlt").flat_map(hosts_of);
        found.gone = gone.take(ALTERNATES_TAKEN_MAX).collect();
        let located = |name| head.items(name).filter_map(PushLocation::parse);
        let room = PUSHED_ALTERNATES_TAKEN_MAX.saturating_sub(found.pushed.len());
        found.pushed.extend(located("X-Falt").take(room));
        found.pushed_gone = located("X-NFalt").take(PUSHED_ALTERNATES_TAKEN_MAX).collect();
        found
    }

    /// True where nothing is said.
    pub const fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.gone.is_empty()
            && self.pushed.is_empty()
            && self.pushed_gone.is_empty()
    }

    /// Adds the headers for it; those that would be empty are left out. No more is written than the limits
    /// of `base::limits` say, the first ones of each list.
    pub fn write_to(&self, head: &mut OwnHead) {
        for (name, hosts) in [("X-Alt", &self.hosts), ("X-NAlt", &self.gone)] {
            if !hosts.is_empty() {
                head.push(name, Hosts(hosts.get(..ALTERNATES_TOLD_MAX).unwrap_or(hosts)));
            }
        }
        for (name, locations) in [("X-Falt", &self.pushed), ("X-NFalt", &self.pushed_gone)] {
            if !locations.is_empty() {
                head.push(name, Locations(locations));
            }
        }
    }

    /// One value of `X-Alt`. An item with semicolons names a servent behind a firewall (ALTLOC-04).
    fn add(&mut self, value: &str) {
        let room = ALTERNATES_TAKEN_MAX.saturating_sub(self.hosts.len());
        self.hosts.extend(hosts_of(value).into_iter().take(room));
        let located = value.split(',').filter(|item| item.contains(';'));
        let room = PUSHED_ALTERNATES_TAKEN_MAX.saturating_sub(self.pushed.len());
        self.pushed.extend(located.filter_map(|item| PushLocation::parse(item.trim())).take(room));
    }

    /// URLs with the time at which each was seen, which is not looked at.
    fn add_urls(&mut self, value: &str, sha1: &[u8; 20]) {
        let room = ALTERNATES_TAKEN_MAX.saturating_sub(self.hosts.len());
        let found = value.split(',').filter_map(|item| host_of_url(item, sha1));
        self.hosts.extend(found.take(room));
    }
}

/// The hosts of a list, without what is none.
fn hosts_of(value: &str) -> Vec<AltHost> {
    let items =
        value.split(',').flat_map(|item| if is_location(item) { "" } else { item }.split(';'));
    let items = items.map(str::trim).filter(|item| !item.is_empty());
    read_hosts(items, "tls", ALTERNATES_TAKEN_MAX)
}

fn is_location(item: &str) -> bool {
    item.contains(';') && PushLocation::parse(item.trim()).is_some()
}

/// The host of a URL that names this content.
fn host_of_url(item: &str, sha1: &[u8; 20]) -> Option<AltHost> {
    let url = item.split_ascii_whitespace().next()?;
    let (authority, _) = after(url, "http://")?.split_once('/')?;
    let names_it = match Target::parse(url) {
        Target::ByUrn(urn) => urn.sha1() == Some(sha1),
        _ => false,
    };
    // A URL without a port means another one than a bare host does.
    let address = match authority.parse::<IpAddr>() {
        Ok(ip) => SocketAddr::new(ip, HTTP_PORT),
        Err(_) => host(authority)?,
    };
    names_it.then(|| AltHost::new(address))
}

struct Hosts<'a>(&'a [AltHost]);

impl fmt::Display for Hosts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hosts(f, self.0, "tls", ", ")
    }
}

struct Locations<'a>(&'a [PushLocation]);

impl fmt::Display for Locations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, self.0.iter().take(PUSHED_ALTERNATES_TOLD_MAX), ", ")
    }
}
