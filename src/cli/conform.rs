mod field;
mod group;
mod judging;
mod memory;
mod order;
mod plan;
mod playing;
mod process;
mod screen;
mod user;
mod watch;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, SocketAddrV4, ToSocketAddrs};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{Exit, complain};
use crate::conform::report::coverage;
use crate::conform::{Case, Catalogue, Expected, Selection, SubjectRole};
use crate::node::Network;
use crate::specification::Specification;

/// What `filbert conform` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
The subject is whatever listens there. It is to be a program that was started for this: cases are \
rude to it. On 127.0.0.1 each probe comes from an address of its own.

The exit code is 1 when a case failed, with --strict also when one did otherwise than it should.")]
pub struct Arguments {
    /// Where the subject takes connections
    #[arg(value_name = "HOST:PORT", required_unless_present_any = ["list", "coverage", "itself", "listen"])]
    subject: Option<String>,

    /// Wait there for the subject to call, as it does where it takes that for a servent. Without HOST:PORT it has to
    /// call for every case. It may be given more than once, for subjects that call no host twice
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "itself")]
    listen: Vec<SocketAddrV4>,

    /// Judge the node of this program, in memory: that takes seconds
    #[arg(long, conflicts_with_all = ["subject", "spawn", "shares", "search", "fetch"])]
    itself: bool,

    /// With --itself: it calls for each case
    #[arg(long, requires = "itself", hide = true)]
    calling: bool,

    /// Only the cases of one network
    #[arg(long, value_name = "NETWORK")]
    network: Option<OneNetwork>,

    /// What the subject was started as: cases for the other role are left out
    #[arg(long = "as", value_name = "ROLE", default_value = "both")]
    role: AsRole,

    /// Only cases whose ids this matches, such as 'ttl/*'; it may be given more than once
    #[arg(long = "match", value_name = "GLOB")]
    matching: Vec<String>,

    /// No cases whose ids this matches; it may be given more than once
    #[arg(long = "skip", value_name = "GLOB")]
    skipping: Vec<String>,

    /// Play the cases of this file instead of those that are built in; it may be given more than once
    #[arg(long, value_name = "FILE")]
    cases: Vec<PathBuf>,

    /// A file that the subject shares, with the name that it has there: cases about hits and files need one
    #[arg(long, value_name = "FILE")]
    shares: Option<PathBuf>,

    #[command(flatten)]
    user: user::UserArguments,

    /// Those too that take minutes
    #[arg(long)]
    slow: bool,

    /// Fail also where the subject does otherwise than it should
    #[arg(long)]
    strict: bool,

    /// How long the subject may take for what has no time of its own
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    timeout: u64,

    /// From which everything is drawn; else another one for each run, for servents remember what they have seen
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Cases that are played at the same time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,

    /// Ultrapeers that are played at the same time: less than the subject has room for. 12, and 2 for a leaf
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    links: Option<u16>,

    /// Show the bytes of what did not pass
    #[arg(long)]
    bytes: bool,

    /// Failures that are known: a file in TOML of [[expected]] with case and reason. What is expected and does
    /// not fail is a failure too
    #[arg(long, value_name = "FILE")]
    expected: Option<String>,

    /// Start the subject with this command of the shell, and end it when all is done
    #[arg(long, value_name = "CMD")]
    spawn: Option<String>,

    /// Write a report for programs into this file
    #[arg(long, value_name = "FILE")]
    json: Option<String>,

    /// Write a report in JUnit's XML into this file
    #[arg(long, value_name = "FILE")]
    junit: Option<String>,

    /// Write a report to look at into this file
    #[arg(long, value_name = "FILE")]
    html: Option<String>,

    /// Print the cases, a line each, and play none
    #[arg(long, conflicts_with = "coverage")]
    list: bool,

    /// Print which requirements cases look at, and play none
    #[arg(long)]
    coverage: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum OneNetwork {
    Gnutella,
    Fasttrack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AsRole {
    Leaf,
    Ultrapeer,
    Both,
}

impl Arguments {
    fn selection(&self) -> Selection {
        Selection {
            network: self.network.map(|network| match network {
                OneNetwork::Gnutella => Network::Gnutella,
                OneNetwork::Fasttrack => Network::FastTrack,
            }),
            matching: self.matching.clone(),
            skipping: self.skipping.clone(),
            role: match self.role {
                AsRole::Leaf => Some(SubjectRole::Leaf),
                AsRole::Ultrapeer => Some(SubjectRole::Ultrapeer),
                AsRole::Both => None,
            },
            takes_slow_ones: self.slow || self.list || self.itself,
        }
    }
}

/// Judges, and prints what came out.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let specification = Specification::embedded()?;
    let catalogue = catalogue(arguments, &specification)?;
    if arguments.coverage {
        return print_coverage(catalogue.cases(), &specification);
    }
    let selection = arguments.selection();
    let cases: Vec<_> =
        catalogue.cases().iter().filter(|case| selection.takes(case)).cloned().collect();
    if cases.is_empty() {
        bail!("no case is selected; 'filbert conform --list' prints them all");
    }
    if arguments.list {
        return print_list(&cases);
    }
    let expected = match &arguments.expected {
        Some(path) => {
            let text =
                fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
            Expected::read(&text, catalogue.cases()).with_context(|| path.clone())?
        }
        None => Expected::default(),
    };
    if arguments.itself {
        return judging::judge_itself(arguments, cases, &expected);
    }
    let subject = arguments.subject.as_deref().map(resolve).transpose()?;
    judging::judge(arguments, subject, (cases, expected))
}

fn catalogue(arguments: &Arguments, specification: &Specification) -> anyhow::Result<Catalogue> {
    if arguments.cases.is_empty() {
        return Ok(Catalogue::embedded(specification)?);
    }
    let mut files = Vec::new();
    for path in &arguments.cases {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
        let name = path.file_stem().and_then(OsStr::to_str);
        let name = name.with_context(|| format!("{shown} has no name for its cases"))?;
        files.push((name.to_owned(), text));
    }
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(Catalogue::of_files(files, specification)?)
}

fn resolve(subject: &str) -> anyhow::Result<SocketAddrV4> {
    let found = subject
        .to_socket_addrs()
        .with_context(|| format!("{subject} is no HOST:PORT that can be found"))?;
    let first = found.into_iter().find_map(|address| match address {
        SocketAddr::V4(address) => Some(address),
        SocketAddr::V6(_) => None,
    });
    first.with_context(|| format!("{subject} has no IPv4 address, and cases know no other"))
}

fn print_list(cases: &[Case]) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    for case in cases {
        let requirements: Vec<_> = case.requirements.iter().map(ToString::to_string).collect();
        let role = case.role.map_or("", |role| role.as_str());
        writeln!(
            out,
            "{:34} {:9} {:9} {:24} {}",
            case.id,
            case.level.name(),
            role,
            requirements.join(","),
            case.title
        )?;
    }
    Ok(Exit::Success)
}

fn print_coverage(cases: &[Case], specification: &Specification) -> anyhow::Result<Exit> {
    let found = coverage(cases, specification);
    let mut out = io::stdout().lock();
    writeln!(out, "{} cases look at", cases.len())?;
    for (network, level, covered, count) in &found.rows {
        let (network, level) = (network.as_str(), level.name());
        writeln!(out, "  {network:9} {level:7} {covered:4} of {count:4}")?;
    }
    let missing: Vec<_> = found.missing.iter().map(ToString::to_string).collect();
    if !missing.is_empty() {
        complain("no case looks at these that have to be met:");
        writeln!(out, "{}", missing.join(" "))?;
    }
    Ok(Exit::Success)
}
