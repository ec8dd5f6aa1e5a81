use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{Instant, timeout};

use super::service::Service;
use crate::base::addresses::of_ipv4;
use crate::control::desk::Request;
use crate::control::model;
use crate::node::{Command, Network, fasttrack};
use crate::runtime::settings::{Endpoint, Settings};

/// How long a host that the user has named is left alone after a call, at first and at last.
const WAIT: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How long a name may take to be looked up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// Addresses of one name that are called.
const ADDRESSES_MAX: usize = 4;

/// The hosts that the user has named with `--connect` and `--fasttrack-connect`: called again and again, ever more seldom, as long
/// as there is no link to them, and the user has not ended one.
#[derive(Debug, Default)]
pub(super) struct Friends {
    calls: BTreeMap<(Network, String), Call>,
}

#[derive(Debug)]
struct Call {
    endpoint: Endpoint,
    /// As it was looked up last.
    addresses: Vec<SocketAddr>,
    wait: Duration,
    due: Instant,
}

impl Friends {
    /// These are named now. Those that were before are not forgotten how long they have to wait.
    pub(super) fn name(&mut self, settings: &Settings, now: Instant) {
        let gnutella = settings.connect.iter().map(|endpoint| (Network::Gnutella, endpoint));
        let fasttrack = settings.fasttrack.connect.iter();
        let fasttrack = fasttrack.map(|endpoint| (Network::FastTrack, endpoint));
        let named: Vec<_> = gnutella
            .chain(fasttrack.filter(|_| settings.speaks_fasttrack()))
            .map(|(network, endpoint)| ((network, endpoint.to_string()), endpoint))
            .collect();
        self.calls.retain(|name, _| named.iter().any(|(other, _)| other == name));
        for (name, endpoint) in named {
            let endpoint = endpoint.clone();
            let call = Call { endpoint, addresses: Vec::new(), wait: WAIT, due: now };
            self.calls.entry(name).or_insert(call);
        }
    }

    /// When somebody is to be called next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.calls.values().map(|call| call.due).min()
    }

    /// Those who are to be looked up and called now, and to whom there is no link.
    pub(super) fn due(
        &mut self,
        linked: &[(Network, SocketAddr)],
        now: Instant,
    ) -> Vec<(Network, Endpoint)> {
        let mut due = Vec::new();
        for ((network, _), call) in self.calls.iter_mut().filter(|(_, call)| call.due <= now) {
            if call.addresses.iter().any(|address| linked.contains(&(*network, *address))) {
                call.wait = WAIT;
            } else {
                due.push((*network, call.endpoint.clone()));
            }
            call.due = now + call.wait;
            call.wait = call.wait.saturating_mul(2).min(WAIT_MAX);
        }
        due
    }

    /// Where those of FastTrack are, as far as they were looked up. It has no other addresses than those of IPv4.
    pub(super) fn supernodes(&self) -> Vec<SocketAddrV4> {
        let named = self.calls.iter().filter(|((network, _), _)| *network == Network::FastTrack);
        named.flat_map(|(_, call)| &call.addresses).copied().filter_map(of_ipv4).collect()
    }

    /// A name was looked up.
    pub(super) fn found(
        &mut self,
        network: Network,
        endpoint: &Endpoint,
        addresses: &[SocketAddr],
    ) {
        if let Some(call) = self.calls.get_mut(&(network, endpoint.to_string())) {
            addresses.clone_into(&mut call.addresses);
        }
    }
}

/// A name that was looked up.
pub(super) struct Found {
    network: Network,
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
}

impl Service {
    /// Calls those whom the user has named and to whom there is no link.
    pub(super) async fn call_friends(&mut self) {
        let Ok(peers) = self.desk.ask(Request::Peers).await else { return };
        let ends = peers.iter().flat_map(|peer| {
            let network = match peer.network {
                model::Network::Gnutella => Network::Gnutella,
                model::Network::FastTrack => Network::FastTrack,
            };
            [Some(peer.address), peer.listen].map(|address| Some((network, address?)))
        });
        let linked: Vec<_> = ends.flatten().collect();
        for (network, endpoint) in self.friends.due(&linked, Instant::now()) {
            let found = self.found.0.clone();
            tokio::spawn(async move {
                let addresses = look_up(&endpoint).await;
                // A node that has ended calls nobody.
                let _ = found.send(Found { network, endpoint, addresses }).await;
            });
        }
    }

    pub(super) async fn call(&mut self, found: Found) {
        let Found { network, endpoint, addresses } = found;
        self.friends.found(network, &endpoint, &addresses);
        if addresses.is_empty() {
            tracing::warn!(host = %endpoint, "the host has no address; it is looked up again later");
        }
        if network == Network::FastTrack {
            return self.name_supernodes(&addresses).await;
        }
        self.engine.command(Command::Know(addresses.clone())).await;
        self.engine.command(Command::ConnectNamed(addresses)).await;
    }
}

impl Service {
    /// The node knows of all those of FastTrack, and whether it is in want of those that are due.
    pub(super) async fn name_supernodes(&self, due: &[SocketAddr]) {
        let all = self.friends.supernodes();
        let due = due.iter().copied().filter_map(of_ipv4).collect();
        let name = fasttrack::Command::Name { all, due };
        self.engine.command(Command::FastTrack(name)).await;
    }
}

async fn look_up(endpoint: &Endpoint) -> Vec<SocketAddr> {
    if let Some(address) = endpoint.address() {
        return vec![address];
    }
    let lookup = lookup_host((endpoint.host.as_str(), endpoint.port));
    match timeout(LOOKUP_TIMEOUT, lookup).await {
        Ok(Ok(addresses)) => addresses.take(ADDRESSES_MAX).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}
