use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::base::addresses::{Network, is_callable};
use crate::base::limits::{
    CALLED_PORT_MIN, MESH_FILES_MAX, MESH_GIVEN_MAX, MESH_HEARSAY_LIFE_MS, MESH_HOSTS_PER_FILE_MAX,
    MESH_LIFE_MS, MESH_WITNESSES, UPLOAD_ALTERNATES_MAX,
};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::http::{AltHost, Alternates};

/// Who else has our files, as those say who fetch them from us.
///
/// What somebody says of somebody else may send strangers to a victim: a host is named to others only
/// when it has named itself, or hosts of two networks have, and the word of others does not count for long
/// (UPLOAD-14, UPLOAD-15).
#[derive(Debug, Default)]
pub struct Mesh {
    files: BTreeMap<[u8; 20], Vec<Alternate>>,
    /// The contents of which others are believed to have them than before.
    changed: BTreeSet<[u8; 20]>,
}

#[derive(Clone, Debug)]
struct Alternate {
    host: AltHost,
    /// When it last said so itself.
    own_word: Option<Time>,
    /// Networks that have named it, and that say it has the file no longer.
    named_by: Witnesses,
    denied_by: Witnesses,
    /// Whoever was told last who is believed knows it as one of them.
    is_told: bool,
}

/// Networks, and when they last said it.
type Witnesses = [Option<(Network, Time)>; MESH_WITNESSES];

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
            self.deny(sha1, host.address, teller, now);
        }
    }

    /// Whom a host is told of that asks for this content.
    pub fn tell(&self, sha1: &[u8; 20], to: SocketAddr, now: Time) -> Vec<AltHost> {
        let others = self.believed(sha1, now).filter(|host| host.address.ip() != to.ip());
        others.take(MESH_GIVEN_MAX).collect()
    }

    /// Who is believed to have this content, whoever was heard of last first.
    pub fn believed(&self, sha1: &[u8; 20], now: Time) -> impl Iterator<Item = AltHost> {
        let known = self.files.get(sha1).map_or(&[][..], |known| known);
        known.iter().rev().filter(move |one| one.is_believed(now)).map(|one| one.host)
    }

    /// Forgets those of whom nothing was heard for long.
    pub fn handle_timeout(&mut self, now: Time) {
        let Self { files, changed } = self;
        files.retain(|sha1, known| {
            let mut is_changed = false;
            known.retain_mut(|one| {
                is_changed |= one.is_to_tell(now);
                !one.has_faded(now)
            });
            if is_changed {
                changed.insert(*sha1);
            }
            !known.is_empty()
        });
    }

    /// A content of which others are believed to have it than before.
    pub fn next_changed(&mut self) -> Option<[u8; 20]> {
        self.changed.pop_first()
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
            None => Alternate::new(host),
        };
        let mut is_changed = one.is_to_tell(now);
        if one.has_faded(now) {
            one = Alternate::new(host);
        }
        note(&mut one.named_by, teller.network(), now);
        if is_own_word {
            (one.own_word, one.denied_by) = (Some(now), Witnesses::default());
        }
        is_changed |= one.is_to_tell(now);
        if known.len() >= MESH_HOSTS_PER_FILE_MAX {
            // What nobody believes goes first, then what was heard first.
            let worst = known.iter().position(|one| !one.is_believed(now)).unwrap_or(0);
            is_changed |= known.remove(worst).is_told;
        }
        known.push(one);
        if is_changed {
            self.changed.insert(*sha1);
        }
    }

    fn deny(&mut self, sha1: &[u8; 20], host: SocketAddr, teller: &Teller, now: Time) {
        let Some(known) = self.files.get_mut(sha1) else { return };
        let mut is_changed = false;
        let is_own_word = host.ip() == teller.address.ip();
        known.retain_mut(|one| {
            if one.host.address != host {
                return true;
            }
            note(&mut one.denied_by, teller.network(), now);
            let stays = !is_own_word && one.denied_by.iter().any(|one| !is_fresh(one, now));
            is_changed |= if stays { one.is_to_tell(now) } else { one.is_told };
            stays
        });
        if is_changed {
            self.changed.insert(*sha1);
        }
    }

    /// Forgets the file of which nothing was heard for longest.
    fn forget_one(&mut self) {
        let heard = |known: &Vec<Alternate>| known.iter().filter_map(Alternate::heard).max();
        let oldest = self.files.iter().min_by_key(|(_, known)| heard(known)).map(|(sha1, _)| *sha1);
        if let Some(sha1) = oldest {
            self.files.remove(&sha1);
            self.changed.insert(sha1);
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
    const fn new(host: AltHost) -> Self {
        Self {
            host,
            own_word: None,
            named_by: [None; MESH_WITNESSES],
            denied_by: [None; MESH_WITNESSES],
            is_told: false,
        }
    }

    /// Whether it is believed, and those who are told of it do not know, or the other way round. It is told then.
    fn is_to_tell(&mut self, now: Time) -> bool {
        let is_believed = self.is_believed(now);
        std::mem::replace(&mut self.is_told, is_believed) != is_believed
    }

    fn is_believed(&self, now: Time) -> bool {
        let has_own_word = self.own_word.is_some_and(|said| now < said.after_ms(MESH_LIFE_MS));
        has_own_word
            || mutant!(BelievesOneStranger)
            || self.named_by.iter().all(|one| is_fresh(one, now))
    }

    /// Whether nothing of what was heard counts any more.
    fn has_faded(&self, now: Time) -> bool {
        !self.is_believed(now) && !self.named_by.iter().any(|one| is_fresh(one, now))
    }

    fn heard(&self) -> Option<Time> {
        let named = self.named_by.iter().flatten().map(|(_, said)| *said);
        named.chain(self.own_word).max()
    }
}

/// Whether the word of somebody else counts.
fn is_fresh(witness: &Option<(Network, Time)>, now: Time) -> bool {
    witness.is_some_and(|(_, said)| now < said.after_ms(MESH_HEARSAY_LIFE_MS))
}

/// Adds somebody, where it is among them or there is room.
fn note(witnesses: &mut Witnesses, network: Network, now: Time) {
    let known = witnesses.iter().position(|one| one.is_some_and(|(known, _)| known == network));
    let room = known.or_else(|| witnesses.iter().position(|one| !is_fresh(one, now)));
    if let Some(witness) = room.and_then(|at| witnesses.get_mut(at)) {
        *witness = Some((network, now));
    }
}
