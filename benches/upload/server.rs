//! Those who serve the file.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE32_NOPAD;
use sha1::{Digest, Sha1};

/// A process that serves the file. It is killed with this.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// By which the file is asked for.
    pub(crate) target: String,
    child: Child,
}

const PATIENCE: Duration = Duration::from_secs(300);

impl Server {
    /// A node that shares the folder.
    pub(crate) fn filbert(folder: &Path) -> Self {
        let shared = folder.join("shared");
        let mut child = Command::new(env!("CARGO_BIN_EXE_filbert"))
            .env_clear()
            .env("HOME", folder)
            .args(["run", "--listen", "127.0.0.1:0", "--api", "off", "--no-bootstrap"])
            .args(["--role", "leaf", "--allow-private", "--share"])
            .arg(&shared)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listens on ")?.split(' ').next()?.parse().ok());
        let target = format!("/uri-res/N2R?urn:sha1:{}", sha1_of(&shared.join("gibibyte.bin")));
        let server = Self { name: "filbert", address: address.unwrap(), target, child };
        server.until_served();
        server
    }

    /// nginx with one worker, or nothing where it is not installed.
    pub(crate) fn nginx(folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = folder.display();
        let configuration = format!(
            "daemon off; master_process off; worker_processes 1; pid {place}/nginx.pid; error_log {place}/error.log;\n\
             events {{ worker_connections 64; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n\
             client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;\n\
             uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;\n\
             server {{ listen 127.0.0.1:{port}; root {place}/shared; }} }}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let started = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .args(["-p", &folder.to_string_lossy()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            println!("*** nginx is not installed: nothing to compare with ***");
            return None;
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let target = "/gibibyte.bin".to_owned();
        let server = Self { name: "nginx", address, target, child };
        server.until_served();
        Some(server)
    }

    /// Processor time of all its threads, as the system counts it.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit_once(") ").unwrap().1;
        let ticks: u64 =
            fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        // A hundred ticks a second on every Linux that one meets.
        Duration::from_millis(ticks * 10)
    }

    fn until_served(&self) {
        let since = Instant::now();
        while !self.serves() {
            assert!(since.elapsed() < PATIENCE, "{} does not serve the file", self.name);
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    fn serves(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = TcpStream::connect(self.address) else { return false };
        let target = &self.target;
        let mut answer = String::new();
        write!(stream, "HEAD {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sha1_of(path: &Path) -> String {
    use std::io::Read;
    let (mut file, mut hasher) = (fs::File::open(path).unwrap(), Sha1::new());
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return BASE32_NOPAD.encode(&hasher.finalize()),
            len => hasher.update(&buffer[..len]),
        }
    }
}
