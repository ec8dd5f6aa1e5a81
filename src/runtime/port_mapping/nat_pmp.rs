//! PCP (RFC 6887), and NAT-PMP (RFC 6886) with routers that know only that.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::time::Duration;

use crab_nat::{
    InternetProtocol, PortMapping, PortMappingOptions, PortMappingType, TimeoutConfig, natpmp,
};

/// Four requests within four seconds: routers that speak this answer at once.
const PATIENCE: TimeoutConfig = TimeoutConfig {
    initial_timeout: Duration::from_millis(250),
    max_retries: 3,
    max_retry_timeout: Some(Duration::from_secs(2)),
};

/// A port that a router has given.
pub(super) struct Mapping {
    tcp: PortMapping,
    udp: Option<PortMapping>,
    external: IpAddr,
}

impl Mapping {
    /// Asks for a port of the router, the same for both protocols if it can be.
    pub(super) async fn ask(
        router: Ipv4Addr,
        local: Ipv4Addr,
        port: NonZeroU16,
        lease: Duration,
    ) -> Result<Self, String> {
        let lifetime_seconds = Some(u32::try_from(lease.as_secs()).unwrap_or(u32::MAX));
        let ask = |protocol, external_port| {
            let timeout_config = Some(PATIENCE);
            let external_port = Some(external_port);
            let options = PortMappingOptions { external_port, lifetime_seconds, timeout_config };
            PortMapping::new(router.into(), local.into(), protocol, port, options)
        };
        let tcp = ask(InternetProtocol::Tcp, port).await.map_err(|error| error.to_string())?;
        let external = external(&tcp).await?;
        let udp = ask(InternetProtocol::Udp, tcp.external_port()).await;
        let udp = udp.inspect_err(|error| tracing::debug!(%error, "no port for datagrams"));
        Ok(Self { tcp, udp: udp.ok(), external })
    }

    /// Asks for more time.
    pub(super) async fn renew(&mut self) -> Result<(), String> {
        self.tcp.renew().await.map_err(|error| error.to_string())?;
        if let Some(Err(error)) = match &mut self.udp {
            Some(udp) => Some(udp.renew().await),
            None => None,
        } {
            tracing::debug!(%error, "the port for datagrams was not renewed");
        }
        self.external = external(&self.tcp).await?;
        Ok(())
    }

    pub(super) async fn give_back(self) {
        let udp = async {
            if let Some(udp) = self.udp {
                say(udp.try_drop().await);
            }
        };
        tokio::join!(async { say(self.tcp.try_drop().await) }, udp);
    }

    pub(super) fn external(&self) -> SocketAddr {
        SocketAddr::new(self.external, self.tcp.external_port().get())
    }

    pub(super) fn lease(&self) -> Duration {
        Duration::from_secs(self.tcp.lifetime().into())
    }
}

fn say(outcome: Result<(), (crab_nat::MappingFailure, PortMapping)>) {
    if let Err((error, _)) = outcome {
        tracing::debug!(%error, "the router did not take its port back");
    }
}

/// The address of the router outside.
async fn external(mapping: &PortMapping) -> Result<IpAddr, String> {
    match mapping.mapping_type() {
        PortMappingType::Pcp { external_ip, .. } => Ok(external_ip.to_canonical()),
        PortMappingType::NatPmp => {
            let asked = natpmp::external_address(mapping.gateway(), Some(PATIENCE)).await;
            asked.map(IpAddr::V4).map_err(|error| error.to_string())
        }
    }
}
