//! What stands where. Each path is in the OpenAPI document too, which a test holds against this.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use super::app::App;
use super::limits::BODY_LEN_MAX;
use super::{
    downloads, events, guard, hosts, library, metrics, node, openapi, peers, searches, transfers,
};
use crate::control::model::Problem;

/// The path that needs no token.
pub(super) const HEALTH: &str = "/health";

/// All paths of the server.
pub fn paths() -> Vec<&'static str> {
    table().into_iter().map(|(path, _)| path).collect()
}

pub(super) fn router(app: Arc<App>) -> Router {
    let router = table()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    router
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app)
}

fn table() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    vec![
        (HEALTH, get(node::health)),
        ("/metrics", get(metrics::metrics)),
        ("/openapi.json", get(openapi::document)),
        ("/api/v1", get(node::index)),
        ("/api/v1/status", get(node::status)),
        ("/api/v1/peers", get(peers::list).post(peers::connect)),
        ("/api/v1/peers/{id}", get(peers::show).delete(peers::disconnect)),
        ("/api/v1/hosts", get(hosts::list).post(hosts::add)),
        ("/api/v1/bootstrap", get(hosts::bootstrap)),
        ("/api/v1/searches", get(searches::list).post(searches::start)),
        ("/api/v1/searches/{id}", get(searches::show).delete(searches::end)),
        ("/api/v1/searches/{id}/stop", post(searches::stop)),
        ("/api/v1/searches/{id}/hits", get(searches::hits)),
        ("/api/v1/searches/{id}/events", get(searches::watch)),
        ("/api/v1/browse", post(searches::browse)),
        ("/api/v1/events", get(events::watch)),
        ("/api/v1/downloads", get(downloads::downloads).post(downloads::start_download)),
        ("/api/v1/downloads/{id}", get(downloads::download).delete(downloads::cancel_download)),
        ("/api/v1/downloads/{id}/pause", post(downloads::pause_download)),
        ("/api/v1/downloads/{id}/resume", post(downloads::resume_download)),
        ("/api/v1/uploads", get(transfers::uploads)),
        ("/api/v1/library", get(library::list)),
        ("/api/v1/library/rescan", post(library::rescan)),
        ("/api/v1/bandwidth", get(node::bandwidth).put(node::set_bandwidth)),
        ("/api/v1/config", get(node::configuration)),
        ("/api/v1/config/reload", post(node::reload)),
        ("/api/v1/log", get(node::log_filter).put(node::set_log_filter)),
        ("/api/v1/shutdown", post(node::shut_down)),
    ]
}

async fn missing() -> Problem {
    Problem::not_found("there is nothing here: GET /api/v1 lists what there is")
}

async fn wrong_method() -> Problem {
    let detail = "use one of the methods that `Allow` names: GET /api/v1 lists them";
    Problem::of(StatusCode::METHOD_NOT_ALLOWED, detail)
}
