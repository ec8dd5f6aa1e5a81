use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::hall::Hall;
use super::sockets::{canonical, for_socket};
use crate::base::limits::DATAGRAM_LEN_MAX;

/// Datagrams that are handed over at once.
const BATCH_MAX: usize = 64;

/// Datagrams that have arrived.
#[derive(Debug, Default)]
struct Batch {
    datagrams: Vec<(SocketAddr, Bytes)>,
    /// How many more there were that nobody looks at.
    too_long: usize,
}

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
        // A longer one fills it, and is known by that.
        let mut buffer = vec![0; DATAGRAM_LEN_MAX.saturating_add(1)];
        loop {
            let ready = tokio::select! {
                () = end.cancelled() => return,
                ready = self.socket.readable() => ready,
            };
            let Batch { datagrams, too_long } = self.read(&mut buffer);
            let is_empty = datagrams.is_empty();
            hall.inbox.lose(too_long);
            hall.inbox.put_datagrams(datagrams);
            if ready.is_err() || is_empty {
                tokio::task::yield_now().await;
            }
        }
    }

    fn read(&self, buffer: &mut [u8]) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..BATCH_MAX {
            match self.socket.try_recv_from(buffer) {
                // UDP-34
                Ok((len, _)) if len > DATAGRAM_LEN_MAX => {
                    batch.too_long = batch.too_long.saturating_add(1);
                }
                Ok((len, from)) => {
                    let bytes = buffer.get(..len).unwrap_or_default();
                    batch.datagrams.push((canonical(from), Bytes::copy_from_slice(bytes)));
                }
                // That a datagram of ours did not arrive is told by an error too.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {}
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UDP-34
    #[tokio::test]
    async fn datagrams_as_long_as_the_limit_are_read_and_longer_ones_counted() {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (to, receiver) = (receiver.local_addr().unwrap(), Datagrams::new(receiver));
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        for len in [DATAGRAM_LEN_MAX + 1, 60_000, DATAGRAM_LEN_MAX, 23] {
            assert_eq!(sender.send_to(&vec![7; len], to).await.unwrap(), len);
        }
        let mut buffer = vec![0; DATAGRAM_LEN_MAX + 1];
        let (mut lens, mut too_long) = (Vec::new(), 0);
        while lens.len() < 2 {
            receiver.socket.readable().await.unwrap();
            let batch = receiver.read(&mut buffer);
            too_long += batch.too_long;
            lens.extend(batch.datagrams.iter().map(|(_, bytes)| bytes.len()));
        }
        assert_eq!((lens, too_long), (vec![DATAGRAM_LEN_MAX, 23], 2));
    }
}
