//! What two sides have agreed on, as words of a row in a table.
use std::fmt::Display;

use filbert::gnutella::link::{Agreement, Capabilities, Role};

/// The columns of an agreement, of a link of ours that offers what it can and of one that offers
/// nothing. They differ in what the columns `offering` and `bare` tell, and in nothing else.
pub fn row(offering: &Agreement, bare: &Agreement) -> String {
    let lent = Agreement {
        sends_deflate: offering.sends_deflate,
        receives_deflate: offering.receives_deflate,
        tls: offering.tls,
        fault: offering.fault,
        ..bare.clone()
    };
    assert_eq!(lent, *offering);
    [
        format!("{}{}", letter(offering.role), letter(offering.peer_role)),
        streams(offering),
        streams(bare),
        or_dash(offering.query_routing),
        or_dash(offering.ultrapeer_query_routing),
        speaks(offering),
        says(&offering.peer),
    ]
    .join(" ")
}

/// Columns of what the other side says of itself.
fn says(peer: &Capabilities) -> String {
    let guid = peer.guid.map(|guid| guid.to_string().chars().take(8).collect::<String>());
    let agent = peer.user_agent.as_ref().and_then(|agent| agent.split(' ').next());
    [
        or_dash(peer.degree),
        or_dash(peer.max_ttl),
        or_dash(peer.guess),
        or_dash(peer.listen),
        or_dash(peer.remote_ip),
        or_dash(guid),
        or_dash(peer.features.as_ref().map(Vec::len)),
        or_dash(peer.try_ultrapeers.as_ref().map(Vec::len)),
        or_dash(agent),
    ]
    .join(" ")
}

/// `U` or `L`.
fn letter(role: Role) -> char {
    if role.is_ultrapeer() { 'U' } else { 'L' }
}

/// `>` where we deflate, `<` where the other side does, `!` where it was not asked to, `T` for TLS.
fn streams(agreement: &Agreement) -> String {
    let sends = if agreement.sends_deflate { ">" } else { "-" };
    let receives = if agreement.receives_deflate { "<" } else { "-" };
    let fault = agreement.fault.map(|fault| {
        assert_eq!(fault.rule.id(), "HAND-38");
        "!"
    });
    let tls = if agreement.tls { "T" } else { "" };
    format!("{sends}{receives}{}{tls}", fault.unwrap_or_default())
}

/// What both understand: dynamic querying, probes that are extended, GGEP, vendor messages, cached
/// pongs, a Bye.
fn speaks(agreement: &Agreement) -> String {
    let said = [
        (agreement.dynamic_querying, 'd'),
        (agreement.ext_probes, 'e'),
        (agreement.ggep, 'g'),
        (agreement.vendor_messages, 'v'),
        (agreement.pong_caching, 'p'),
        (agreement.bye, 'b'),
    ];
    said.map(|(applies, letter)| if applies { letter } else { '-' }).iter().collect()
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
