//! What handshakes come to, for nodes that are driven without links.

use filbert::gnutella::link::{Agreement, Capabilities, Role, Version};

/// What a node of ours and a neighbour that says this of itself agree on, without compression.
pub fn agreement(role: Role, peer_role: Role, peer: Capabilities) -> Agreement {
    let version = Some(Version(0, 1));
    Agreement {
        role,
        peer_role,
        sends_deflate: false,
        receives_deflate: false,
        tls: false,
        query_routing: version,
        ultrapeer_query_routing: version,
        dynamic_querying: true,
        ext_probes: true,
        ggep: true,
        vendor_messages: true,
        pong_caching: true,
        bye: true,
        fault: None,
        peer,
    }
}

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
