//! Files on their way to others.

use axum::Json;
use axum::extract::State;

use super::app::Shared;
use crate::control::desk::Request;
use crate::control::model::{Problem, Uploads};

/// Files on their way to others, and how many wait
#[utoipa::path(get, path = "/api/v1/uploads", tag = "files",
    responses((status = 200, description = "Slots, those who wait, and what is under way", body = Uploads)))]
pub(super) async fn uploads(State(app): Shared) -> Result<Json<Uploads>, Problem> {
    app.ask(Request::Uploads).await.map(Json)
}
