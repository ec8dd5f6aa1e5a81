//! What the commands share that ask a running node.

use std::env;
use std::ffi::OsString;
use std::future::pending;
use std::io::{self, StdoutLock, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;

use anstream::AutoStream;
use anyhow::Context;
use clap::Args;
use serde::Serialize;
use tokio::io::Interest;
use tokio::net::unix::pipe;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Exit, printable};
use crate::control::client::{Client, Error, Finder};
use crate::runtime::settings::Places;

/// Which node is asked.
#[derive(Debug, Args)]
pub(super) struct Node {
    /// The home of the node, instead of the usual one; FILBERT_HOME does the same
    #[arg(long, value_name = "DIR", global = true)]
    home: Option<PathBuf>,

    /// Where the API of the node is, instead of what its home says; FILBERT_API does the same,
    /// FILBERT_TOKEN is shown there instead of the token of the home
    #[arg(long, value_name = "ADDR:PORT|unix:PATH", global = true)]
    api: Option<String>,
}

impl Node {
    fn finder(&self) -> anyhow::Result<Finder> {
        let places =
            Places::real(self.home.as_deref()).map_err(|wrong| Exit::Usage.because(wrong))?;
        let api = self.api.clone().map_or_else(|| text_of("FILBERT_API"), |api| Ok(Some(api)))?;
        Ok(Finder { home: places.home, api, token: text_of("FILBERT_TOKEN")? })
    }
}

/// Asks the node, until there is an answer or somebody interrupts.
pub(super) fn ask(
    node: &Node,
    work: impl AsyncFnOnce(&Client) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    ask_to_the_end(node, async |client, mut interrupts| {
        tokio::select! {
            result = work(client) => result,
            () = interrupts.next() => Ok(Exit::Interrupted),
        }
    })
}

/// The same for work that ends something at the node when somebody interrupts.
pub(super) fn ask_to_the_end(
    node: &Node,
    work: impl AsyncFnOnce(&Client, Interrupts) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let finder = node.finder()?;
    let runtime = Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let worked = runtime.block_on(async {
        let interrupts = Interrupts::new().context("cannot listen to signals")?;
        work(&finder.find()?, interrupts).await
    });
    worked.map_err(with_exit)
}

/// Prints an answer: one JSON value to programs, what `tell` writes to people.
pub(super) fn print(
    is_json: bool,
    answer: &impl Serialize,
    tell: impl FnOnce(&mut AutoStream<StdoutLock<'static>>) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let mut out = anstream::stdout().lock();
    match is_json {
        true => writeln!(out, "{}", printable::json(answer)?)?,
        false => tell(&mut out)?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// What an error of the client means to scripts.
fn with_exit(error: anyhow::Error) -> anyhow::Error {
    let exit = match error.downcast_ref() {
        Some(Error::NoNode(_)) => Exit::NoNode,
        Some(Error::Refused { .. } | Error::Broken(_)) => Exit::Failed,
        Some(Error::Unusable(_)) => Exit::Usage,
        None => return error,
    };
    exit.because(format!("{error:#}"))
}

/// Somebody wants us to end.
#[derive(Debug)]
pub(super) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    pub(super) fn new() -> io::Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    /// Waits for the next time.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Waits until nobody reads our output any more, as far as that can be seen without writing.
pub(super) async fn unread() {
    // Whatever cannot be watched, such as a file, is never closed by others.
    let output = io::stdout().as_fd().try_clone_to_owned();
    let Ok(output) = output.and_then(pipe::Sender::from_owned_fd_unchecked) else {
        return pending().await;
    };
    match output.ready(Interest::ERROR).await {
        Ok(ready) if ready.is_error() => {}
        _ => pending().await,
    }
}

/// What a variable of the environment says. Empty is as good as not set.
fn text_of(name: &str) -> anyhow::Result<Option<String>> {
    let value = env::var_os(name).filter(|value| !value.is_empty());
    let wrong = |_| Exit::Usage.because(format!("the variable {name} is no text"));
    value.map(OsString::into_string).transpose().map_err(wrong)
}
