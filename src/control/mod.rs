//! How people and programs steer a running node: HTTP on loopback or a unix socket.
//!
//! ```text
//! client ── HTTP ──► server ── Request ──► whoever owns the node      (one answer to each)
//!        ◄─ SSE ───         ◄── Happening ──
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | what is said: the values of the API, as JSON has them |
//! | [`client`] | finds a running node, and asks it |
//! | [`server`] | the HTTP server in front of the desk |
//! | [`credentials`] | the token that lets programs in |
//! | [`chronicle`] | what happens, with its numbers |
//! | [`desk`] | requests of a server to a running node, and what the node tells of itself |
//!
//! This room knows no node: it stands on the lowest floor, and the runtime serves it.

pub mod chronicle;
pub mod client;
pub mod credentials;
pub mod desk;
pub mod model;
pub mod server;
