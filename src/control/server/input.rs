//! What handlers take: each within its limits, each refusal as a problem.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::app::App;
use super::limits::{ADDRESS_LEN_MAX, BODY_LEN_MAX};
use crate::control::model::{GNUTELLA_PORT as PORT, Problem};

/// The body of a request: an object, as JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let body = Json::<Value>::from_request(request, &());
        match timeout(app.limits.body_timeout, body).await {
            Ok(Ok(Json(value))) => understand(value).map(Self),
            Ok(Err(rejection)) => Err(body_problem(&rejection)),
            Err(_) => {
                let detail = "the body did not come in time: send it at once";
                Err(Problem::of(StatusCode::REQUEST_TIMEOUT, detail))
            }
        }
    }
}

fn understand<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    if !value.is_object() {
        return Err(Problem::invalid("send a JSON object, as /openapi.json describes it"));
    }
    serde_json::from_value(value)
        .map_err(|why| Problem::invalid(format!("send what /openapi.json describes: {why}")))
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::of(status, "send JSON, with `Content-Type: application/json`")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::of(status, format!("send a body of at most {BODY_LEN_MAX} bytes"))
        }
        _ => Problem::bad_request(format!("send well-formed JSON: {}", rejection.body_text())),
    }
}

/// The number at the end of a path.
pub(super) struct Number(pub(super) u64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<u64>::from_request_parts(parts, state).await {
            Ok(Path(number)) => Ok(Self(number)),
            Err(_) => {
                Err(Problem::not_found("ids are whole numbers: list them to see which exist"))
            }
        }
    }
}

/// What stands behind the question mark.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::bad_request(format!(
                "ask as /openapi.json describes: {}",
                rejection.body_text()
            ))),
        }
    }
}

/// Where a host is: an address, or a name that is looked up. Without a port it is that of Gnutella.
pub(super) async fn resolve(app: &App, host: &str) -> Result<SocketAddr, Problem> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = bare.parse() {
        return Ok(SocketAddr::new(ip, PORT));
    }
    let wrong = || Problem::invalid("name a host, such as 203.0.113.7:6346 or host.example");
    let (name, port) = match host.split_once(':') {
        Some((name, port)) => (name, port.parse().map_err(|_| wrong())?),
        None => (host, PORT),
    };
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
    };
    if host.len() > ADDRESS_LEN_MAX || !is_name(name) {
        return Err(wrong());
    }
    let found = timeout(app.limits.answer_timeout, lookup_host((name, port))).await;
    let found = found.ok().and_then(Result::ok).and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| Problem::invalid("no host of that name was found: give its address"))
}
