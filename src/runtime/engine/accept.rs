use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::arrival::Arrival;
use super::hall::Hall;
use super::inbox::News;
use super::mailbox::Mailbox;
use super::sockets::{canonical, tune};
use super::visitor::Visitor;
use crate::gnutella::link::Port;
use crate::node::Direction;

/// How long nobody is accepted when the system has no room for another connection.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// Seconds between two complaints about that.
const EXHAUSTED_COMPLAINT: Duration = Duration::from_secs(60);

/// Who takes connections that are no links.
#[derive(Clone)]
pub(super) struct Rooms {
    pub(super) visits: mpsc::Sender<Arrival>,
    pub(super) calls: mpsc::Sender<Arrival>,
}

/// Takes connections until the node ends.
pub(super) struct Reception {
    pub(super) hall: Arc<Hall>,
    pub(super) rooms: Rooms,
    pub(super) connections_max: usize,
    /// Whose port it is.
    pub(super) port: Port,
    pub(super) end: CancellationToken,
}

impl Reception {
    /// The same for a port that is FastTrack's alone.
    pub(super) fn of_fasttrack(&self) -> Self {
        Self {
            hall: Arc::clone(&self.hall),
            rooms: self.rooms.clone(),
            connections_max: self.connections_max,
            port: Port::FastTrack,
            end: self.end.clone(),
        }
    }

    pub(super) async fn accept(self, listener: TcpListener) {
        let mut complained: Option<Instant> = None;
        loop {
            let accepted = tokio::select! {
                () = self.end.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) if self.hall.connections() >= self.connections_max => {
                    drop(stream);
                    // FTSAFE-17
                    tokio::time::sleep(EXHAUSTED_WAIT).await;
                }
                Ok((stream, address)) => self.welcome(stream, canonical(address)),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    let is_due = complained.is_none_or(|at| at.elapsed() >= EXHAUSTED_COMPLAINT);
                    if is_due {
                        complained = Some(Instant::now());
                        tracing::warn!(%error, "no connection can be accepted now");
                    }
                    tokio::time::sleep(EXHAUSTED_WAIT).await;
                }
            }
        }
    }

    fn welcome(&self, stream: TcpStream, address: SocketAddr) {
        if tune(&stream).is_err() {
            return;
        }
        let hall = &self.hall;
        let (link, mailbox) = (hall.next_link(), Arc::new(Mailbox::default()));
        hall.connection_begins();
        hall.inbox.put(News::Connected {
            link,
            address,
            direction: Direction::Incoming,
            mailbox: Arc::clone(&mailbox),
        });
        let (hall, rooms) = (Arc::clone(hall), self.rooms.clone());
        let visitor = Visitor::new((link, address), mailbox, hall, rooms, self.port);
        tokio::spawn(visitor.receive(stream));
    }
}

/// Whoever connected is gone again; the next one may be better.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionAborted | Kind::ConnectionReset | Kind::Interrupted)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use socket2::SockRef;
    use tokio::io::AsyncWriteExt;

    use super::super::clock::Clock;
    use super::super::sockets::keep_little;
    use super::*;
    use crate::gnutella::link::{Profile, Role};
    use crate::runtime::engine::Securer;
    use crate::runtime::tls::Tls;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    /// Bytes that the system keeps on their way, for whoever asks for a file.
    async fn len_on_the_way(is_secret: bool) -> (usize, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let profile = Profile::new(Role::Leaf);
        let hall = Hall::new(Clock::start(), profile, Some(Arc::new(Tls::new().unwrap())));
        let ((visits, mut comes), (calls, _calls)) = (mpsc::channel(1), mpsc::channel(1));
        let (hall, rooms) = (Arc::new(hall), Rooms { visits, calls });
        let end = CancellationToken::new();
        let reception =
            Reception { hall, rooms, connections_max: 1, port: Port::Shared, end: end.clone() };
        let accepted = tokio::spawn(reception.accept(listener));
        let mut client = TcpStream::connect(to).await.unwrap();
        let _client: Box<dyn Send> = if is_secret {
            let mut client = Tls::new().unwrap().secure(client, Bytes::new(), true).await.unwrap();
            client.write_all(ASK).await.unwrap();
            client.flush().await.unwrap();
            Box::new(client)
        } else {
            client.write_all(ASK).await.unwrap();
            Box::new(client)
        };
        let arrival = comes.recv().await.unwrap();
        let connection = arrival.wire.stream.connection().unwrap();
        let len = || SockRef::from(connection).send_buffer_size().unwrap();
        let of_system = len();
        keep_little(connection).unwrap();
        let of_links = len();
        end.cancel();
        accepted.await.unwrap();
        (of_system, of_links)
    }

    /// Where we keep the system from having much on its way, a file takes twice its time.
    #[tokio::test]
    async fn the_system_decides_how_much_of_a_file_is_on_its_way() {
        for is_secret in [false, true] {
            let (of_system, of_links) = len_on_the_way(is_secret).await;
            assert_ne!(of_system, of_links, "it was limited before: {is_secret}");
        }
    }
}
