use crate::base::limits::{HOST_CACHE_NAMED_LIFE_MS, HOST_CACHES_NAMED_MAX};
use crate::base::time::Time;

/// UDP host caches that are named to others (BOOT-21), the best first.
#[derive(Debug)]
pub(super) struct NamedCaches {
    pub(super) caches: Vec<String>,
    pub(super) until: Time,
}

impl NamedCaches {
    /// The first few of these, for half a day.
    pub(super) fn of(mut caches: Vec<String>, now: Time) -> Option<Self> {
        caches.truncate(HOST_CACHES_NAMED_MAX);
        caches.shrink_to_fit();
        let until = now.after_ms(HOST_CACHE_NAMED_LIFE_MS);
        (!caches.is_empty()).then_some(Self { caches, until })
    }
}
