//! Reading a web cache: plain HTTP/1.1, little, soon, and from public addresses only.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response, Uri, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::resolve::{Resolved, resolve};
use crate::base::limits::{
    WEB_CACHE_HEAD_LEN_MAX, WEB_CACHE_REDIRECTS_MAX, WEB_CACHE_REPLY_LEN_MAX,
};

/// How web caches are read.
#[derive(Clone, Debug)]
pub struct Web {
    pub user_agent: String,
    pub allow_private: bool,
    /// For all of it, the look-up of names and redirections among it.
    pub timeout: Duration,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    Answer(Answer),
    /// There is no address for the name.
    Unresolved,
    /// No connection, no answer in time, too long an answer, or one that leads elsewhere than to HTTP.
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who gave it.
    pub from: IpAddr,
    pub status: u16,
    pub body: Bytes,
}

impl Web {
    /// Gets a URL, redirections followed (BOOT-11).
    pub async fn get(&self, url: &str) -> Fetched {
        timeout(self.timeout, self.follow(url)).await.unwrap_or(Fetched::Nothing)
    }

    async fn follow(&self, url: &str) -> Fetched {
        let Some(mut place) = Place::of(url) else { return Fetched::Nothing };
        for _ in 0..=WEB_CACHE_REDIRECTS_MAX {
            let addresses = match resolve(&place.host, place.port, self.allow_private).await {
                Resolved::Addresses(addresses) => addresses,
                Resolved::Unknown => return Fetched::Unresolved,
            };
            let Some((from, response)) = self.ask(&place, &addresses).await else {
                return Fetched::Nothing;
            };
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let Some(next) = place.redirected(&response) else { return Fetched::Nothing };
                place = next;
                continue;
            }
            let body = Limited::new(response.into_body(), WEB_CACHE_REPLY_LEN_MAX).collect().await;
            let Ok(body) = body else { return Fetched::Nothing };
            return Fetched::Answer(Answer { from, status, body: body.to_bytes() });
        }
        Fetched::Nothing
    }

    /// The head of the answer, from the first of these addresses that takes a connection.
    async fn ask(
        &self,
        place: &Place,
        addresses: &[SocketAddr],
    ) -> Option<(IpAddr, Response<Body>)> {
        for address in addresses {
            let Ok(stream) = TcpStream::connect(address).await else { continue };
            let mut builder = http1::Builder::new();
            builder.max_buf_size(WEB_CACHE_HEAD_LEN_MAX);
            let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.ok()?;
            let connection = AbortOnDropHandle::new(tokio::spawn(async move {
                // What goes wrong is seen by whoever waits for the answer.
                let _: Result<(), hyper::Error> = connection.await;
            }));
            let response = sender.send_request(self.request(place)?).await.ok()?;
            let response = response.map(|body| Body { body, _connection: connection });
            return Some((address.ip(), response));
        }
        None
    }

    fn request(&self, place: &Place) -> Option<Request<Empty<Bytes>>> {
        Request::get(&place.target)
            .header(HOST, place.authority())
            .header(USER_AGENT, &self.user_agent)
            .header(ACCEPT, "text/plain, */*;q=0.1")
            .header(CONNECTION, "close")
            .body(Empty::new())
            .ok()
    }
}

/// Where a URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// Without brackets.
    host: String,
    port: u16,
    /// Path and query.
    target: String,
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        if uri.scheme_str() != Some("http") {
            return None;
        }
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let port = uri.port_u16().unwrap_or(80);
        Some(Self { host: host.to_owned(), port, target: target.to_owned() })
    }

    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        if *port == 80 { host } else { format!("{host}:{port}") }
    }

    /// Another URL, or another path of the same host.
    fn redirected(&self, response: &Response<Body>) -> Option<Self> {
        let location = response.headers().get(LOCATION)?.to_str().ok()?;
        if location.starts_with('/') && !location.starts_with("//") {
            let target: Uri = location.parse().ok()?;
            return Some(Self { target: target.path_and_query()?.to_string(), ..self.clone() });
        }
        Self::of(location)
    }
}

/// The body of an answer, and the connection over which it comes.
struct Body {
    body: Incoming,
    _connection: AbortOnDropHandle<()>,
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, hyper::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
