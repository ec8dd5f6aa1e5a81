use std::io::{IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

use super::asking::{self, Node};
use super::downloads::word;
use super::{Exit, complain, printable};
use crate::control::client::Client;
use crate::control::model::{Download, DownloadState, SearchId, StartDownload};

/// What `filbert get` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
WHAT is a magnet link with a SHA-1, a URN such as urn:sha1:..., or SEARCH:HIT, the numbers of a search and of \
one of its hits. It ends when the file is on the disk and its SHA-1 is right, and prints where it is. \
Ctrl-C ends the waiting alone: the node goes on; see 'filbert downloads'.")]
pub struct Arguments {
    /// What to fetch
    #[arg(value_name = "WHAT")]
    what: String,

    #[command(flatten)]
    node: Node,

    /// Do not wait for it
    #[arg(long)]
    detach: bool,

    /// Print one JSON object whenever something has changed
    #[arg(short, long)]
    json: bool,
}

/// How often it is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Has the node fetch a file, and waits for it.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let wanted = wanted(&arguments.what);
    asking::ask_to_the_end(&arguments.node, async |client, mut interrupts| {
        let started = client.start_download(&wanted).await?;
        if arguments.detach {
            return asking::print(arguments.json, &started, |out| {
                writeln!(out, "download {}", started.id)
            });
        }
        tokio::select! {
            ended = follow(client, started.id, arguments.json) => ended,
            () = interrupts.next() => {
                let id = started.id;
                complain(&format!("the node goes on with it: 'filbert downloads cancel {id}' ends it"));
                Ok(Exit::Interrupted)
            }
        }
    })
}

/// Two numbers stand for a hit.
fn wanted(what: &str) -> StartDownload {
    let numbers = what
        .split_once(':')
        .and_then(|(search, hit)| Some((search.parse().ok()?, hit.parse().ok()?)));
    match numbers {
        Some((search, hit)) => {
            StartDownload { search: Some(SearchId(search)), hit: Some(hit), link: None }
        }
        None => StartDownload { link: Some(what.to_owned()), ..StartDownload::default() },
    }
}

async fn follow(client: &Client, id: u64, is_json: bool) -> anyhow::Result<Exit> {
    let bar = bar(is_json);
    let mut last: Option<Download> = None;
    loop {
        let now = client.download(id).await?;
        if last.as_ref() != Some(&now) {
            if is_json {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{}", printable::json(&now)?)?;
                out.flush()?;
            }
            show(&bar, &now);
        }
        match now.state {
            DownloadState::Finished => {
                bar.finish_and_clear();
                if !is_json {
                    let path = now.path.as_deref().unwrap_or(&now.name);
                    writeln!(anstream::stdout().lock(), "{}", printable::text(path))?;
                }
                return Ok(Exit::Success);
            }
            DownloadState::Stuck => {
                bar.finish_and_clear();
                let why = now.why.clone().unwrap_or_default();
                return Err(Exit::Failed.because(why));
            }
            DownloadState::Cancelled => {
                bar.finish_and_clear();
                return Err(Exit::Failed.because("somebody has cancelled it"));
            }
            DownloadState::Fetching
            | DownloadState::Queued
            | DownloadState::Paused
            | DownloadState::Verifying => {}
        }
        last = Some(now);
        sleep(LOOK_EVERY).await;
    }
}

/// A bar on a terminal, and nothing elsewhere.
fn bar(is_json: bool) -> ProgressBar {
    let is_shown = !is_json && std::io::stderr().is_terminal();
    let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = "{bar:24} {bytes}/{total_bytes} {msg}";
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

fn show(bar: &ProgressBar, download: &Download) {
    if let Some(size) = download.size {
        bar.set_length(size);
    }
    bar.set_position(download.done_bytes);
    let left = download
        .left_s()
        .map_or_else(String::new, |left| format!(", {} left", super::units::Roughly(left)));
    let rate = super::units::Bytes(download.bytes_per_s);
    let Download { sending, sources, queued, .. } = download;
    let state = word(download.state);
    bar.set_message(format!(
        "{rate}/s from {sending} of {sources} sources, {queued} queued{left} ({state})"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_are_a_hit_and_all_else_is_a_link() {
        let hit = wanted("3:17");
        assert_eq!((hit.search, hit.hit, hit.link), (Some(SearchId(3)), Some(17), None));
        let urn = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
        assert_eq!(wanted(urn).link.as_deref(), Some(urn));
    }
}
