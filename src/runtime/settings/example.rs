use std::fmt::Write;
use std::path::PathBuf;

use super::Settings;
use super::keys::{self, Key};

/// A configuration file with every key, its default, and what it is. All keys are commented out.
pub fn example() -> String {
    let defaults = Settings::defaults(PathBuf::new(), PathBuf::new());
    let mut text = String::from(HEAD);
    let mut table = None;
    for key in keys::all() {
        if key.table() != table {
            table = key.table();
            let _ = writeln!(text, "\n[{}]", table.unwrap_or_default());
        }
        text.push('\n');
        for line in comment(key) {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "#{} = {}", key.short_name(), (key.shown)(&defaults));
    }
    text
}

const HEAD: &str = "\
# Configuration of Filbert. Every key stands here with its default; take away the # before
# a key to change it. Flags and variables win over this file. 'filbert config check' says
# what is wrong with it, 'filbert config show' what is in force, and why.
";

/// The widest line of a comment, without its #.
const WIDTH: usize = 88;

/// What a key is, and how else it can be set.
fn comment(key: &Key) -> Vec<String> {
    let mut lines = filled(&format!("{}.", key.help));
    lines.extend(filled(&format!("Write {}.", key.form)));
    if let Some(flag) = key.flag {
        lines.push(format!("Flag: --{}, variable: {}.", flag.long, flag.environment));
    }
    lines
}

/// The text in lines of at most [`WIDTH`] characters.
fn filled(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
