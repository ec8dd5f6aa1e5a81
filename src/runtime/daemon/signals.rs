use std::io;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
#[cfg(target_os = "linux")]
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::yield_now;
use tokio::time::{Interval, interval};

use super::Failure;

/// Where systemd listens: a path, or `@` and a name.
const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";

/// Two signals that come within this are one wish.
const SAME_WISH: Duration = Duration::from_millis(50);

/// What the system tells a service.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    user: Signal,
    watchdog: Option<Interval>,
}

/// What a service is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    End,
    Reload,
    /// Write to the log how you are.
    Report,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        let of = |kind| {
            signal(kind).map_err(|error| Failure::Failed(format!("cannot hear signals: {error}")))
        };
        let watchdog = sd_notify::watchdog_enabled();
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
            hang_up: of(SignalKind::hangup())?,
            user: of(SignalKind::user_defined1())?,
            watchdog: watchdog.and_then(|every| every.checked_div(2)).map(interval),
        })
    }

    /// Whether somebody wants the end already.
    pub(super) async fn have_ended_it(&mut self) -> bool {
        // What has come is heard of when the runtime has had its turn.
        yield_now().await;
        tokio::select! {
            biased;
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Waits for a signal.
    pub(super) async fn next(&mut self) -> Wish {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Wish::End,
                _ = self.interrupt.recv() => return Wish::End,
                _ = self.hang_up.recv() => return Wish::Reload,
                _ = self.user.recv() => return Wish::Report,
                () = beat(&mut self.watchdog) => notify(&[NotifyState::Watchdog]),
            }
        }
    }

    /// Waits for one more that ends the service. What comes right behind the first is the same wish:
    /// programs such as `timeout` send a signal to a process and to its group.
    pub(super) async fn asked_to_end_again(&mut self) {
        let first = Instant::now();
        while self.next().await != Wish::End || first.elapsed() < SAME_WISH {}
    }
}

async fn beat(watchdog: &mut Option<Interval>) {
    match watchdog {
        Some(interval) => {
            interval.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// Tells systemd that all is ready.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Tells systemd that the configuration is being read again; [`ready`] ends that.
pub(super) fn reloading() {
    let now = NotifyState::monotonic_usec_now();
    match now {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// Tells systemd that we are going.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Tells systemd how we are, in words.
pub(super) fn status(words: &str) {
    notify(&[NotifyState::Status(words)]);
}

/// Without systemd there is nobody to tell.
fn notify(states: &[NotifyState<'_>]) {
    let abstract_name = std::env::var_os(NOTIFY_SOCKET)
        .and_then(|place| Some(place.as_bytes().strip_prefix(b"@")?.to_owned()));
    let told = match abstract_name {
        Some(name) => notify_abstract(&name, states),
        None => sd_notify::notify(states),
    };
    if let Err(error) = told {
        tracing::debug!(%error, "systemd was not told");
    }
}

/// Tells whoever listens on a socket that has a name and no file, as managers inside of containers do.
#[cfg(target_os = "linux")]
fn notify_abstract(name: &[u8], states: &[NotifyState<'_>]) -> io::Result<()> {
    let manager = SocketAddr::from_abstract_name(name)?;
    let lines: String = states.iter().map(|state| format!("{state}\n")).collect();
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(lines.as_bytes(), &manager).map(drop)
}

#[cfg(not(target_os = "linux"))]
fn notify_abstract(_: &[u8], _: &[NotifyState<'_>]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
