//! A file is fetched from all who have it, and looked at.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use data_encoding::BASE32_NOPAD;
use tokio::time::sleep;

use super::member::Member;
use super::shelf::Hashes;
use super::{ACT_TIMEOUT, DemoError, Told};
use crate::control::desk::Refusal;
use crate::control::model::{Download, DownloadState, Hit, StartDownload};
use crate::library::hash::Digests;
use crate::runtime::downloads::{Downloads, Plan, Wanted};
use crate::runtime::uploads::Unfinished;
use crate::transfer::download::{Manners, Rules};

/// How often it is looked how far the file is.
const LOOK: Duration = Duration::from_millis(100);

/// Fetches what was found, and says from whom the bytes have come and that they are right.
pub(super) async fn fetch(
    seeker: &Member,
    sharers: &[Member],
    hits: &[Hit],
    folder: PathBuf,
    say: &mut impl FnMut(Told) -> io::Result<()>,
) -> Result<(), DemoError> {
    let hashes = told_hashes(hits, sharers)?;
    let (sha1, shown) = (hashes.sha1, BASE32_NOPAD.encode(&hashes.sha1));
    let (count, content) = (hits.len(), content(&hashes));
    say(Told::line(format!("all {count} are one content, {content}: it is fetched from all")))?;

    let manners = Manners {
        user_agent: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
        listen: Some(seeker.address),
        ..Manners::default()
    };
    let rules = Rules { allow_private: true, ..Rules::default() };
    let desk = seeker.desk().clone();
    // What is random in it only spreads the load.
    let lines = seeker.lines();
    let unfinished = Unfinished::new(false);
    let plan = Plan { folder, rules, manners, lines, unfinished, seed: 1, desk };
    let (downloads, _pushes) = Downloads::start(plan).await;
    let outcome = follow(seeker, &downloads, hits, say).await;
    downloads.end().await;
    let (download, took) = outcome?;
    let path = download.path.unwrap_or_default();
    for sharer in sharers.iter().filter(|sharer| sharer.sent_bytes() > 0) {
        let (sent, address) = (sharer.sent_bytes(), sharer.address);
        say(Told::line(format!("  {sent} bytes came from {address}")))?;
    }
    // The node has checked it. Whoever looks on need not take its word for that.
    let failed = |error: io::Error| DemoError::NotFetched(error.to_string());
    let read = move || fs::read(path).map(|bytes| (bytes.len(), Digests::of(&bytes).sha1));
    let read = tokio::task::spawn_blocking(read).await.map_err(io::Error::other);
    let (len, is) = read.flatten().map_err(failed)?;
    if is != sha1 {
        return Err(DemoError::Different);
    }
    let seconds = took.as_secs_f64();
    say(Told::line(format!(
        "fetched {len} bytes in {seconds:.1} s; their SHA-1 is {shown}, that of the sharers: verified"
    )))?;
    Ok(())
}

/// By what the network knows it.
fn content(hashes: &Hashes) -> String {
    match hashes.kzhash {
        Some(kzhash) => format!("UUHash {}", kzhash.uuhash.to_text()),
        None => format!("urn:sha1:{}", BASE32_NOPAD.encode(&hashes.sha1)),
    }
}

/// By what the file is known to those who answered, if it is what all of them have and have said.
fn told_hashes(hits: &[Hit], sharers: &[Member]) -> Result<Hashes, DemoError> {
    let of_sharer = |hit: &Hit| {
        let sharer = sharers.iter().find(|sharer| sharer.address == hit.address)?;
        let hashes = sharer.hashes_of(&hit.name)?;
        let (has, told) = match hashes.kzhash {
            Some(kzhash) => (kzhash.uuhash.to_string(), &hit.kazaa_hash),
            None => (BASE32_NOPAD.encode(&hashes.sha1), &hit.sha1),
        };
        (told.as_ref() == Some(&has)).then_some(hashes)
    };
    let hashes = hits.first().and_then(of_sharer).ok_or(DemoError::Different)?;
    let is_same = |hit: &Hit| of_sharer(hit) == Some(hashes);
    if hits.iter().all(is_same) { Ok(hashes) } else { Err(DemoError::Different) }
}

/// Fetches it from whoever was found, to its end.
async fn follow(
    seeker: &Member,
    downloads: &Downloads,
    hits: &[Hit],
    say: &mut impl FnMut(Told) -> io::Result<()>,
) -> Result<(Download, Duration), DemoError> {
    let begun = Instant::now();
    let refused = |refusal: Refusal| DemoError::NotFetched(refusal.to_string());
    let mut id = 0;
    for hit in hits {
        let (search, hit) = (Some(hit.search), Some(hit.number));
        let wanted = StartDownload { search, hit, link: None };
        let wanted = Wanted::of(&wanted, seeker.desk(), true).await.map_err(refused)?;
        id = downloads.add(wanted).map_err(refused)?.id;
    }
    while begun.elapsed() < ACT_TIMEOUT {
        let download = on_average(downloads.one(id).map_err(refused)?, begun.elapsed());
        say(Told::Fetching(Box::new(download.clone())))?;
        match download.state {
            DownloadState::Finished => return Ok((download, begun.elapsed())),
            DownloadState::Stuck => {
                return Err(DemoError::NotFetched(download.why.unwrap_or_default()));
            }
            _ => sleep(LOOK).await,
        }
    }
    Err(DemoError::Late("fetching the file"))
}

/// With its rate since the beginning: it is over before any other one means something.
fn on_average(download: Download, since: Duration) -> Download {
    let since_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let bytes_per_s = download.done_bytes.saturating_mul(1_000).checked_div(since_ms).unwrap_or(0);
    Download { bytes_per_s, ..download }
}
