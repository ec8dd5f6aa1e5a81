use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, started as a user starts it.
pub(crate) struct Program {
    child: Child,
    home: PathBuf,
    pub(crate) address: SocketAddr,
    /// From its start until it said that it listens.
    pub(crate) ready_after: Duration,
}

impl Program {
    /// Starts `filbert run` with these flags besides those that keep it on loopback.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::configured(flags, "")
    }

    /// The same with a configuration file.
    pub(crate) fn configured(flags: &[&str], file: &str) -> Self {
        let home = std::env::temp_dir().join(format!("filbert-bench-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).expect("there is room for a home");
        fs::write(home.join("config.toml"), file).expect("there is room for a file");
        let since = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_filbert"))
            .args(["run", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0"])
            .args(["--no-bootstrap", "--allow-private", "--log", "warn", "--home"])
            .arg(&home)
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program is built");
        let mut lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
        let mut address = None;
        for line in lines.by_ref() {
            let line = line.expect("it writes text");
            if let Some(rest) = line.strip_prefix("listens on ") {
                address = rest.split(' ').next().and_then(|address| address.parse().ok());
            }
            if line.starts_with("API on ") {
                break;
            }
        }
        let ready_after = since.elapsed();
        let address = address.expect("it says where it listens");
        Self { child, home, address, ready_after }
    }

    /// Time that all its threads have spent on processors.
    pub(crate) fn processor_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let of_thread = |entry: std::io::Result<fs::DirEntry>| {
            let path = entry.ok()?.path().join("schedstat");
            let text = fs::read_to_string(path).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        let nanos = tasks.expect("it runs").filter_map(of_thread).sum();
        Duration::from_nanos(nanos)
    }

    /// Bytes of memory that are its own.
    pub(crate) fn resident_len(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(path).expect("it runs");
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
            number.and_then(|kibibytes| kibibytes.trim().parse::<u64>().ok())
        };
        field("VmRSS:").expect("the system says it") * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}
