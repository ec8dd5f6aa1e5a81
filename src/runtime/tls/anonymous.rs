//! Suites without certificates, which rustls does not have and LimeWire has nothing but, through openssl.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use openssl::bn::BigNum;
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslSessionCacheMode,
    SslVerifyMode, SslVersion,
};
use rustls::crypto::ring;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::TlsError;
use super::certificate;
use super::client_hello::{Offer, offer};
use super::resumed::Resumed;
use crate::runtime::engine::Duplex;

/// The anonymous suites, that of LimeWire last. Nobody proves anything in them, so the library takes them
/// only where nothing is demanded of suites.
const ANONYMOUS: &str = "ADH-AES256-GCM-SHA384:ADH-AES128-GCM-SHA256:ADH-AES128-SHA256:ADH-AES128-SHA:\
                         @SECLEVEL=0";

/// What a client names: suites with certificates before those without, for whoever has one.
const BOTH: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:ADH-AES256-GCM-SHA384:ADH-AES128-GCM-SHA256:\
                    ADH-AES128-SHA256:ADH-AES128-SHA:@SECLEVEL=0";

/// Bytes of a first message that are read to see what is offered. Suites come early in it.
const HELLO_LEN_MAX: usize = 4096;

/// Bytes that are read at once.
const READ_LEN: usize = 1024;

/// Takes calls with both kinds of suites: whoever can speak one with a certificate, in TLS 1.2 or 1.3, gets it.
#[derive(Clone)]
pub(super) struct Called {
    certificate: certificate::Called,
    /// Suites with certificates that we speak.
    takes: Arc<[u16]>,
    server: SslContext,
    old_server: SslContext,
}

impl Called {
    pub(super) fn new() -> Result<Self, TlsError> {
        let suites = ring::default_provider().cipher_suites;
        Ok(Self {
            certificate: certificate::Called::new()?,
            takes: suites.iter().map(|suite| suite.suite().into()).collect(),
            server: server(BigNum::get_rfc3526_prime_2048()?)?,
            // Java up to 7, on which LimeWire ran, cannot calculate with more than 1024 bits.
            old_server: server(BigNum::get_rfc2409_prime_1024()?)?,
        })
    }

    pub(super) async fn accept(&self, mut stream: Resumed) -> io::Result<Box<dyn Duplex>> {
        let is_old = loop {
            match offer(&stream.unread, &self.takes) {
                Offer::Anonymous { is_old } => break is_old,
                Offer::Unknown if stream.unread.len() < HELLO_LEN_MAX => {
                    stream.read_more(READ_LEN).await?;
                }
                Offer::Unknown | Offer::Certificate => {
                    return self.certificate.accept(stream).await;
                }
            }
        };
        let context = if is_old { &self.old_server } else { &self.server };
        let mut secret = SslStream::new(Ssl::new(context)?, stream)?;
        Pin::new(&mut secret).accept().await.map_err(io::Error::other)?;
        Ok(Box::new(secret))
    }
}

/// Calls others with both kinds of suites, which have to be named in one message. It speaks TLS 1.2 at most:
/// servers without a certificate, such as a gtk-gnutella that could make none, have no answer to TLS 1.3.
#[derive(Clone)]
pub(super) struct Caller(SslContext);

impl Caller {
    pub(super) fn new() -> Result<Self, TlsError> {
        let mut context = context(SslMethod::tls_client(), BOTH)?;
        context.set_verify(SslVerifyMode::NONE);
        Ok(Self(context.build()))
    }

    pub(super) async fn connect(
        &self,
        stream: Resumed,
        _to: IpAddr,
    ) -> io::Result<Box<dyn Duplex>> {
        let mut secret = SslStream::new(Ssl::new(&self.0)?, stream)?;
        Pin::new(&mut secret).connect().await.map_err(io::Error::other)?;
        Ok(Box::new(secret))
    }
}

impl Duplex for SslStream<Resumed> {
    fn connection(&self) -> &TcpStream {
        &self.get_ref().stream
    }
}

fn server(prime: BigNum) -> Result<SslContext, ErrorStack> {
    let mut context = context(SslMethod::tls_server(), ANONYMOUS)?;
    context.set_options(SslOptions::CIPHER_SERVER_PREFERENCE | SslOptions::SINGLE_DH_USE);
    let group = Dh::from_pqg(prime, None, BigNum::from_u32(2)?)?;
    context.set_tmp_dh(&group)?;
    Ok(context.build())
}

/// No session outlives its connection, and nobody makes us negotiate again.
fn context(method: SslMethod, suites: &str) -> Result<SslContextBuilder, ErrorStack> {
    let mut context = SslContextBuilder::new(method)?;
    context.set_min_proto_version(Some(SslVersion::TLS1))?;
    context.set_max_proto_version(Some(SslVersion::TLS1_2))?;
    context.set_cipher_list(suites)?;
    context.set_options(SslOptions::NO_TICKET | SslOptions::NO_RENEGOTIATION);
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    context.set_mode(SslMode::RELEASE_BUFFERS);
    Ok(context)
}
