//! Who is let in: nobody who came by a name that is not ours (DNS rebinding), no page of another
//! site, and nobody without the token.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::routes::HEALTH;
use crate::control::model::Problem;

/// By which names the server may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It listens at a unix socket: whoever can open that is meant, and names mean nothing.
    Any,
    /// Names and addresses of this machine's loopback, and the address at which it listens.
    Loopback(IpAddr),
}

impl Names {
    /// The names of a server that listens here.
    pub const fn of(listen: SocketAddr) -> Self {
        Self::Loopback(listen.ip())
    }

    /// Whether the server may be called by this host, which is a name or an address.
    fn has(self, host: &str) -> bool {
        let Self::Loopback(listen) = self else { return true };
        if is_loopback(host) {
            return true;
        }
        let Some(address) = address_of(host) else { return false };
        // Whoever listens everywhere is called by an address that we need not know. Names are what
        // a foreign page can point at us, and addresses are not.
        listen.is_unspecified() || address == listen.to_canonical()
    }
}

pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match admit(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn admit(app: &App, request: &Request) -> Result<(), Problem> {
    check_host(app.names, request.uri(), request.headers())?;
    check_origin(request.headers())?;
    if request.uri().path() == HEALTH {
        return Ok(());
    }
    check_token(app, request.headers())
}

fn check_host(names: Names, target: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    if names == Names::Any {
        return Ok(());
    }
    let one = "send one Host header, such as `Host: localhost`";
    let host = single(headers, &HOST).map_err(|()| Problem::bad_request(one))?;
    let host = host.and_then(|host| host.to_str().ok()).ok_or_else(|| Problem::bad_request(one))?;
    let host: Authority = host.parse().map_err(|_| Problem::bad_request(one))?;
    // A target with a host in it counts more than the header, and so has to be right, too.
    let hosts = [Some(host.host()), target.host()];
    if hosts.into_iter().flatten().all(|host| names.has(host)) {
        return Ok(());
    }
    let detail = "this is not the server of that name: call it localhost, or by its address";
    Err(Problem::of(StatusCode::MISDIRECTED_REQUEST, detail))
}

fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let is_foreign = |origin: &HeaderValue| {
        let uri = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        !uri.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some_and(is_loopback))
    };
    if headers.get_all(ORIGIN).iter().any(is_foreign) {
        let detail = "pages of other sites may not use this API: call it from this machine";
        return Err(Problem::of(StatusCode::FORBIDDEN, detail));
    }
    Ok(())
}

fn check_token(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail| Problem::of(StatusCode::UNAUTHORIZED, detail);
    let missing = "send `Authorization: Bearer TOKEN`: the token is in the file `token` in the home of the node";
    let Ok(Some(shown)) = single(headers, &AUTHORIZATION) else { return Err(refuse(missing)) };
    let (scheme, shown) = shown.as_bytes().split_at_checked(b"Bearer ".len()).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"Bearer ") {
        return Err(refuse(missing));
    }
    if !app.token.is(shown.trim_ascii()) {
        return Err(refuse("this is not the token of this node: read it again from its home"));
    }
    Ok(())
}

/// The only header of this name, if there is one; several are an error.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name.eq_ignore_ascii_case("localhost")
        || address_of(host).is_some_and(|address| address.is_loopback())
}

/// The address that stands for a host, without the brackets of IPv6.
fn address_of(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address: IpAddr = inner.unwrap_or(host).parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listen: &str) -> Names {
        Names::of(listen.parse().unwrap())
    }

    #[test]
    fn loopback_is_always_ours() {
        for host in [
            "localhost",
            "LocalHost",
            "localhost.",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(names("192.0.2.1:6381").has(host), "{host}");
            assert!(is_loopback(host), "{host}");
        }
    }

    #[test]
    fn an_address_is_ours_where_we_listen_and_a_name_never_is() {
        assert!(names("192.0.2.1:6381").has("192.0.2.1"));
        assert!(!names("192.0.2.1:6381").has("192.0.2.2"));
        assert!(!names("127.0.0.1:6381").has("192.0.2.2"));
        assert!(names("0.0.0.0:6381").has("192.0.2.2"));
        assert!(names("[::]:6381").has("[2001:db8::1]"));
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "0x7f.1",
            "",
            "local",
        ] {
            assert!(!names("0.0.0.0:6381").has(host), "{host}");
            assert!(Names::Any.has(host), "{host}");
        }
    }
}
