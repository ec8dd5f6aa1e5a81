//! Searches of ours, and what they find.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::app::Shared;
use super::input::{Asked, Body, Number, resolve};
use super::limits::{HITS_DEFAULT, HITS_MAX, SOUGHT_LEN_MAX};
use super::sse;
use crate::control::desk::Request;
use crate::control::model::{BrowseHost, Happening, Hit, Problem, Search, SearchId, StartSearch};

mod follow;

/// All searches
#[utoipa::path(get, path = "/api/v1/searches", tag = "searches",
    responses((status = 200, description = "Those that run, and those that have ended and are kept", body = Vec<Search>)))]
pub(super) async fn list(State(app): Shared) -> Result<Json<Vec<Search>>, Problem> {
    app.ask(Request::Searches).await.map(Json)
}

/// Search for files
///
/// By words of their names, or by content: a URN among the words, or a magnet link in their stead. In all networks
/// that the node has part in, unless one is named.
#[utoipa::path(post, path = "/api/v1/searches", tag = "searches", request_body = StartSearch,
    responses((status = 201, description = "It runs; `Location` says where to look at it", body = Search,
        headers(("location" = String, description = "The path of the search")))))]
pub(super) async fn start(
    State(app): Shared,
    Body(wanted): Body<StartSearch>,
) -> Result<Response, Problem> {
    let words = &wanted.words;
    if words.trim().is_empty() || words.len() > SOUGHT_LEN_MAX {
        return Err(Problem::invalid(format!(
            "send words, at most {SOUGHT_LEN_MAX} bytes of them"
        )));
    }
    let search = app.ask(|reply| Request::StartSearch(wanted, reply)).await?;
    Ok(begun(search))
}

/// Ask a host what it shares
///
/// What it says are the hits of a search of its own, which ends when all was said.
#[utoipa::path(post, path = "/api/v1/browse", tag = "searches", request_body = BrowseHost,
    responses((status = 201, description = "It is being asked; `Location` says where to look at what it says", body = Search,
        headers(("location" = String, description = "The path of the search")))))]
pub(super) async fn browse(
    State(app): Shared,
    Body(BrowseHost { address }): Body<BrowseHost>,
) -> Result<Response, Problem> {
    let address = resolve(&app, &address).await?;
    let search = app.ask(|reply| Request::Browse(address, reply)).await?;
    Ok(begun(search))
}

/// One search
#[utoipa::path(get, path = "/api/v1/searches/{id}", tag = "searches",
    params(("id" = u64, Path, description = "The number of the search")),
    responses((status = 200, description = "How far it is", body = Search)))]
pub(super) async fn show(State(app): Shared, Number(id): Number) -> Result<Json<Search>, Problem> {
    app.ask(|reply| Request::Search(SearchId(id), reply)).await.map(Json)
}

/// Ask nobody any more
///
/// What was found is kept for half an hour, unless others take its place: its hits can be listed and fetched.
#[utoipa::path(post, path = "/api/v1/searches/{id}/stop", tag = "searches",
    params(("id" = u64, Path, description = "The number of the search")),
    responses((status = 200, description = "It has ended", body = Search)))]
pub(super) async fn stop(State(app): Shared, Number(id): Number) -> Result<Json<Search>, Problem> {
    app.ask(|reply| Request::StopSearch(SearchId(id), reply)).await.map(Json)
}

/// End a search, and forget its hits
///
/// What it has found is remembered for half an hour, for whoever searches for the same words again.
#[utoipa::path(delete, path = "/api/v1/searches/{id}", tag = "searches",
    params(("id" = u64, Path, description = "The number of the search")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn end(State(app): Shared, Number(id): Number) -> Result<StatusCode, Problem> {
    app.ask(|reply| Request::EndSearch(SearchId(id), reply)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    from: Option<u64>,
    limit: Option<usize>,
}

/// What a search has found so far
///
/// To go on, ask from the number after that of the last hit.
#[utoipa::path(get, path = "/api/v1/searches/{id}/hits", tag = "searches",
    params(("id" = u64, Path, description = "The number of the search"),
        ("from" = Option<u64>, Query, description = "The number of the first hit that is wanted; 0 without it"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 1000,
            description = "How many are wanted at most; 100 without it")),
    responses((status = 200, description = "Hits in the order of their numbers", body = Vec<Hit>)))]
pub(super) async fn hits(
    State(app): Shared,
    Number(id): Number,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Hit>>, Problem> {
    let limit = page.limit.unwrap_or(HITS_DEFAULT);
    if limit == 0 || limit > HITS_MAX {
        return Err(Problem::bad_request(format!("choose a limit between 1 and {HITS_MAX}")));
    }
    let (search, from) = (SearchId(id), page.from.unwrap_or(0));
    let mut hits = app.ask(|reply| Request::Hits { search, from, reply }).await?;
    hits.truncate(limit);
    Ok(Json(hits))
}

/// Watch a search
///
/// Server-sent events: the hits that are kept, then new ones, then `search_ended`, after which the stream
/// ends. The number of an event is that of its hit; whoever sends it as `Last-Event-ID` gets those
/// after it.
#[utoipa::path(get, path = "/api/v1/searches/{id}/events", tag = "searches",
    params(("id" = u64, Path, description = "The number of the search"),
        ("last-event-id" = Option<u64>, Header, description = "The number of the last hit that is known")),
    responses((status = 200, description = "A stream of `hit`, and one `search_ended`",
        body = Happening, content_type = "text/event-stream")))]
pub(super) async fn watch(
    State(app): Shared,
    Number(id): Number,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let from = sse::last_event_id(&headers).map_or(0, |known| known.saturating_add(1));
    // From here on nothing is missed, and what is kept by then is asked for after this.
    let happenings = app.desk.watch();
    app.ask(|reply| Request::Search(SearchId(id), reply)).await?;
    let desk = app.desk.clone();
    sse::stream(&app, |teller| {
        follow::Follower::new(SearchId(id), from, desk, teller).follow(happenings)
    })
}

fn begun(search: Search) -> Response {
    let place = format!("/api/v1/searches/{}", search.id);
    (StatusCode::CREATED, [(LOCATION, place)], Json(search)).into_response()
}
