//! A node that runs as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::home::{Home, LOOPBACK, PATIENCE, wait_for, wait_until};

/// A node that is ready. It is killed with this.
pub struct Node {
    child: Child,
    /// What it has printed.
    pub said: Vec<String>,
    pub listen: SocketAddr,
    /// Where its API is: an URL, or `unix:` and a path; nothing if that is off.
    pub api: Option<String>,
    token: Option<PathBuf>,
    log: Arc<Mutex<String>>,
}

/// Somebody who asks over a connection.
trait Asks: Read + Write {}
impl<T: Read + Write> Asks for T {}

impl Node {
    /// A node of this user on loopback, which takes loopback for the world and asks nobody for hosts.
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let laboratory = ["--no-bootstrap", "--allow-private"];
        Self::from(&mut home.filbert(&[&LOOPBACK[..], &laboratory, arguments].concat()))
    }

    /// Starts what becomes a node, and waits until it is ready.
    pub fn from(command: &mut Command) -> Self {
        Self::try_from(command).unwrap_or_else(|log| panic!("did not start: {log}"))
    }

    /// The same; its last words if it does not get ready.
    pub fn try_from(command: &mut Command) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let (log, collected) =
            (Arc::new(Mutex::new(String::new())), BufReader::new(child.stderr.take().unwrap()));
        let to = Arc::clone(&log);
        let collecting = thread::spawn(move || {
            for line in collected.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                to.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let mut said: Vec<String> = Vec::new();
        while !said.last().is_some_and(|line| line.starts_with("API ") || line.starts_with('{')) {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                let _ = child.wait();
                let _ = collecting.join();
                return Err(log.lock().unwrap().clone());
            };
            said.push(line);
        }
        let (listen, api, token) = understand(&said);
        Ok(Self { child, said, listen, api, token, log })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        wait_for("the end of the node", || child.try_wait().unwrap())
    }

    /// Asks it to end as the system does; how it ended, and how long that took.
    pub fn terminate(&mut self, signal: Signal) -> (Option<i32>, Duration) {
        let since = Instant::now();
        self.signal(signal);
        let code = self.ended().code();
        (code, since.elapsed())
    }

    /// Ends it without a warning.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// All that is in its log.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until its log has this.
    #[track_caller]
    pub fn until_log(&self, part: &str) {
        wait_until(&format!("'{part}' in the log: {}", self.log()), || self.log().contains(part));
    }

    /// What its API answers: the status and the JSON, if any.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.try_ask(method, path, body).unwrap()
    }

    /// What a GET under `/api/v1` yields.
    #[track_caller]
    pub fn show(&self, path: &str) -> Value {
        let (status, value) = self.ask("GET", &format!("/api/v1/{path}"), None);
        assert_eq!(status, 200, "{value}");
        value
    }

    /// The same where it may fail, as on a machine that has no descriptors left.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, Value)> {
        let token = std::fs::read_to_string(self.token.as_ref().unwrap())?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            token.trim(),
            body.len()
        );
        let mut stream = self.call_api()?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) =
            answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok((status, serde_json::from_str(body).unwrap_or_default()))
    }

    fn call_api(&self) -> std::io::Result<Box<dyn Asks>> {
        let api = self.api.as_deref().unwrap();
        if let Some(path) = api.strip_prefix("unix:") {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            return Ok(Box::new(stream));
        }
        let stream = TcpStream::connect(api.strip_prefix("http://").unwrap())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Box::new(stream))
    }

    /// Waits until the status has it so.
    #[track_caller]
    pub fn until_status(&self, what: &str, is_so: impl Fn(&Value) -> bool) {
        wait_until(what, || is_so(&self.show("status")));
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where it listens, where its API is, and where the token to that is.
fn understand(said: &[String]) -> (SocketAddr, Option<String>, Option<PathBuf>) {
    let last = said.last().unwrap();
    if last.starts_with('{') {
        let ready: Value = serde_json::from_str(last).unwrap();
        let home = PathBuf::from(ready["home"].as_str().unwrap());
        let api = ready["api"].as_str().map(str::to_owned);
        return (ready["listen"].as_str().unwrap().parse().unwrap(), api, Some(home.join("token")));
    }
    let listen = said[1].strip_prefix("listens on ").unwrap().split(' ').next().unwrap();
    let api = last.strip_prefix("API on ").and_then(|rest| rest.split_once(" (token in "));
    let place = api.map(|(place, _)| place.to_owned());
    let token = api.map(|(_, token)| PathBuf::from(token.trim_end_matches(')')));
    (listen.parse().unwrap(), place, token)
}
