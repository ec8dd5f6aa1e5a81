use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Client, Error, Place};
use crate::control::credentials::{CredentialError, Token};

/// What leads to a running node.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// The home of the node.
    pub home: PathBuf,
    /// Where its API is, as [`Place::parse`] takes it, instead of what its home says.
    pub api: Option<String>,
    /// The token, instead of that in its home.
    pub token: Option<String>,
}

/// The file in a home by which a running node is found.
const NOTICE: &str = "node.json";

/// What a node writes into its home while it runs.
#[derive(Clone, Debug, Deserialize)]
struct Notice {
    pid: Option<u32>,
    api: Option<String>,
}

impl Finder {
    /// The node that runs, as far as can be said without asking it.
    pub fn find(&self) -> Result<Client, Error> {
        if let Some(api) = &self.api {
            let place = parse(api)?;
            return Ok(Client::new(place, self.token()?, None));
        }
        let notice = read_notice(&self.home)?.ok_or_else(|| self.nobody())?;
        if notice.pid.is_some_and(|pid| process(pid) == Some(false)) {
            return Err(self.nobody());
        }
        let Some(api) = notice.api.filter(|api| api != "off") else {
            let home = self.home.display();
            return Err(Error::NoNode(format!(
                "the node on {home} has its API off; start it with '--api 127.0.0.1:6381'"
            )));
        };
        let token = self.token()?.ok_or_else(|| {
            Error::Unusable(format!(
                "there is no token in {}; restart its node",
                self.home.display()
            ))
        })?;
        let place = Place::parse(&api).ok_or_else(|| damaged(&self.home))?;
        Ok(Client::new(place, Some(token), notice.pid).at_home(self.home.clone()))
    }

    fn nobody(&self) -> Error {
        nobody(&self.home)
    }

    /// The token that was given, or that of the home, if there is one.
    fn token(&self) -> Result<Option<Token>, Error> {
        if let Some(text) = &self.token {
            let wrong = || Error::Unusable("FILBERT_TOKEN holds no token of a node".to_owned());
            return Token::parse(text.trim()).map(Some).ok_or_else(wrong);
        }
        match Token::load(&self.home.join("token")) {
            Err(CredentialError::Missing(_)) => Ok(None),
            found => found.map(Some).map_err(|error| Error::Unusable(error.to_string())),
        }
    }
}

/// The sentence for a home without a running node.
pub(super) fn nobody(home: &Path) -> Error {
    Error::NoNode(format!("no node runs on {}; start one with 'filbert run'", home.display()))
}

fn parse(api: &str) -> Result<Place, Error> {
    Place::parse(api).ok_or_else(|| {
        Error::Unusable(format!(
            "'{}' is no place of an API; write it like 127.0.0.1:6381 or unix:/path",
            api.escape_debug()
        ))
    })
}

fn read_notice(home: &Path) -> Result<Option<Notice>, Error> {
    let path = home.join(NOTICE);
    let text = match fs::read_to_string(&path) {
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged(home)),
        read => read.map_err(|error| Error::unreadable(&path, &error))?,
    };
    serde_json::from_str(&text).map(Some).map_err(|_| damaged(home))
}

/// The sentence for a home whose node cannot be found, whether it runs or not.
fn damaged(home: &Path) -> Error {
    let file = home.join(NOTICE);
    Error::NoNode(format!(
        "{} is damaged; start a node with 'filbert run', or name the API of one that runs with --api",
        file.display()
    ))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether a process runs, where that can be known without asking it.
pub(super) fn process(pid: u32) -> Option<bool> {
    if !Path::new("/proc/self/stat").exists() {
        return None;
    }
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return Some(false);
    };
    // The state follows the name, which stands in parentheses and may hold any.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    Some(!matches!(state, Some('Z' | 'X')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_one_that_has_been_buried_does_not() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_ne!(process(std::process::id()), Some(false));
        assert_ne!(process(child.id()), Some(true));
    }
}
