//! A node as a service: started, steered, reloaded, ended.
//!
//! ```text
//! Settings ─► open: home, lock, sockets, token, state      one sentence if something is missing
//!          ─► Engine  ◄─ API, signals, bootstrap, friends
//!          ─► end: goodbye to all, state saved, within five seconds
//! ```

mod announcement;
mod bootstrapping;
mod calls;
mod date;
mod friends;
mod logging;
mod nearby;
mod opening;
mod reloading;
mod reporting;
mod requests;
mod service;
mod sharing;
mod signals;
mod starting;
mod uploading;

use std::io::Write;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use announcement::Announcement;
use opening::Opened;
use service::Service;
use signals::Signals;

use super::descriptors;
use super::settings::{Problems, Settings};

/// How long a node may take to end, after which it is ended.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the configuration: at the start, and again when it may have changed.
pub type Reload = Box<dyn Fn() -> Result<Settings, Problems> + Send + Sync>;

/// Why a node did not start, or ended badly: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration cannot work.
    #[error("{0}")]
    Configuration(String),
    /// It cannot listen where it should.
    #[error("{0}")]
    CannotBind(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
    /// It was told to end a second time before it had.
    #[error("ended at once, as asked twice")]
    Interrupted,
}

/// Runs a node until it is told to end.
pub fn run(reload: Reload) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("filbert")
        .build()
        .map_err(|error| {
            Failure::Failed(format!("cannot start threads: {}", descriptors::explain(&error)))
        })?;
    // Before anything is begun, so that whoever is told to end in the middle of it ends as well as later.
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let settings = reload().map_err(|problems| Failure::Configuration(problems.to_string()))?;
    if runtime.block_on(signals.have_ended_it()) {
        return Ok(());
    }
    let log = logging::start(&settings)?;
    // It goes last: until then nobody else may run in this home, nor tell clients that it does.
    let lock = opening::lock(&settings.home)?;
    let outcome = runtime.block_on(async {
        let opened = Opened::open(settings).await?;
        live(opened, reload, log, signals).await
    });
    // What still runs is a name that is looked up, or nothing.
    runtime.shutdown_timeout(Duration::from_millis(100));
    drop(lock);
    outcome
}

async fn live(
    opened: Opened,
    reload: Reload,
    log: logging::Log,
    mut signals: Signals,
) -> Result<(), Failure> {
    let announcement = Announcement::of(&opened);
    let api_ends = CancellationToken::new();
    let (mut service, api) = Service::start(opened, reload, log, api_ends.clone()).await?;
    announcement.publish();
    announcement.print();
    signals::ready();
    service.live(&mut signals).await;
    service.say_goodbye();
    api_ends.cancel();
    let end = async { tokio::join!(service.end(), api).0 };
    let outcome = tokio::select! {
        outcome = end => outcome,
        () = signals.asked_to_end_again() => Err(Failure::Interrupted),
        () = tokio::time::sleep(END_TIMEOUT) => {
            Err(Failure::Failed("not everything could be ended and saved in time".to_owned()))
        }
    };
    announcement.withdraw();
    if outcome.is_ok() {
        tracing::info!("the node has ended");
    }
    outcome
}

/// Says something on standard output. That nobody reads it is no reason to stop.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
