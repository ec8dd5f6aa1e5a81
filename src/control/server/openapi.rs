//! The document that describes the API, made from the handlers themselves.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

use super::problem::PROBLEM_TYPE;
use super::{downloads, events, hosts, library, metrics, node, peers, searches, transfers};
use crate::control::model::{Problem, Route};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Filbert",
        description = "Steers a running Gnutella node. The bearer token is in the file `token` in the home of the node.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "http://127.0.0.1:6381", description = "Where a node listens unless it is told otherwise")),
    paths(
        node::health, metrics::metrics, document, node::index, node::status,
        peers::list, peers::connect, peers::show, peers::disconnect,
        hosts::list, hosts::add, hosts::bootstrap,
        searches::list, searches::start, searches::show, searches::stop, searches::end, searches::hits, searches::watch, searches::browse,
        events::watch, downloads::downloads, downloads::start_download, downloads::download,
        downloads::pause_download, downloads::resume_download, downloads::cancel_download,
        transfers::uploads, library::list, library::rescan,
        node::bandwidth, node::set_bandwidth, node::configuration, node::reload,
        node::log_filter, node::set_log_filter, node::shut_down,
    ),
    components(schemas(Problem)),
    tags(
        (name = "node", description = "The node as a whole"),
        (name = "peers", description = "Links to others"),
        (name = "hosts", description = "Hosts that are known, and where more are heard of"),
        (name = "searches", description = "Searches, and what they find"),
        (name = "events", description = "What happens, as it happens"),
        (name = "files", description = "Files on their way, and files that are shared"),
        (name = "settings", description = "What can be changed while it runs"),
    ),
    security(("token" = [])),
    modifiers(&Common),
)]
struct Document;

/// The name of the response that all operations share.
const REFUSAL: &str = "Refusal";

/// What all operations have in common.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("The file `token` in the home of the node")).build();
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.responses.insert(REFUSAL.to_owned(), refusal());
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
            operations.into_iter().flatten().for_each(complete);
        }
    }
}

/// Any operation may be refused, and has a name that no other has: those of its group, and its own.
fn complete(operation: &mut Operation) {
    let refusal = Ref::from_response_name(REFUSAL);
    operation.responses.responses.insert("default".to_owned(), refusal.into());
    let group = operation.tags.iter().flatten().next();
    if let (Some(group), Some(name)) = (group, &operation.operation_id) {
        operation.operation_id = Some(format!("{group}_{name}"));
    }
}

fn refusal() -> RefOr<Response> {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description("A refusal: `detail` says what to do");
    RefOr::T(response.content(PROBLEM_TYPE, content).build())
}

/// The OpenAPI document of this version, as `/openapi.json` and `filbert generate openapi` have it.
pub fn openapi_json() -> String {
    let mut json = Document::openapi().to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "node",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub(super) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], openapi_json())
}

/// Every operation of the document, in the order of paths.
pub(super) fn index() -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, item) in Document::openapi().paths.paths {
        let methods =
            [("GET", item.get), ("POST", item.post), ("PUT", item.put), ("DELETE", item.delete)];
        for (method, operation) in methods {
            routes.extend(operation.map(|operation| route(method, &path, operation)));
        }
    }
    routes
}

fn route(method: &str, path: &str, operation: Operation) -> Route {
    let summary = operation.summary.unwrap_or_default();
    Route { method: method.to_owned(), path: path.to_owned(), summary }
}
