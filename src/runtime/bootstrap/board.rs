use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::base::limits::CACHES_ASKED_MAX;
use crate::control::desk::Desk;
use crate::control::model::{self, Happening};

/// Sources that are shown at most: as many as it is kept of when they were asked.
const SOURCES_MAX: usize = CACHES_ASKED_MAX;

/// What became of the sources of hosts that were asked, for whoever wants to see it. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Board {
    sources: Arc<Mutex<BTreeMap<String, Source>>>,
    desk: Option<Desk>,
}

#[derive(Debug)]
struct Source {
    kind: &'static str,
    asked: Instant,
    hosts: u64,
    error: Option<String>,
}

impl Board {
    /// A board of which those hear who watch this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk: Some(desk), ..Self::default() }
    }

    /// A source was asked.
    pub(super) fn asked(&self, name: &impl ToString, kind: &'static str) {
        let mut sources = self.lock();
        if sources.len() >= SOURCES_MAX {
            sources.pop_first();
        }
        let source = sources.entry(name.to_string());
        let source =
            source.or_insert_with(|| Source { kind, asked: Instant::now(), hosts: 0, error: None });
        source.asked = Instant::now();
    }

    /// It has named so many hosts.
    pub(super) fn answered(&self, name: &impl ToString, hosts: usize) {
        self.note(name, hosts, None);
    }

    /// It was of no use.
    pub(super) fn failed(&self, name: &impl ToString, why: &str) {
        self.note(name, 0, Some(why.to_owned()));
    }

    /// All that were asked, by name.
    pub fn list(&self) -> Vec<model::Bootstrap> {
        let sources = self.lock();
        let sources = sources.iter().map(|(name, source)| model::Bootstrap {
            name: name.clone(),
            kind: source.kind.to_owned(),
            asked_ago_s: Some(source.asked.elapsed().as_secs()),
            hosts: source.hosts,
            error: source.error.clone(),
        });
        sources.collect()
    }

    fn note(&self, name: &impl ToString, hosts: usize, error: Option<String>) {
        let (name, hosts) = (name.to_string(), u64::try_from(hosts).unwrap_or(u64::MAX));
        if let Some(source) = self.lock().get_mut(&name) {
            source.hosts = source.hosts.saturating_add(hosts);
            source.error.clone_from(&error);
        }
        if let Some(desk) = &self.desk {
            desk.tell(Happening::Bootstrap { name, hosts, error });
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
