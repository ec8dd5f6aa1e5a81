use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use crate::base::time::Time;
use crate::gnutella::bootstrap::Multicast;
use crate::node::Command;
use crate::runtime::own_address;

/// Bytes of a datagram that are read. Pings and pongs of the local network have less.
const DATAGRAM_LEN_MAX: usize = 2_048;

/// How hosts of the local network are sought.
#[derive(Clone, Copy, Debug)]
pub struct LocalPlan {
    /// [`MULTICAST_GROUP`](crate::gnutella::bootstrap::MULTICAST_GROUP), but for tests.
    pub group: SocketAddrV4,
    /// The address of ours in that network; the unspecified one leaves it to the system.
    pub interface: Ipv4Addr,
    /// Where we take connections.
    pub port: u16,
    /// All that is random follows from it.
    pub seed: u64,
}

/// Looks for hosts of the local network, and answers those who look (BOOT-15), as long as somebody takes
/// commands. Fails at once, or when the network is gone.
pub async fn run_local(plan: LocalPlan, commands: Sender<Command>) -> io::Result<()> {
    let (listener, speaker) = (listener(plan)?, speaker(plan)?);
    let start = Instant::now();
    let rng = ChaCha8Rng::seed_from_u64(plan.seed);
    let mut multicast = Multicast::new(plan.port, rng, Time::ZERO);
    let (mut to_all, mut to_us) = ([0; DATAGRAM_LEN_MAX], [0; DATAGRAM_LEN_MAX]);
    loop {
        let due = start + multicast.due().since(Time::ZERO);
        tokio::select! {
            () = commands.closed() => return Ok(()),
            () = sleep_until(due) => {
                let ping = multicast.ping(Time::ZERO.after(start.elapsed()));
                if let Err(error) = speaker.send_to(&ping, plan.group).await {
                    debug!(%error, "the local network was not asked");
                }
            }
            received = listener.recv_from(&mut to_all) => {
                let (len, from) = received?;
                let bytes = Bytes::copy_from_slice(to_all.get(..len).unwrap_or_default());
                let own = seen_by(plan, from);
                let now = Time::ZERO.after(start.elapsed());
                let answer = own.and_then(|own| multicast.answer(&bytes, from, own, now));
                if let Some(answer) = answer {
                    // An answer that is lost is asked for again.
                    let _ = speaker.send_to(&answer, from).await;
                }
            }
            received = speaker.recv_from(&mut to_us) => {
                // An error is about somebody whom an answer did not reach.
                let Ok((len, from)) = received else { continue };
                let bytes = Bytes::copy_from_slice(to_us.get(..len).unwrap_or_default());
                let now = Time::ZERO.after(start.elapsed());
                if let Some(host) = multicast.hear(&bytes, from, now) {
                    debug!(%host, "a host of the local network has answered");
                    let told = Command::Told { by: host.ip(), hosts: vec![host] };
                    // Nobody takes it: the next turn finds that out.
                    let _ = commands.send(told).await;
                }
            }
        }
    }
}

/// Our address, as the other one sees it.
fn seen_by(plan: LocalPlan, other: SocketAddr) -> Option<Ipv4Addr> {
    match other.ip() {
        IpAddr::V4(ip) if plan.interface.is_unspecified() => own_address::towards(ip),
        _ => Some(plan.interface),
    }
}

/// Hears what is said to the group, beside other programs that do.
fn listener(plan: LocalPlan) -> io::Result<UdpSocket> {
    let socket = socket()?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::V4(plan.group).into())?;
    socket.join_multicast_v4(plan.group.ip(), &plan.interface)?;
    UdpSocket::from_std(socket.into())
}

/// Speaks to the group, and to those who do; their answers come to it alone.
fn speaker(plan: LocalPlan) -> io::Result<UdpSocket> {
    let socket = socket()?;
    socket.bind(&SocketAddr::from((plan.interface, 0)).into())?;
    socket.set_multicast_if_v4(&plan.interface)?;
    socket.set_multicast_ttl_v4(1)?;
    // Other programs on this machine hear it too.
    socket.set_multicast_loop_v4(true)?;
    UdpSocket::from_std(socket.into())
}

fn socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
