use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::hall::Hall;
use super::inbox::News;
use super::link_task::{Connection, LinkTask};
use super::mailbox::Mailbox;
use super::sockets::{canonical, tune};
use super::stream::Stream;
use crate::gnutella::link::{Opening, Sniffer};
use crate::node::{Direction, LinkId};

/// How long somebody who has connected may take to say what it wants. Servents say it at once.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long nobody is accepted when the system has no room for another connection.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// Seconds between two complaints about that.
const EXHAUSTED_COMPLAINT: Duration = Duration::from_secs(60);

/// What is said to whoever wants a file: there are none yet.
const NOTHING_HERE: &[u8] =
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Takes connections until the node ends.
pub(super) async fn accept(
    listener: TcpListener,
    hall: Arc<Hall>,
    connections_max: usize,
    end: CancellationToken,
) {
    let mut complained: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            () = end.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) if hall.connections() >= connections_max => drop(stream),
            Ok((stream, address)) => welcome(stream, canonical(address), &hall),
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

/// Whoever connected is gone again; the next one may be better.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionAborted | Kind::ConnectionReset | Kind::Interrupted)
}

fn welcome(stream: TcpStream, address: SocketAddr, hall: &Arc<Hall>) {
    if tune(&stream).is_err() {
        return;
    }
    let (link, mailbox) = (hall.next_link(), Arc::new(Mailbox::default()));
    hall.connection_begins();
    hall.inbox.put(News::Connected {
        link,
        address,
        direction: Direction::Incoming,
        mailbox: Arc::clone(&mailbox),
    });
    let visitor = Visitor { link, address, mailbox, hall: Arc::clone(hall), is_known: false };
    tokio::spawn(visitor.receive(stream));
}

/// Somebody who has connected, until it is known what it wants.
struct Visitor {
    link: LinkId,
    address: SocketAddr,
    mailbox: Arc<Mailbox>,
    hall: Arc<Hall>,
    /// Another task looks after it now.
    is_known: bool,
}

impl Visitor {
    async fn receive(mut self, stream: TcpStream) {
        let opened = self.hall.clock.now();
        let deadline = Instant::now() + OPENING_TIMEOUT;
        let mut stream = Stream::Plain(stream);
        let Ok(Ok((opening, first))) = timeout_at(deadline, self.understand(&mut stream)).await
        else {
            return;
        };
        match opening {
            Opening::Gnutella => {
                self.is_known = true;
                let connection = Connection {
                    id: self.link,
                    hall: Arc::clone(&self.hall),
                    mailbox: Arc::clone(&self.mailbox),
                    stream,
                };
                let task = LinkTask::accept(connection, self.address.ip(), opened, &first);
                tokio::spawn(task);
            }
            Opening::Http(_) => {
                // A short answer always has room in a connection that is new.
                poll_fn(|cx| stream.poll_write(cx, NOTHING_HERE).map(drop)).await;
                poll_fn(|cx| stream.poll_shutdown(cx).map(drop)).await;
            }
            Opening::Giv
            | Opening::Queue
            | Opening::Give
            | Opening::Tls
            | Opening::FastTrack
            | Opening::Foreign => {}
        }
    }

    /// Reads until it is clear what is wanted, inside of TLS too (HAND-51).
    async fn understand(&self, stream: &mut Stream) -> io::Result<(Opening, BytesMut)> {
        let (opening, first) = self.listen(stream).await?;
        let (Opening::Tls, Some(securer)) = (opening, &self.hall.securer) else {
            return Ok((opening, first));
        };
        stream.secure(&**securer, first.freeze(), false);
        tokio::select! {
            () = self.mailbox.ordered() => return Err(io::ErrorKind::ConnectionRefused.into()),
            secured = poll_fn(|cx| stream.poll_secured(cx)) => secured?,
        }
        self.mailbox.is_secret.store(true, Ordering::Relaxed);
        self.listen(stream).await
    }

    /// Reads the first bytes, unless the node does not want to know.
    async fn listen(&self, stream: &mut Stream) -> io::Result<(Opening, BytesMut)> {
        let mut sniffer = Sniffer::new();
        loop {
            let read =
                poll_fn(|cx| stream.poll_read(cx, |bytes| (bytes.len(), sniffer.receive(bytes))));
            let (len, opening) = tokio::select! {
                () = self.mailbox.ordered() => return Err(io::ErrorKind::ConnectionRefused.into()),
                read = read => read?,
            };
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.mailbox.counters.count_received(len);
            self.hall.totals.count_received(len);
            if let Some(opening) = opening {
                return Ok((opening, sniffer.into_bytes()));
            }
        }
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        if !self.is_known {
            self.hall.inbox.put(News::Gone { link: self.link });
            self.hall.connection_ends();
        }
    }
}
