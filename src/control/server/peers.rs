//! Links to others.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::app::Shared;
use super::input::{Body, Number, resolve};
use crate::control::desk::Request;
use crate::control::model::{ConnectTo, Peer, PeerId, Problem};

/// Everybody with whom a link is open
#[utoipa::path(get, path = "/api/v1/peers", tag = "peers",
    responses((status = 200, description = "All open links", body = Vec<Peer>)))]
pub(super) async fn list(State(app): Shared) -> Result<Json<Vec<Peer>>, Problem> {
    app.ask(Request::Peers).await.map(Json)
}

/// Connect to a host
#[utoipa::path(post, path = "/api/v1/peers", tag = "peers", request_body = ConnectTo,
    responses((status = 202, description = "This address is being called, and the events tell how it goes; unless it is linked already", body = ConnectTo)))]
pub(super) async fn connect(
    State(app): Shared,
    Body(ConnectTo { address, network }): Body<ConnectTo>,
) -> Result<(StatusCode, Json<ConnectTo>), Problem> {
    let address = resolve(&app, &address).await?;
    app.ask(|reply| Request::Connect(network, address, reply)).await?;
    Ok((StatusCode::ACCEPTED, Json(ConnectTo { address: address.to_string(), network })))
}

/// One link
#[utoipa::path(get, path = "/api/v1/peers/{id}", tag = "peers",
    params(("id" = u64, Path, description = "The number of the link")),
    responses((status = 200, description = "The link", body = Peer)))]
pub(super) async fn show(State(app): Shared, Number(id): Number) -> Result<Json<Peer>, Problem> {
    let peers = app.ask(Request::Peers).await?;
    let peer = peers.into_iter().find(|peer| peer.id == PeerId(id));
    let missing = || Problem::not_found("no open link has this number: list the peers");
    peer.map(Json).ok_or_else(missing)
}

/// Close a link
///
/// The node does not call that host again before it is told to connect to it, or to read its configuration
/// again, or is started again.
#[utoipa::path(delete, path = "/api/v1/peers/{id}", tag = "peers",
    params(("id" = u64, Path, description = "The number of the link")),
    responses((status = 204, description = "It is being closed, with a goodbye")))]
pub(super) async fn disconnect(
    State(app): Shared,
    Number(id): Number,
) -> Result<StatusCode, Problem> {
    app.ask(|reply| Request::Disconnect(PeerId(id), reply)).await?;
    Ok(StatusCode::NO_CONTENT)
}
