//! `filbert demo`: everything on one machine, without the Internet.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Exit, asking};
use crate::runtime::demo::{self, DemoError, Samples};

/// How long what still runs may take to end. It is bound to nothing then.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// `filbert demo` has nothing to be told.
#[derive(Clone, Debug, Args)]
pub struct Arguments {}

/// Shows an overlay of real nodes on loopback.
pub fn run(_arguments: &Arguments) -> anyhow::Result<Exit> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start threads")?;
    // Whatever ends it from here on, files are removed: signals are heard before any is made.
    let mut ends = {
        let _inside = runtime.enter();
        Ends::listen().context("cannot listen to signals")?
    };
    let samples = demo::prepare().map_err(in_words)?;
    let shown = runtime.block_on(show(&samples, &mut ends));
    // Nodes that are left have descriptors that the removal of files needs.
    runtime.shutdown_timeout(END_TIMEOUT);
    drop(samples);
    shown.map_err(in_words)
}

async fn show(samples: &Samples, ends: &mut Ends) -> Result<Exit, DemoError> {
    let show = demo::show(samples, |line| writeln!(io::stdout().lock(), "{line}"));
    tokio::select! {
        shown = show => shown.map(|()| Exit::Success),
        () = asking::unread() => Ok(Exit::Success),
        () = ends.next() => Ok(Exit::Interrupted),
    }
}

fn in_words(error: DemoError) -> anyhow::Error {
    match error {
        DemoError::Unsaid(error) => anyhow::Error::from(error).context("cannot print"),
        error => Exit::Failed.because(error.to_string()),
    }
}

/// All signals that end a program and let it clean up.
struct Ends([Signal; 4]);

impl Ends {
    fn listen() -> io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::quit())?,
        ]))
    }

    async fn next(&mut self) {
        let Self([interrupt, terminate, hang_up, quit]) = self;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
            _ = quit.recv() => {}
        }
    }
}
