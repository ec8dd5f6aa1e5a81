use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{state, write};
use crate::cli::asking::{self, Node};
use crate::cli::units::{Bytes, counted};
use crate::cli::{Exit, printable};
use crate::control::client::{Client, Watch};
use crate::control::model::{Happening, LibraryStatus};

/// Shows how far the library is, until all is hashed: a bar on a terminal, else a line each time.
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
    let bar = (!is_json && io::stderr().is_terminal()).then(bar);
    while status.scanning || status.hashing {
        match &bar {
            Some(bar) => show(bar, &status),
            None => print(is_json, &status)?,
        }
        match next(&mut watch).await? {
            Some(newer) => status = newer,
            None => return Err(Exit::Failed.because("the node has ended")),
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
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

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Of all bytes that were found, those are done that are not waited for.
fn show(bar: &ProgressBar, status: &LibraryStatus) {
    bar.set_length(status.found_bytes.max(1));
    bar.set_position(status.found_bytes.saturating_sub(status.waiting_bytes));
    bar.set_message(format!("{}: {}", state(status), to_do(status)));
}
