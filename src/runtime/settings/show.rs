use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::keys::{self, CONFIG, HOME};
use super::{Settings, Source};

/// Where the comments begin that say where a value comes from.
const COMMENT_COLUMN: usize = 40;

impl Settings {
    /// As a configuration file that says the same, with a comment where each value comes from.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for (flag, path) in [(HOME, &self.home), (CONFIG, &self.config_file)] {
            let path = toml::Value::from(path.to_string_lossy().as_ref());
            let line = format!("# {} = {path}", flag.long);
            text.push_str(&commented(&line, &self.source(flag.long)));
        }
        let mut table = None;
        for key in keys::all() {
            if key.table() != table {
                table = key.table();
                let _ = writeln!(text, "\n[{}]", table.unwrap_or_default());
            }
            let line = format!("{} = {}", key.short_name(), (key.shown)(self));
            text.push_str(&commented(&line, &self.source(key.name)));
        }
        text
    }

    /// By the name of each key, its value, where it comes from, and when a change takes effect.
    pub fn to_json(&self) -> Value {
        let paths = [(HOME, &self.home), (CONFIG, &self.config_file)].map(|(flag, path)| {
            (flag.long, shown(json!(path.to_string_lossy()), &self.source(flag.long), "restart"))
        });
        let keys = keys::all().map(|key| {
            let value = serde_json::to_value((key.shown)(self)).unwrap_or_default();
            (key.name, shown(value, &self.source(key.name), key.effect.as_str()))
        });
        let entries = paths.into_iter().chain(keys).map(|(name, value)| (name.to_owned(), value));
        Value::Object(entries.collect::<Map<_, _>>())
    }
}

fn commented(line: &str, source: &Source) -> String {
    format!("{line:<COMMENT_COLUMN$} # {source}\n")
}

fn shown(value: Value, source: &Source, effect: &str) -> Value {
    let mut entry = Map::new();
    entry.insert("value".to_owned(), value);
    entry.insert("from".to_owned(), source.kind().into());
    if *source != Source::Default {
        entry.insert("where".to_owned(), source.to_string().into());
    }
    entry.insert("takes_effect".to_owned(), effect.into());
    entry.into()
}
