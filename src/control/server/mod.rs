//! The HTTP side of the API: what programs and people ask of a running node.
//!
//! ```text
//! listen ─► guard ─► routes ─► one handler a route ─► Desk
//!    deadlines  Host, Origin, token      problem: every refusal, as RFC 9457
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | `listen` | connections: how many, how long, how they end |
//! | `patience` | a reader that stops reading does not keep a connection |
//! | `guard` | who is let in |
//! | `routes` | what stands where |
//! | `input` | bodies, numbers of paths and queries, within their limits |
//! | `problem` | refusals |
//! | `events` | happenings as server-sent events; `sse` is their form |
//! | `metrics` | what Prometheus collects |
//! | `openapi` | the document that describes all this |
//! | the rest | one group of resources each |

mod app;
mod downloads;
mod events;
mod guard;
mod hosts;
mod input;
mod library;
mod limits;
mod listen;
mod metrics;
mod node;
mod openapi;
mod patience;
mod peers;
mod problem;
mod routes;
mod searches;
mod sse;
mod transfers;

pub use guard::Names;
pub use limits::Limits;
pub use listen::{Door, serve, serve_within};
pub use openapi::openapi_json;
pub use routes::paths;
