//! TLS between servents: against those who listen in, not against those who pretend to be somebody.
//!
//! There are no names to hold a certificate against, so each node makes one for itself, and nobody looks at
//! those of others (HAND-50). Programs without a certificate are spoken with where this is built with the
//! feature `tls-anon`.

#[cfg(feature = "tls-anon")]
mod anonymous;
mod certificate;
#[cfg(not(feature = "tls-anon"))]
mod certificate_client;
#[cfg(feature = "tls-anon")]
mod client_hello;
mod resumed;

use bytes::Bytes;
use tokio::net::TcpStream;

#[cfg(feature = "tls-anon")]
use anonymous::{Called, Caller};
#[cfg(not(feature = "tls-anon"))]
use certificate::Called;
#[cfg(not(feature = "tls-anon"))]
use certificate_client::Caller;
use resumed::Resumed;

use super::engine::{Securer, Securing};

/// Speaks TLS 1.2 and 1.3 with a certificate of its own making; TLS 1.0 to 1.2 without one if it was built
/// for that.
pub struct Tls {
    called: Called,
    caller: Caller,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] rustls::Error),
    #[cfg(feature = "tls-anon")]
    #[error("cannot set up TLS without certificates: {0}")]
    Anonymous(#[from] openssl::error::ErrorStack),
}

impl Tls {
    /// Makes a certificate, and all that goes with it.
    pub fn new() -> Result<Self, TlsError> {
        Ok(Self { called: Called::new()?, caller: Caller::new()? })
    }
}

impl Securer for Tls {
    fn secure(&self, stream: TcpStream, unread: Bytes, is_client: bool) -> Securing {
        let peer = stream.peer_addr();
        let stream = Resumed { unread, stream };
        if is_client {
            let caller = self.caller.clone();
            return Box::pin(async move { caller.connect(stream, peer?.ip()).await });
        }
        let called = self.called.clone();
        Box::pin(async move { called.accept(stream).await })
    }
}
