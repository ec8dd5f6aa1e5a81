//! Web caches of versions 1 and 2: how they are asked, and what they answer.

mod reply;
mod request;
mod url;

pub use reply::{Reply, Useless};
pub use request::{announcement, request};
pub use url::{NoWebCache, WebCacheUrl};
