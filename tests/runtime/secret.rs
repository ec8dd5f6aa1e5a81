//! TLS between nodes, asked for in the handshake and from the first byte on.

use std::sync::Arc;

use bytes::Bytes;
use filbert::gnutella::link::Role;
use filbert::runtime::engine::Securer;
use filbert::runtime::tls::Tls;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::running::{Running, config};

fn node(n: u16, role: Role) -> Running {
    Running::securing(n, config(role), Some(Arc::new(Tls::new().unwrap())))
}

/// HAND-48, HAND-49, HAND-50
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_can_speak_tls_do() {
    let ultrapeer = node(11, Role::Ultrapeer);
    let mut leaf = node(12, Role::Leaf);
    let plain = Running::start(13, Role::Leaf);
    plain.share(&["quiet harbour.ogg"]).await;
    leaf.connect(ultrapeer.address).await;
    plain.connect(ultrapeer.address).await;
    ultrapeer.until("two leaves", |status| status.links.leaves == 2).await;
    let peers = ultrapeer.peers().await;
    let is_tls = |address| {
        let ip = |peer: &&filbert::control::model::Peer| peer.address.ip() == address;
        peers.iter().find(ip).map(|peer| peer.tls)
    };
    assert_eq!(is_tls(leaf.address.ip()), Some(true));
    assert_eq!(is_tls(plain.address.ip()), Some(false));
    assert!(leaf.peers().await.iter().all(|peer| peer.tls && peer.deflate_in));
    assert_eq!(leaf.find("quiet harbour").await.address, plain.address);
}

/// Says who we are, as a leaf; what is answered.
async fn greet(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let head = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: Test/1.0\r\nX-Ultrapeer: False\r\n\
                 X-Query-Routing: 0.2\r\nUpgrade: TLS/1.0\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let mut answer = vec![0; 4096];
    let len = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..len]).into_owned()
}

/// HAND-51
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_be_tls_from_its_first_byte_on() {
    let ultrapeer = node(14, Role::Ultrapeer);
    let stream = TcpStream::connect(ultrapeer.address).await.unwrap();
    let tls = Tls::new().unwrap();
    let mut stream = tls.secure(stream, Bytes::new(), true).await.unwrap();
    let answer = greet(&mut stream).await;
    assert!(answer.starts_with("GNUTELLA/0.6 200 "), "{answer}");
    assert!(!answer.contains("Upgrade: TLS"), "it is TLS already: {answer}");
}

/// A message that says goodbye.
fn bye() -> Vec<u8> {
    let text = b"\xc8\0Shutting down\0";
    let header = [&[0; 16][..], &[2, 1, 0], &u32::try_from(text.len()).unwrap().to_le_bytes()];
    [&header.concat(), &text[..]].concat()
}

/// LINK-21, LINK-26: without its last word in TLS reading fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_link_has_an_end_and_is_not_cut_off_whoever_ends_it() {
    for (n, is_ended_by_us) in [(18, false), (19, true)] {
        let ultrapeer = node(n, Role::Ultrapeer);
        let stream = TcpStream::connect(ultrapeer.address).await.unwrap();
        let mut stream = Tls::new().unwrap().secure(stream, Bytes::new(), true).await.unwrap();
        greet(&mut stream).await;
        stream.write_all(b"GNUTELLA/0.6 200 OK\r\n\r\n").await.unwrap();
        ultrapeer.until("a leaf", |status| status.links.leaves == 1).await;
        let mut rest = Vec::new();
        if is_ended_by_us {
            let read = async {
                stream.read_to_end(&mut rest).await.unwrap();
                drop(stream);
            };
            tokio::join!(ultrapeer.end(), read);
        } else {
            stream.write_all(&bye()).await.unwrap();
            stream.read_to_end(&mut rest).await.unwrap();
            ultrapeer.until("no leaf", |status| status.links.total == 0).await;
        }
    }
}

/// The first message of a client of LimeWire's kind: TLS 1.0, TLS_DH_anon_WITH_AES_128_CBC_SHA, no extensions.
fn anonymous_hello() -> Vec<u8> {
    let mut record = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1];
    record.extend([7; 32]);
    record.extend([0, 0, 2, 0x00, 0x34, 1, 0]);
    record
}

/// HAND-51
#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_certificates_is_answered_or_refused_and_the_node_goes_on() {
    let ultrapeer = node(15, Role::Ultrapeer);
    let hello = anonymous_hello();
    // All at once, and byte by byte.
    for chunk_len in [hello.len(), 1] {
        let mut stream = TcpStream::connect(ultrapeer.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for chunk in hello.chunks(chunk_len) {
            stream.write_all(chunk).await.unwrap();
        }
        let mut header = [0; 5];
        stream.read_exact(&mut header).await.unwrap();
        if cfg!(feature = "tls-anon") {
            assert_eq!(header[..3], [0x16, 3, 1], "a handshake in TLS 1.0");
        } else {
            assert_eq!((header[0], header[3..].to_vec()), (0x15, vec![0, 2]), "an alert");
            let mut alert = Vec::new();
            stream.read_to_end(&mut alert).await.unwrap();
            assert_eq!((alert.len(), alert[0]), (2, 2), "a fatal one, and the end");
        }
    }
    let leaf = node(16, Role::Leaf);
    leaf.connect(ultrapeer.address).await;
    ultrapeer.until("a leaf", |status| status.links.leaves == 1).await;
}

#[cfg(feature = "tls-anon")]
mod anonymous {
    use std::pin::Pin;

    use openssl::dh::Dh;
    use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslVerifyMode, SslVersion};
    use tokio::net::TcpListener;
    use tokio_openssl::SslStream;

    use super::*;

    fn context(method: SslMethod, version: SslVersion, suites: &str) -> SslContextBuilder {
        let mut context = SslContext::builder(method).unwrap();
        context.set_min_proto_version(Some(SslVersion::TLS1)).unwrap();
        context.set_max_proto_version(Some(version)).unwrap();
        context.set_cipher_list(&format!("{suites}:@SECLEVEL=0")).unwrap();
        context.set_verify(SslVerifyMode::NONE);
        context
    }

    /// HAND-51: the suite of LimeWire, in the version of its time and a newer one; whoever offers others too gets
    /// one of them.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_speaks_gnutella_without_certificates_and_with_them() {
        let ultrapeer = node(17, Role::Ultrapeer);
        for (version, suites, chosen) in [
            (SslVersion::TLS1, "ADH-AES128-SHA", "ADH-AES128-SHA"),
            (SslVersion::TLS1_2, "ADH-AES128-SHA", "ADH-AES128-SHA"),
            (SslVersion::TLS1_2, "ADH-AES128-SHA:ADH-AES256-GCM-SHA384", "ADH-AES256-GCM-SHA384"),
            (
                SslVersion::TLS1_2,
                "ADH-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256",
                "ECDHE-ECDSA-AES128-GCM-SHA256",
            ),
        ] {
            let stream = TcpStream::connect(ultrapeer.address).await.unwrap();
            let context = context(SslMethod::tls_client(), version, suites).build();
            let mut secret = SslStream::new(Ssl::new(&context).unwrap(), stream).unwrap();
            Pin::new(&mut secret).connect().await.unwrap();
            assert_eq!(secret.ssl().current_cipher().unwrap().name(), chosen);
            let answer = greet(&mut secret).await;
            assert!(answer.starts_with("GNUTELLA/0.6 200 "), "{answer}");
        }
    }

    /// HAND-50: who has no certificate is called as well.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_without_a_certificate_is_called() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut context =
                context(SslMethod::tls_server(), SslVersion::TLS1_2, "ADH-AES128-SHA");
            context.set_tmp_dh(&Dh::get_2048_256().unwrap()).unwrap();
            let mut secret = SslStream::new(Ssl::new(&context.build()).unwrap(), stream).unwrap();
            Pin::new(&mut secret).accept().await.unwrap();
            let mut said = [0; 5];
            secret.read_exact(&mut said).await.unwrap();
            said
        });
        let stream = TcpStream::connect(address).await.unwrap();
        let tls = Tls::new().unwrap();
        let mut secret = tls.secure(stream, Bytes::new(), true).await.unwrap();
        secret.write_all(b"hello").await.unwrap();
        assert_eq!(server.await.unwrap(), *b"hello");
    }
}
