use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Key};
use super::written::Written;

/// A value of the file.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) written: Written,
}

/// What a file says, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entries: Vec<(&'static Key, Entry)>,
    /// Lines, and what is wrong there.
    pub(super) problems: Vec<(usize, String)>,
}

impl Contents {
    /// Reads TOML. Where it is none, nothing of it is used.
    pub(super) fn parse(text: &str) -> Self {
        let mut contents = Self::default();
        match DeTable::parse(text) {
            Ok(table) => contents.take_table(text, "", table.get_ref()),
            Err(error) => {
                let line = line_of(text, error.span().unwrap_or_default());
                let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
                contents.problems.push((line, format!("this is no TOML: {message}")));
            }
        }
        contents
    }

    /// Takes the keys of a table, the names of which begin with `prefix`.
    fn take_table(&mut self, text: &str, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = line_of(text, name.span());
            let full_name = format!("{prefix}{}", name.get_ref());
            if let Some(key) = keys::find(&full_name) {
                let line = line_of(text, value.span());
                let entry = Entry { line, written: written(value.get_ref()) };
                self.entries.push((key, entry));
                continue;
            }
            match value.get_ref() {
                DeValue::Table(inner) if prefix.is_empty() && is_table(&full_name) => {
                    self.take_table(text, &format!("{full_name}."), inner);
                }
                _ => self.problems.push((line, unknown(&full_name))),
            }
        }
    }
}

fn is_table(name: &str) -> bool {
    keys::all().any(|key| key.table() == Some(name))
}

/// Why a name stands for nothing, and what may have been meant.
fn unknown(name: &str) -> String {
    for flag in [keys::HOME, keys::CONFIG] {
        if name == flag.long {
            let (long, variable) = (flag.long, flag.environment);
            return format!("'{name}' does not stand in the file; use --{long} or {variable}");
        }
    }
    if is_table(name) {
        return format!("'{name}' is a table; write its keys below a line with [{name}]");
    }
    let tables = keys::all().filter_map(Key::table);
    // A key may also have been put into the wrong table, or into none.
    let misplaced = keys::all().map(|key| key.name).find(|known| {
        let (known, written) = (known.rsplit('.').next(), name.rsplit('.').next());
        known == written
    });
    let nearest =
        misplaced.or_else(|| keys::nearest(name, keys::all().map(|key| key.name).chain(tables)));
    match nearest {
        Some(nearest) => format!("there is no key '{name}'; write '{nearest}' if you mean that"),
        None => {
            format!(
                "there is no key '{name}'; 'filbert generate config' shows those that there are"
            )
        }
    }
}

fn written(value: &DeValue<'_>) -> Written {
    match value {
        DeValue::String(text) => Written::Text(text.clone().into_owned()),
        DeValue::Boolean(is_on) => Written::Switch(*is_on),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Written::Number(number),
            Err(_) => Written::Other("a number beyond all bounds"),
        },
        DeValue::Array(items) => {
            Written::List(items.iter().map(Spanned::get_ref).map(written).collect())
        }
        DeValue::Float(_) => Written::Other("a fraction"),
        DeValue::Datetime(_) => Written::Other("a date"),
        DeValue::Table(_) => Written::Other("a table"),
    }
}

/// The line, counted from one, on which something stands.
fn line_of(text: &str, span: Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(usize, String)> {
        Contents::parse(text).problems
    }

    #[test]
    fn values_come_with_their_lines_whether_in_a_table_or_with_dots() {
        let contents = Contents::parse("\nlisten = 7\n[api]\nlisten = 'off'\n");
        let found: Vec<_> = contents.entries.iter().map(|(key, at)| (key.name, at.line)).collect();
        assert_eq!(found, [("api.listen", 4), ("listen", 2)]);
        assert_eq!(contents.entries[1].1.written, Written::Number(7));
        let dotted = Contents::parse("api.listen = 'off'");
        assert_eq!((dotted.entries.len(), dotted.problems), (1, Vec::new()));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        for (text, line, nearest) in [
            ("lisen = 1", 1, "write 'listen'"),
            ("\n\n[api]\nlisten = 'off'\nlisen = 1", 5, "write 'api.listen'"),
            ("\n[apis]\nlisten = 'off'", 2, "write 'api'"),
            ("[log]\nallow_private = true", 2, "write 'allow_private'"),
            ("filter = 'info'", 1, "write 'log.filter'"),
            ("platypus = 1", 1, "'filbert generate config'"),
            ("home = '/x'", 1, "use --home or FILBERT_HOME"),
            ("api = 'off'", 1, "below a line with [api]"),
            ("[log.deep]\nx = 1", 1, "'log.deep'"),
        ] {
            let problems = problems(text);
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert_eq!(problems[0].0, line, "{text}");
            assert!(problems[0].1.contains(nearest), "{text}: {problems:?}");
        }
    }

    #[test]
    fn what_is_no_toml_is_said_with_its_line() {
        let problems = problems("listen = 1\nlog = [\n");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].0 >= 2 && problems[0].1.starts_with("this is no TOML: "));
        assert!(!problems[0].1.contains('\n'));
    }
}
