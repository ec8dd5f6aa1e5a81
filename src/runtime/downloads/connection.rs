use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::throttle::Throttle;
use crate::runtime::engine::{Lines, Wire};
use crate::transfer::download::{
    Answer, Ask, Heard, Manners, NoReply, Reply, Row, SourceId, request_of,
};

/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// That there is no way to a network we know at once: later it is somebody on the way who says so.
const NO_LINE_MAX: Duration = Duration::from_millis(5);

/// How often a source is said to wait for us.
const HELD_EVERY: Duration = Duration::from_secs(5);

/// Bytes that are read at once.
const READ_LEN: usize = 64 * 1024;

/// What a connection has to tell.
pub(super) enum News {
    Connected,
    NotConnected,
    /// Nothing left our machine.
    NoLine,
    /// There is no room for another connection by now.
    NoRoom,
    /// It is there, and does not speak TLS with us.
    NotSecret,
    Answered(Answer),
    Nonsense,
    Body(Bytes),
    Tree(Option<Row>),
    /// The user's limit has us wait with reading.
    Held,
    Lost,
}

/// Whose news it is: a source may have had another connection before.
pub(super) struct Told {
    pub(super) source: SourceId,
    pub(super) connection: u64,
    pub(super) news: News,
}

/// Bytes from and to a source, whoever has called.
pub(super) struct Pipe(pub(super) Box<Wire>);

impl Pipe {
    pub(super) async fn read(&mut self, into: &mut BytesMut) -> io::Result<usize> {
        self.0
            .read(|bytes| {
                into.extend_from_slice(bytes);
                bytes.len()
            })
            .await
    }

    async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }
}

/// Why nobody was called, or nobody answered as was hoped.
enum NoCall {
    Unreachable,
    NoLine,
    /// We have as many connections as we may, or as many to it.
    NoRoom,
    NotSecret,
}

/// The task of one connection.
pub(super) struct Connection {
    pub(super) source: SourceId,
    pub(super) connection: u64,
    pub(super) address: SocketAddr,
    /// It is said to speak TLS.
    pub(super) takes_tls: bool,
    pub(super) lines: Lines,
    pub(super) sha1: Option<[u8; 20]>,
    pub(super) manners: Arc<Manners>,
    pub(super) throttle: Arc<Throttle>,
    pub(super) asks: mpsc::Receiver<Ask>,
    pub(super) told: mpsc::Sender<Told>,
}

/// Nobody listens any more.
struct Unheard;

impl Connection {
    /// Calls the source, and asks it whatever is wanted.
    pub(super) async fn call(self) {
        match self.connect().await {
            Ok(pipe) => self.run(pipe, BytesMut::new()).await,
            Err(NoCall::Unreachable) => drop(self.tell(News::NotConnected).await),
            Err(NoCall::NoLine) => drop(self.tell(News::NoLine).await),
            Err(NoCall::NoRoom) => drop(self.tell(News::NoRoom).await),
            Err(NoCall::NotSecret) => drop(self.tell(News::NotSecret).await),
        }
    }

    async fn connect(&self) -> Result<Pipe, NoCall> {
        let begun = Instant::now();
        let mut wire = match timeout(CALL_TIMEOUT, self.lines.call(self.address)).await {
            Ok(Ok(wire)) => wire,
            Ok(Err(error)) if error.kind() == io::ErrorKind::QuotaExceeded => {
                return Err(NoCall::NoRoom);
            }
            Ok(Err(error)) if is_own_fault(&error) && begun.elapsed() < NO_LINE_MAX => {
                return Err(NoCall::NoLine);
            }
            Ok(Err(_)) | Err(_) => return Err(NoCall::Unreachable),
        };
        if self.takes_tls && self.lines.speak_tls() {
            let secured = timeout(CALL_TIMEOUT, self.lines.secure(&mut wire)).await;
            let Ok(Ok(())) = secured else { return Err(NoCall::NotSecret) };
        }
        Ok(Pipe(Box::new(wire)))
    }

    /// Asks whatever is wanted, over a connection that stands.
    pub(super) async fn run(mut self, mut pipe: Pipe, mut read: BytesMut) {
        if self.tell(News::Connected).await.is_err() {
            return;
        }
        let news = match self.converse(&mut pipe, &mut read).await {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => News::Nonsense,
            Err(_) => News::Lost,
        };
        let _ = self.tell(news).await;
    }

    async fn converse(&mut self, pipe: &mut Pipe, read: &mut BytesMut) -> io::Result<()> {
        loop {
            let ask = tokio::select! {
                ask = self.asks.recv() => ask,
                // Nothing comes that was not asked for, but the end.
                len = pipe.read(read) => match len? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    _ => return Err(io::ErrorKind::InvalidData.into()),
                },
            };
            let Some(ask) = ask else { return Ok(()) };
            let head = request_of(&ask, self.sha1, self.address, &self.manners);
            let head = head.ok_or(io::ErrorKind::InvalidInput)?;
            pipe.write_all(&head.to_bytes()).await?;
            if self.exchange(pipe, read, &ask).await.is_err() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
    }

    async fn exchange(
        &mut self,
        pipe: &mut Pipe,
        read: &mut BytesMut,
        ask: &Ask,
    ) -> io::Result<()> {
        let mut reply = Reply::to(ask.clone(), self.sha1);
        let mut is_last = false;
        while !reply.is_over() {
            let heard = match reply.take_from(read, is_last) {
                Ok(heard) => heard,
                Err(why) => {
                    if why == NoReply::Nonsense {
                        let _ = self.tell(News::Nonsense).await;
                    }
                    return Err(io::ErrorKind::InvalidData.into());
                }
            };
            let Some(heard) = heard else {
                if reply.is_over() {
                    break;
                }
                match self.read_more(pipe, read).await {
                    Err(error)
                        if error.kind() == io::ErrorKind::UnexpectedEof
                            && reply.may_end_here()
                            && !is_last =>
                    {
                        is_last = true;
                    }
                    outcome => outcome?,
                }
                continue;
            };
            let news = match heard {
                Heard::Answered(answer) => News::Answered(answer),
                Heard::Body(bytes) => News::Body(bytes),
                Heard::Tree(row) => News::Tree(row),
            };
            self.tell(news).await.map_err(|_| io::Error::other("unheard"))?;
        }
        Ok(())
    }

    async fn read_more(&self, pipe: &mut Pipe, read: &mut BytesMut) -> io::Result<()> {
        self.wait_for_limit().await?;
        read.reserve(READ_LEN);
        let len = pipe.read(read).await?;
        self.throttle.spend(len);
        if len == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Waits as long as the user's limit wants. That is not the source's silence (DOWN-34).
    async fn wait_for_limit(&self) -> io::Result<()> {
        let mut open = pin!(self.throttle.wait());
        let mut is_open = timeout(HELD_EVERY, &mut open).await.is_ok();
        while !is_open {
            is_open = timeout(HELD_EVERY, &mut open).await.is_ok();
            self.tell(News::Held).await.map_err(|_| io::Error::other("unheard"))?;
        }
        Ok(())
    }

    async fn tell(&self, news: News) -> Result<(), Unheard> {
        let told = Told { source: self.source, connection: self.connection, news };
        self.told.send(told).await.map_err(|_| Unheard)
    }
}

/// Whether a call came to nothing because we have no way to that network.
fn is_own_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
    )
}
