use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::settings::Endpoint;

/// How long a host that the user has named is left alone after a call, at first and at last.
const WAIT: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(300);

/// The hosts that the user has named with `--connect`: called again and again, ever more seldom, as long
/// as there is no link to them.
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
