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
//! | [`desk`] | requests of a server to a running node, and what the node tells of itself |
//!
//! This room knows no node: it stands on the lowest floor, and the runtime serves it.

pub mod desk;
pub mod model;
