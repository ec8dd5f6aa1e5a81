//! A subject that was started here.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

/// How long it may take to end when it is asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// A subject, which ends with this.
pub(super) struct Subject(Child);

impl Subject {
    /// Starts it with the shell. What it says goes to standard error.
    pub(super) fn start(command: &str) -> anyhow::Result<Self> {
        let command = format!("exec {command}");
        let child = Command::new("sh")
            .args(["-c", &command])
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .spawn()
            .with_context(|| format!("{command} cannot be started"))?;
        Ok(Self(child))
    }

    /// Asks it to end, and makes it end. How it had ended before, if it had.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        if let Ok(Some(ended)) = self.0.try_wait() {
            return Some(ended);
        }
        if let Some(process) =
            i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        let until = Instant::now() + ENDS_WITHIN;
        while Instant::now() < until {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return None;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
        None
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.end();
    }
}
