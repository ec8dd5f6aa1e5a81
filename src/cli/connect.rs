use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tokio::time::timeout;

use super::asking::{self, Node};
use super::search::network;
use super::units::Span;
use super::{Exit, printable};
use crate::control::client::{Client, Watch};
use crate::control::model::{Happening, Network, Peer, PeerId, Role};
use crate::runtime::settings::Endpoint;

/// What `filbert connect` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The host that is to be called
    #[arg(value_name = "HOST[:PORT]")]
    host: Endpoint,

    /// As what it is called: FastTrack takes a supernode
    #[arg(long, value_name = "NETWORK", value_parser = network(), default_value = "gnutella")]
    network: Network,

    #[command(flatten)]
    node: Node,

    /// Wait so many seconds for the link to open; 0 does not wait
    #[arg(short, long, value_name = "S", default_value_t = 15)]
    wait: u64,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

/// How a call went.
#[derive(Debug, Serialize)]
struct Called {
    address: SocketAddr,
    /// Nothing, while nobody knows.
    connected: Option<bool>,
    id: Option<PeerId>,
    role: Option<Role>,
    vendor: Option<String>,
    /// What went wrong.
    why: Option<String>,
}

/// Has the node call a host.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        // What happens is watched first: the link may be open before we hear that it is wanted.
        let mut watch =
            client.events(&["peer_connected", "peer_disconnected", "call_failed"]).await?;
        let address = client.connect(arguments.network, &arguments.host.to_string()).await?;
        let wait = Duration::from_secs(arguments.wait);
        // Whoever is linked already is not called, so that nothing would be heard.
        let linked = Called::looked_up(client, address).await?;
        let called = match timeout(wait, follow(&mut watch, address)).await {
            _ if linked.connected.is_some() || arguments.wait == 0 => linked,
            Ok(called) => called?,
            Err(_) => Called::looked_up(client, address).await?,
        };
        called.print(arguments)
    })
}

/// Waits until there is a link with this address, or a reason why not.
async fn follow(watch: &mut Watch, wanted: SocketAddr) -> anyhow::Result<Called> {
    let nobody_knows = Called::nobody_knows(wanted);
    while let Some(seen) = watch.next().await? {
        match seen.happening() {
            Some(Happening::PeerConnected { id, address, role, vendor, .. })
                if address == wanted =>
            {
                let (id, role) = (Some(id), Some(role));
                return Ok(Called { connected: Some(true), id, role, vendor, ..nobody_knows });
            }
            Some(
                Happening::PeerDisconnected { address, why, .. }
                | Happening::CallFailed { address, why },
            ) if address == wanted => {
                return Ok(Called { connected: Some(false), why: Some(why), ..nobody_knows });
            }
            _ => {}
        }
    }
    Err(Exit::Failed.because("the node has ended"))
}

impl Called {
    const fn nobody_knows(address: SocketAddr) -> Self {
        Self { address, connected: None, id: None, role: None, vendor: None, why: None }
    }

    /// The link may have been there before.
    async fn looked_up(client: &Client, address: SocketAddr) -> anyhow::Result<Self> {
        let is_there = |peer: &Peer| peer.address == address || peer.listen == Some(address);
        let peer = client.peers().await?.into_iter().find(is_there);
        let nobody_knows = Self::nobody_knows(address);
        Ok(peer.map_or(nobody_knows, |peer| {
            let (id, role) = (Some(peer.id), Some(peer.role));
            Self { address, connected: Some(true), id, role, vendor: peer.vendor, why: None }
        }))
    }

    fn print(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let mut out = anstream::stdout().lock();
        if arguments.json {
            writeln!(out, "{}", printable::json(self)?)?;
        }
        let address = self.address;
        let sentence = match self.connected {
            Some(true) => format!("connected with {}", self.whom()),
            None if arguments.wait == 0 => format!("{address} is being called"),
            None => {
                let wait = Span(arguments.wait);
                return Err(Exit::Failed.because(format!("no word of {address} within {wait}")));
            }
            Some(false) => {
                let why = self.why.as_deref().unwrap_or_default();
                return Err(Exit::Failed.because(format!("no link with {address}: {why}")));
            }
        };
        if !arguments.json {
            writeln!(out, "{sentence}")?;
        }
        out.flush()?;
        Ok(Exit::Success)
    }

    fn whom(&self) -> String {
        let role = self.role.map_or("host", Role::as_str);
        let id = self.id.map_or(String::new(), |id| format!(" as peer {id}"));
        let vendor = self.vendor.as_deref().map(|vendor| format!(", {}", printable::text(vendor)));
        format!("the {role} {}{id}{}", self.address, vendor.unwrap_or_default())
    }
}
