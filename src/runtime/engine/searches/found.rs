use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::recall::Known;
use crate::base::limits::SEARCH_HITS_KEPT_MAX;
use crate::base::time::Time;
use crate::control::model::{Hit, Network, Search, SearchId, SearchState};

/// A search, and what it has found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) words: String,
    networks: Vec<Network>,
    /// Those that are being asked.
    pub(super) awaited: Vec<Network>,
    /// What the others have brought.
    pub(super) results: u32,
    began: Time,
    /// Why and when it has ended.
    pub(super) ended: Option<(Cow<'static, str>, Time)>,
    pub(super) hits: Vec<Known>,
    /// Of these, such as an earlier search has found.
    pub(super) recalled: u64,
    /// Which files of whom are kept, and where.
    kept: HashMap<u64, usize>,
    pub(super) count: u64,
}

impl Found {
    pub(super) fn new(words: &str, networks: &[Network], now: Time) -> Self {
        Self {
            words: words.to_owned(),
            networks: networks.to_vec(),
            awaited: networks.to_vec(),
            results: 0,
            began: now,
            ended: None,
            hits: Vec::new(),
            recalled: 0,
            kept: HashMap::new(),
            count: 0,
        }
    }

    pub(super) fn take(&mut self, mut hit: Hit, key: u64, now: Time) -> Option<Arc<Hit>> {
        if let Some(&place) = self.kept.get(&key) {
            if let Some(known) = self.hits.get_mut(place) {
                known.came = known.came.max(now);
                // Proxies change while a servent runs: the last ones are the best.
                if !hit.push_proxies.is_empty() && known.hit.push_proxies != hit.push_proxies {
                    Arc::make_mut(&mut known.hit).push_proxies = hit.push_proxies;
                }
            }
            return None;
        }
        hit.number = self.count;
        self.count = self.count.saturating_add(1);
        let hit = Arc::new(hit);
        if self.hits.len() < SEARCH_HITS_KEPT_MAX {
            self.kept.insert(key, self.hits.len());
            self.hits.push(Known { key, hit: Arc::clone(&hit), came: now });
        }
        Some(hit)
    }

    pub(super) fn search(&self, id: SearchId, now: Time) -> Search {
        Search {
            id,
            words: self.words.clone(),
            networks: self.networks.clone(),
            state: match &self.ended {
                None => SearchState::Running,
                Some(_) => SearchState::Ended,
            },
            why: self.ended.as_ref().map(|(why, _)| why.clone().into_owned()),
            hits: self.count,
            hits_kept: self.hits.len() as u64,
            hits_recalled: self.recalled,
            age_s: now.since(self.began).as_secs(),
        }
    }
}
