use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::hall::Hall;
use super::sockets::{canonical, for_socket};

/// Datagrams that are handed over at once.
const BATCH_MAX: usize = 64;

/// Bytes of the largest datagram that there is.
const DATAGRAM_LEN_MAX: usize = 64 * 1024;

/// The one socket for datagrams.
#[derive(Debug)]
pub(super) struct Datagrams {
    socket: UdpSocket,
    is_ipv6: bool,
}

impl Datagrams {
    pub(super) fn new(socket: UdpSocket) -> Self {
        let is_ipv6 = socket.local_addr().is_ok_and(|address| address.is_ipv6());
        Self { socket, is_ipv6 }
    }

    /// Sends a datagram, unless the network has no room for it: then it is lost, as on the way.
    pub(super) fn send(&self, bytes: &Bytes, to: SocketAddr) -> io::Result<usize> {
        self.socket.try_send_to(bytes, for_socket(to, self.is_ipv6))
    }

    /// Receives until the node ends.
    pub(super) async fn receive(self: Arc<Self>, hall: Arc<Hall>, end: CancellationToken) {
        let mut buffer = vec![0; DATAGRAM_LEN_MAX];
        loop {
            let ready = tokio::select! {
                () = end.cancelled() => return,
                ready = self.socket.readable() => ready,
            };
            let batch = self.read(&mut buffer);
            let is_empty = batch.is_empty();
            hall.inbox.put_datagrams(batch);
            if ready.is_err() || is_empty {
                tokio::task::yield_now().await;
            }
        }
    }

    fn read(&self, buffer: &mut [u8]) -> Vec<(SocketAddr, Bytes)> {
        let mut batch = Vec::new();
        for _ in 0..BATCH_MAX {
            match self.socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let bytes = buffer.get(..len).unwrap_or_default();
                    batch.push((canonical(from), Bytes::copy_from_slice(bytes)));
                }
                // That a datagram of ours did not arrive is told by an error too.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {}
            }
        }
        batch
    }
}
