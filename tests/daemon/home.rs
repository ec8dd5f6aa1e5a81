//! The home of a user, in which a node has its own, and runs of the program there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for what must happen. Machines may be busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where all that is asked for is said, and nothing of the machine is used.
pub const LOOPBACK: [&str; 5] = ["run", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0"];

/// A user with nothing at all, gone with this. Its path is short enough for sockets.
pub struct Home(PathBuf);

/// How a run ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    /// One for the test of this name.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("filbert-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a node keeps its state unless it is told otherwise.
    pub fn state(&self) -> PathBuf {
        self.0.join(".local/state/filbert")
    }

    /// Writes the configuration.
    pub fn configure(&self, text: &str) {
        let folder = self.0.join(".config/filbert");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// The program, with nothing around it but this home.
    pub fn filbert(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filbert"));
        command.env_clear().env("HOME", &self.0).current_dir(&self.0).args(arguments);
        command
    }

    /// The same where only so many descriptors may be open.
    pub fn limited(&self, descriptors: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.env_clear().env("HOME", &self.0).current_dir(&self.0);
        let script = format!("ulimit -n {descriptors} && exec \"$@\"");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_filbert")]).args(arguments);
        command
    }

    /// Runs it to its end, which has to come.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.filbert(arguments))
    }

    /// What a run printed that went well and had nothing to complain about.
    #[track_caller]
    pub fn printed(&self, arguments: &[&str]) -> String {
        let Ran { code, out, err } = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}: {out}");
        out
    }

    /// The same as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.printed(&[arguments, &["--json"]].concat());
        serde_json::from_str(&out).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a command to its end; what it says fits into a pipe.
pub fn run(command: &mut Command) -> Ran {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if since.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("does not end: {command:?}: {:?}", child.wait_with_output());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// The one sentence of a run that failed so.
    #[track_caller]
    pub fn complaint(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "one sentence: {}", self.err);
        self.err.strip_prefix("filbert: ").unwrap().trim_end().to_owned()
    }
}

/// Waits until something is there.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until something is so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    wait_for(what, || is_so().then_some(()));
}
