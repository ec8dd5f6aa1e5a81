use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::arrival::{Arrival, Wire};
use super::hall::Hall;
use super::inbox::News;
use super::link_task::{Connection, LinkTask};
use super::mailbox::{Mailbox, SessionMailbox};
use super::session_task::SessionTask;
use super::sockets::{canonical, keep_little, tune};
use super::stream::Stream;
use crate::base::limits::HELD_MS;
use crate::base::time::Time;
use crate::gnutella::link::{Opening, Port, Sniffer};
use crate::node::{Direction, LinkId};

/// How long somebody who has connected may take to say what it wants. Servents say it at once.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long nobody is accepted when the system has no room for another connection.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// Seconds between two complaints about that.
const EXHAUSTED_COMPLAINT: Duration = Duration::from_secs(60);

/// What those begin with whom we, or others behind the same address, have asked to show that we can be reached (VMSG-10).
const REACHES: [&[u8]; 2] = [b"\n", b"CONNECT BACK"];

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
        let port = self.port;
        let visitor = Visitor {
            link,
            address,
            mailbox,
            hall,
            rooms,
            port,
            is_known: false,
            is_counted: true,
        };
        tokio::spawn(visitor.receive(stream));
    }
}

/// Whoever connected is gone again; the next one may be better.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionAborted | Kind::ConnectionReset | Kind::Interrupted)
}

/// Somebody who has connected, until it is known what it wants.
struct Visitor {
    link: LinkId,
    address: SocketAddr,
    mailbox: Arc<Mailbox>,
    hall: Arc<Hall>,
    rooms: Rooms,
    /// That which it has called.
    port: Port,
    /// The task of a link looks after it now, or another room.
    is_known: bool,
    /// It counts as a connection as long as this lives.
    is_counted: bool,
}

impl Visitor {
    async fn receive(mut self, stream: TcpStream) {
        let opened = self.hall.clock.now();
        let deadline = Instant::now() + OPENING_TIMEOUT;
        let mut stream = Stream::Plain(stream);
        let (opening, first) = match timeout_at(deadline, self.understand(&mut stream)).await {
            Ok(Ok(understood)) => understood,
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return self.hold().await;
            }
            Ok(Err(_)) | Err(_) => return,
        };
        match opening {
            Opening::Gnutella => {
                if stream.connection().is_none_or(|connection| keep_little(connection).is_err()) {
                    return;
                }
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
            Opening::Http(_) | Opening::Giv | Opening::Queue | Opening::Give => {
                self.hand_on(opening, stream, first);
            }
            Opening::Foreign if REACHES.iter().any(|word| first.starts_with(word)) => {
                self.hall.inbox.put(News::HandedOn { link: self.link });
                self.is_known = true;
                self.hall.connection_ends();
            }
            Opening::FastTrack => self.begin_session(stream, opened, &first),
            Opening::Tls | Opening::Foreign => {}
        }
    }

    /// It is not wanted: there are programs that call again at once where they are closed (FTSAFE-17).
    async fn hold(&self) {
        let host = self.address.ip();
        if self.hall.hold_begins(host) {
            tokio::time::sleep(Duration::from_millis(HELD_MS)).await;
            self.hall.hold_ends(host);
        }
    }

    /// It wants a session of FastTrack, if we speak that.
    fn begin_session(&mut self, stream: Stream, opened: Time, first: &[u8]) {
        let Some(link) = self.hall.session_from(opened) else { return };
        if stream.connection().is_none_or(|connection| keep_little(connection).is_err()) {
            return;
        }
        let mailbox = Arc::new(SessionMailbox::default());
        mailbox.counters.count_received(first.len());
        self.is_known = true;
        self.hall.inbox.put(News::Greeted { link: self.link, mailbox: Arc::clone(&mailbox) });
        let parts = (Arc::clone(&self.hall), mailbox);
        tokio::spawn(SessionTask::new(self.link, parts, (link, stream), first));
    }

    /// It is no link: another room takes it. Where that has no room for it, it ends here.
    fn hand_on(&mut self, opening: Opening, stream: Stream, first: BytesMut) {
        let is_http = matches!(opening, Opening::Http(_));
        self.is_counted = false;
        self.is_known = true;
        self.hall.inbox.put(News::HandedOn { link: self.link });
        let wire = Wire::new(stream, Arc::clone(&self.hall));
        let arrival = Arrival { opening, address: self.address, first, wire };
        let room = if is_http { &self.rooms.visits } else { &self.rooms.calls };
        let _ = room.try_send(arrival);
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
        let mut sniffer = Sniffer::at(self.port);
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
        }
        if !self.is_known && self.is_counted {
            self.hall.connection_ends();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use bytes::Bytes;
    use socket2::SockRef;
    use tokio::io::AsyncWriteExt;

    use super::super::clock::Clock;
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

    /// HAND-62: whoever shows that we can be reached has said what it wanted.
    #[tokio::test]
    async fn who_shows_that_we_can_be_reached_is_no_silent_one() {
        for (says, is_known) in
            [("\n\n", true), ("CONNECT BACK\n\n", true), ("SSH-2.0-x\r\n", false)]
        {
            let hall = Arc::new(Hall::new(Clock::start(), Profile::new(Role::Leaf), None));
            let rooms = Rooms { visits: mpsc::channel(1).0, calls: mpsc::channel(1).0 };
            let (link, mailbox) = (hall.next_link(), Arc::new(Mailbox::default()));
            hall.connection_begins();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            client.write_all(says.as_bytes()).await.unwrap();
            let (stream, address) = listener.accept().await.unwrap();
            let visitor = Visitor {
                link,
                address,
                mailbox,
                hall: Arc::clone(&hall),
                rooms,
                port: Port::Shared,
                is_known: false,
                is_counted: true,
            };
            visitor.receive(stream).await;
            let news = hall.inbox.take(VecDeque::new()).pop_front();
            assert_eq!(matches!(news, Some(News::HandedOn { .. })), is_known, "{says:?}: {news:?}");
            assert_eq!(hall.connections(), 0);
        }
    }
}
