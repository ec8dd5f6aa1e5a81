mod progress;
mod recording;

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;

use self::progress::Progress;
use self::recording::Recording;
use super::{Exit, complain};
use crate::simulate::{Fidelity, Invariant, Report, Scenario, Told, World};

/// What `filbert simulate` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Without SCENARIO, those that Filbert brings along are listed. A run depends on the scenario, the \
number of nodes and the seed alone: the same three give the same trace, on every machine.

The exit code is 1 when something came out that must not be, and the line that repeats the run is \
printed.")]
pub struct Arguments {
    /// A scenario that Filbert brings along, or a file in TOML
    #[arg(value_name = "SCENARIO|FILE")]
    scenario: Option<String>,

    /// How many nodes, instead of as many as the scenario says
    #[arg(short, long, value_name = "N")]
    nodes: Option<u32>,

    /// From which everything is drawn
    #[arg(short, long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// Run once for each seed from A up to, and without, B; A..=B takes B too
    #[arg(long, value_name = "A..B", value_parser = parse_seeds, conflicts_with = "seed")]
    seeds: Option<Range<u64>>,

    /// Go on after a seed that failed, and count
    #[arg(long)]
    keep_going: bool,

    /// How messages cross open connections: as they are, or as bytes through both links; the trace is
    /// the same, and 'both' holds the one against the other
    #[arg(long, value_name = "HOW", default_value = "frames")]
    fidelity: How,

    /// Write everything that any node is told into this file, a line each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seeds", "compare"])]
    trace: Option<String>,

    /// Hold the run against such a file, and show where they first differ
    #[arg(long, value_name = "FILE", conflicts_with = "seeds")]
    compare: Option<String>,

    /// Print one JSON object for each seed
    #[arg(short, long)]
    json: bool,
}

/// How messages cross open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum How {
    Frames,
    Bytes,
    Both,
}

/// Runs what was asked for, and prints what came out.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Some(name) = &arguments.scenario else {
        return list();
    };
    let scenario = load(name)?;
    let meant_for = scenario.nodes;
    let nodes = arguments.nodes.unwrap_or(meant_for);
    let scenario = scenario.with_nodes(nodes).context(name.clone())?;
    let runs = Runs { arguments, name, scenario: &scenario, meant_for };
    runs.run_all()
}

/// All runs of one command.
struct Runs<'a> {
    arguments: &'a Arguments,
    name: &'a str,
    scenario: &'a Scenario,
    /// The number of nodes for which it says what to expect.
    meant_for: u32,
}

impl Runs<'_> {
    fn run_all(&self) -> anyhow::Result<Exit> {
        let Some(seeds) = self.arguments.seeds.clone() else {
            let report = self.run_one(self.arguments.seed)?;
            self.print(&report, false)?;
            return Ok(exit(report.has_failed()));
        };
        let (mut run, mut failed) = (0_u64, 0_u64);
        for seed in seeds {
            let report = self.run_one(seed)?;
            self.print(&report, true)?;
            run = run.saturating_add(1);
            failed = failed.saturating_add(u64::from(report.has_failed()));
            if failed > 0 && !self.arguments.keep_going {
                break;
            }
        }
        if !self.arguments.json {
            writeln!(anstream::stdout(), "{run} runs, {failed} failed")?;
        }
        Ok(exit(failed > 0))
    }

    fn run_one(&self, seed: u64) -> anyhow::Result<Report> {
        match self.arguments.fidelity {
            How::Frames => self.run_as(seed, Fidelity::Frames),
            How::Bytes => self.run_as(seed, Fidelity::Bytes),
            How::Both => {
                let mut report = self.run_as(seed, Fidelity::Frames)?;
                let bytes = self.run_as(seed, Fidelity::Bytes)?;
                if report.trace_hash != bytes.trace_hash {
                    report.differ(format!(
                        "as bytes the trace is {}; --trace one and --compare the other",
                        bytes.trace_hash
                    ));
                }
                Ok(report)
            }
        }
    }

    fn run_as(&self, seed: u64, fidelity: Fidelity) -> anyhow::Result<Report> {
        let Arguments { trace, compare, .. } = self.arguments;
        let mut recording = match (trace, compare) {
            (Some(path), _) => Some(Recording::write(path)?),
            (_, Some(path)) => Some(Recording::compare(path)?),
            _ => None,
        };
        let mut report = {
            let mut reader =
                recording.as_mut().map(|recording| |told: &Told<'_>| recording.take(told));
            let mut world = World::of_nodes(self.scenario, self.scenario.nodes, seed, fidelity);
            if let Some(reader) = &mut reader {
                world.read_trace(reader);
            }
            Progress::new(seed).watch(&mut world);
            world.report()
        };
        if let Some(difference) = recording.map_or(Ok(None), Recording::finish)? {
            report.differ(difference);
        }
        Ok(report)
    }

    fn print(&self, report: &Report, is_one_of_many: bool) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        match (self.arguments.json, is_one_of_many && !report.has_failed()) {
            (true, _) => writeln!(out, "{}", serde_json::to_string(report)?)?,
            (false, true) => writeln!(out, "{}", report.one_line())?,
            (false, false) => write!(out, "{report}")?,
        }
        out.flush()?;
        let is_disappointing =
            report.violations.iter().any(|broken| broken.invariant == Invariant::Expected);
        if is_disappointing && self.scenario.nodes != self.meant_for {
            let (nodes, meant_for) = (self.scenario.nodes, self.meant_for);
            complain(&format!(
                "what '{}' expects is meant for {meant_for} nodes, and may be wrong for {nodes}",
                self.name
            ));
        }
        if report.has_failed() {
            complain(&format!("this repeats it: {}", self.repeat(report.seed)));
        }
        Ok(())
    }

    /// The line that does the same once more.
    fn repeat(&self, seed: u64) -> String {
        let nodes = self.scenario.nodes;
        let how = match self.arguments.fidelity {
            How::Frames => "",
            How::Bytes => " --fidelity bytes",
            How::Both => " --fidelity both",
        };
        format!("filbert simulate {} --nodes {nodes} --seed {seed}{how}", quoted(self.name))
    }
}

const fn exit(has_failed: bool) -> Exit {
    if has_failed { Exit::Failed } else { Exit::Success }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn load(name: &str) -> anyhow::Result<Scenario> {
    if let Some(scenario) = Scenario::shipped(name) {
        return Ok(scenario?);
    }
    let names: Vec<_> = Scenario::names().collect();
    let text = match std::fs::read_to_string(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "there is no file and no scenario '{name}'; Filbert brings along {}",
            names.join(", ")
        ),
        read => read.with_context(|| format!("cannot read {name}"))?,
    };
    Ok(Scenario::parse(&Path::new(name).display().to_string(), &text)?)
}

/// The scenarios that Filbert brings along, a line each.
fn list() -> anyhow::Result<Exit> {
    let mut out = anstream::stdout().lock();
    for name in Scenario::names() {
        let title = Scenario::shipped(name).transpose()?.map_or(String::new(), |one| one.title);
        writeln!(out, "{name:<20}{title}")?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

fn parse_seeds(text: &str) -> Result<Range<u64>, String> {
    let wrong = || "write it like 1..100".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let (to, takes_last) = to.strip_prefix('=').map_or((to, false), |to| (to, true));
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong());
    let (from, to) = (number(from)?, number(to)?);
    let end = to.saturating_add(u64::from(takes_last));
    if from >= end {
        return Err("there is no seed in it; the second number must be higher".to_owned());
    }
    Ok(from..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_range_with_or_without_its_end() {
        assert_eq!(parse_seeds("1..4"), Ok(1..4));
        assert_eq!(parse_seeds("1..=4"), Ok(1..5));
        assert!(parse_seeds("4..4").unwrap_err().contains("no seed"));
        for wrong in ["4", "a..b", "1..", "..4", "-1..4"] {
            assert!(parse_seeds(wrong).unwrap_err().contains("like 1..100"), "{wrong}");
        }
    }

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("two-tier"), "two-tier");
        assert_eq!(quoted("my file's.toml"), r"'my file'\''s.toml'");
    }
}
