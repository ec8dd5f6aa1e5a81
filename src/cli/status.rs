use std::io::{self, Write};

use clap::Args;

use super::asking::{self, Node};
use super::units::{Bytes, Span, counted};
use super::{Exit, printable};
use crate::control::model::{Links, Promotion, Status, Totals};

/// What `filbert status` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    node: Node,

    /// Print one JSON object
    #[arg(short, long)]
    json: bool,
}

/// Prints what the node is, and how it is.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let status = client.status().await?;
        let mut out = anstream::stdout().lock();
        match arguments.json {
            true => writeln!(out, "{}", printable::json(&status)?)?,
            false => write(&mut out, &status)?,
        }
        out.flush()?;
        Ok(Exit::Success)
    })
}

fn write(out: &mut impl Write, status: &Status) -> io::Result<()> {
    let Status { version, role, uptime_s, promotion, .. } = status;
    let (role, version) = (role.as_str(), printable::text(version));
    let listen: Vec<_> = status.listen.iter().map(ToString::to_string).collect();
    let advertised = status.advertised.map_or("not known".to_owned(), |at| at.to_string());
    let (tcp, udp) = (reached(status.reachable_tcp), reached(status.reachable_udp));
    let wanted = printable::text(&status.role_wanted);
    let known = format!("{} known", status.hosts);
    let running = format!("{} running", status.searches);

    line(out, "node", &format!("filbert {version}, up {}", Span(*uptime_s)))?;
    line(out, "role", &format!("{role} ({wanted} is wanted)"))?;
    line(out, "", &promoted(promotion))?;
    line(out, "servent", &printable::text(&status.servent_id))?;
    line(out, "listens", &listen.join(", "))?;
    line(out, "advertised", &advertised)?;
    line(out, "reachable", &format!("{tcp} by TCP, {udp} by UDP"))?;
    line(out, "links", &links(status.links))?;
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

fn promoted(promotion: &Promotion) -> String {
    let Promotion { eligible, reason } = promotion;
    let may = if *eligible { "may be an ultrapeer" } else { "may not be an ultrapeer" };
    match reason.is_empty() {
        true => may.to_owned(),
        false => format!("{may}: {}", printable::text(reason)),
    }
}

const fn reached(is_reachable: Option<bool>) -> &'static str {
    match is_reachable {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known",
    }
}

fn line(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{label:<12}{text}")
}
