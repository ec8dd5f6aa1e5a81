//! UPnP: Internet Gateway Device 1 and 2.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use igd_next::aio::Gateway;
use igd_next::aio::tokio::{Tokio, search_gateway};
use igd_next::{AddPortError, PortMappingProtocol, SearchOptions};

use super::Plan;
use crate::base::show::one_line;

/// How long routers may take to show up.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Characters of what a router says of its failures that are of use.
const WORDS_LEN_MAX: usize = 120;

/// What the router shows its owner.
const DESCRIPTION: &str = "Filbert";

/// A port that a router has given.
pub(super) struct Mapping {
    gateway: Gateway<Tokio>,
    local: SocketAddr,
    external: SocketAddr,
    /// None is for good.
    lease: Option<Duration>,
}

impl Mapping {
    /// Looks for a router, and asks for a port of it, the same for both protocols.
    pub(super) async fn ask(plan: &Plan, local: Ipv4Addr) -> Result<Self, String> {
        let mut options = SearchOptions::default();
        options.bind_addr = (local, 0).into();
        options.broadcast_address = plan.search;
        options.timeout = Some(SEARCH_TIMEOUT);
        options.allowed_gateway_ips = plan.router.into_iter().map(Into::into).collect();
        let gateway = search_gateway(options).await.map_err(said)?;
        let ip = gateway.get_external_ip().await.map_err(said)?;
        let local = SocketAddr::new(local.into(), plan.port.get());
        let external = SocketAddr::new(ip, local.port());
        let lease = Some(plan.rules.lease);
        let mut mapping = Self { gateway, local, external, lease };
        mapping.add_connections().await?;
        mapping.add_datagrams().await;
        Ok(mapping)
    }

    /// Asks for more time.
    pub(super) async fn renew(&mut self) -> Result<(), String> {
        let added = self.add(PortMappingProtocol::TCP).await;
        added.map_err(said)?;
        self.add_datagrams().await;
        let ip = self.gateway.get_external_ip().await.map_err(said)?;
        self.external.set_ip(ip);
        Ok(())
    }

    pub(super) async fn give_back(self) {
        let port = self.external.port();
        let remove = async |protocol| {
            if let Err(error) = self.gateway.remove_port(protocol, port).await {
                tracing::debug!(error = said(error), "the router did not take its port back");
            }
        };
        tokio::join!(remove(PortMappingProtocol::TCP), remove(PortMappingProtocol::UDP));
    }

    pub(super) const fn external(&self) -> SocketAddr {
        self.external
    }

    pub(super) const fn lease(&self) -> Option<Duration> {
        self.lease
    }

    async fn add_connections(&mut self) -> Result<(), String> {
        let mut added = self.add(PortMappingProtocol::TCP).await;
        if matches!(added, Err(AddPortError::OnlyPermanentLeasesSupported)) {
            self.lease = None;
            added = self.add(PortMappingProtocol::TCP).await;
        }
        if !matches!(added, Err(AddPortError::PortInUse)) {
            return added.map_err(said);
        }
        let (gateway, lease) = (&self.gateway, self.lease_s());
        let any = gateway.add_any_port(PortMappingProtocol::TCP, self.local, lease, DESCRIPTION);
        self.external.set_port(any.await.map_err(said)?);
        Ok(())
    }

    async fn add_datagrams(&self) {
        if let Err(error) = self.add(PortMappingProtocol::UDP).await {
            tracing::debug!(error = said(error), "no port for datagrams");
        }
    }

    async fn add(&self, protocol: PortMappingProtocol) -> Result<(), AddPortError> {
        let (port, lease) = (self.external.port(), self.lease_s());
        self.gateway.add_port(protocol, port, self.local, lease, DESCRIPTION).await
    }

    /// As UPnP writes it: 0 is for good.
    fn lease_s(&self) -> u32 {
        self.lease.map_or(0, |lease| u32::try_from(lease.as_secs()).unwrap_or(u32::MAX))
    }
}

/// What has failed. Some of the words are those of the router.
fn said(error: impl std::error::Error) -> String {
    one_line(&error.to_string(), WORDS_LEN_MAX)
}
