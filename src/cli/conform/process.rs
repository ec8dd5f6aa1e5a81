//! A subject that was started here.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

/// How long it may take to end when it is asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// A subject, which ends with this.
pub(super) struct Subject {
    command: String,
    child: Child,
}

impl Subject {
    /// Starts it with the shell. What it says goes to standard error.
    pub(super) fn start(command: &str) -> anyhow::Result<Self> {
        let child = spawn(command)?;
        Ok(Self { command: command.to_owned(), child })
    }

    /// The same once more, after this one has ended or is made to.
    pub(super) fn start_again(&mut self) -> anyhow::Result<()> {
        self.end();
        self.child = spawn(&self.command)?;
        Ok(())
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it has ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end, and makes it end. How it had ended before, if it had.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        if let Some(ended) = self.ended() {
            return Some(ended);
        }
        if let Some(process) =
            i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        let until = Instant::now() + ENDS_WITHIN;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        None
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(command: &str) -> anyhow::Result<Child> {
    let command = format!("exec {command}");
    Command::new("sh")
        .args(["-c", &command])
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .spawn()
        .with_context(|| format!("{command} cannot be started"))
}
