use std::path::Path;

use super::keys::{self, Effect, Key};
use super::written::{Reading, Written};
use super::{Settings, Surroundings};
use crate::control::model::Changed;

impl Settings {
    /// The keys that have another value there.
    pub fn differing(&self, other: &Self) -> Vec<&'static Key> {
        keys::all().filter(|key| (key.shown)(self) != (key.shown)(other)).collect()
    }

    /// What is different there, by name.
    pub fn changes(&self, other: &Self) -> Changed {
        let (now, later): (Vec<_>, Vec<_>) =
            self.differing(other).into_iter().partition(|key| key.effect == Effect::Reload);
        let names = |keys: Vec<&Key>| keys.iter().map(|key| key.name.to_owned()).collect();
        Changed { changed: names(now), at_next_start: names(later) }
    }

    /// What is in force after a reload that found `new`: that, as far as it need not wait for the
    /// next start.
    pub fn reloaded(&self, new: &Self) -> Self {
        let mut settings = self.clone();
        settings.warnings.clone_from(&new.warnings);
        let changed = self.differing(new).into_iter();
        for key in changed.filter(|key| key.effect == Effect::Reload) {
            settings.copy(key, new);
        }
        settings
    }

    /// Takes over a value by way of what is shown of it, which reads as the same.
    fn copy(&mut self, key: &'static Key, from: &Self) {
        let reading = Reading {
            written: &Written::from(&(key.shown)(from)),
            base: Path::new(""),
            surroundings: &Surroundings::default(),
        };
        if (key.set)(self, &reading).is_err() {
            return;
        }
        match from.sources.get(key.name) {
            Some(source) => self.sources.insert(key.name, source.clone()),
            None => self.sources.remove(key.name),
        };
    }
}
