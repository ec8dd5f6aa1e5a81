//! A port of the router for us: asked for, renewed, and given back at the end.
//!
//! ```text
//! Pace: whom to ask, and when ─► nat_pmp (PCP, NAT-PMP), upnp ─► router
//!                                        └─► Change ─► node: Command::ListenAt
//! ```
//!
//! Without the feature `port-mapping` nobody is asked.

#[cfg(feature = "port-mapping")]
mod nat_pmp;
#[cfg(feature = "port-mapping")]
mod pace;
#[cfg(feature = "port-mapping")]
mod route;
#[cfg(feature = "port-mapping")]
mod task;
#[cfg(feature = "port-mapping")]
mod upnp;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::num::NonZeroU16;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long it may take to give a port back. Nodes end within five seconds, with a goodbye to everybody.
const GIVE_BACK_TIMEOUT: Duration = Duration::from_millis(2_500);

/// What to ask which router for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The port for connections and datagrams, on our side and if possible on the other.
    pub port: NonZeroU16,
    /// The address on our side; none is the one from which the router is reached.
    pub local: Option<Ipv4Addr>,
    /// The router; none is the one that the system uses.
    pub router: Option<Ipv4Addr>,
    /// Where routers that speak UPnP are sought.
    pub search: SocketAddr,
    /// A private address can be a public one too.
    pub allow_private: bool,
    pub rules: Rules,
}

/// How often a router is asked.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// For so long a port is asked for.
    pub lease: Duration,
    /// A port is renewed after half of its time, but never sooner than this.
    pub renew_wait_min: Duration,
    /// Nor later than this.
    pub renew_wait_max: Duration,
    /// After everything has failed, nobody is asked for so long. Twice as long each time.
    pub retry_wait: Duration,
    pub retry_wait_max: Duration,
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Others can call us there.
    Mapped(SocketAddr),
    /// They cannot any more.
    Lost,
}

/// Sees to a port of the router as long as it lives.
#[derive(Debug)]
pub struct Mapper {
    changes: mpsc::Receiver<Change>,
    end: CancellationToken,
    task: JoinHandle<()>,
}

impl Plan {
    /// For a node that listens there; none where no router stands between it and others, or no other
    /// machine can call it. Routers map addresses of IPv4 only.
    pub fn of(listen: SocketAddr, allow_private: bool) -> Option<Self> {
        let port = NonZeroU16::new(listen.port())?;
        let local = match listen.ip().to_canonical() {
            ip if ip.is_unspecified() => None,
            std::net::IpAddr::V4(ip) if !ip.is_loopback() => Some(ip),
            _ => return None,
        };
        let search = SocketAddrV4::new(SSDP.0, SSDP.1).into();
        let rules = Rules::default();
        Some(Self { port, local, router: None, search, allow_private, rules })
    }
}

/// Where UPnP is spoken.
const SSDP: (Ipv4Addr, u16) = (Ipv4Addr::new(239, 255, 255, 250), 1900);

impl Default for Rules {
    fn default() -> Self {
        Self {
            // As RFC 6886 recommends.
            lease: Duration::from_secs(7_200),
            renew_wait_min: Duration::from_secs(60),
            renew_wait_max: Duration::from_secs(86_400),
            retry_wait: Duration::from_secs(120),
            retry_wait_max: Duration::from_secs(3_600),
        }
    }
}

impl Mapper {
    /// Begins to ask; none where the program was built without it.
    #[cfg(feature = "port-mapping")]
    pub fn start(plan: Plan) -> Option<Self> {
        let (sender, changes) = mpsc::channel(16);
        let end = CancellationToken::new();
        let task = tokio::spawn(task::run(plan, sender, end.clone()));
        Some(Self { changes, end, task })
    }

    /// Begins to ask; none where the program was built without it.
    #[cfg(not(feature = "port-mapping"))]
    pub fn start(_plan: Plan) -> Option<Self> {
        None
    }

    /// Waits until something has changed.
    pub async fn next(&mut self) -> Change {
        match self.changes.recv().await {
            Some(change) => change,
            None => std::future::pending().await,
        }
    }

    /// Gives the port back.
    pub async fn end(self) {
        self.end.cancel();
        if timeout(GIVE_BACK_TIMEOUT, self.task).await.is_err() {
            tracing::debug!("the router did not take its port back in time");
        }
    }
}
