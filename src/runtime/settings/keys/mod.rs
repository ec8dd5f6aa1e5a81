//! Every key of the configuration: its name, its flag, its variable, and what it means.

mod api;
pub mod bandwidth;
mod bootstrap;
mod fasttrack;
mod files;
mod library;
pub mod log;
mod neighbours;
pub(super) mod network;
mod uploads;

use super::Settings;
use super::written::{Reading, Wrong};

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file, after that of its table if it stands in one: `api.listen`.
    pub name: &'static str,
    /// What it is, as the beginning of a sentence.
    pub help: &'static str,
    /// What to write.
    pub form: &'static str,
    /// The flag and the variable that stand for it, if there are any.
    pub flag: Option<Flag>,
    pub effect: Effect,
    /// Takes over a value.
    pub(super) set: fn(&mut Settings, &Reading<'_>) -> Result<(), Wrong>,
    /// The value, so that reading it gives the same.
    pub(super) shown: fn(&Settings) -> toml::Value,
}

/// A flag of `filbert run`, and the variable that says the same.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Without its dashes.
    pub long: &'static str,
    pub environment: &'static str,
    pub help: &'static str,
    pub kind: FlagKind,
}

/// What stands behind a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// Nothing, or whether it is on. Where it is, the key is this.
    Switch(bool),
    /// One value, of this name in the help.
    Value(&'static str),
    /// One of these words.
    Choice(&'static str, &'static [&'static str]),
    /// One value each time, and several in the variable.
    List(&'static str, Separator),
}

/// What stands between the values of a list in a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Comma,
    /// As in `PATH`.
    OfPaths,
}

/// When a value that has changed comes into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// As soon as the node reads its configuration again.
    Reload,
    /// When the node starts again.
    Restart,
}

impl Effect {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
        }
    }
}

/// Where the state of the node is kept: not in the file, for the file may be in it.
pub const HOME: Flag = Flag {
    long: "home",
    environment: "FILBERT_HOME",
    help: "Keep the state of the node in this directory, and look there for config.toml",
    kind: FlagKind::Value("DIR"),
};

/// The configuration file.
pub const CONFIG: Flag = Flag {
    long: "config",
    environment: "FILBERT_CONFIG",
    help: "Read this configuration file",
    kind: FlagKind::Value("FILE"),
};

/// All keys, in the order of the file: first those that stand in no table.
pub fn all() -> impl Iterator<Item = &'static Key> {
    let groups: [&'static [Key]; 10] = [
        network::KEYS,
        files::KEYS,
        library::KEYS,
        uploads::KEYS,
        api::KEYS,
        log::KEYS,
        bootstrap::KEYS,
        neighbours::KEYS,
        bandwidth::KEYS,
        fasttrack::KEYS,
    ];
    groups.into_iter().flatten()
}

/// All flags of `filbert run`.
pub fn flags() -> impl Iterator<Item = Flag> {
    [HOME, CONFIG].into_iter().chain(all().filter_map(|key| key.flag))
}

/// The key of this name.
pub fn find(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name == name)
}

impl Key {
    /// The table that it stands in, if there is one.
    pub fn table(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(table, _)| table)
    }

    /// Its name inside its table.
    pub fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, name)| name)
    }
}

/// The name that somebody may have meant, if one is close enough.
pub(super) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let far = (written.chars().count() / 3).max(1);
    let distances = names.into_iter().map(|name| (distance(written, name), name));
    distances.filter(|&(distance, _)| distance <= far).min().map(|(_, name)| name)
}

/// How many characters have to be put in, left out or replaced to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), line + 1);
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.chars()) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = replaced.min(before + 1).min(*cell + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// A list of texts, as the file has it.
fn list<T: ToString>(items: &[T]) -> toml::Value {
    items.iter().map(|item| toml::Value::from(item.to_string())).collect::<Vec<_>>().into()
}

/// A value, or the word that stands for none.
fn or_word<T: ToString>(value: Option<&T>, nothing: &str) -> toml::Value {
    value.map_or_else(|| nothing.to_owned(), ToString::to_string).into()
}

/// A number, or the word that stands for none.
fn number_or_word(value: Option<u64>, nothing: &str) -> toml::Value {
    match value.and_then(|value| i64::try_from(value).ok()) {
        Some(number) => number.into(),
        None => nothing.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_keys_share_a_name_a_flag_or_a_variable() {
        let names: BTreeSet<_> = all().map(|key| key.name).collect();
        assert_eq!(names.len(), all().count());
        let longs: BTreeSet<_> = flags().map(|flag| flag.long).collect();
        let variables: BTreeSet<_> = flags().map(|flag| flag.environment).collect();
        assert_eq!((longs.len(), variables.len()), (flags().count(), flags().count()));
    }

    #[test]
    fn a_variable_is_called_as_its_flag() {
        for flag in flags() {
            let expected = flag.long.to_uppercase().replace('-', "_");
            assert_eq!(flag.environment, format!("FILBERT_{expected}"));
        }
    }

    #[test]
    fn keys_without_a_table_come_first_and_those_of_one_stand_together() {
        let tables: Vec<_> = all().map(Key::table).collect();
        let changes: Vec<_> = tables.chunk_by(|before, after| before == after).collect();
        assert_eq!(changes.first().and_then(|first| first[0]), None);
        let distinct: BTreeSet<_> = tables.iter().collect();
        assert_eq!(changes.len(), distinct.len());
    }

    #[test]
    fn the_nearest_name_is_told_if_it_is_near() {
        let names = || all().map(|key| key.name);
        assert_eq!(nearest("lisen", names()), Some("listen"));
        assert_eq!(nearest("api.lsiten", names()), Some("api.listen"));
        assert_eq!(nearest("allow-private", names()), Some("allow_private"));
        assert_eq!(nearest("platypus", names()), None);
        assert_eq!(nearest("", ["a"]), Some("a"), "one step is always near");
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
