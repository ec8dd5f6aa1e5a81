//! Where the subject calls.

use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;
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
        let listener = std::net::TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        let own = listener.local_addr()?;
        let listener = Arc::new(Mutex::new(TcpListener::from_std(listener)?));
        Ok(Self { own, listener })
    }

    /// The next call, for whoever has waited longest.
    pub(super) async fn next_call(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, from) = self.listener.lock().await.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, from))
    }

    /// The next call of somebody who says something: others have called while nobody waited, and are gone.
    pub(super) async fn next_words(&self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            let (stream, from) = self.next_call().await?;
            if let Ok(Ok(1..)) = timeout(SPEAKS_WITHIN, stream.peek(&mut [0])).await {
                return Ok((stream, from));
            }
        }
    }
}

/// The ports at which the subject expects servents: it is to call them by itself.
#[derive(Clone, Debug, Default)]
pub struct Doors(Vec<Port>);

impl Doors {
    /// Opens them. It needs a runtime around it.
    pub fn open(at: &[SocketAddrV4]) -> io::Result<Self> {
        at.iter().map(|at| Port::open((*at).into())).collect::<Result<_, _>>().map(Self)
    }

    /// The probes of a case wait at one after the other, for few call the same host twice.
    pub(super) fn next(&self, awaited: usize) -> Option<Port> {
        let place = awaited.checked_rem(self.0.len())?;
        self.0.get(place).cloned()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn who_is_gone_already_has_not_called() {
        let doors = Doors::open(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let port = doors.next(7).unwrap();
        drop(TcpStream::connect(port.own).await.unwrap());
        let mut stays = TcpStream::connect(port.own).await.unwrap();
        stays.write_all(b"GNUTELLA").await.unwrap();
        let (_, from) = port.next_words().await.unwrap();
        assert_eq!(from, stays.local_addr().unwrap());
        assert!(Doors::default().next(0).is_none());
    }
}
