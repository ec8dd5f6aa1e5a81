//! A source that is no servent: nginx, of which a servent tells as an alternate location.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};

use crate::home::{Home, wait_until};
use crate::node::Node;
use crate::programs::Program;
use crate::uploads::{Sharer, bytes, connect};

/// It stands at 127.1.0.9: nobody is told of a host at his own address.
const NGINX_HOST: u8 = 9;
const NGINX: Program = Program { name: "nginx", needed: true };

/// nginx, which serves one file for `/uri-res/N2R`. It is killed with this.
struct Nginx {
    child: Child,
    address: SocketAddr,
    home: Home,
}

impl Nginx {
    fn start(name: &str, content: &[u8]) -> Option<Self> {
        let mut command = NGINX.command()?;
        let home = Home::new(name);
        let port = TcpListener::bind("127.1.0.9:0").unwrap().local_addr().unwrap().port();
        let place = home.path().display().to_string();
        fs::write(home.path().join("content"), content).unwrap();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/errors;\n\
             events {{ worker_connections 64; }}\n\
             http {{ {temporary} log_format sent '$status $body_bytes_sent $http_range';\n\
             access_log {place}/log sent;\n\
             server {{ listen 127.1.0.9:{port}; location = /uri-res/N2R {{ alias {place}/content; }} }} }}\n"
        );
        let file = home.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let child = command
            .arg("-c")
            .arg(&file)
            .args(["-p", &place])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = SocketAddr::from(([127, 1, 0, NGINX_HOST], port));
        wait_until("nginx serves", || TcpStream::connect(address).is_ok());
        Some(Self { child, address, home })
    }

    /// What it has sent: the status of each answer, and how many bytes of the file.
    fn sent(&self) -> Vec<(u16, u64)> {
        let log = fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
        let fields = log.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        fields.map(|words| (words[0].parse().unwrap(), words[1].parse().unwrap())).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells a node of somebody who has a file, from his own address, as he does when he fetches it.
fn tell(to: SocketAddr, target: &str, of: SocketAddr) {
    let mut stream = connect(to, NGINX_HOST.into());
    let head = format!(
        "GET {target} HTTP/1.1\r\nX-Alt: {of}\r\nConnection: close\r\nRange: bytes=0-9\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 206 "), "{}", String::from_utf8_lossy(&answer));
}

/// ALTLOC-01, UPLOAD-14, DOWN-16
#[test]
fn nginx_is_a_source_once_a_servent_tells_of_it() {
    let content = bytes(6_000_000);
    let Some(nginx) = Nginx::start("nginx-source", &content) else { return };
    let slow = "bandwidth.upload_bytes_per_s = 300000\n";
    let sharer = Sharer::new("nginx-sharer", &[("river.bin", &content)], slow);
    let target = sharer.target("river.bin");
    tell(sharer.node.listen, &target, nginx.address);

    let home = Home::new("nginx-fetcher");
    let _node = Node::start(&home, &["--role", "leaf"]);
    let urn = target.split_once('?').unwrap().1;
    let magnet = format!(
        "magnet:?xt={urn}&xl={}&dn=river.bin&xs=http://{}{target}",
        content.len(),
        sharer.node.listen
    );
    let path = home.printed(&["get", &magnet]);
    assert!(fs::read(path.trim_end()).unwrap() == content);
    let from_nginx: u64 = nginx.sent().iter().map(|(_, len)| len).sum();
    assert!(from_nginx > 3_000_000, "{from_nginx} bytes of nginx: {:?}", nginx.sent());
    assert!(nginx.sent().iter().all(|(status, _)| *status == 206), "{:?}", nginx.sent());
}

/// What is served elsewhere under the same name is not believed.
#[test]
fn nginx_with_another_file_does_no_harm() {
    let content = bytes(3_000_000);
    let mut other = content.clone();
    other.iter_mut().skip(1_000_000).for_each(|byte| *byte ^= 0x55);
    let Some(nginx) = Nginx::start("nginx-liar", &other) else { return };
    let slow = "bandwidth.upload_bytes_per_s = 1000000\n";
    let sharer = Sharer::new("nginx-honest", &[("river.bin", &content)], slow);
    let target = sharer.target("river.bin");
    tell(sharer.node.listen, &target, nginx.address);

    let home = Home::new("nginx-victim");
    let _node = Node::start(&home, &["--role", "leaf"]);
    let urn = target.split_once('?').unwrap().1;
    let magnet = format!("magnet:?xt={urn}&dn=river.bin&xs=http://{}{target}", sharer.node.listen);
    let path = home.printed(&["get", &magnet]);
    assert!(fs::read(path.trim_end()).unwrap() == content);
    assert!(
        nginx.sent().iter().any(|(status, _)| *status == 206),
        "it was asked: {:?}",
        nginx.sent()
    );
}
