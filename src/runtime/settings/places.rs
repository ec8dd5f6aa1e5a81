use std::path::{Path, PathBuf};

use super::keys::{CONFIG, Flag, HOME};
use super::{Given, Source, Surroundings};

/// Where a node keeps its state, and where its configuration is: known before any file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    pub home: PathBuf,
    pub home_source: Source,
    pub config_file: PathBuf,
    /// The default where nobody has named the file, which then may be missing.
    pub config_source: Source,
}

impl Places {
    /// What flags and surroundings say, or one sentence that says what is wrong.
    pub fn find(given: &Given, surroundings: &Surroundings) -> Result<Self, String> {
        let named_home = named(&HOME, given, surroundings)?;
        let named_file = named(&CONFIG, given, surroundings)?;
        let in_directory = |directory: &Option<PathBuf>| {
            let directory = directory.as_deref().map(|directory| directory.join("filbert"));
            directory.ok_or("there is no home directory; name one for the node with --home DIR")
        };
        let default_file = || match &named_home {
            Some((home, _)) => Ok(home.clone()),
            None => in_directory(&surroundings.config_dir),
        };
        let (config_file, config_source) = match named_file {
            Some(named) => named,
            None => (default_file()?.join("config.toml"), Source::Default),
        };
        let (home, home_source) = match named_home {
            Some(named) => named,
            None => (in_directory(&surroundings.state_dir)?, Source::Default),
        };
        Ok(Self { home, home_source, config_file, config_source })
    }

    /// Those of this process, with the home that a flag names.
    pub fn real(home: Option<&Path>) -> Result<Self, String> {
        let mut given = Given::default();
        if let Some(home) = home {
            let home = home.to_str().ok_or("--home: its value is not UTF-8; write a path")?;
            given.insert(&HOME, vec![home.to_owned()]);
        }
        Self::find(&given, &Surroundings::real())
    }
}

/// What a flag or its variable names.
fn named(
    flag: &Flag,
    given: &Given,
    surroundings: &Surroundings,
) -> Result<Option<(PathBuf, Source)>, String> {
    let (text, source) = match (given.text(flag), surroundings.variable(flag.environment)) {
        (Some(text), _) => (Some(text), Source::Flag(flag.long)),
        (None, Some(value)) => (value.to_str(), Source::Environment(flag.environment)),
        (None, None) => return Ok(None),
    };
    let path = match text {
        None => Err("its value is not UTF-8".to_owned()),
        Some("") => Err("an empty path leads nowhere".to_owned()),
        Some(text) => surroundings.absolute(text, &surroundings.working_dir),
    };
    let path = path.map_err(|wrong| format!("{source}: {wrong}; write a path"))?;
    Ok(Some((path, source)))
}
