use std::io::Write;

use clap::Args;

use super::asking::{self, Node};
use super::table::{Column, Table};
use super::units::{Bytes, Roughly, Share};
use super::{Exit, columns, printable};
use crate::control::model::{Direction, Peer};

/// What `filbert peers` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print one JSON array
    #[arg(short, long)]
    json: bool,
}

/// Prints with whom the node is connected.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let peers = client.peers().await?;
        asking::print(arguments.json, &peers, |out| match peers.is_empty() {
            true => writeln!(out, "no peers"),
            false => table(&peers).write(out, columns::of_output()),
        })
    })
}

fn table(peers: &[Peer]) -> Table {
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("ADDRESS"),
        Column::text("NETWORK").spare(),
        Column::text("WAY"),
        Column::text("ROLE").shortened_to(5),
        Column::text("VENDOR").shortened_to(8),
        Column::number("UP"),
        Column::number("RECEIVED"),
        Column::number("SENT"),
        Column::number("QUEUE").spare(),
        Column::number("TABLE").spare(),
    ]);
    peers.iter().for_each(|peer| table.add(cells(peer)));
    table
}

fn cells(peer: &Peer) -> [String; 11] {
    let way = match peer.direction {
        Direction::Incoming => "in",
        Direction::Outgoing => "out",
    };
    let fill = peer.query_table.map(|table| Share(table.filled, table.slots).to_string());
    [
        peer.id.to_string(),
        peer.address.to_string(),
        peer.network.as_str().to_owned(),
        way.to_owned(),
        peer.role.as_str().to_owned(),
        or_none(peer.vendor.as_deref().map(printable::text)),
        Roughly(peer.uptime_s).to_string(),
        Bytes(peer.received_bytes).to_string(),
        Bytes(peer.sent_bytes).to_string(),
        Bytes(peer.queue.bytes).to_string(),
        or_none(fill),
    ]
}

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
