use super::host::Key;
use super::outcome::doubled;
use crate::base::addresses::is_public;
use crate::base::limits::{DIAL_WAIT_MAX_S, HOSTS_SHUNNED_MAX};

/// Hosts that are not to be called for a while, and not to be known either.
#[derive(Clone, Debug, Default)]
pub(super) struct Shunned(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Port 0 stands for all ports.
    key: Key,
    until_s: u32,
    /// How often it was put here.
    times: u8,
}

impl Shunned {
    /// Whether this one is among them.
    pub(super) fn holds(&self, key: Key, now_s: u32) -> bool {
        [key, all_ports(key)].into_iter().any(|key| {
            let entry = self.find(key).ok().and_then(|index| self.0.get(index));
            entry.is_some_and(|entry| now_s < entry.until_s)
        })
    }

    /// Leaves it alone for so long, and twice as long each further time.
    pub(super) fn shun(&mut self, key: Key, wait_s: u32, now_s: u32) {
        let times = match self.find(key) {
            Ok(index) => self.0.remove(index).times,
            Err(_) => 0,
        };
        let wait_s = doubled(wait_s, times, wait_s.max(DIAL_WAIT_MAX_S));
        if self.0.len() >= HOSTS_SHUNNED_MAX {
            self.drop_next();
        }
        let (Ok(index) | Err(index)) = self.find(key);
        let until_s = now_s.saturating_add(wait_s);
        self.0.insert(index, Entry { key, until_s, times: times.saturating_add(1) });
    }

    /// The same for all ports of a public address: whoever names a victim has 65,535 names for it.
    /// Private addresses are those of laboratories, where many nodes share one.
    pub(super) fn shun_address(&mut self, key: Key, wait_s: u32, now_s: u32) {
        let key = if is_public(key.ip()) { all_ports(key) } else { key };
        self.shun(key, wait_s, now_s);
    }

    /// Entries stay for a while after their time, so that the next one is longer.
    pub(super) fn forget_old(&mut self, now_s: u32) {
        self.0.retain(|entry| now_s < entry.until_s.saturating_add(DIAL_WAIT_MAX_S));
        if self.0.len() < self.0.capacity() / 4 {
            self.0.shrink_to_fit();
        }
    }

    fn drop_next(&mut self) {
        let next = self.0.iter().enumerate().min_by_key(|(_, entry)| entry.until_s);
        if let Some(index) = next.map(|(index, _)| index) {
            self.0.remove(index);
        }
    }

    fn find(&self, key: Key) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |entry| entry.key)
    }
}

const fn all_ports(key: Key) -> Key {
    Key { port: 0, ..key }
}
