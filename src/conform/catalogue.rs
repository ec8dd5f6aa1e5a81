//! All cases, built into the program.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

use super::case::{Case, SubjectRole};
use super::script::{self, Misread};
use crate::node::Network;
use crate::specification::{Level, RequirementId, Specification};

macro_rules! files {
    ($($network:ident / $group:literal),* $(,)?) => {
        &[$(File {
            network: Network::$network,
            group: $group,
            text: include_str!(concat!("cases/", $group, ".toml")),
        },)*]
    };
}

/// The files of cases, in the order in which they are run. A test fails when one is missing here.
const FILES: &[File] = files![
    Gnutella / "gnutella/handshake",
    Gnutella / "gnutella/connections",
    Gnutella / "gnutella/bootstrap",
    Gnutella / "gnutella/compression",
    Gnutella / "gnutella/framing",
    Gnutella / "gnutella/limits",
    Gnutella / "gnutella/ttl",
    Gnutella / "gnutella/pings",
    Gnutella / "gnutella/queries",
    Gnutella / "gnutella/hits",
    Gnutella / "gnutella/query_tables",
    Gnutella / "gnutella/dynamic_query",
    Gnutella / "gnutella/ggep",
    Gnutella / "gnutella/push",
    Gnutella / "gnutella/vendor",
    Gnutella / "gnutella/bye",
    Gnutella / "gnutella/udp",
    Gnutella / "gnutella/out_of_band",
    Gnutella / "gnutella/guess",
    Gnutella / "gnutella/http",
    Gnutella / "gnutella/uploads",
    Gnutella / "gnutella/queueing",
    Gnutella / "gnutella/trees",
    Gnutella / "gnutella/browse",
    Gnutella / "gnutella/searching",
    Gnutella / "gnutella/downloads",
    FastTrack / "fasttrack/hello",
    FastTrack / "fasttrack/session",
    FastTrack / "fasttrack/ordinary",
    FastTrack / "fasttrack/supernode",
    FastTrack / "fasttrack/shares",
    FastTrack / "fasttrack/searches",
    FastTrack / "fasttrack/pushes",
    FastTrack / "fasttrack/robustness",
    FastTrack / "fasttrack/datagrams",
    FastTrack / "fasttrack/transfers",
    FastTrack / "fasttrack/downloads",
    FastTrack / "fasttrack/searching",
];

struct File {
    network: Network,
    /// The path of the file without its ending; the last part is the group.
    group: &'static str,
    text: &'static str,
}

/// All cases, in the order in which they are run.
#[derive(Clone, Debug)]
pub struct Catalogue {
    cases: Vec<Case>,
}

/// What is wrong with a file of cases. With those that are built in, that is a bug of ours.
#[derive(Debug, Error)]
pub enum BadCase {
    /// The file does not follow the schema.
    #[error("the cases of {group} do not follow their schema")]
    Schema {
        group: String,
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A script has a line that says nothing.
    #[error("case {case}: {why}")]
    Script { case: String, why: Misread },
    /// A requirement is cited that is not there.
    #[error("case {case} cites {requirement}, which is no requirement")]
    Requirement { case: String, requirement: RequirementId },
    /// Nothing is cited.
    #[error("case {0} cites no requirement")]
    NothingCited(String),
    /// Two cases have the same id.
    #[error("case {0} is there twice")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// For files that are not built in.
    network: Option<NetworkName>,
    #[serde(default)]
    case: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    requirements: Vec<RequirementId>,
    level: Option<Level>,
    role: Option<Role>,
    #[serde(default)]
    files: bool,
    #[serde(default)]
    slow: bool,
    /// Nobody else plays while it is played.
    #[serde(default)]
    alone: bool,
    script: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NetworkName {
    Gnutella,
    FastTrack,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Leaf,
    Ultrapeer,
}

impl Catalogue {
    /// The cases that were built into this program.
    pub fn embedded(specification: &Specification) -> Result<Self, BadCase> {
        let mut cases = Vec::new();
        for file in FILES {
            cases.extend(read(file.network, file.group, file.text, specification)?);
        }
        Self::of(cases)
    }

    /// The cases of files that somebody else wrote: for each its name without its ending, and what stands in it.
    pub fn of_files<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        specification: &Specification,
    ) -> Result<Self, BadCase> {
        let mut cases = Vec::new();
        for (name, text) in files {
            cases.extend(read(Network::Gnutella, name, text, specification)?);
        }
        Self::of(cases)
    }

    fn of(cases: Vec<Case>) -> Result<Self, BadCase> {
        let mut ids = BTreeSet::new();
        match cases.iter().find(|case| !ids.insert(case.id.clone())) {
            Some(twice) => Err(BadCase::Twice(twice.id.clone())),
            None => Ok(Self { cases }),
        }
    }

    /// The cases in their order.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }
}

/// Reads one file of cases. `group` is its path without its ending; the network holds where the file names none.
pub fn read(
    network: Network,
    group: &str,
    text: &str,
    specification: &Specification,
) -> Result<Vec<Case>, BadCase> {
    let file: CaseFile = toml::from_str(text)
        .map_err(|source| BadCase::Schema { group: group.to_owned(), source: Box::new(source) })?;
    let group = group.rsplit('/').next().unwrap_or(group);
    let network = match file.network {
        Some(NetworkName::Gnutella) => Network::Gnutella,
        Some(NetworkName::FastTrack) => Network::FastTrack,
        None => network,
    };
    file.case.into_iter().map(|entry| entry.into_case(network, group, specification)).collect()
}

impl Entry {
    fn into_case(
        self,
        network: Network,
        group: &str,
        specification: &Specification,
    ) -> Result<Case, BadCase> {
        let id = format!("{group}/{}", self.id);
        let mut levels = Vec::new();
        for requirement in &self.requirements {
            let (_, found) = specification.find(requirement).ok_or_else(|| {
                BadCase::Requirement { case: id.clone(), requirement: requirement.clone() }
            })?;
            levels.push(found.level);
        }
        let strictest =
            levels.into_iter().min().ok_or_else(|| BadCase::NothingCited(id.clone()))?;
        let steps =
            script::read(&self.script).map_err(|why| BadCase::Script { case: id.clone(), why })?;
        Ok(Case {
            id,
            network,
            title: self.title,
            requirements: self.requirements,
            level: self.level.unwrap_or(strictest),
            role: self.role.map(|role| match role {
                Role::Leaf => SubjectRole::Leaf,
                Role::Ultrapeer => SubjectRole::Ultrapeer,
            }),
            needs_files: self.files,
            is_slow: self.slow,
            is_alone: self.alone,
            steps,
        })
    }
}
