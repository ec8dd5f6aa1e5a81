//! The whole thing on one machine: a private overlay of real nodes on loopback, a search that finds, and a file that
//! is fetched from all who have it.

mod fetching;
mod files;
mod member;
mod overlay;
mod shelf;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{descriptors, sharing};
use crate::control::model::{self, Hit, Network};
use crate::library::hash;
pub use files::Samples;
use member::Member;
use overlay::{Post, View, below, hubs, way};

/// Ultrapeers, or supernodes.
const HUBS: u8 = 3;
/// Leaves, or ordinary nodes.
const LEAVES: u8 = 12;

/// How long each act may take before the demonstration has failed.
const ACT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long hits are waited for once the first has come.
const MORE_HITS: Duration = Duration::from_millis(1_500);

/// What is looked for. Files of several leaves have these words in their names.
const WORDS: &str = "river recording";

/// The place that they are about: there is enough of it to be fetched.
const PLACE: &str = "river";

/// Bytes a second that each leaf sends, so that there is something to be seen.
const UPLOAD_BYTES_PER_S: u64 = 1024 * 1024;

/// Files and sockets that may have to be open at a time: two of each node, two of each link.
const DESCRIPTORS_MIN: u64 = 160;

/// What to look at where loopback does not work, and where files cannot be written.
const LO: &str = "is the interface 'lo' up?";
const ROOM: &str = "is there room in the folder for temporary files?";

/// Why the demonstration did not show what it was to show.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("cannot listen on loopback: {0}; {advice}", advice = descriptors::advice(.0).unwrap_or(LO))]
    Loopback(io::Error),
    #[error("cannot make the sample files: {0}; {advice}", advice = descriptors::advice(.0).unwrap_or(ROOM))]
    Files(io::Error),
    #[error("only {0} files may be open; raise that to {DESCRIPTORS_MIN} with 'ulimit -n'")]
    Descriptors(u64),
    #[error("cannot call {address} on loopback: {why}; {LO}")]
    Unreachable { address: SocketAddr, why: String },
    #[error("{0} took longer than {seconds} s; try again on a machine that is less busy", seconds = ACT_TIMEOUT.as_secs())]
    Late(&'static str),
    #[error("only {found} of {there} files were found; please report this")]
    Incomplete { found: usize, there: usize },
    #[error("the file was not fetched: {0}")]
    NotFetched(String),
    #[error(
        "those who share the file do not agree on its SHA-1, or what came is another; please report this"
    )]
    Different,
    #[error("cannot print: {0}")]
    Unsaid(#[from] io::Error),
}

/// What is told of the demonstration.
#[derive(Clone, Debug)]
pub enum Told {
    /// What has happened.
    Line(String),
    /// How far the file is that is fetched, some times a second.
    Fetching(Box<model::Download>),
}

impl Told {
    fn line(text: impl Into<String>) -> Self {
        Self::Line(text.into())
    }
}

/// Makes what is to be shown. It is removed with what is returned, which should outlive all nodes.
pub fn prepare() -> Result<Samples, DemoError> {
    let descriptors = descriptors::raise();
    if descriptors < DESCRIPTORS_MIN {
        return Err(DemoError::Descriptors(descriptors));
    }
    Samples::make(LEAVES.into(), PLACE).map_err(DemoError::Files)
}

/// Shows everything, and says each act on the way. Where that cannot be said, nothing more is shown.
pub async fn show(
    samples: &Samples,
    network: Network,
    mut say: impl FnMut(Told) -> io::Result<()>,
) -> Result<(), DemoError> {
    let (hubs, below) = (hubs(network), below(network));
    let begun = Instant::now();
    let files = samples.count();
    say(Told::line(format!("made {files} sample files in {}", samples.folder().display())))?;

    let mut above = start_hubs(network)?;
    say(Told::line(format!("{HUBS} {hubs} listen: {}", names(&above))))?;

    let mut leaves = start_leaves(network, &mut above, samples).await?;
    let told = match network {
        Network::Gnutella => "the words of",
        Network::FastTrack => "each of",
    };
    say(Told::line(format!(
        "{LEAVES} {below} have found {hubs} and told them of {told} {files} files"
    )))?;

    link(&mut above).await?;
    let known = match network {
        Network::Gnutella => "know what words each has below it",
        Network::FastTrack => "tell each other whom they reach",
    };
    say(Told::line(format!("the {hubs} are linked, and {known}")))?;

    let Some(mut seeker) = leaves.pop() else { return Ok(()) };
    let hits = search(&mut seeker, samples.matching(WORDS), &mut say).await?;
    let fetched = samples.fetched(leaves.len());
    fetching::fetch(&seeker, &leaves, &hits, fetched, &mut say).await?;

    let (messages, bytes) = traffic(&above).await;
    end(leaves.into_iter().chain([seeker]).chain(above)).await;
    say(Told::line("all have said goodbye"))?;
    say(Told::line(format!(
        "{} nodes, {} hits, {messages} messages ({bytes} bytes) through the {hubs}, {:.1} s",
        HUBS.saturating_add(LEAVES),
        hits.len(),
        begun.elapsed().as_secs_f64()
    )))?;
    Ok(())
}

/// All at once.
async fn end(members: impl Iterator<Item = Member>) {
    let mut ends: JoinSet<()> = members.map(Member::end).collect();
    while ends.join_next().await.is_some() {}
}

fn start_hubs(network: Network) -> Result<Vec<Member>, DemoError> {
    let start = |number| Member::start(network, number, Post::Hub).map_err(DemoError::Loopback);
    (1..=HUBS).map(start).collect()
}

/// Links the ultrapeers, or supernodes, with each other. That comes last: what they tell each other of their leaves is
/// told again seldom.
async fn link(hubs: &mut [Member]) -> Result<(), DemoError> {
    let addresses: Vec<_> = hubs.iter().map(|member| member.address).collect();
    for (number, member) in hubs.iter_mut().enumerate() {
        for other in addresses.iter().take(number) {
            member.connect(*other).await;
        }
    }
    let others = usize::from(HUBS).saturating_sub(1);
    // The first has called nobody, and would not notice where calls lead nowhere.
    for member in hubs.iter_mut().rev() {
        let linked = member.until(|view| view.hubs() >= others);
        in_time("linking those that pass searches on", linked).await??;
    }
    Ok(())
}

async fn start_leaves(
    network: Network,
    hubs: &mut [Member],
    samples: &Samples,
) -> Result<Vec<Member>, DemoError> {
    let mut leaves = Vec::new();
    for (number, hub) in (0..LEAVES).zip(hubs.iter().cycle()) {
        let member = Member::start(network, number.saturating_add(101), Post::Below);
        let mut member = member.map_err(DemoError::Loopback)?;
        let kzhash = network == Network::FastTrack;
        let share = share(&mut member, samples, number.into(), hash::Wanted { kzhash });
        in_time("hashing the files", share).await??;
        member.connect(hub.address).await;
        leaves.push(member);
    }
    for leaf in &mut leaves {
        in_time("linking those below them", leaf.until(View::is_below)).await??;
    }
    let each = usize::from(LEAVES) / usize::from(HUBS);
    for hub in hubs {
        let told = hub.until(|view| view.below() >= each);
        in_time("hearing of what is shared", told).await??;
    }
    Ok(leaves)
}

/// Shares what was made for this leaf.
async fn share(
    member: &mut Member,
    samples: &Samples,
    leaf: usize,
    digests: hash::Wanted,
) -> Result<(), DemoError> {
    let plan = sharing::Plan {
        folders: vec![samples.shared(leaf)],
        home: samples.home(leaf),
        downloads: samples.fetched(leaf),
        threads: 1,
        digests,
        ..sharing::Plan::default()
    };
    let shared = member.share(plan, samples.count_of(leaf), UPLOAD_BYTES_PER_S);
    shared.await.map_err(DemoError::Files)
}

/// Looks until everything is found. Tables travel for a moment, and those who are asked before know
/// nothing yet: so it asks again.
async fn search(
    seeker: &mut Member,
    there: usize,
    say: &mut impl FnMut(Told) -> io::Result<()>,
) -> Result<Vec<Hit>, DemoError> {
    let who = seeker.address;
    say(Told::line(format!("{who} looks for \"{WORDS}\", which {there} files of others have")))?;
    let since = Instant::now();
    loop {
        let hits = seeker.search(WORDS, there, MORE_HITS).await;
        if hits.len() >= there {
            for hit in &hits {
                let Hit { name, size, address, .. } = hit;
                let found = format!("  found {name} ({size} bytes) at {address}, {}", way(hit));
                say(Told::line(found))?;
            }
            return Ok(hits);
        }
        if since.elapsed() >= ACT_TIMEOUT {
            return Err(DemoError::Incomplete { found: hits.len(), there });
        }
    }
}

async fn traffic(hubs: &[Member]) -> (u64, u64) {
    let (mut messages, mut bytes) = (0_u64, 0_u64);
    for member in hubs {
        for peer in member.peers().await {
            messages = messages.saturating_add(peer.received_messages);
            bytes = bytes.saturating_add(peer.received_bytes);
        }
    }
    (messages, bytes)
}

fn names(members: &[Member]) -> String {
    let names: Vec<_> = members.iter().map(|member| member.address.to_string()).collect();
    names.join(", ")
}

async fn in_time<T>(act: &'static str, work: impl Future<Output = T>) -> Result<T, DemoError> {
    tokio::time::timeout(ACT_TIMEOUT, work).await.map_err(|_| DemoError::Late(act))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// As where the interface of loopback is down: nobody waits for what cannot come.
    #[tokio::test]
    async fn a_call_that_fails_is_told_at_once() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut member = Member::start(Network::Gnutella, 1, Post::Below).unwrap();
        member.connect(nobody).await;
        let outcome = member.until(|view| !view.peers.is_empty()).await;
        let error = outcome.unwrap_err();
        assert!(matches!(error, DemoError::Unreachable { address, .. } if address == nobody));
        assert!(error.to_string().ends_with("is the interface 'lo' up?"), "{error}");
    }
}
