//! The requirements of `protocol-spec`, built into the program: to look up, to search, to print.
//!
//! The TOML files stay the truth. They are embedded as they stand, so that the program and the
//! documents cannot drift, and so that nothing here opens a file.
//!
//! - [`Specification`]: every [`Subject`], in reading order
//! - [`Requirement`]: one checkable rule, with who follows it and how that is known

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod requirement;

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

pub use requirement::{BadId, Evidence, How, Level, Requirement, RequirementId};

macro_rules! files {
    ($($gnutella:literal),*; fasttrack: $($fasttrack:literal),* $(,)?) => {
        &[
            $(File {
                subject: $gnutella,
                text: include_str!(concat!("../../protocol-spec/gnutella/", $gnutella, ".toml")),
            },)*
            $(File {
                subject: concat!("fasttrack/", $fasttrack),
                text: include_str!(concat!("../../protocol-spec/fasttrack/", $fasttrack, ".toml")),
            },)*
        ]
    };
}

/// The files of `protocol-spec`, in reading order. A test fails when one is missing here.
const FILES: &[File] = files![
    "framing",
    "ttl_hops",
    "size_limits",
    "handshake",
    "link",
    "ultrapeers",
    "bootstrap",
    "ping_pong",
    "query",
    "query_hit",
    "huge",
    "library",
    "ggep",
    "push",
    "uploads",
    "query_table",
    "dynamic_query",
    "vendor",
    "hsep",
    "bye",
    "flow",
    "udp",
    "out_of_band",
    "guess",
    "http",
    "queueing",
    "alternates",
    "thex",
    "magnet",
    "downloads";
    fasttrack:
    "link",
    "cipher",
    "wire",
    "search",
    "datagrams",
    "supernode",
    "ordinary",
    "neighbours",
    "hashes",
    "transfers",
    "robustness",
];

/// Every requirement, by subject.
#[derive(Clone, Debug)]
pub struct Specification {
    subjects: Vec<Subject>,
}

/// What one file is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name of the file, without its ending; those of FastTrack have their folder before it.
    pub name: &'static str,
    /// The requirements in the order of the file.
    pub requirements: Vec<Requirement>,
}

/// Why a specification cannot be used. With the embedded one, that is a bug of ours.
#[derive(Debug, Error)]
pub enum Broken {
    /// A file does not follow the schema.
    #[error("the requirements of subject {subject} do not follow their schema")]
    Schema {
        subject: &'static str,
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Two requirements have the same id.
    #[error("requirement {0} is there twice")]
    Twice(RequirementId),
}

impl Specification {
    /// The specification that was built into this program.
    pub fn embedded() -> Result<Self, Broken> {
        Self::parse(FILES)
    }

    /// The subjects in reading order.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// Every requirement with the name of its subject, in reading order.
    pub fn requirements(&self) -> impl Iterator<Item = (&'static str, &Requirement)> {
        self.subjects.iter().flat_map(|subject| {
            subject.requirements.iter().map(|requirement| (subject.name, requirement))
        })
    }

    /// The requirement that has this id, and its subject.
    pub fn find(&self, id: &RequirementId) -> Option<(&'static str, &Requirement)> {
        self.requirements().find(|(_, requirement)| requirement.id == *id)
    }

    fn parse(files: &[File]) -> Result<Self, Broken> {
        let subjects = files.iter().map(File::parse).collect::<Result<_, _>>()?;
        let specification = Self { subjects };
        specification.check_ids()?;
        Ok(specification)
    }

    fn check_ids(&self) -> Result<(), Broken> {
        let mut seen = BTreeSet::new();
        let twice = self.requirements().find(|(_, requirement)| !seen.insert(&requirement.id));
        twice.map_or(Ok(()), |(_, requirement)| Err(Broken::Twice(requirement.id.clone())))
    }
}

struct File {
    subject: &'static str,
    text: &'static str,
}

impl File {
    fn parse(&self) -> Result<Subject, Broken> {
        let Document { requirement } = toml::from_str(self.text)
            .map_err(|source| Broken::Schema { subject: self.subject, source: source.into() })?;
        Ok(Subject { name: self.subject, requirements: requirement })
    }
}

/// A file as it stands: nothing but requirements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    requirement: Vec<Requirement>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PONG: &str = r#"
        [[requirement]]
        id = "PONG-01"
        title = "A pong is fourteen bytes, then GGEP"
        level = "must"
        text = "Port, address, files, KiB."
        source = "Gnutella 0.6 draft"
        evidence = [
          { by = "gtk-gnutella", how = "capture", what = "every pong" },
          { by = "LimeWire", how = "source", what = "takes any tail", agrees = false },
        ]
    "#;

    fn parse(text: &'static str) -> Result<Specification, Broken> {
        Specification::parse(&[File { subject: "pong", text }])
    }

    #[test]
    fn a_file_that_follows_the_schema_is_understood() {
        let specification = parse(PONG).unwrap();
        let id = RequirementId::from_typed("pong-01").unwrap();
        let (subject, requirement) = specification.find(&id).unwrap();
        assert_eq!((subject, requirement.level), ("pong", Level::Must));
        assert_eq!(requirement.untested, None);
        let agrees: Vec<_> = requirement.evidence.iter().map(|evidence| evidence.agrees).collect();
        assert_eq!(agrees, [true, false], "who says nothing agrees");
        assert!(specification.find(&"PONG-02".parse().unwrap()).is_none());
    }

    #[test]
    fn unknown_keys_missing_keys_and_bad_ids_are_errors() {
        for (from, to) in [
            ("level =", "flavour = 1\nlevel ="),
            ("how =", "flavour = 1, how ="),
            ("[[requirement]]", "flavour = 1\n[[requirement]]"),
            ("source =", "sources ="),
            ("PONG-01", "Pong-1"),
            ("\"must\"", "\"shall\""),
        ] {
            let text = PONG.replace(from, to);
            assert_ne!(text, PONG);
            let broken = parse(text.leak()).unwrap_err();
            assert!(matches!(broken, Broken::Schema { subject: "pong", .. }), "{from} -> {to}");
        }
    }

    #[test]
    fn an_id_in_two_files_is_an_error() {
        let files = [File { subject: "a", text: PONG }, File { subject: "b", text: PONG }];
        let broken = Specification::parse(&files).unwrap_err();
        assert_eq!(broken.to_string(), "requirement PONG-01 is there twice");
    }
}
