//! `filbert demo`: everything on one machine, without the Internet.

use std::io::{self, Write};

use anyhow::Context;
use clap::Args;

use super::{Exit, asking};
use crate::runtime::demo::{self, DemoError};

/// `filbert demo` has nothing to be told.
#[derive(Clone, Debug, Args)]
pub struct Arguments {}

/// Shows an overlay of real nodes on loopback.
pub fn run(_arguments: &Arguments) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let shown = runtime.block_on(async {
        let show = demo::show(|line| writeln!(io::stdout().lock(), "{line}"));
        tokio::select! {
            shown = show => shown.map(|()| Exit::Success),
            () = asking::unread() => Ok(Exit::Success),
            _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        }
    });
    shown.map_err(|error| match error {
        DemoError::Unsaid(error) => anyhow::Error::from(error).context("cannot print"),
        error => Exit::Failed.because(error.to_string()),
    })
}
