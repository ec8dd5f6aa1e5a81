//! What handlers take: each within its limits, each refusal as a problem.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::app::App;
use super::limits::{ADDRESS_LEN_MAX, BODY_LEN_MAX};
use crate::control::model::Problem;

/// The body of a request, as JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let body = Json::<T>::from_request(request, &());
        match timeout(app.limits.body_timeout, body).await {
            Ok(Ok(Json(value))) => Ok(Self(value)),
            Ok(Err(rejection)) => Err(body_problem(&rejection)),
            Err(_) => {
                let detail = "the body did not come in time: send it at once";
                Err(Problem::of(StatusCode::REQUEST_TIMEOUT, detail))
            }
        }
    }
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
        StatusCode::UNPROCESSABLE_ENTITY => {
            let why = rejection.body_text();
            Problem::of(status, format!("send what /openapi.json describes: {why}"))
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

/// Where a host is: an address, or a name that is looked up.
pub(super) async fn resolve(app: &App, host: &str) -> Result<SocketAddr, Problem> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let wrong = || Problem::invalid("name a host and its port, such as 203.0.113.7:6346");
    let (name, port) = host.rsplit_once(':').ok_or_else(wrong)?;
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
    };
    if host.len() > ADDRESS_LEN_MAX || !is_name(name) || port.parse::<u16>().is_err() {
        return Err(wrong());
    }
    let found = timeout(app.limits.answer_timeout, lookup_host(host)).await;
    let found = found.ok().and_then(Result::ok).and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| Problem::invalid("no host of that name was found: give its address"))
}
