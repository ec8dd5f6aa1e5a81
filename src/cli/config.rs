use std::io::Write;
use std::path::Path;

use clap::{Args, Subcommand};

use super::run::Arguments as Flags;
use super::{Exit, complain};
use crate::runtime::settings::keys::CONFIG;
use crate::runtime::settings::{Problems, Settings, Source};

/// What `filbert config` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what 'filbert run' would make of the same flags, and where each value comes from
    Show {
        #[command(flatten)]
        flags: Flags,

        /// Print one JSON object
        #[arg(short, long)]
        json: bool,
    },
    /// Say what is wrong with flags, environment and file
    Check {
        /// The file, instead of the one that 'filbert run' would read
        #[arg(value_name = "FILE", conflicts_with = "config")]
        file: Option<String>,

        #[command(flatten)]
        flags: Flags,
    },
}

/// Shows or checks the configuration.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Show { flags, json } => match Settings::load(flags.given()) {
            Ok(settings) => show(&settings, *json),
            Err(problems) => Ok(refuse(&problems, "")),
        },
        Command::Check { file, flags } => {
            let mut given = flags.given().clone();
            if let Some(file) = file {
                given.insert(&CONFIG, vec![file.clone()]);
            }
            match Settings::load(&given) {
                Ok(settings) => check(&settings),
                // A file that stands alone was not given by the flag.
                Err(problems) if file.is_some() => Ok(refuse(&problems, "--config: ")),
                Err(problems) => Ok(refuse(&problems, "")),
            }
        }
    }
}

fn show(settings: &Settings, json: bool) -> anyhow::Result<Exit> {
    let mut out = anstream::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&settings.to_json())?)?;
    } else {
        write!(out, "{}", settings.to_toml())?;
    }
    out.flush()?;
    warn(settings);
    Ok(Exit::Success)
}

fn check(settings: &Settings) -> anyhow::Result<Exit> {
    let file = &settings.config_file;
    let mut out = anstream::stdout().lock();
    writeln!(out, "ok: {}", said_of(file, &settings.source(CONFIG.long)))?;
    out.flush()?;
    warn(settings);
    Ok(Exit::Success)
}

/// A file that nobody has named may be missing.
fn said_of(file: &Path, named_by: &Source) -> String {
    let is_missing = *named_by == Source::Default && !file.exists();
    let file = file.display();
    if is_missing { format!("{file} (there is no such file)") } else { file.to_string() }
}

fn warn(settings: &Settings) {
    settings.warnings().iter().for_each(|warning| complain(warning));
}

/// Says all that is wrong, without this at the start of a sentence.
fn refuse(problems: &Problems, unsaid: &str) -> Exit {
    for problem in problems.sentences() {
        complain(problem.strip_prefix(unsaid).unwrap_or(problem));
    }
    Exit::Usage
}
