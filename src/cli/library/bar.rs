use std::io::Write;

use super::{state, write};
use crate::cli::asking::{self, Node};
use crate::cli::bar::Bar;
use crate::cli::units::{Bytes, Roughly, counted};
use crate::cli::{Exit, printable};
use crate::control::client::{Client, Watch};
use crate::control::model::{Happening, LibraryStatus};

/// Shows how far the library is, until all is hashed, also what is left alone for a while: a bar on a terminal, else a line each time.
pub(super) fn follow(node: &Node, is_json: bool) -> anyhow::Result<Exit> {
    asking::ask(node, async |client| {
        tokio::select! {
            result = watch(client, is_json) => result,
            () = asking::unread() => Ok(Exit::Success),
        }
    })
}

async fn watch(client: &Client, is_json: bool) -> anyhow::Result<Exit> {
    let mut watch = client.events(&["library"]).await?;
    let mut status = client.library(0, 0, None).await?.status;
    let bar = Bar::new(!is_json);
    while status.scanning || status.hashing || status.changing_files > 0 {
        match bar.is_shown() {
            true => show(&bar, &status),
            false => print(is_json, &status)?,
        }
        match next(&mut watch).await? {
            Some(newer) => status = newer,
            None => return Err(Exit::Failed.because("the node has ended")),
        }
    }
    bar.end();
    asking::print(is_json, &status, |out| write(out, &status))
}

async fn next(watch: &mut Watch) -> anyhow::Result<Option<LibraryStatus>> {
    while let Some(seen) = watch.next().await? {
        if let Some(Happening::Library(status)) = seen.happening() {
            return Ok(Some(status));
        }
    }
    Ok(None)
}

fn print(is_json: bool, status: &LibraryStatus) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match is_json {
        true => writeln!(out, "{}", printable::json(status)?)?,
        false => writeln!(out, "{}, {}", state(status), to_do(status))?,
    }
    Ok(out.flush()?)
}

fn to_do(status: &LibraryStatus) -> String {
    let shared = counted(status.files, "file");
    let (waiting, bytes) = (status.waiting_files, Bytes(status.waiting_bytes));
    format!("{shared} shared, {waiting} to be hashed, {bytes}")
}

/// Of all bytes that were found, those are done that are not waited for.
fn show(bar: &Bar, status: &LibraryStatus) {
    let done = status.found_bytes.saturating_sub(status.waiting_bytes);
    let shared = counted(status.files, "file");
    let waiting = format!("{} to be hashed", status.waiting_files);
    let mut says: Vec<String> = Vec::new();
    says.extend(status.bytes_per_s.map(|rate| format!("{}/s", Bytes(rate))));
    says.extend(status.left_s.map(|left| format!("{} left", Roughly(left))));
    if !status.hashing {
        says.push(state(status));
    }
    says.extend([waiting, Bytes(status.waiting_bytes).to_string(), format!("{shared} shared")]);
    bar.show(done, Some(status.found_bytes), &says);
}
