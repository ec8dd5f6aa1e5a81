use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{Instant, timeout};

use super::service::Service;
use crate::control::desk::Request;
use crate::node::Command;
use crate::runtime::settings::Endpoint;

/// How long a host that the user has named is left alone after a call, at first and at last.
const WAIT: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How long a name may take to be looked up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// Addresses of one name that are called.
const ADDRESSES_MAX: usize = 4;

/// The hosts that the user has named with `--connect`: called again and again, ever more seldom, as long
/// as there is no link to them, and the user has not ended one.
#[derive(Debug, Default)]
pub(super) struct Friends {
    calls: BTreeMap<String, Call>,
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
    pub(super) fn name(&mut self, endpoints: &[Endpoint], now: Instant) {
        let names: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
        self.calls.retain(|name, _| names.contains(name));
        for (name, endpoint) in names.into_iter().zip(endpoints) {
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
    pub(super) fn due(&mut self, linked: &[SocketAddr], now: Instant) -> Vec<Endpoint> {
        let mut due = Vec::new();
        for call in self.calls.values_mut().filter(|call| call.due <= now) {
            if call.addresses.iter().any(|address| linked.contains(address)) {
                call.wait = WAIT;
            } else {
                due.push(call.endpoint.clone());
            }
            call.due = now + call.wait;
            call.wait = call.wait.saturating_mul(2).min(WAIT_MAX);
        }
        due
    }

    /// A name was looked up.
    pub(super) fn found(&mut self, endpoint: &Endpoint, addresses: &[SocketAddr]) {
        if let Some(call) = self.calls.get_mut(&endpoint.to_string()) {
            addresses.clone_into(&mut call.addresses);
        }
    }
}

/// A name that was looked up.
pub(super) struct Found {
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
}

impl Service {
    /// Calls those whom the user has named and to whom there is no link.
    pub(super) async fn call_friends(&mut self) {
        let Ok(peers) = self.desk.ask(Request::Peers).await else { return };
        let ends = peers.iter().flat_map(|peer| [Some(peer.address), peer.listen]);
        let linked: Vec<SocketAddr> = ends.flatten().collect();
        for endpoint in self.friends.due(&linked, Instant::now()) {
            let found = self.found.0.clone();
            tokio::spawn(async move {
                let addresses = look_up(&endpoint).await;
                // A node that has ended calls nobody.
                let _ = found.send(Found { endpoint, addresses }).await;
            });
        }
    }

    pub(super) async fn call(&mut self, found: Found) {
        let Found { endpoint, addresses } = found;
        self.friends.found(&endpoint, &addresses);
        if addresses.is_empty() {
            tracing::warn!(host = %endpoint, "the host has no address; it is looked up again later");
        }
        self.engine.command(Command::Know(addresses.clone())).await;
        self.engine.command(Command::ConnectNamed(addresses)).await;
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
