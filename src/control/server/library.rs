//! What the node shares.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::app::Shared;
use super::input::Asked;
use super::limits::{LISTED_FILES_MAX, WORDS_LEN_MAX};
use crate::control::desk::Request;
use crate::control::model::{Library, Problem};

/// Files that are listed where nobody says how many.
const LIMIT: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    from: Option<u32>,
    limit: Option<usize>,
    words: Option<String>,
}

/// Files that are shared
///
/// In the order of their indices, from `from` on; `next` says where to go on. With `words` only those whose
/// names have all of them, the first ones. A file is shared as soon as it is hashed.
#[utoipa::path(get, path = "/api/v1/library", tag = "files",
    params(("from" = Option<u32>, Query, description = "The index of the first file"),
        ("limit" = Option<usize>, Query, description = "How many files at most: 100, unless another number up to 1000 is given"),
        ("words" = Option<String>, Query, example = "river walk")),
    responses((status = 200, description = "Some of the files, and how far the library is", body = Library)))]
pub(super) async fn list(
    State(app): Shared,
    Asked(Wanted { from, limit, words }): Asked<Wanted>,
) -> Result<Json<Library>, Problem> {
    let limit = limit.unwrap_or(LIMIT);
    if limit > LISTED_FILES_MAX {
        return Err(Problem::bad_request(format!("ask for at most {LISTED_FILES_MAX} files")));
    }
    if words.as_ref().is_some_and(|words| words.len() > WORDS_LEN_MAX) {
        return Err(Problem::bad_request(format!("send words of at most {WORDS_LEN_MAX} bytes")));
    }
    let from = from.unwrap_or(0);
    app.ask(|reply| Request::Library { from, limit, words, reply }).await.map(Json)
}

/// Look through the shared folders again
///
/// What has changed there is seen by itself where the system tells of it; on network drives it does not.
#[utoipa::path(post, path = "/api/v1/library/rescan", tag = "files",
    responses((status = 202, description = "It has begun")))]
pub(super) async fn rescan(State(app): Shared) -> Result<StatusCode, Problem> {
    app.ask(Request::Rescan).await?;
    Ok(StatusCode::ACCEPTED)
}
