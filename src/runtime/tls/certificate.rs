use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::TlsError;
use super::resumed::Resumed;
use crate::runtime::engine::Duplex;

/// The name on our certificate, which nobody reads.
const NAME: &str = "filbert.invalid";

/// Suites with certificates, in TLS 1.2 and 1.3.
#[derive(Clone)]
pub(super) struct Certificate {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

impl Certificate {
    /// Makes a certificate, and all that goes with it.
    pub(super) fn new() -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        let anybody = Arc::new(Anybody(Arc::clone(&provider)));
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(anybody)
            .with_no_client_auth();
        let (acceptor, connector) = (Arc::new(server).into(), Arc::new(client).into());
        Ok(Self { acceptor, connector })
    }

    /// As the one who was called.
    pub(super) async fn accept(&self, stream: Resumed) -> io::Result<Box<dyn Duplex>> {
        Ok(Box::new(self.acceptor.accept(stream).await?))
    }

    /// As the one who has called.
    pub(super) async fn connect(&self, stream: Resumed, to: IpAddr) -> io::Result<Box<dyn Duplex>> {
        let name = ServerName::IpAddress(to.into());
        Ok(Box::new(self.connector.connect(name, stream).await?))
    }
}

/// Takes every certificate. What is signed with it has to be signed well all the same.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
