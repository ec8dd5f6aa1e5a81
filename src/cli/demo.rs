//! `filbert demo`: everything on one machine, without the Internet.

use std::io::{self, Write};

use anyhow::Context;
use clap::Args;

use super::Exit;
use crate::runtime::demo;

/// `filbert demo` has nothing to be told.
#[derive(Clone, Debug, Args)]
pub struct Arguments {}

/// Shows an overlay of real nodes on loopback.
pub fn run(_arguments: &Arguments) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let mut unwritten = None;
    let shown = runtime.block_on(async {
        let show = demo::show(|line| {
            if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
                unwritten.get_or_insert(error);
            }
        });
        tokio::select! {
            shown = show => shown.map(|()| Exit::Success),
            _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        }
    });
    let exit = shown.map_err(|error| Exit::Failed.because(error.to_string()))?;
    match unwritten {
        Some(error) => Err(error).context("cannot print"),
        None => Ok(exit),
    }
}
