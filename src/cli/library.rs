mod bar;
mod list;

use std::io::{self, Write};

use clap::{Args, Subcommand};

use super::asking::{self, Node};
use super::units::{Bytes, Span, counted};
use super::wrap::wrap;
use super::{Exit, columns};
use crate::control::model::{LeftOut, LibraryStatus};

/// What `filbert library` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    node: Node,

    /// Show how far it is until all files are hashed
    #[arg(short, long)]
    follow: bool,

    /// Print one magnet link for each file that is shared
    #[arg(short, long, conflicts_with_all = ["follow", "json"])]
    magnet: bool,

    /// Print JSON: one object, with --follow one a line; a list is one array
    #[arg(short, long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the files that the running node shares
    List(list::Arguments),
    /// Have the running node look through its shared folders again
    Rescan,
}

/// Prints what the node shares, and how far it is.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.what {
        Some(_) if arguments.follow || arguments.magnet => {
            let why =
                "--follow and --magnet stand before no subcommand; see 'filbert help library'";
            Err(Exit::Usage.because(why))
        }
        Some(What::List(wanted)) => list::run(&arguments.node, wanted, arguments.json),
        Some(What::Rescan) => rescan(arguments),
        None if arguments.magnet => list::links(&arguments.node),
        None if arguments.follow => bar::follow(&arguments.node, arguments.json),
        None => asking::ask(&arguments.node, async |client| {
            let status = client.library(0, 0, None).await?.status;
            asking::print(arguments.json, &status, |out| write(out, &status))
        }),
    }
}

fn rescan(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        client.rescan().await?;
        let answer = serde_json::json!({ "rescanning": true });
        asking::print(arguments.json, &answer, |out| {
            writeln!(out, "the node looks through its shared folders")
        })
    })
}

fn write(out: &mut impl Write, status: &LibraryStatus) -> io::Result<()> {
    let LibraryStatus { files, bytes, folders, waiting_files, waiting_bytes, .. } = *status;
    let shared = format!("{}, {}", counted(files, "file"), Bytes(bytes));
    let watched = match status.watched_folders {
        0 => "not watched".to_owned(),
        watched if watched >= folders => "watched".to_owned(),
        watched => format!("{watched} watched"),
    };
    line(out, "shared", &shared)?;
    line(out, "folders", &format!("{folders}, {watched}"))?;
    line(out, "state", &state(status))?;
    if waiting_files > 0 {
        let waiting = counted(waiting_files, "file");
        line(out, "to be hashed", &format!("{waiting}, {}", Bytes(waiting_bytes)))?;
    }
    if status.changing_files > 0 {
        let changing = counted(status.changing_files, "file");
        line(out, "changing", &format!("{changing}, left alone for a while"))?;
    }
    let left_out = left_out(&status.left_out);
    if left_out.is_empty() { Ok(()) } else { line(out, "left out", &left_out.join(", ")) }
}

fn state(status: &LibraryStatus) -> String {
    let left = status.left_s.map(|left| format!(", {} left", Span(left)));
    let rate = status.bytes_per_s.map(|rate| format!(" {}/s", Bytes(rate)));
    match (status.scanning, status.hashing) {
        (_, true) => {
            format!("reading files{}{}", rate.unwrap_or_default(), left.unwrap_or_default())
        }
        (true, false) => "looking through folders".to_owned(),
        (false, false) if status.changing_files > 0 => {
            "waiting for files to stay as they are".to_owned()
        }
        (false, false) => "up to date".to_owned(),
    }
}

/// What is not shared, a phrase each.
fn left_out(left_out: &LeftOut) -> Vec<String> {
    let reasons = [
        (left_out.hidden, "hidden"),
        (left_out.links, "linked"),
        (left_out.special, "of other kinds"),
        (left_out.empty, "empty"),
        (left_out.too_large, "too large"),
        (left_out.unnameable, "with names that cannot be sent"),
        (left_out.unreadable, "unreadable"),
        (left_out.twice, "met before"),
        (left_out.too_deep, "too deep"),
        (left_out.own, "of the node itself"),
        (left_out.beyond, "beyond the most that are shared"),
    ];
    let some = reasons.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, reason)| format!("{count} {reason}")).collect()
}

/// A label and its text, in as many lines as it takes on a terminal.
fn line(out: &mut impl Write, label: &str, text: &str) -> io::Result<()> {
    const INDENT: usize = 14;
    let room = columns::of_output().map_or(usize::MAX, |columns| columns.saturating_sub(INDENT));
    let mut label = label;
    for part in wrap(text, room) {
        writeln!(out, "{label:<INDENT$}{part}")?;
        label = "";
    }
    Ok(())
}
