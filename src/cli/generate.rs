mod dockerfile;
mod man;
mod systemd;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::{Exit, command};
use crate::control::server::openapi_json;
use crate::runtime::settings;

/// What `filbert generate` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The manual page of filbert, or with --dir one of each command as well
    Man {
        /// Write all pages into this directory, which is made if need be
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// What completes commands and flags in a shell
    Completions {
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// A unit for systemd that runs this program
    Systemd {
        /// One that a user starts, instead of the system
        #[arg(long)]
        user: bool,
    },
    /// A Dockerfile that builds an image from the sources
    Dockerfile,
    /// The description of the API: OpenAPI 3.1, in JSON
    Openapi,
    /// A configuration file with every key, its default, and what it is
    Config,
}

/// Prints what was asked for.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let text = match &arguments.what {
        What::Man { dir: Some(dir) } => {
            man::write_pages(dir)?;
            return Ok(Exit::Success);
        }
        What::Man { dir: None } => man::page()?,
        What::Completions { shell } => completions(*shell),
        What::Systemd { user } => systemd::unit(*user)?.into_bytes(),
        What::Dockerfile => dockerfile::TEXT.into(),
        What::Openapi => openapi_json().into_bytes(),
        What::Config => settings::example().into_bytes(),
    };
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Success)
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "filbert", &mut text);
    text
}
