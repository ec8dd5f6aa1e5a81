//! Files on their way, and files that are shared. There are none yet; the shape of what will come
//! stands already.

use axum::Json;

use crate::control::model::{SharedFile, Transfer};

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

/// Files that are shared
#[utoipa::path(get, path = "/api/v1/library", tag = "files",
    responses((status = 200, description = "Empty until this version lists what it shares", body = Vec<SharedFile>)))]
pub(super) async fn library() -> Json<Vec<SharedFile>> {
    Json(Vec::new())
}
