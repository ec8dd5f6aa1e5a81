use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::accept::Rooms;
use super::arrival::{Arrival, Wire};
use super::hall::Hall;
use super::inbox::News;
use super::link_task::{Connection, LinkTask};
use super::mailbox::{Mailbox, SessionMailbox};
use super::session_task::SessionTask;
use super::sockets::keep_little;
use super::stream::Stream;
use crate::base::limits::HELD_MS;
use crate::base::time::Time;
use crate::gnutella::link::{Opening, Port, Sniffer};
use crate::node::LinkId;

/// How long somebody who has connected may take to say what it wants. Servents say it at once.
const OPENING_TIMEOUT: Duration = Duration::from_secs(10);

/// What those begin with whom we, or others behind the same address, have asked to show that we can be reached (VMSG-10).
const REACHES: [&[u8]; 2] = [b"\n", b"CONNECT BACK"];

/// Somebody who has connected, until it is known what it wants.
pub(super) struct Visitor {
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
    pub(super) fn new(
        (link, address): (LinkId, SocketAddr),
        mailbox: Arc<Mailbox>,
        hall: Arc<Hall>,
        rooms: Rooms,
        port: Port,
    ) -> Self {
        Self { link, address, mailbox, hall, rooms, port, is_known: false, is_counted: true }
    }

    pub(super) async fn receive(mut self, stream: TcpStream) {
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

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::super::clock::Clock;
    use super::*;
    use crate::gnutella::link::{Profile, Role};

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
            let visitor =
                Visitor::new((link, address), mailbox, Arc::clone(&hall), rooms, Port::Shared);
            visitor.receive(stream).await;
            let news = hall.inbox.take(VecDeque::new()).pop_front();
            assert_eq!(matches!(news, Some(News::HandedOn { .. })), is_known, "{says:?}: {news:?}");
            assert_eq!(hall.connections(), 0);
        }
    }
}
