//! What the user of a subject wants: commands of the shell, which ask it by whatever way it has for that.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::conform::{Event, Wish};

/// How often a command is looked at.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// How a subject is asked to do something. What it is to do stands in a variable of the environment, so that no shell
/// takes it for anything else.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// Has it look for the words in `FILBERT_SEARCH`.
    pub search: Option<String>,
    /// Has it download what `FILBERT_MAGNET` names.
    pub fetch: Option<String>,
    /// Where it puts files that are whole.
    pub downloads: Option<PathBuf>,
}

impl User {
    fn command(&self, wish: Wish) -> Option<(&str, &'static str)> {
        match wish {
            Wish::Search => Some((self.search.as_deref()?, "FILBERT_SEARCH")),
            Wish::Fetch => Some((self.fetch.as_deref()?, "FILBERT_MAGNET")),
        }
    }
}

/// The commands of one case; they end with it.
pub(super) struct Commands<'a> {
    user: &'a User,
    running: JoinSet<()>,
    /// The folder of downloads is looked at.
    is_watching: bool,
    sender: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
}

impl<'a> Commands<'a> {
    pub(super) fn new(user: &'a User) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        Self { user, running: JoinSet::new(), is_watching: false, sender, events }
    }

    pub(super) fn ask(&mut self, wish: Wish, what: &str) {
        if wish == Wish::Fetch && self.user.downloads.is_none() {
            return self.fail("nobody has said where its downloads go (--downloads)".to_owned());
        }
        let Some((command, variable)) = self.user.command(wish) else {
            let how = match wish {
                Wish::Search => "searches (--search)",
                Wish::Fetch => "downloads (--fetch)",
            };
            return self.fail(format!("nobody has said how it {how}"));
        };
        match Running::start(command, variable, what) {
            Ok(running) => {
                let sender = self.sender.clone();
                if let Some(folder) = self.user.downloads.clone().filter(|_| wish == Wish::Fetch)
                    && !std::mem::replace(&mut self.is_watching, true)
                {
                    let sender = sender.clone();
                    self.running.spawn(async move { super::kept::watch(folder, &sender).await });
                }
                self.running.spawn(async move { running.watch(&sender).await });
            }
            Err(error) => self.fail(format!("{command}: {error}")),
        }
    }

    fn fail(&self, why: String) {
        let _ = self.sender.send(Event::Unasked { why });
    }

    /// A command that could not be run.
    pub(super) async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            // We have a sender ourselves.
            None => std::future::pending().await,
        }
    }
}

/// A command, and all that it starts.
struct Running(Child);

impl Running {
    fn start(command: &str, variable: &str, what: &str) -> io::Result<Self> {
        let child = Command::new("sh")
            .args(["-c", command])
            .env(variable, what)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self(child))
    }

    async fn watch(mut self, sender: &mpsc::UnboundedSender<Event>) {
        loop {
            if let Ok(Some(ended)) = self.0.try_wait() {
                // So a shell says that it cannot run something.
                if let Some(126 | 127) = ended.code() {
                    let why = "the shell cannot run the command that asks it".to_owned();
                    let _ = sender.send(Event::Unasked { why });
                }
                return;
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait()
            && let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.0.wait();
        }
    }
}
