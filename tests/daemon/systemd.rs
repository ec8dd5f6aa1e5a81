//! The protocol by which systemd is told how a service is.

#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::process::Signal;

use crate::home::{Home, LOOPBACK, PATIENCE};
use crate::node::Node;

/// The socket of somebody who starts services.
struct Manager(UnixDatagram);

impl Manager {
    fn at(home: &Home) -> Self {
        Self::of(UnixDatagram::bind(home.path().join("notify")).unwrap())
    }

    fn of(socket: UnixDatagram) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    fn hear(&self) -> String {
        let mut buffer = [0; 4096];
        let len = self.0.recv(&mut buffer).expect("it tells something in time");
        String::from_utf8(buffer[..len].to_vec()).unwrap()
    }

    /// Waits for a message with this line.
    #[track_caller]
    fn until(&self, line: &str) -> String {
        loop {
            let heard = self.hear();
            if heard.lines().any(|heard| heard == line) {
                return heard;
            }
            assert!(is_by_the_way(&heard), "{heard} instead of {line}");
        }
    }
}

/// What may come at any time.
fn is_by_the_way(heard: &str) -> bool {
    heard.starts_with("STATUS=") || heard.starts_with("WATCHDOG=")
}

fn start(home: &Home, watchdog: Option<&str>) -> (Manager, Node) {
    let manager = Manager::at(home);
    let mut command = home.filbert(&[&LOOPBACK[..], &["--no-bootstrap"]].concat());
    command.env("NOTIFY_SOCKET", home.path().join("notify"));
    watchdog.map(|usec| command.env("WATCHDOG_USEC", usec));
    let node = Node::from(&mut command);
    (manager, node)
}

#[test]
fn systemd_hears_when_it_is_ready_reloads_and_stops() {
    let home = Home::new("systemd");
    let (manager, mut node) = start(&home, None);
    manager.until("READY=1");
    node.signal(Signal::HUP);
    let reloading = manager.until("RELOADING=1");
    let since = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    let since: u64 = since.expect("systemd wants to know since when").parse().unwrap();
    assert!(since > 0);
    manager.until("READY=1");
    let (code, _) = node.terminate(Signal::TERM);
    assert_eq!(code, Some(0));
    manager.until("STOPPING=1");
}

/// As in containers: the socket has a name, and no file.
#[cfg(target_os = "linux")]
#[test]
fn systemd_hears_by_a_socket_without_a_file_too() {
    let home = Home::new("abstract-socket");
    let name = format!("filbert-notify-{}", std::process::id());
    let place = SocketAddr::from_abstract_name(&name).unwrap();
    let manager = Manager::of(UnixDatagram::bind_addr(&place).unwrap());
    let mut command = home.filbert(&[&LOOPBACK[..], &["--no-bootstrap"]].concat());
    let mut node = Node::from(command.env("NOTIFY_SOCKET", format!("@{name}")));
    manager.until("READY=1");
    node.terminate(Signal::TERM);
    manager.until("STOPPING=1");
}

#[test]
fn the_watchdog_of_systemd_is_fed_if_it_is_there() {
    let home = Home::new("watchdog");
    let (manager, _node) = start(&home, Some("400000"));
    for _ in 0..3 {
        while manager.hear() != "WATCHDOG=1\n" {}
    }
}

#[test]
fn systemd_hears_how_it_is_in_words() {
    let home = Home::new("systemd-status");
    let (manager, _node) = start(&home, None);
    let status = loop {
        let heard = manager.hear();
        if let Some(status) = heard.strip_prefix("STATUS=") {
            break status.to_owned();
        }
    };
    assert!(status.contains("0 hosts known"), "{status}");
}
