//! `filbert demo`: everything on one machine, without the Internet.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::bar::Bar;
use super::search::network;
use super::{Exit, asking, get};
use crate::control::model::{Download, DownloadState, Network};
use crate::runtime::demo::{self, DemoError, Samples, Told};

/// How long what still runs may take to end. It is bound to nothing then.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// What `filbert demo` is told.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Show this network
    #[arg(long, value_name = "NETWORK", value_parser = network(), default_value = "gnutella")]
    network: Network,
}

/// Shows an overlay of real nodes on loopback.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start threads")?;
    // Whatever ends it from here on, files are removed: signals are heard before any is made.
    let mut ends = {
        let _inside = runtime.enter();
        Ends::listen().context("cannot listen to signals")?
    };
    let samples = demo::prepare().map_err(in_words)?;
    let shown = runtime.block_on(show(&samples, arguments.network, &mut ends));
    // Nodes that are left have descriptors that the removal of files needs.
    runtime.shutdown_timeout(END_TIMEOUT);
    drop(samples);
    shown.map_err(in_words)
}

async fn show(samples: &Samples, network: Network, ends: &mut Ends) -> Result<Exit, DemoError> {
    let mut screen = Screen { bar: Bar::new(true), quarter: 0 };
    let show = demo::show(samples, network, |told| screen.show(told));
    tokio::select! {
        shown = show => shown.map(|()| Exit::Success),
        () = asking::unread() => Ok(Exit::Success),
        () = ends.next() => Ok(Exit::Interrupted),
    }
}

/// Where acts are told: the file that is fetched has a bar on a terminal, and a line for each quarter elsewhere.
struct Screen {
    bar: Bar,
    /// Quarters of the file that were told of.
    quarter: u64,
}

impl Screen {
    fn show(&mut self, told: Told) -> io::Result<()> {
        match told {
            Told::Line(line) => self.bar.aside(|| writeln!(io::stdout().lock(), "{line}")),
            Told::Fetching(download) => self.fetching(&download),
        }
    }

    fn fetching(&mut self, download: &Download) -> io::Result<()> {
        if download.state == DownloadState::Finished {
            self.bar.end();
        } else if self.bar.is_shown() {
            self.bar.show(download.done_bytes, download.size, &get::says(download));
        }
        let quarter = download.done_bytes.saturating_mul(4).checked_div(download.size.unwrap_or(0));
        let Some(quarter) = quarter.filter(|quarter| *quarter > self.quarter) else {
            return Ok(());
        };
        self.quarter = quarter;
        if self.bar.is_shown() {
            return Ok(());
        }
        let percent = quarter.saturating_mul(25);
        writeln!(io::stdout().lock(), "  {percent} %: {}", get::says(download).join(", "))
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
