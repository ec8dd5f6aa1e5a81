use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that are read at once. Until they are understood a link keeps them, and so does its inbox.
const READ_LEN_MAX: usize = 16 * 1024;

thread_local! {
    /// Idle connections have no buffers: whoever has something to read uses this one.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_LEN_MAX].into_boxed_slice());
}

/// What can be read and written over a connection.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {
    fn connection(&self) -> &TcpStream;
}

/// A connection that is to become a secret one.
pub type Securing = Pin<Box<dyn Future<Output = io::Result<Box<dyn Duplex>>> + Send + 'static>>;

/// Makes connections secret.
pub trait Securer: Send + Sync + 'static {
    /// Speaks TLS over a connection of which `unread` has been read already: as its client if we
    /// opened it.
    fn secure(&self, stream: TcpStream, unread: Bytes, is_client: bool) -> Securing;
}

/// The bytes of a connection.
pub(in crate::runtime) enum Stream {
    Plain(TcpStream),
    Securing(Securing),
    Secret(Box<dyn Duplex>),
    /// It became nothing.
    Gone,
}

impl Stream {
    /// The connection beneath, once it is known what it is.
    pub(super) fn connection(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(stream) => Some(stream),
            Self::Secret(stream) => Some(stream.connection()),
            Self::Securing(_) | Self::Gone => None,
        }
    }

    /// Reads once, as much as there is, and hands it to `take`. Nothing is the end.
    pub(super) fn poll_read<T>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(match self {
                Self::Plain(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
                Self::Secret(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
                Self::Securing(_) => Poll::Pending,
                Self::Gone => Poll::Ready(Ok(())),
            })?;
            Poll::Ready(Ok(take(buffer.filled())))
        })
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Secret(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Securing(_) => Poll::Pending,
            Self::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Sends what is kept back, where something is.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Secret(stream) => Pin::new(stream).poll_flush(cx),
            Self::Plain(_) | Self::Securing(_) | Self::Gone => Poll::Ready(Ok(())),
        }
    }

    /// Says that no more will be sent.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secret(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Securing(_) | Self::Gone => Poll::Ready(Ok(())),
        }
    }

    /// Ends TLS with its last word, as far as the network takes it at once (LINK-26).
    pub(super) fn say_end(&mut self, cx: &mut Context<'_>) {
        if let Self::Secret(stream) = self {
            let _ = Pin::new(stream).poll_shutdown(cx);
        }
    }

    /// Begins to speak TLS.
    pub(super) fn secure(&mut self, securer: &dyn Securer, unread: Bytes, is_client: bool) {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Plain(stream) => Self::Securing(securer.secure(stream, unread, is_client)),
            other => other,
        };
    }

    /// Goes on with TLS. Ready once it stands, or cannot.
    pub(super) fn poll_secured(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self::Securing(securing) = self else { return Poll::Pending };
        let outcome = ready!(securing.as_mut().poll(cx));
        *self = Self::Gone;
        *self = Self::Secret(outcome?);
        Poll::Ready(Ok(()))
    }
}
