use super::host::{Key, Quality};
use super::outcome::doubled;
use crate::base::addresses::is_public;
use crate::base::limits::{DIAL_DISLIKED_S, DIAL_WAIT_MAX_S, HOSTS_SHUNNED_MAX};

/// Hosts that are not to be called for a while, and not to be known either.
#[derive(Clone, Debug, Default)]
pub(super) struct Shunned(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: Key,
    until_s: u32,
    /// How often it was put here.
    times: u8,
    /// By whose word it was called where nobody answered.
    misled_by: Option<Quality>,
}

impl Shunned {
    /// Whether this one is among them.
    pub(super) fn holds(&self, key: Key, now_s: u32) -> bool {
        let entry = self.find(key).ok().and_then(|index| self.0.get(index));
        entry.is_some_and(|entry| now_s < entry.until_s)
    }

    /// Leaves it alone for so long, and twice as long each further time.
    pub(super) fn shun(&mut self, key: Key, wait_s: u32, now_s: u32) {
        self.put(key, wait_s, None, now_s);
    }

    /// Nobody answers there, whoever said so.
    pub(super) fn shun_wrong_port(&mut self, key: Key, misled_by: Quality, now_s: u32) {
        self.put(key, DIAL_DISLIKED_S, Some(misled_by), now_s);
    }

    /// Somebody answers there after all. Whether it was among those where nobody did.
    pub(super) fn forgive(&mut self, key: Key) -> bool {
        let wrong = |entry: &Entry| entry.misled_by.is_some();
        let index = self.find(key).ok().filter(|index| self.0.get(*index).is_some_and(wrong));
        index.map(|index| self.0.remove(index)).is_some()
    }

    /// Which ports of a public address were named by this word in vain, as far as is remembered:
    /// whoever names a victim has 65,535 names for it. Private addresses are those of laboratories,
    /// where many nodes share one.
    pub(super) fn wrong_ports(&self, key: Key, word: Quality) -> impl Iterator<Item = u16> {
        let wrong = self.of_address(key).iter().filter(move |one| one.misled_by == Some(word));
        wrong.map(|entry| entry.key.port)
    }

    /// When a port of this address failed last.
    pub(super) fn last_wrong_port_s(&self, key: Key) -> Option<u32> {
        let failed = self.of_address(key).iter().filter(|entry| entry.misled_by.is_some());
        failed.map(Entry::wrong_since_s).max()
    }

    fn put(&mut self, key: Key, wait_s: u32, misled_by: Option<Quality>, now_s: u32) {
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
        let times = times.saturating_add(1);
        self.0.insert(index, Entry { key, until_s, times, misled_by });
    }

    /// Of a public address; nothing of others.
    fn of_address(&self, key: Key) -> &[Entry] {
        if !is_public(key.ip()) {
            return &[];
        }
        let start = self.0.partition_point(|entry| entry.key.octets < key.octets);
        let end = self.0.partition_point(|entry| entry.key.octets <= key.octets);
        self.0.get(start..end).unwrap_or_default()
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

impl Entry {
    /// When it came here last, if it did so for want of an answer.
    const fn wrong_since_s(&self) -> u32 {
        let wait_s = doubled(DIAL_DISLIKED_S, self.times.saturating_sub(1), DIAL_WAIT_MAX_S);
        self.until_s.saturating_sub(wait_s)
    }
}
