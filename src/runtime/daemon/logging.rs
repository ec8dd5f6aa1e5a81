use std::io::{self, Write};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use super::Failure;
use crate::base::show;
use crate::runtime::settings::{LogFormat, Settings};

/// The log of a running node; its filter can be changed.
pub(super) struct Log {
    filter: reload::Handle<EnvFilter, Registry>,
    text: String,
}

/// Begins to log to standard error, where services expect it.
pub(super) fn start(settings: &Settings) -> Result<Log, Failure> {
    let text = settings.log.filter.clone();
    let filter = parse(&text).map_err(Failure::Configuration)?;
    let (filter, handle) = reload::Layer::new(filter);
    let registry = tracing_subscriber::registry().with(filter);
    let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
    let started = match settings.log.format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(io::stderr).with_ansi(is_terminal).with_target(false))
            .try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(|| Harmless)).try_init(),
    };
    // Programs that embed a node may have a log of their own.
    if started.is_err() {
        tracing::debug!("the log of the program is used");
    }
    Ok(Log { filter: handle, text })
}

impl Log {
    pub(super) fn filter(&self) -> String {
        self.text.clone()
    }

    /// Logs by another filter from now on.
    pub(super) fn set_filter(&mut self, text: &str) -> Result<(), String> {
        let filter = parse(text)?;
        self.filter.reload(filter).map_err(|_| "the log cannot be changed now".to_owned())?;
        text.clone_into(&mut self.text);
        Ok(())
    }
}

/// Standard error for lines of JSON: what peers have said in them neither steers a terminal nor turns
/// its text.
struct Harmless;

impl Write for Harmless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<_> = text.split('\n').map(show::harmless_json).collect();
        io::stderr().write_all(lines.join("\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn parse(text: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(text)
        .map_err(|error| format!("'{text}' is no log filter ({error}); write one like 'info'"))
}
