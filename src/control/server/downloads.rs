//! Files on their way to us.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use super::app::Shared;
use super::input::{Body, Number};
use crate::control::desk::Request;
use crate::control::model::{Download, Problem, StartDownload};

/// Files on their way to us
#[utoipa::path(get, path = "/api/v1/downloads", tag = "files",
    responses((status = 200, description = "Those that are over stay until they are deleted", body = Vec<Download>)))]
pub(super) async fn downloads(State(app): Shared) -> Result<Json<Vec<Download>>, Problem> {
    app.ask(Request::Downloads).await.map(Json)
}

/// Fetch a file
///
/// A file that is on its way already is not fetched twice: whoever else has it is asked too.
#[utoipa::path(post, path = "/api/v1/downloads", tag = "files", request_body = StartDownload,
    responses((status = 201, description = "It is fetched; `Location` says where to look at it", body = Download,
        headers(("location" = String, description = "The path of the download")))))]
pub(super) async fn start_download(
    State(app): Shared,
    Body(wanted): Body<StartDownload>,
) -> Result<Response, Problem> {
    let download = app.ask(|reply| Request::StartDownload(wanted, reply)).await?;
    let place = format!("/api/v1/downloads/{}", download.id);
    Ok((StatusCode::CREATED, [(LOCATION, place)], Json(download)).into_response())
}

/// One file on its way to us
#[utoipa::path(get, path = "/api/v1/downloads/{id}", tag = "files",
    params(("id" = u64, Path, description = "The number of the download")),
    responses((status = 200, description = "How far it is", body = Download)))]
pub(super) async fn download(
    State(app): Shared,
    Number(id): Number,
) -> Result<Json<Download>, Problem> {
    app.ask(|reply| Request::Download(id, reply)).await.map(Json)
}

/// Have a download wait
#[utoipa::path(post, path = "/api/v1/downloads/{id}/pause", tag = "files",
    params(("id" = u64, Path, description = "The number of the download")),
    responses((status = 200, description = "It waits, after a restart too", body = Download)))]
pub(super) async fn pause_download(
    State(app): Shared,
    Number(id): Number,
) -> Result<Json<Download>, Problem> {
    app.ask(|reply| Request::PauseDownload(id, reply)).await.map(Json)
}

/// Have a download go on
#[utoipa::path(post, path = "/api/v1/downloads/{id}/resume", tag = "files",
    params(("id" = u64, Path, description = "The number of the download")),
    responses((status = 200, description = "It goes on", body = Download)))]
pub(super) async fn resume_download(
    State(app): Shared,
    Number(id): Number,
) -> Result<Json<Download>, Problem> {
    app.ask(|reply| Request::ResumeDownload(id, reply)).await.map(Json)
}

/// End a download
///
/// What has come of it is deleted, unless it is whole: then only the entry goes.
#[utoipa::path(delete, path = "/api/v1/downloads/{id}", tag = "files",
    params(("id" = u64, Path, description = "The number of the download")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn cancel_download(
    State(app): Shared,
    Number(id): Number,
) -> Result<StatusCode, Problem> {
    app.ask(|reply| Request::CancelDownload(id, reply)).await?;
    Ok(StatusCode::NO_CONTENT)
}
