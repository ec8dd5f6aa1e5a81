//! Hosts of a local network that is this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use filbert::gnutella::bootstrap::MULTICAST_GROUP;
use filbert::node::Command;
use filbert::runtime::bootstrap::{LocalPlan, run_local};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

use crate::running::PATIENCE;

/// A host that takes connections at this port.
fn host(group: SocketAddrV4, port: u16) -> Receiver<Command> {
    let plan = LocalPlan { group, interface: Ipv4Addr::LOCALHOST, port, seed: u64::from(port) };
    let (sender, commands) = channel(16);
    tokio::spawn(async move { run_local(plan, sender).await.unwrap() });
    commands
}

/// The port of the host of which it hears first.
async fn first(commands: &mut Receiver<Command>) -> u16 {
    let Some(Command::Told { by, hosts }) = commands.recv().await else { panic!("it ended") };
    assert_eq!(by, IpAddr::from(Ipv4Addr::LOCALHOST));
    let ports: Vec<u16> =
        hosts.iter().filter(|host| host.ip() == by).map(SocketAddr::port).collect();
    assert_eq!((hosts.len(), ports.len()), (1, 1), "{hosts:?}");
    ports[0]
}

/// BOOT-15, BOOT-16, BOOT-17: whoever comes later is answered.
#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_of_one_network_find_each_other() {
    // A port that nobody has, so that no program of this machine takes part.
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let group = SocketAddrV4::new(*MULTICAST_GROUP.ip(), free.local_addr().unwrap().port());
    let (mut one, mut other) = (host(group, 6_001), host(group, 6_002));
    let found = async {
        tokio::select! {
            port = first(&mut one) => assert_eq!(port, 6_002),
            port = first(&mut other) => assert_eq!(port, 6_001),
        }
    };
    timeout(PATIENCE, found).await.expect("one of them hears of the other");
}
