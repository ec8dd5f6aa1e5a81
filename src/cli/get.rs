use std::io::Write;
use std::time::Duration;

use clap::Args;
use tokio::time::sleep;

use super::asking::{self, Node};
use super::bar::Bar;
use super::downloads::word;
use super::units::{Bytes, Roughly, counted};
use super::{Exit, complain, printable};
use crate::control::client::Client;
use crate::control::model::{Download, DownloadState, SearchId, StartDownload};

/// What `filbert get` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
WHAT is a magnet link with a SHA-1 or a kzhash, a sig2dat link, a URN such as urn:sha1:..., or SEARCH:HIT, the numbers of a search and of \
one of its hits as 'filbert search' prints them. Who has the file is searched for, also while it comes. The \
command ends when the file is on the disk and its SHA-1 is right, and prints where it is. Ctrl-C ends the waiting alone: the node goes on; see 'filbert downloads'.")]
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
        let started = tokio::select! {
            started = client.start_download(&wanted) => started?,
            () = interrupts.next() => return Ok(Exit::Interrupted),
        };
        if arguments.detach {
            return asking::print(arguments.json, &started, |out| {
                writeln!(out, "download {}", started.id)
            });
        }
        let bar = Bar::new(!arguments.json);
        tokio::select! {
            ended = follow(client, started.id, arguments.json, &bar) => ended,
            () = interrupts.next() => {
                bar.end();
                let id = started.id;
                complain(&format!(
                    "the node goes on with it: 'filbert downloads' shows how far it is, \
                     'filbert downloads cancel {id}' ends it"
                ));
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

async fn follow(client: &Client, id: u64, is_json: bool, bar: &Bar) -> anyhow::Result<Exit> {
    let mut last: Option<Download> = None;
    let mut looks_at_nobody = 0_u32;
    loop {
        let now = client.download(id).await?;
        if last.as_ref() != Some(&now) {
            tell(&now, last.as_ref(), is_json, bar)?;
        }
        looks_at_nobody = if has_nobody(&now) { looks_at_nobody.saturating_add(1) } else { 0 };
        // What was named with it is taken up between the first look and the second.
        if looks_at_nobody == 2 && !is_json && !bar.is_shown() {
            complain("nobody is known who has it; the node searches for somebody");
        }
        match now.state {
            DownloadState::Finished => {
                bar.end();
                if !is_json && now.unverified {
                    complain(UNVERIFIED);
                }
                if !is_json {
                    let path = now.path.as_deref().unwrap_or(&now.name);
                    writeln!(anstream::stdout().lock(), "{}", printable::text(path))?;
                }
                return Ok(Exit::Success);
            }
            DownloadState::Stuck => {
                bar.end();
                let why = now.why.as_deref().map(printable::text).unwrap_or_default();
                return Err(Exit::Failed.because(why));
            }
            DownloadState::Cancelled => {
                bar.end();
                return Err(Exit::Failed.because(CANCELLED));
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

/// What FastTrack's hash does not tell (FTHASH-04).
const UNVERIFIED: &str =
    "nobody can tell whether all of it is right: its hash covers some parts of it only";

/// Somebody else does not want it.
const CANCELLED: &str = "somebody has cancelled it; 'filbert get' begins again";

/// Tells programs all of it, and people what they may wonder about.
fn tell(now: &Download, last: Option<&Download>, is_json: bool, bar: &Bar) -> anyhow::Result<()> {
    if is_json {
        let mut out = anstream::stdout().lock();
        writeln!(out, "{}", printable::json(now)?)?;
        return Ok(out.flush()?);
    }
    let is_first = last.is_none();
    if is_first && bar.is_shown() {
        let size = now.size.map(|size| format!(" ({})", Bytes(size))).unwrap_or_default();
        bar.say(&format!("fetching {}{size}", printable::text(&now.name)));
    }
    bar.show(now.done_bytes, now.size, &says(now));
    Ok(())
}

fn has_nobody(download: &Download) -> bool {
    download.state == DownloadState::Fetching && download.sources == 0
}

/// What there is to say of a download, in the order of its worth.
pub(super) fn says(download: &Download) -> Vec<String> {
    let Download { sending, sources, queued, done_bytes, .. } = *download;
    let mut says = Vec::new();
    match (download.state, sources) {
        (DownloadState::Fetching, 0) => says.push("looking for somebody who has it".to_owned()),
        (DownloadState::Fetching, _) => {
            says.push(format!("{}/s", Bytes(download.bytes_per_s)));
            says.extend(download.left_s().map(|left| format!("{} left", Roughly(left))));
            says.push(format!("{sending} of {}", counted(sources, "source")));
            if queued > 0 {
                says.push(format!("{queued} queued"));
            }
        }
        (state, _) => says.push(word(state).to_owned()),
    }
    let size = download.size.map(|size| format!(" of {}", Bytes(size))).unwrap_or_default();
    says.push(format!("{}{size}", Bytes(done_bytes)));
    says
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
