//! The node as a whole: its status, its settings, its end.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::app::Shared;
use super::input::Body;
use super::limits::FILTER_LEN_MAX;
use super::openapi;
use crate::control::desk::Request;
use crate::control::model::{Bandwidth, Changed, Health, LogFilter, Problem, Route, Status};

/// Whether the API answers
///
/// The only thing that needs no token.
#[utoipa::path(get, path = "/health", tag = "node", security(()),
    responses((status = 200, description = "It does", body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { ok: true })
}

/// What the API can do
#[utoipa::path(get, path = "/api/v1", tag = "node",
    responses((status = 200, description = "Every method of every path", body = Vec<Route>)))]
pub(super) async fn index() -> Json<Vec<Route>> {
    Json(openapi::index())
}

/// What the node is, and how it is
#[utoipa::path(get, path = "/api/v1/status", tag = "node",
    responses((status = 200, description = "The status of the node", body = Status)))]
pub(super) async fn status(State(app): Shared) -> Result<Json<Status>, Problem> {
    app.ask(Request::Status).await.map(Json)
}

/// End the node
///
/// It says goodbye to its peers, saves its state and ends.
#[utoipa::path(post, path = "/api/v1/shutdown", tag = "node",
    responses((status = 202, description = "It is about to end")))]
pub(super) async fn shut_down(State(app): Shared) -> Result<StatusCode, Problem> {
    app.ask(Request::ShutDown).await?;
    Ok(StatusCode::ACCEPTED)
}

/// How many bytes a second may go which way
#[utoipa::path(get, path = "/api/v1/bandwidth", tag = "settings",
    responses((status = 200, description = "The limits in force; null is none", body = Bandwidth)))]
pub(super) async fn bandwidth(State(app): Shared) -> Result<Json<Bandwidth>, Problem> {
    app.ask(Request::Bandwidth).await.map(Json)
}

/// Limit how many bytes a second may go which way
///
/// A limit that is left out or null is lifted.
#[utoipa::path(put, path = "/api/v1/bandwidth", tag = "settings", request_body = Bandwidth,
    responses((status = 200, description = "The limits in force now", body = Bandwidth)))]
pub(super) async fn set_bandwidth(
    State(app): Shared,
    Body(wanted): Body<Bandwidth>,
) -> Result<Json<Bandwidth>, Problem> {
    app.ask(|reply| Request::SetBandwidth(wanted, reply)).await.map(Json)
}

/// The configuration in force
#[utoipa::path(get, path = "/api/v1/config", tag = "settings",
    responses((status = 200, description = "As `filbert config show` has it, without secrets", body = Object)))]
pub(super) async fn configuration(State(app): Shared) -> Result<Json<serde_json::Value>, Problem> {
    app.ask(Request::Configuration).await.map(Json)
}

/// Read the configuration again
#[utoipa::path(post, path = "/api/v1/config/reload", tag = "settings",
    responses((status = 200, description = "What has changed", body = Changed)))]
pub(super) async fn reload(State(app): Shared) -> Result<Json<Changed>, Problem> {
    app.ask(Request::Reload).await.map(Json)
}

/// What is logged
#[utoipa::path(get, path = "/api/v1/log", tag = "settings",
    responses((status = 200, description = "The filter in force", body = LogFilter)))]
pub(super) async fn log_filter(State(app): Shared) -> Result<Json<LogFilter>, Problem> {
    let filter = app.ask(Request::LogFilter).await?;
    Ok(Json(LogFilter { filter }))
}

/// Log something else
#[utoipa::path(put, path = "/api/v1/log", tag = "settings", request_body = LogFilter,
    responses((status = 200, description = "The filter in force now", body = LogFilter)))]
pub(super) async fn set_log_filter(
    State(app): Shared,
    Body(LogFilter { filter }): Body<LogFilter>,
) -> Result<Json<LogFilter>, Problem> {
    if filter.len() > FILTER_LEN_MAX {
        return Err(Problem::invalid(format!("send a filter of at most {FILTER_LEN_MAX} bytes")));
    }
    let filter = app.ask(|reply| Request::SetLogFilter(filter, reply)).await?;
    Ok(Json(LogFilter { filter }))
}
