use std::io::{self, Write};

use clap::{Args, Subcommand};

use super::asking::{self, Node};
use super::table::{Column, Table};
use super::units::{Bytes, Roughly};
use super::{Exit, columns, printable};
use crate::control::client::{Client, Error};
use crate::control::model::{Download, DownloadState};

/// What `filbert downloads` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    node: Node,

    /// Print JSON: one array, or one object for the one that was changed
    #[arg(short, long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Have a download wait, after a restart too
    Pause(One),
    /// Have a download go on that was paused or is stuck; one that is queued waits for its turn
    Resume(One),
    /// End a download and delete what has come of it; a file that is whole stays
    Cancel(One),
}

/// Which one is meant.
#[derive(Debug, Args)]
struct One {
    /// Its number, as 'filbert downloads' prints it
    id: u64,
}

/// Prints what is fetched, or changes one of them.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.action {
        None => list(arguments),
        Some(Action::Pause(One { id })) => {
            change(arguments, async |client| client.pause_download(*id).await.map(Some))
        }
        Some(Action::Resume(One { id })) => {
            change(arguments, async |client| client.resume_download(*id).await.map(Some))
        }
        Some(Action::Cancel(One { id })) => {
            change(arguments, async |client| client.cancel_download(*id).await.map(|()| None))
        }
    }
}

fn list(arguments: &Arguments) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let all = client.downloads().await?;
        asking::print(arguments.json, &all, |out| write(&all, out, columns::of_output()))
    })
}

/// Changes one, and prints what has become of it, if it is still there.
fn change(
    arguments: &Arguments,
    work: impl AsyncFnOnce(&Client) -> Result<Option<Download>, Error>,
) -> anyhow::Result<Exit> {
    asking::ask(&arguments.node, async |client| {
        let Some(changed) = work(client).await? else { return Ok(Exit::Success) };
        asking::print(arguments.json, &changed, |out| {
            write(std::slice::from_ref(&changed), out, columns::of_output())
        })
    })
}

fn write(downloads: &[Download], out: &mut impl Write, columns: Option<usize>) -> io::Result<()> {
    if downloads.is_empty() {
        return writeln!(out, "no downloads");
    }
    let mut table = Table::new([
        Column::number("ID"),
        Column::text("NAME").shortened_to(12),
        Column::number("SIZE"),
        Column::number("DONE"),
        Column::number("A SECOND"),
        Column::number("LEFT").spare(),
        Column::number("SOURCES").spare(),
        Column::text("STATE"),
    ]);
    downloads.iter().for_each(|download| table.add(cells(download)));
    table.write(out, columns)?;
    let stuck = downloads.iter().filter_map(|download| Some((download.id, download.why.as_ref()?)));
    for (id, why) in stuck {
        writeln!(out, "{id}: {}", printable::text(why))?;
    }
    Ok(())
}

fn cells(download: &Download) -> [String; 8] {
    [
        download.id.to_string(),
        printable::text(&download.name),
        download.size.map_or_else(|| "?".to_owned(), |size| Bytes(size).to_string()),
        Bytes(download.done_bytes).to_string(),
        Bytes(download.bytes_per_s).to_string(),
        download.left_s().map_or_else(String::new, |left| Roughly(left).to_string()),
        format!("{} of {}", download.sending, download.sources),
        state(download),
    ]
}

/// What it is at, and whether anybody can tell that it is right.
fn state(download: &Download) -> String {
    let unverified = if download.unverified { ", unverified" } else { "" };
    format!("{}{unverified}", word(download.state))
}

/// How people read a state.
pub(super) const fn word(state: DownloadState) -> &'static str {
    match state {
        DownloadState::Fetching => "fetching",
        DownloadState::Queued => "queued",
        DownloadState::Paused => "paused",
        DownloadState::Stuck => "stuck",
        DownloadState::Verifying => "verifying",
        DownloadState::Finished => "finished",
        DownloadState::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_are_listed_with_what_to_do_and_steer_no_terminal() {
        let download = Download {
            id: 3,
            name: "a\u{1b}[31mb".to_owned(),
            sha1: Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned()),
            uuhash: None,
            unverified: false,
            state: DownloadState::Stuck,
            why: Some("there is no room left".to_owned()),
            size: Some(2_048),
            done_bytes: 1_024,
            verified_bytes: 1_024,
            bytes_per_s: 0,
            sources: 2,
            sending: 0,
            queued: 0,
            path: None,
        };
        let mut out = Vec::new();
        write(&[download], &mut out, None).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(!shown.contains("\u{1b}[31m"), "{shown}");
        assert!(shown.contains("stuck"), "{shown}");
        assert!(shown.ends_with("3: there is no room left\n"), "{shown}");
        assert!(!shown.contains("NaN") && !shown.contains("unverified"));
    }

    /// FTHASH-04
    #[test]
    fn what_is_known_by_parts_alone_is_listed_as_unverified() {
        let download: Download = serde_json::from_value(serde_json::json!({
            "id": 1, "name": "a.mp3", "uuhash": "9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff",
            "unverified": true, "state": "finished", "size": 9, "done_bytes": 9,
            "verified_bytes": 0, "bytes_per_s": 0, "sources": 1, "sending": 0, "queued": 0,
        }))
        .unwrap();
        let mut out = Vec::new();
        write(&[download], &mut out, None).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("finished, unverified"));
    }
}
