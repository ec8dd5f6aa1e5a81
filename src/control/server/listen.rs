//! Connections: how many there are, how long each may take, and how they end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::app::App;
use super::guard::Names;
use super::limits::{HEAD_LEN_MAX, HEADERS_MAX, Limits};
use super::patience::Patience;
use super::routes;
use crate::control::credentials::Token;
use crate::control::desk::Desk;

/// Connections beyond the limit that are told so at a time; the others are closed without a word.
const TURNED_AWAY_MAX: usize = 32;
/// For a client beyond the limit to take the answer.
const TURNED_AWAY_TIMEOUT: Duration = Duration::from_secs(1);
/// What it is told.
const TURNED_AWAY: &str = concat!(
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n",
    "content-length: 132\r\nretry-after: 5\r\nconnection: close\r\n\r\n",
    r#"{"type":"about:blank","title":"Service Unavailable","status":503,"#,
    r#""detail":"too many connections are open: close some, or try later"}"#,
);

/// Where a server listens: a TCP port or a unix socket.
pub trait Door: Listener {
    /// By which names those who come through this door may call the server.
    fn names(&self) -> io::Result<Names>;

    /// Sets up a connection that has just been opened.
    fn welcome(_connection: &Self::Io) {}
}

impl Door for TcpListener {
    fn names(&self) -> io::Result<Names> {
        self.local_addr().map(Names::of)
    }

    fn welcome(connection: &TcpStream) {
        // Events are small and should not wait for company. If it fails they wait a little.
        let _ = connection.set_nodelay(true);
    }
}

impl Door for UnixListener {
    fn names(&self) -> io::Result<Names> {
        Ok(Names::Any)
    }

    fn welcome(_connection: &UnixStream) {}
}

/// Serves the API until `shutdown`, and then until the connections have ended, which they do within
/// a grace of two seconds.
pub async fn serve(
    listener: impl Door,
    desk: Desk,
    token: Token,
    shutdown: CancellationToken,
) -> io::Result<()> {
    serve_within(Limits::default(), listener, desk, token, shutdown).await
}

/// The same within other limits.
pub async fn serve_within<D: Door>(
    limits: Limits,
    mut listener: D,
    desk: Desk,
    token: Token,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let app = App::new(desk, token, listener.names()?, limits, shutdown.clone());
    let crew = Crew::new(routes::router(Arc::new(app)), limits, shutdown.clone());
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            (io, _) = listener.accept() => {
                D::welcome(&io);
                crew.take(io);
            }
        }
    }
    drop(listener);
    crew.tasks.close();
    crew.tasks.wait().await;
    Ok(())
}

/// The connections of a server.
struct Crew {
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
    places: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Crew {
    fn new(router: Router, limits: Limits, shutdown: CancellationToken) -> Self {
        Self {
            router,
            limits,
            shutdown,
            places: Arc::new(Semaphore::new(limits.connections_max)),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY_MAX)),
            tasks: TaskTracker::new(),
        }
    }

    fn take(&self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let (router, limits) = (self.router.clone(), self.limits);
            self.tasks.spawn(attend(io, router, limits, self.shutdown.clone(), place));
        } else if let Ok(place) = Arc::clone(&self.turned_away).try_acquire_owned() {
            self.tasks.spawn(turn_away(io, place));
        }
    }
}

/// Serves one connection to its end.
async fn attend(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    let io = TokioIo::new(Patience::new(io, limits.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_LEN_MAX)
        .serve_connection(io, TowerToHyperService::new(router));
    tokio::pin!(connection);
    // How a connection ends is the business of whoever is at its other end.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(limits.end_grace, connection).await;
}

/// Says that there is no room, and waits until that has been read.
async fn turn_away(
    mut io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    _place: OwnedSemaphorePermit,
) {
    let farewell = async {
        io.write_all(TURNED_AWAY.as_bytes()).await?;
        io.shutdown().await?;
        // A connection that is closed with bytes unread is reset, and the answer is lost.
        let mut unread = [0; 1024];
        while io.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = timeout(TURNED_AWAY_TIMEOUT, farewell).await;
}
