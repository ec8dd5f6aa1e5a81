use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::sync::mpsc;

use crate::gnutella::bootstrap::MULTICAST_GROUP;
use crate::node::Command;
use crate::runtime::bootstrap::{LocalPlan, run_local};
use crate::runtime::port_mapping::{Change, Mapper, Plan};
use crate::runtime::settings::Settings;

/// Commands that wait at most.
const WAITING_MAX: usize = 16;

/// What the local network does for us, where the user wants it: a port of the router, and other hosts.
pub(super) struct Nearby {
    router: Option<Mapper>,
    hosts: mpsc::Receiver<Command>,
    /// Where we can be called without the router.
    own: SocketAddr,
    /// The user has said where we can be called.
    is_advertised: bool,
}

impl Nearby {
    /// Begins; `own` is our address as far as it is known.
    pub(super) fn start(
        settings: &Settings,
        listen: SocketAddr,
        own: SocketAddr,
        seed: u64,
    ) -> Self {
        let (commands, hosts) = mpsc::channel(WAITING_MAX);
        if settings.multicast && settings.allow_private {
            let interface = interface(settings);
            let plan = LocalPlan { group: MULTICAST_GROUP, interface, port: listen.port(), seed };
            tokio::spawn(async move {
                if let Err(error) = run_local(plan, commands).await {
                    tracing::warn!(%error, "no hosts are sought in the local network");
                }
            });
        }
        let router = settings.port_mapping.then(|| map_port(listen, settings.allow_private));
        let is_advertised = settings.advertise.is_some();
        Self { router: router.flatten(), hosts, own, is_advertised }
    }

    /// What the node has to be told next.
    pub(super) async fn wanted(&mut self) -> Command {
        loop {
            let change = async {
                match &mut self.router {
                    Some(router) => router.next().await,
                    None => pending().await,
                }
            };
            let address = tokio::select! {
                Some(command) = self.hosts.recv() => return command,
                change = change => match change {
                    Change::Mapped(address) => address,
                    Change::Lost => self.own,
                },
            };
            if !self.is_advertised {
                return Command::ListenAt(address);
            }
        }
    }

    /// Gives back what the router gave.
    pub(super) async fn end(self) {
        if let Some(router) = self.router {
            router.end().await;
        }
    }
}

fn map_port(listen: SocketAddr, allow_private: bool) -> Option<Mapper> {
    let Some(plan) = Plan::of(listen, allow_private) else {
        tracing::warn!("no router is asked for a port: nobody outside could be led to {listen}");
        return None;
    };
    Mapper::start(plan)
}

/// The address by which the user has chosen a network.
fn interface(settings: &Settings) -> Ipv4Addr {
    match settings.bind.unwrap_or_else(|| settings.listen.ip()) {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}
