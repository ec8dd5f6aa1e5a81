use std::net::IpAddr;

use super::host::Quality;
use crate::base::addresses::octets;
use crate::base::limits::HOSTS_OF_SOURCE_REPLACE_S;

/// By whose word a host is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The host's own: it is connected from this address, and says on which port others reach it.
    Itself,
    /// That of whoever has this address: a neighbour, or one who refused us.
    Peer(IpAddr),
    /// The user's, or that of a list which comes with the program.
    User,
    /// Ours, from an earlier run.
    Earlier,
}

impl Source {
    pub(super) const fn quality(self) -> Quality {
        match self {
            Self::Itself => Quality::Met,
            Self::Peer(_) | Self::User | Self::Earlier => Quality::Hearsay,
        }
    }
}

/// Who answers for hearsay: the network around whoever said it ([`Network::around`]), for one
/// person may have it all. Seven bytes: the kind, and as much of the address as all of it shares.
///
/// [`Network::around`]: crate::base::addresses::Network::around
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Account([u8; 7]);

const USER: u8 = 0;
const EARLIER: u8 = 1;
const ITSELF: u8 = 2;
const IPV4: u8 = 4;
const IPV6: u8 = 6;

impl Account {
    pub(super) fn of(source: Source) -> Self {
        let ip = match source {
            Source::Peer(ip) => ip.to_canonical(),
            Source::User => return Self([USER; 7]),
            Source::Earlier => return Self([EARLIER; 7]),
            Source::Itself => return Self([ITSELF; 7]),
        };
        let [a, b, c, d, e, f, .., four, five, six, _] = octets(ip);
        if ip.is_ipv4() {
            Self([IPV4, four, five, six, 0, 0, 0])
        } else {
            Self([IPV6, a, b, c, d, e, f])
        }
    }

    /// Whether it is the user's word, which does not grow old.
    pub(super) const fn is_user(self) -> bool {
        let Self([kind, ..]) = self;
        kind == USER
    }

    /// Whether it is somebody else's word, who gets a share and no more.
    pub(super) const fn is_stranger(self) -> bool {
        let Self([kind, ..]) = self;
        kind == IPV4 || kind == IPV6
    }
}

/// How many hosts stand on whose word.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts(Vec<Balance>);

#[derive(Clone, Copy, Debug)]
struct Balance {
    account: Account,
    hosts: u32,
    /// From then on another host may take the place of an old one.
    replaces_s: u32,
}

impl Accounts {
    pub(super) fn count(&self, account: Account) -> usize {
        let balance = self.find(account).ok().and_then(|index| self.0.get(index));
        balance.map_or(0, |balance| usize::try_from(balance.hosts).unwrap_or(usize::MAX))
    }

    pub(super) fn add(&mut self, account: Account) {
        match self.find(account) {
            Ok(index) => {
                if let Some(balance) = self.0.get_mut(index) {
                    balance.hosts = balance.hosts.saturating_add(1);
                }
            }
            Err(index) => self.0.insert(index, Balance { account, hosts: 1, replaces_s: 0 }),
        }
    }

    pub(super) fn subtract(&mut self, account: Account) {
        let Ok(index) = self.find(account) else { return };
        let Some(balance) = self.0.get_mut(index) else { return };
        balance.hosts = balance.hosts.saturating_sub(1);
        if balance.hosts == 0 {
            self.0.remove(index);
        }
        if self.0.len() < self.0.capacity() / 4 {
            self.0.shrink_to_fit();
        }
    }

    /// Whether one more of this source may take the place of one of its own now; if so, the next
    /// one has to wait.
    pub(super) fn may_replace(&mut self, account: Account, now_s: u32) -> bool {
        let Ok(index) = self.find(account) else { return false };
        let Some(balance) = self.0.get_mut(index) else { return false };
        let may = now_s >= balance.replaces_s;
        if may {
            balance.replaces_s = now_s.saturating_add(HOSTS_OF_SOURCE_REPLACE_S);
        }
        may
    }

    /// Who has most hosts.
    pub(super) fn loudest(&self) -> Option<Account> {
        self.0.iter().max_by_key(|balance| balance.hosts).map(|balance| balance.account)
    }

    fn find(&self, account: Account) -> Result<usize, usize> {
        self.0.binary_search_by_key(&account, |balance| balance.account)
    }
}
