//! Hosts that the node knows, and where it hears of more.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::app::Shared;
use super::input::Body;
use super::limits::ADDED_HOSTS_MAX;
use crate::control::desk::Request;
use crate::control::model::{AddHosts, Bootstrap, Host, Problem};

/// The host cache
#[utoipa::path(get, path = "/api/v1/hosts", tag = "hosts",
    responses((status = 200, description = "All hosts that the node knows", body = Vec<Host>)))]
pub(super) async fn list(State(app): Shared) -> Result<Json<Vec<Host>>, Problem> {
    app.ask(Request::Hosts).await.map(Json)
}

/// Name hosts that may be worth a try
#[utoipa::path(post, path = "/api/v1/hosts", tag = "hosts", request_body = AddHosts,
    responses((status = 202, description = "They are called when somebody is needed")))]
pub(super) async fn add(
    State(app): Shared,
    Body(AddHosts { addresses, network }): Body<AddHosts>,
) -> Result<StatusCode, Problem> {
    if addresses.is_empty() || addresses.len() > ADDED_HOSTS_MAX {
        return Err(Problem::invalid(format!("name between 1 and {ADDED_HOSTS_MAX} hosts")));
    }
    app.ask(|reply| Request::AddHosts(network, addresses, reply)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Where the node hears of hosts when it knows none
#[utoipa::path(get, path = "/api/v1/bootstrap", tag = "hosts",
    responses((status = 200, description = "Each source, and how it went there", body = Vec<Bootstrap>)))]
pub(super) async fn bootstrap(State(app): Shared) -> Result<Json<Vec<Bootstrap>>, Problem> {
    app.ask(Request::Bootstrap).await.map(Json)
}
