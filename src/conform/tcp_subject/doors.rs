//! Where the subject calls.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How soon whoever calls says something.
const SPEAKS_WITHIN: Duration = Duration::from_secs(5);

/// A port, which takes one call after the other.
#[derive(Clone, Debug)]
pub(super) struct Port {
    pub(super) own: SocketAddr,
    listener: Arc<Mutex<TcpListener>>,
}

impl Port {
    pub(super) fn open(at: SocketAddr) -> io::Result<Self> {
        let listener = listen(at)?;
        let own = listener.local_addr()?;
        Ok(Self { own, listener: Arc::new(Mutex::new(listener)) })
    }

    /// The next call, for whoever has waited longest.
    pub(super) async fn next_call(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, from) = self.listener.lock().await.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, from))
    }
}

/// The ports at which the subject expects servents: it is to call them by itself.
#[derive(Clone, Debug, Default)]
pub struct Doors(Arc<Mutex<Vec<TcpListener>>>);

impl Doors {
    /// Opens them. It needs a runtime around it.
    pub fn open(at: &[SocketAddrV4]) -> io::Result<Self> {
        let all: Result<_, _> = at.iter().map(|at| listen((*at).into())).collect();
        Ok(Self(Arc::new(Mutex::new(all?))))
    }

    /// The next call of somebody who says something, for whoever has waited longest: others have called while nobody
    /// waited, and are gone. Nothing where there is no door.
    pub(super) async fn next_words(&self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        loop {
            let called = {
                let all = self.0.lock().await;
                if all.is_empty() {
                    return Ok(None);
                }
                poll_fn(|context| accept_any(&all, context)).await?
            };
            let (stream, from) = called;
            stream.set_nodelay(true)?;
            if let Ok(Ok(1..)) = timeout(SPEAKS_WITHIN, stream.peek(&mut [0])).await {
                return Ok(Some((stream, from)));
            }
        }
    }
}

fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn accept_any(
    all: &[TcpListener],
    context: &mut Context<'_>,
) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
    let mut calls = all.iter().map(|door| door.poll_accept(context));
    calls.find(Poll::is_ready).unwrap_or(Poll::Pending)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn who_is_gone_already_has_not_called() {
        let doors = Doors::open(&["127.0.0.1:0".parse().unwrap(); 2]).unwrap();
        let last = doors.0.lock().await.last().unwrap().local_addr().unwrap();
        drop(TcpStream::connect(last).await.unwrap());
        let mut stays = TcpStream::connect(last).await.unwrap();
        stays.write_all(b"GNUTELLA").await.unwrap();
        let (_, from) = doors.next_words().await.unwrap().unwrap();
        assert_eq!(from, stays.local_addr().unwrap());
        assert!(Doors::default().next_words().await.unwrap().is_none());
    }
}
