use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Serialize;

use super::{Exit, complain, wrap};
use crate::specification::{Evidence, Level, Requirement, RequirementId, Specification};

/// What `filbert spec` is told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without arguments, every requirement is listed. Words are searched in id, \
                        title and text;\nall of them must be found, in whatever case."
)]
pub struct Arguments {
    /// Ids such as PONG-01, each shown in full, or words to search for
    #[arg(value_name = "ID|WORDS")]
    wanted: Vec<String>,

    /// Only requirements of these levels
    #[arg(long, value_name = "LEVEL", value_delimiter = ',')]
    level: Vec<Level>,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Prints the requirements that were asked for.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let specification = Specification::embedded()?;
    let wanted = Wanted::parse(&arguments.wanted);
    let mut found = wanted.find_in(&specification);
    found.retain(|entry| entry.is_of(&arguments.level));

    let mut out = anstream::stdout().lock();
    match wanted {
        _ if arguments.json => write_json(&mut out, &found)?,
        Wanted::Ids(_) => write_whole(&mut out, &found, wrap::width())?,
        Wanted::Words(_) if found.is_empty() => {}
        Wanted::Words(_) => write_list(&mut out, &found)?,
    }
    out.flush()?;

    let misses = wanted.misses(&found, &arguments.level);
    for sentence in &misses {
        complain(&format!("{sentence}; 'filbert spec' lists them all"));
    }
    Ok(if misses.is_empty() { Exit::Success } else { Exit::Failed })
}

/// A requirement and the subject that it belongs to.
#[derive(Clone, Copy, Serialize)]
struct Entry<'a> {
    subject: &'static str,
    #[serde(flatten)]
    requirement: &'a Requirement,
}

impl Entry<'_> {
    fn is_of(&self, levels: &[Level]) -> bool {
        levels.is_empty() || levels.contains(&self.requirement.level)
    }
}

/// What was asked for: requirements by name, or all that mention some words.
enum Wanted {
    Ids(Vec<RequirementId>),
    Words(Vec<String>),
}

impl Wanted {
    fn parse(arguments: &[String]) -> Self {
        let words: Vec<_> = arguments.iter().flat_map(|text| text.split_whitespace()).collect();
        let ids: Result<Vec<_>, _> = words.iter().copied().map(RequirementId::from_typed).collect();
        match ids {
            Ok(ids) if !ids.is_empty() => Self::Ids(ids),
            _ => Self::Words(words.into_iter().map(str::to_owned).collect()),
        }
    }

    fn find_in<'a>(&self, specification: &'a Specification) -> Vec<Entry<'a>> {
        let entry = |(subject, requirement)| Entry { subject, requirement };
        match self {
            Self::Ids(ids) => {
                ids.iter().filter_map(|id| specification.find(id)).map(entry).collect()
            }
            Self::Words(words) => specification
                .requirements()
                .filter(|(_, requirement)| requirement.mentions(words.iter().map(String::as_str)))
                .map(entry)
                .collect(),
        }
    }

    /// One sentence for each thing that was asked for and not found.
    fn misses(&self, found: &[Entry<'_>], levels: &[Level]) -> Vec<String> {
        let names: Vec<_> = levels.iter().map(|level| level.name()).collect();
        let of_level = if names.is_empty() {
            String::new()
        } else {
            format!(" of level {}", names.join(" or "))
        };
        match self {
            Self::Ids(ids) => ids
                .iter()
                .filter(|id| !found.iter().any(|entry| entry.requirement.id == **id))
                .map(|id| format!("there is no requirement {id}{of_level}"))
                .collect(),
            Self::Words(words) if found.is_empty() => {
                vec![format!("no requirement{of_level} mentions \"{}\"", words.join(" "))]
            }
            Self::Words(_) => Vec::new(),
        }
    }
}

fn write_json(out: &mut impl Write, found: &[Entry<'_>]) -> anyhow::Result<()> {
    for entry in found {
        writeln!(out, "{}", serde_json::to_string(entry)?)?;
    }
    Ok(())
}

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();

const fn level_style(level: Level) -> Style {
    let colour = match level {
        Level::Must => AnsiColor::Red,
        Level::Should => AnsiColor::Yellow,
        Level::May => AnsiColor::Green,
        Level::Defacto => AnsiColor::Cyan,
    };
    colour.on_default()
}

/// A line a requirement under the name of its subject, and at the end how many there are.
fn write_list(out: &mut impl Write, found: &[Entry<'_>]) -> io::Result<()> {
    for subject in found.chunk_by(|before, after| before.subject == after.subject) {
        let name = subject.first().map_or("", |entry| entry.subject);
        writeln!(out, "{HEADING}{name}{HEADING:#} {QUIET}({}){QUIET:#}", subject.len())?;
        for Entry { requirement, .. } in subject {
            let Requirement { id, title, level, .. } = requirement;
            let style = level_style(*level);
            writeln!(out, "  {id:<12}{style}{:<9}{style:#}{title}", level.name())?;
        }
        writeln!(out)?;
    }
    write_counts(out, found)
}

fn write_counts(out: &mut impl Write, found: &[Entry<'_>]) -> io::Result<()> {
    let counts = Level::ALL.iter().filter_map(|&level| {
        let count = found.iter().filter(|entry| entry.requirement.level == level).count();
        let style = level_style(level);
        (count > 0).then(|| format!("{count} {style}{}{style:#}", level.name()))
    });
    let plural = if found.len() == 1 { "" } else { "s" };
    let counts = counts.collect::<Vec<_>>().join(", ");
    writeln!(out, "{} requirement{plural}: {counts}", found.len())
}

/// Each requirement with all that is known about it.
fn write_whole(out: &mut impl Write, found: &[Entry<'_>], width: usize) -> io::Result<()> {
    for (position, entry) in found.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        Page { out, width }.write(entry)?;
    }
    Ok(())
}

/// Where labels end and what they label begins.
const LABEL_WIDTH: usize = 10;

struct Page<'a, W> {
    out: &'a mut W,
    width: usize,
}

impl<W: Write> Page<'_, W> {
    fn write(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let Requirement { id, title, level, text, source, evidence, untested } = entry.requirement;
        writeln!(self.out, "{HEADING}{id}  {title}{HEADING:#}")?;
        writeln!(self.out)?;
        for line in wrap::wrap(text, self.width.saturating_sub(2)) {
            writeln!(self.out, "{}", format!("  {line}").trim_end())?;
        }
        writeln!(self.out)?;
        let meaning = format!("{}: {}", level.name(), level.meaning());
        self.field("Level", level_style(*level), &meaning)?;
        self.field("Subject", QUIET, entry.subject)?;
        self.field("Source", QUIET, source)?;
        for Evidence { by, how, what, agrees } in evidence {
            let known = format!("{by} ({}): {what}", how.name());
            if *agrees {
                self.field("Agrees", AnsiColor::Green.on_default(), &known)?;
            } else {
                self.field("Differs", AnsiColor::Yellow.on_default(), &known)?;
            }
        }
        match untested {
            Some(reason) => self.field("Untested", QUIET, reason),
            None => Ok(()),
        }
    }

    /// A label and its text, which goes on below itself.
    fn field(&mut self, label: &str, style: Style, text: &str) -> io::Result<()> {
        let lines = wrap::wrap(text, self.width.saturating_sub(LABEL_WIDTH));
        for (position, line) in lines.iter().enumerate() {
            let label = if position == 0 { label } else { "" };
            writeln!(self.out, "{style}{label:<LABEL_WIDTH$}{style:#}{line}")?;
        }
        Ok(())
    }
}

impl ValueEnum for Level {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.meaning()))
    }
}
