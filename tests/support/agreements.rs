//! What neighbours say of themselves, for nodes that are driven without links.

use filbert::gnutella::link::{Capabilities, Version};

/// What a neighbour says of itself that can be asked step by step.
pub fn capable() -> Capabilities {
    let version = Some(Version(0, 1));
    Capabilities {
        degree: Some(32),
        max_ttl: Some(4),
        dynamic_querying: version,
        ultrapeer_query_routing: version,
        accept_deflate: true,
        ..Capabilities::default()
    }
}
