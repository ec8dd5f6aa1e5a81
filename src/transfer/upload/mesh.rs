use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::base::addresses::{Network, is_callable};
use crate::base::limits::{
    CALLED_PORT_MIN, MESH_FILES_MAX, MESH_GIVEN_MAX, MESH_HOSTS_PER_FILE_MAX, MESH_LIFE_MS,
    MESH_WITNESSES, UPLOAD_ALTERNATES_MAX,
};
use crate::base::time::Time;
use crate::gnutella::http::{AltHost, Alternates};

/// Who else has our files, as those say who fetch them from us.
///
/// What somebody says of somebody else may send strangers to a victim: a host is named to others only
/// when it has named itself, or hosts of two networks have (UPLOAD-14).
#[derive(Debug, Default)]
pub struct Mesh {
    files: BTreeMap<[u8; 20], Vec<Alternate>>,
}

#[derive(Clone, Debug)]
struct Alternate {
    host: AltHost,
    /// It said so itself.
    is_own_word: bool,
    /// Networks that have named it, and that say it has the file no longer.
    named_by: Witnesses,
    denied_by: Witnesses,
    heard: Time,
}

type Witnesses = [Option<Network>; MESH_WITNESSES];

/// Who tells something, and what it must not tell of.
#[derive(Clone, Copy, Debug)]
pub struct Teller {
    pub address: SocketAddr,
    /// Where we are.
    pub ours: Option<SocketAddr>,
    /// Hosts in private networks are as good as others.
    pub allow_private: bool,
}

impl Mesh {
    /// Takes in what a request says of a content that we have.
    pub fn learn(&mut self, sha1: &[u8; 20], told: &Alternates, teller: &Teller, now: Time) {
        for host in told.hosts.iter().take(UPLOAD_ALTERNATES_MAX) {
            if teller.may_name(host.address) {
                self.name(sha1, *host, teller, now);
            }
        }
        for host in told.gone.iter().take(UPLOAD_ALTERNATES_MAX) {
            self.deny(sha1, host.address, teller);
        }
    }

    /// Whom a host is told of that asks for this content.
    pub fn tell(&mut self, sha1: &[u8; 20], to: SocketAddr, now: Time) -> Vec<AltHost> {
        let Some(known) = self.files.get_mut(sha1) else { return Vec::new() };
        known.retain(|one| now < one.heard.after_ms(MESH_LIFE_MS));
        let good = known.iter().rev().filter(|one| one.is_believed());
        let others = good.filter(|one| one.host.address.ip() != to.ip());
        let told = others.map(|one| one.host).take(MESH_GIVEN_MAX).collect();
        if known.is_empty() {
            self.files.remove(sha1);
        }
        told
    }

    /// How many hosts are known.
    pub fn len(&self) -> usize {
        self.files.values().fold(0, |sum, known| sum.saturating_add(known.len()))
    }

    /// Nobody is known.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn name(&mut self, sha1: &[u8; 20], host: AltHost, teller: &Teller, now: Time) {
        if !self.files.contains_key(sha1) && self.files.len() >= MESH_FILES_MAX {
            self.forget_one();
        }
        let known = self.files.entry(*sha1).or_default();
        let is_own_word = host.address.ip() == teller.address.ip();
        let at = known.iter().position(|one| one.host.address == host.address);
        let mut one = match at {
            Some(at) => known.remove(at),
            None => Alternate::new(host, now),
        };
        note(&mut one.named_by, teller.network());
        if is_own_word || one.heard.after_ms(MESH_LIFE_MS) <= now {
            one.denied_by = Witnesses::default();
        }
        (one.is_own_word, one.heard) = (one.is_own_word || is_own_word, now);
        if known.len() >= MESH_HOSTS_PER_FILE_MAX {
            // What nobody believes goes first, then what was heard first.
            let worst = known.iter().position(|one| !one.is_believed()).unwrap_or(0);
            known.remove(worst);
        }
        known.push(one);
    }

    fn deny(&mut self, sha1: &[u8; 20], host: SocketAddr, teller: &Teller) {
        let Some(known) = self.files.get_mut(sha1) else { return };
        let is_own_word = host.ip() == teller.address.ip();
        known.retain_mut(|one| {
            if one.host.address != host {
                return true;
            }
            note(&mut one.denied_by, teller.network());
            !is_own_word && one.denied_by.iter().any(Option::is_none)
        });
    }

    /// Forgets the file of which nothing was heard for longest.
    fn forget_one(&mut self) {
        let heard = |known: &Vec<Alternate>| known.iter().map(|one| one.heard).max();
        let oldest = self.files.iter().min_by_key(|(_, known)| heard(known)).map(|(sha1, _)| *sha1);
        if let Some(sha1) = oldest {
            self.files.remove(&sha1);
        }
    }
}

impl Teller {
    /// Whether it says this of itself, and it can be called there.
    pub fn names_itself(&self, host: SocketAddr) -> bool {
        host.ip() == self.address.ip() && self.may_name(host)
    }

    fn network(&self) -> Network {
        Network::around(self.address.ip())
    }

    fn may_name(&self, host: SocketAddr) -> bool {
        is_callable(host, self.allow_private)
            && host.port() >= CALLED_PORT_MIN
            && Some(host) != self.ours
    }
}

impl Alternate {
    const fn new(host: AltHost, now: Time) -> Self {
        let (named_by, denied_by) = ([None; MESH_WITNESSES], [None; MESH_WITNESSES]);
        Self { host, is_own_word: false, named_by, denied_by, heard: now }
    }

    fn is_believed(&self) -> bool {
        self.is_own_word || self.named_by.iter().all(Option::is_some)
    }
}

/// Adds somebody who is not among them, where there is room.
fn note(witnesses: &mut Witnesses, network: Network) {
    if witnesses.contains(&Some(network)) {
        return;
    }
    if let Some(room) = witnesses.iter_mut().find(|one| one.is_none()) {
        *room = Some(network);
    }
}
