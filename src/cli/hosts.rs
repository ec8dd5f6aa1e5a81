use std::io::{self, Write};

use clap::Args;

use super::asking::{self, Node};
use super::table::{Column, Table};
use super::units::{Roughly, counted};
use super::{Exit, columns};
use crate::control::model::{Host, HostQuality, Network};

/// What `filbert hosts` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print so many hosts at most, the best first
    #[arg(short, long, value_name = "N")]
    limit: Option<usize>,

    /// Print one JSON array
    #[arg(short, long)]
    json: bool,
}

/// Prints the hosts that the node knows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let mut hosts = client.hosts().await?;
        let count = hosts.len();
        hosts.sort_by_key(|host| (rank(host.quality), host.age_s));
        hosts.truncate(arguments.limit.unwrap_or(usize::MAX));
        asking::print(arguments.json, &hosts, |out| write(out, &hosts, count))
    })
}

/// The first hosts of so many.
fn write(out: &mut impl Write, hosts: &[Host], count: usize) -> io::Result<()> {
    if hosts.is_empty() {
        return writeln!(out, "{} known", counted_hosts(count));
    }
    table(hosts).write(out, columns::of_output())?;
    match hosts.len() < count {
        true => writeln!(out, "... of {}", counted_hosts(count)),
        false => Ok(()),
    }
}

fn counted_hosts(count: usize) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), "host")
}

fn table(hosts: &[Host]) -> Table {
    let mut table = Table::new([
        Column::text("ADDRESS"),
        Column::text("ROLE"),
        Column::text("KNOWN BY"),
        Column::number("HEARD OF"),
    ]);
    for host in hosts {
        let role = match host.network {
            Network::FastTrack => "supernode",
            Network::Gnutella if host.ultrapeer => "ultrapeer",
            Network::Gnutella => "-",
        };
        let known_by = match host.quality {
            HostQuality::Proven => "us",
            HostQuality::Met => "itself",
            HostQuality::Hearsay => "others",
        };
        let heard_of = format!("{} ago", Roughly(host.age_s.into()));
        table.add([host.address.to_string(), role.to_owned(), known_by.to_owned(), heard_of]);
    }
    table
}

/// Whom to trust first.
const fn rank(quality: HostQuality) -> u8 {
    match quality {
        HostQuality::Proven => 0,
        HostQuality::Met => 1,
        HostQuality::Hearsay => 2,
    }
}
