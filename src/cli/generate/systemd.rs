use std::path::Path;

use anyhow::Context;

const SYSTEM: &str = include_str!("filbert.service");
const USER: &str = include_str!("filbert.user.service");

/// Where systemd can hide the homes of people, unless the program lies in one.
const HOMES: &[&str] = &["/home", "/root", "/run/user"];

/// A unit that runs this program.
pub(super) fn unit(for_user: bool) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("cannot find out where this program lies")?;
    let template = if for_user { USER } else { SYSTEM };
    let is_in_home = HOMES.iter().any(|home| program.starts_with(home));
    let protect_home = if is_in_home { "read-only" } else { "yes" };
    Ok(template.replace("@PROGRAM@", &quoted(&program)).replace("@PROTECT_HOME@", protect_home))
}

/// A path as the first word of a command line in a unit.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "\\\\").replace('%', "%%");
    let needs_quotes = text.contains([' ', '\t', '"', '\'', ';']);
    if needs_quotes { format!("\"{}\"", text.replace('"', "\\\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        let quoted = |path: &str| quoted(Path::new(path));
        assert_eq!(quoted("/usr/bin/filbert"), "/usr/bin/filbert");
        assert_eq!(quoted("/a b/100%/\"f\""), r#""/a b/100%%/\"f\"""#);
    }
}
