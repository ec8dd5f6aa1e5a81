//! A node with a home, and runs of the program that ask it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use filbert::control::client::{Client, Finder};
use tokio::runtime::Runtime;

use crate::support::fake_node::{FakeNode, PATIENCE, Served, State, new_home};

/// A node that only seems to be one, in a runtime of its own.
pub struct Scene {
    pub node: FakeNode,
    pub home: PathBuf,
    pub served: Served,
    runtime: Runtime,
}

impl Scene {
    /// A node that is asked at a port of loopback.
    pub fn new(name: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let home = new_home(&format!("cli-{name}"));
        let (node, served) = runtime.block_on(async {
            let node = FakeNode::start();
            let served = node.serve_from(&home).await;
            (node, served)
        });
        Self { node, home, served, runtime }
    }

    /// A node that is asked at a socket in its home.
    pub fn at_socket(name: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let home = new_home(&format!("cli-{name}"));
        let (node, served) = runtime.block_on(async {
            let node = FakeNode::start();
            let served = node.serve_unix_from(&home);
            (node, served)
        });
        Self { node, home, served, runtime }
    }

    /// The same with something in it.
    pub fn with(name: &str, change: impl FnOnce(&mut State)) -> Self {
        let scene = Self::new(name);
        scene.node.change(change);
        scene
    }

    /// Starts the program for this node.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(command(arguments).arg("--home").arg(&self.home))
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).end()
    }

    /// What a run printed that went well and had nothing to complain about.
    #[track_caller]
    pub fn printed(&self, arguments: &[&str]) -> String {
        let Ran { code, out, err } = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        out
    }

    /// What a run said that ended with `code` and printed nothing.
    #[track_caller]
    pub fn complaint(&self, arguments: &[&str], code: i32) -> String {
        self.run(arguments).complaint(code)
    }

    /// What comes of asking the node without the program.
    pub fn ask<T>(&self, work: impl AsyncFnOnce(Client) -> T) -> T {
        let finder = Finder { home: self.home.clone(), ..Finder::default() };
        self.runtime.block_on(work(finder.find().unwrap()))
    }

    /// Ends the server of the node.
    pub fn end_server(&self) {
        self.served.shutdown.cancel();
        wait_until("the server has ended", || self.served.task.is_finished());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// The program, without anything that the environment of the tests says of nodes.
pub fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(cargo_bin!("filbert"));
    command.args(arguments);
    for name in ["FILBERT_HOME", "FILBERT_API", "FILBERT_TOKEN", "FILBERT_CONFIG", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

/// The program while it runs.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    out: String,
    err: JoinHandle<String>,
}

/// How a run ended, and what it said.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut stdout, mut stderr) =
            (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            // Whoever wants no more lines lets the pipe close.
            while stdout.read_line(&mut line).is_ok_and(|len| len > 0)
                && sender.send(std::mem::take(&mut line)).is_ok()
            {}
        });
        let err = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Self { child, lines, out: String::new(), err }
    }

    /// The next line that it prints.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).expect("a line in time");
        self.out.push_str(&line);
        line.trim_end().to_owned()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Reads no more of what it prints after the line that comes next, or none at all.
    pub fn close_output(&mut self) {
        self.lines = mpsc::channel().1;
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn end(mut self) -> Ran {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    self.child.kill().unwrap();
                    panic!("it does not end; it has said: {}", self.err.join().unwrap());
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        self.out.extend(self.lines.iter());
        let code = status.code().expect("it ends by itself");
        Ran { code, out: self.out, err: self.err.join().unwrap() }
    }
}

impl Ran {
    #[track_caller]
    pub fn complaint(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "one sentence: {}", self.err);
        self.err.strip_prefix("filbert: ").unwrap().trim_end().to_owned()
    }
}

/// Waits until something is so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Writes what a node writes into its home.
pub fn write_notice(home: &Path, pid: u32, api: &str) {
    let notice = serde_json::json!({ "pid": pid, "api": api, "version": "0.1.0" });
    std::fs::write(home.join("node.json"), notice.to_string()).unwrap();
}

/// The id of a process that is gone.
pub fn gone_process() -> u32 {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}
