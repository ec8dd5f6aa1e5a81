use std::io::Write;
use std::net::SocketAddr;
use std::str::FromStr;

use clap::Args;
use serde_json::json;

use super::Exit;
use super::asking::{self, Node};
use crate::control::client::Client;
use crate::control::model::PeerId;

/// What `filbert disconnect` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A peer: its id, or its address and port
    #[arg(value_name = "ID|ADDR:PORT")]
    peer: Wanted,

    #[command(flatten)]
    node: Node,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Id(PeerId),
    Address(SocketAddr),
}

impl FromStr for Wanted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.parse().map(|id| Self::Id(PeerId(id))).ok();
        let address = || text.parse().map(Self::Address).ok();
        id.or_else(address).ok_or("write it like 7 or 203.0.113.7:6346, as 'filbert peers' has it")
    }
}

/// Has the node end the link with a peer.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let peer = match arguments.peer {
            Wanted::Id(id) => id,
            Wanted::Address(address) => find(client, address).await?,
        };
        client.disconnect(peer).await?;
        let answer = json!({ "id": peer });
        asking::print(arguments.json, &answer, |out| {
            let until = "it is called again only after 'filbert connect' or a reload";
            writeln!(out, "peer {peer} is disconnected; {until}")
        })
    })
}

/// The peer with this address, or that takes connections there.
async fn find(client: &Client, address: SocketAddr) -> anyhow::Result<PeerId> {
    let peers = client.peers().await?;
    let peer = peers.iter().find(|peer| peer.address == address);
    let peer = peer.or_else(|| peers.iter().find(|peer| peer.listen == Some(address)));
    let nobody =
        || Exit::Failed.because(format!("there is no peer {address}; 'filbert peers' lists them"));
    peer.map(|peer| peer.id).ok_or_else(nobody)
}
