//! Files on their way. There are none yet; the shape of what will come stands already.

use axum::Json;

use crate::control::model::Transfer;

/// Files on their way to us
#[utoipa::path(get, path = "/api/v1/downloads", tag = "files",
    responses((status = 200, description = "Empty until this version can download", body = Vec<Transfer>)))]
pub(super) async fn downloads() -> Json<Vec<Transfer>> {
    Json(Vec::new())
}

/// Files on their way to others
#[utoipa::path(get, path = "/api/v1/uploads", tag = "files",
    responses((status = 200, description = "Empty until this version can upload", body = Vec<Transfer>)))]
pub(super) async fn uploads() -> Json<Vec<Transfer>> {
    Json(Vec::new())
}
