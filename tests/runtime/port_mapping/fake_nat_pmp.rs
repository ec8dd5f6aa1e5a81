//! A router that speaks NAT-PMP, or PCP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Asked, OUTSIDE};

/// The port on which routers listen.
const ROUTER_PORT: u16 = 5351;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NatPmp,
    /// It maps to ports that are so much higher.
    Pcp {
        shift: u16,
    },
    /// Another router stands before it.
    Private,
    /// It gives each protocol a port, and then nothing any more.
    Once,
}

pub(super) struct FakeRouter {
    pub(super) ip: Ipv4Addr,
    asked: Option<UnboundedReceiver<Asked>>,
}

impl FakeRouter {
    /// Starts it at an address of loopback that nobody else has taken for the same.
    pub(super) async fn start(kind: Kind, lease_s: u32) -> Self {
        let (ip, socket) = free_place().await;
        let (sender, asked) = unbounded_channel();
        let server = Server { kind, lease_s, sender, granted: AtomicU32::new(0) };
        tokio::spawn(async move {
            let mut buffer = [0; 1_100];
            loop {
                let (len, from) = socket.recv_from(&mut buffer).await.unwrap();
                if let Some(answer) = server.answer(&buffer[..len], from) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self { ip, asked: Some(asked) }
    }

    pub(super) fn take_asked(&mut self) -> UnboundedReceiver<Asked> {
        self.asked.take().unwrap()
    }
}

/// The port is given, so that the address has to differ.
async fn free_place() -> (Ipv4Addr, UdpSocket) {
    for n in 1..=u8::MAX {
        let ip = Ipv4Addr::new(127, 7, 210, n);
        if let Ok(socket) = UdpSocket::bind((ip, ROUTER_PORT)).await {
            return (ip, socket);
        }
    }
    panic!("no address of loopback is free");
}

struct Server {
    kind: Kind,
    lease_s: u32,
    sender: UnboundedSender<Asked>,
    granted: AtomicU32,
}

impl Server {
    fn answer(&self, request: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
        match (request[0], self.kind) {
            (2, Kind::Pcp { shift }) => Some(self.answer_pcp(request, shift, from)),
            // RFC 6886, 3.5: a version that is not known.
            (2, _) => Some(vec![0, 0x80 | request[1], 0, 1, 0, 0, 0, 7]),
            (0, _) if request[1] == 0 => {
                let mut answer = vec![0, 0x80, 0, 0, 0, 0, 0, 7];
                let outside =
                    if self.kind == Kind::Private { Ipv4Addr::new(10, 9, 8, 7) } else { OUTSIDE };
                answer.extend(outside.octets());
                Some(answer)
            }
            (0, _) => self.answer_nat_pmp(request),
            _ => None,
        }
    }

    fn answer_nat_pmp(&self, request: &[u8]) -> Option<Vec<u8>> {
        assert_eq!(request.len(), 12);
        let port = u16::from_be_bytes([request[4], request[5]]);
        let lease_s = u32::from_be_bytes(request[8..12].try_into().unwrap());
        let _ = self.sender.send(Asked { is_tcp: request[1] == 2, port, lease_s });
        if self.kind == Kind::Once && self.granted.fetch_add(1, Ordering::Relaxed) >= 2 {
            return Some(vec![0, 0x80 | request[1], 0, 3, 0, 0, 0, 7]);
        }
        let mut answer = vec![0, 0x80 | request[1], 0, 0, 0, 0, 0, 7];
        answer.extend(port.to_be_bytes());
        answer.extend(if lease_s == 0 { [0, 0] } else { port.to_be_bytes() });
        answer.extend(if lease_s == 0 { 0 } else { self.lease_s }.to_be_bytes());
        Some(answer)
    }

    fn answer_pcp(&self, request: &[u8], shift: u16, from: SocketAddr) -> Vec<u8> {
        assert_eq!((request.len(), request[1]), (60, 1), "a request for a port");
        let client = Ipv4Addr::new(request[20], request[21], request[22], request[23]);
        assert_eq!(std::net::IpAddr::V4(client), from.ip());
        let lease_s = u32::from_be_bytes(request[4..8].try_into().unwrap());
        let port = u16::from_be_bytes([request[40], request[41]]);
        let _ = self.sender.send(Asked { is_tcp: request[36] == 6, port, lease_s });
        let mut answer = vec![2, 0x81, 0, 0];
        answer.extend(if lease_s == 0 { 0 } else { self.lease_s }.to_be_bytes());
        answer.extend([0, 0, 0, 7]);
        answer.extend([0; 12]);
        answer.extend(&request[24..42]);
        answer.extend(if lease_s == 0 { 0 } else { port + shift }.to_be_bytes());
        answer.extend(OUTSIDE.to_ipv6_mapped().octets());
        answer
    }
}
