use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// What the machine and the user's session say, all that settings depend on beside flags and file.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The environment: at least all variables that begin with `FILBERT_`.
    pub environment: BTreeMap<String, OsString>,
    /// Where relative paths of flags and variables begin.
    pub working_dir: PathBuf,
    /// The home of the user, for paths that begin with `~/`.
    pub user_home: Option<PathBuf>,
    /// `$XDG_STATE_HOME`, or what stands for it.
    pub state_dir: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`, or what stands for it.
    pub config_dir: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub fn real() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with("FILBERT_"))
            .collect();
        let directories = etcetera::choose_base_strategy().ok();
        let data_dir =
            |dirs: &dyn BaseStrategy| dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
        Self {
            environment,
            working_dir: std::env::current_dir().unwrap_or_default(),
            user_home: directories.as_ref().map(|dirs| dirs.home_dir().to_owned()),
            state_dir: directories.as_ref().map(|dirs| data_dir(dirs)),
            config_dir: directories.as_ref().map(BaseStrategy::config_dir),
        }
    }

    /// The path, from `base` on where it is relative.
    pub(super) fn absolute(&self, text: &str, base: &Path) -> Result<PathBuf, String> {
        let rest = if text == "~" { Some("") } else { text.strip_prefix("~/") };
        match (rest, &self.user_home) {
            (None, _) => Ok(base.join(text)),
            (Some(""), Some(home)) => Ok(home.clone()),
            (Some(rest), Some(home)) => Ok(home.join(rest)),
            (Some(_), None) => Err(format!("'{text}' begins with ~, and there is no home")),
        }
    }

    /// What a variable says. Empty is as good as not set.
    pub(super) fn variable(&self, name: &str) -> Option<&OsString> {
        self.environment.get(name).filter(|value| !value.is_empty())
    }
}
