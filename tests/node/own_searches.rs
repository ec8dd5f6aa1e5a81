//! Own searches while parents come and go, and while the role changes.

mod parents;
mod roles;
mod waiting;

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::vendor::{Body, MessageId, QueryStatus};
use filbert::gnutella::wire::{Frame, Function, Guid, Vendor};
use filbert::node::{Command, Event, RolePolicy, SearchId};

use crate::support::net::Net;

/// The GUIDs of the queries that a node was sent with hops 0, without repetitions.
fn queries(net: &Net, at: usize) -> Vec<Guid> {
    let mut guids: Vec<Guid> = Vec::new();
    for frame in net.frames(at, Function::QUERY) {
        if frame.hops == 0 && !guids.contains(&frame.guid) {
            guids.push(frame.guid);
        }
    }
    guids
}

/// The query statuses that a node was told, with the GUIDs that they are about.
fn statuses(net: &Net, at: usize) -> Vec<(Guid, QueryStatus)> {
    let vendors = net.frames(at, Function::VENDOR).into_iter();
    let told = vendors.filter_map(|frame| match Vendor::decode(&frame.payload).ok()?.body {
        Body::QueryStatus(status) => Some((frame.guid, status)),
        _ => None,
    });
    told.collect()
}

/// Asks whoever searches for this how many results it has.
fn status_request(guid: Guid) -> Frame {
    Vendor::new(MessageId::QUERY_STATUS_REQUEST, Body::QueryStatusRequest).into_frame(guid)
}

fn be(net: &mut Net, at: usize, role: Role) {
    net.command(at, Command::BeRole(RolePolicy::Always(role)));
}

fn has_ended(net: &Net, at: usize, of: SearchId) -> bool {
    let mut events = net.places[at].events.iter();
    events.any(|event| matches!(event, Event::SearchEnded { search, .. } if *search == of))
}

/// Two ultrapeers and a leaf, none of which is connected.
fn family() -> (Net, [usize; 2], usize) {
    let mut net = Net::new();
    let ultrapeers = [(); 2].map(|()| net.add(Role::Ultrapeer));
    let leaf = net.add(Role::Leaf);
    (net, ultrapeers, leaf)
}
