use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::TlsError;
use super::resumed::Resumed;
use crate::runtime::engine::Duplex;

/// The name on our certificate, which nobody reads.
const NAME: &str = "filbert.invalid";

/// Takes calls with suites with certificates, in TLS 1.2 and 1.3.
#[derive(Clone)]
pub(super) struct Called(TlsAcceptor);

impl Called {
    /// Makes a certificate, and all that goes with it.
    pub(super) fn new() -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        Ok(Self(Arc::new(server).into()))
    }

    pub(super) async fn accept(&self, stream: Resumed) -> io::Result<Box<dyn Duplex>> {
        Ok(Box::new(self.0.accept(stream).await?))
    }
}

impl Duplex for TlsStream<Resumed> {
    fn connection(&self) -> &TcpStream {
        &self.get_ref().0.stream
    }
}
