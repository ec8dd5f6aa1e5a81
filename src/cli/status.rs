use std::io::{self, Write};

use clap::Args;

use super::asking::{self, Node};
use super::units::{Bytes, Span, counted};
use super::wrap::wrap;
use super::{Exit, columns, printable};
use crate::control::model::{FastTrackStatus, Links, Role, Status, Totals};

/// What `filbert status` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

/// The role that is wanted of a node that decides by itself.
const AUTO: &str = "auto";

/// Prints what the node is, and how it is.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let status = client.status().await?;
        asking::print(arguments.json, &status, |out| write(out, &status))
    })
}

fn write(out: &mut impl Write, status: &Status) -> io::Result<()> {
    let Status { version, uptime_s, .. } = status;
    let version = printable::text(version);
    let listen: Vec<_> = status.listen.iter().map(ToString::to_string).collect();
    let advertised = status.advertised.map_or("not known".to_owned(), |at| at.to_string());
    let (tcp, udp) = (reached(status.reachable_tcp), reached(status.reachable_udp));
    let known = format!("{} known", status.hosts);
    let running = format!("{} running", status.searches);

    line(out, "node", &format!("filbert {version}, up {}", Span(*uptime_s)))?;
    line(out, "role", &role(status))?;
    if status.role_wanted == AUTO && !status.promotion.reason.is_empty() {
        line(out, "", &printable::text(&status.promotion.reason))?;
    }
    line(out, "servent", &printable::text(&status.servent_id))?;
    line(out, "listens", &listen.join(", "))?;
    line(out, "advertised", &advertised)?;
    line(out, "reachable", &format!("{tcp} by TCP, {udp} by UDP"))?;
    line(out, "links", &links(status.links))?;
    if let Some(fasttrack) = &status.fasttrack {
        line(out, "fasttrack", &of_fasttrack(fasttrack))?;
    }
    line(out, "hosts", &known)?;
    line(out, "searches", &running)?;
    write_totals(out, status.totals)?;
    let full = status.holdings.iter().filter(|table| table.count >= table.count_max);
    full.filter(|table| table.count_max > 0).try_for_each(|table| {
        let what = printable::text(&table.what);
        line(out, "full", &format!("{what}: {} of {}", table.count, table.count_max))
    })
}

fn write_totals(out: &mut impl Write, totals: Totals) -> io::Result<()> {
    let Totals { received_bytes, sent_bytes, received_messages, sent_messages, .. } = totals;
    let received =
        format!("{} in {}", Bytes(received_bytes), counted(received_messages, "message"));
    let sent = format!("{} in {}", Bytes(sent_bytes), counted(sent_messages, "message"));
    let (dropped, shed) = (totals.dropped_messages, totals.shed_messages);
    line(out, "received", &received)?;
    line(out, "sent", &sent)?;
    line(out, "dropped", &format!("{}; {shed} shed", counted(dropped, "message")))?;
    line(
        out,
        "calls",
        &format!(
            "{} taken, {} made, {} of these failed",
            totals.accepted, totals.called, totals.call_failures
        ),
    )
}

fn links(links: Links) -> String {
    let Links { leaves, ultrapeers, total, greeting } = links;
    let (leaves, ultrapeers) =
        (counted(leaves.into(), "leaf"), counted(ultrapeers.into(), "ultrapeer"));
    let leaves = leaves.replace("leafs", "leaves");
    format!("{total}: {ultrapeers}, {leaves}; {greeting} in a handshake")
}

fn of_fasttrack(status: &FastTrackStatus) -> String {
    let FastTrackStatus { role, children, supernodes, greeting, hosts, users, files } = status;
    let children = match role {
        Role::Supernode => format!(", {} of it", counted((*children).into(), "ordinary node")),
        _ => String::new(),
    };
    let supernodes = counted((*supernodes).into(), "supernode");
    format!(
        "{}: {supernodes}{children}; {greeting} in a handshake, {hosts} known; {users} users with {files} files",
        role.as_str()
    )
}

fn role(status: &Status) -> String {
    let (role, wanted) = (status.role.as_str(), status.role_wanted.as_str());
    match (status.role, status.promotion.eligible) {
        _ if wanted == role => format!("{role}, as configured"),
        _ if wanted != AUTO => format!("{role} ({} is wanted)", printable::text(wanted)),
        (Role::Ultrapeer, _) => format!("{role}, for as long as it is needed"),
        (Role::Ordinary | Role::Supernode, _) => role.to_owned(),
        (Role::Leaf, true) => format!("{role}, fit to be an ultrapeer"),
        (Role::Leaf, false) => format!("{role}, not fit to be an ultrapeer"),
    }
}

const fn reached(is_reachable: Option<bool>) -> &'static str {
    match is_reachable {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known",
    }
}

/// A label and its text, in as many lines as it takes on a terminal.
fn line(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    const INDENT: usize = 12;
    let room = columns::of_output().map_or(usize::MAX, |columns| columns.saturating_sub(INDENT));
    let mut label = label;
    for part in wrap(text, room) {
        writeln!(out, "{label:<INDENT$}{part}")?;
        label = "";
    }
    Ok(())
}
