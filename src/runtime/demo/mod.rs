//! The whole thing on one machine: a private overlay of real nodes on loopback, and a search that finds.

mod files;
mod member;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::descriptors;
use crate::control::model::{self, Hit, Peer};
use crate::gnutella::link::Role;
pub use files::Samples;
use member::Member;

const ULTRAPEERS: u8 = 3;
const LEAVES: u8 = 12;

/// How long each act may take before the demonstration has failed.
const ACT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long hits are waited for once the first has come.
const MORE_HITS: Duration = Duration::from_millis(1_500);

/// What is looked for. Files of several leaves have these words in their names.
const WORDS: &str = "river recording";

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
    #[error("cannot print: {0}")]
    Unsaid(#[from] io::Error),
}

/// Makes what is to be shown. It is removed with what is returned, which should outlive all nodes.
pub fn prepare() -> Result<Samples, DemoError> {
    let descriptors = descriptors::raise();
    if descriptors < DESCRIPTORS_MIN {
        return Err(DemoError::Descriptors(descriptors));
    }
    Samples::make(LEAVES.into()).map_err(DemoError::Files)
}

/// Shows everything, and says each act on the way. Where that cannot be said, nothing more is shown.
pub async fn show(
    samples: &Samples,
    mut say: impl FnMut(String) -> io::Result<()>,
) -> Result<(), DemoError> {
    let begun = Instant::now();
    say(format!("made {} sample files in {}", samples.count(), samples.folder().display()))?;

    let mut ultrapeers = start_ultrapeers()?;
    say(format!("{ULTRAPEERS} ultrapeers listen: {}", names(&ultrapeers)))?;

    let mut leaves = start_leaves(&mut ultrapeers, samples).await?;
    let files = samples.count();
    say(format!(
        "{LEAVES} leaves have found ultrapeers and told them of the words of {files} files"
    ))?;

    link(&mut ultrapeers).await?;
    say("the ultrapeers are linked, and know what words each has below it".to_owned())?;

    let there = samples.matching(WORDS);
    let Some(seeker) = leaves.last_mut() else { return Ok(()) };
    say(format!("{} looks for \"{WORDS}\", which {there} files of others have", seeker.address))?;
    let hits = search(seeker, there, &mut say).await?;

    let (messages, bytes) = traffic(&ultrapeers).await;
    for member in leaves.into_iter().chain(ultrapeers) {
        member.end().await;
    }
    say("all have said goodbye".to_owned())?;
    say(format!(
        "{} nodes, {} hits, {messages} messages ({bytes} bytes) through the ultrapeers, {:.1} s",
        ULTRAPEERS.saturating_add(LEAVES),
        hits.len(),
        begun.elapsed().as_secs_f64()
    ))?;
    Ok(())
}

fn start_ultrapeers() -> Result<Vec<Member>, DemoError> {
    let start = |number| Member::start(number, Role::Ultrapeer).map_err(DemoError::Loopback);
    (1..=ULTRAPEERS).map(start).collect()
}

/// Links the ultrapeers with each other. That comes last: what they tell each other of their leaves is
/// told again seldom.
async fn link(ultrapeers: &mut [Member]) -> Result<(), DemoError> {
    let addresses: Vec<_> = ultrapeers.iter().map(|member| member.address).collect();
    for (number, member) in ultrapeers.iter_mut().enumerate() {
        for other in addresses.iter().take(number) {
            member.connect(*other).await;
        }
    }
    let others = usize::from(ULTRAPEERS).saturating_sub(1);
    // The first has called nobody, and would not notice where calls lead nowhere.
    for member in ultrapeers.iter_mut().rev() {
        let linked = member.until(|peers| tables_of(peers, model::Role::Ultrapeer) >= others);
        in_time("linking the ultrapeers", linked).await??;
    }
    Ok(())
}

/// How many neighbours in this role have told of their words.
fn tables_of(peers: &[Peer], role: model::Role) -> usize {
    let has_table = |peer: &&Peer| peer.query_table.is_some_and(|table| table.filled > 0);
    peers.iter().filter(|peer| peer.role == role).filter(has_table).count()
}

async fn start_leaves(
    ultrapeers: &mut [Member],
    samples: &Samples,
) -> Result<Vec<Member>, DemoError> {
    let mut leaves = Vec::new();
    for (number, ultrapeer) in (0..LEAVES).zip(ultrapeers.iter().cycle()) {
        let member = Member::start(number.saturating_add(101), Role::Leaf);
        let mut member = member.map_err(DemoError::Loopback)?;
        member.share(samples.of(number.into())).await;
        member.connect(ultrapeer.address).await;
        leaves.push(member);
    }
    for leaf in &mut leaves {
        let is_linked =
            |peers: &[Peer]| peers.iter().any(|peer| peer.role == model::Role::Ultrapeer);
        in_time("linking the leaves", leaf.until(is_linked)).await??;
    }
    let each = usize::from(LEAVES) / usize::from(ULTRAPEERS);
    for ultrapeer in ultrapeers {
        let told = ultrapeer.until(|peers| tables_of(peers, model::Role::Leaf) >= each);
        in_time("hearing of the leaves' words", told).await??;
    }
    Ok(leaves)
}

/// Looks until everything is found. Tables travel for a moment, and those who are asked before know
/// nothing yet: so it asks again.
async fn search(
    seeker: &mut Member,
    there: usize,
    say: &mut impl FnMut(String) -> io::Result<()>,
) -> Result<Vec<Hit>, DemoError> {
    let since = Instant::now();
    loop {
        let hits = seeker.search(WORDS, there, MORE_HITS).await;
        if hits.len() >= there {
            for hit in &hits {
                let Hit { name, size, address, hops, .. } = hit;
                let unit = if *hops == 1 { "hop" } else { "hops" };
                say(format!("  found {name} ({size} bytes) at {address}, {hops} {unit} away"))?;
            }
            return Ok(hits);
        }
        if since.elapsed() >= ACT_TIMEOUT {
            return Err(DemoError::Incomplete { found: hits.len(), there });
        }
    }
}

async fn traffic(ultrapeers: &[Member]) -> (u64, u64) {
    let (mut messages, mut bytes) = (0_u64, 0_u64);
    for member in ultrapeers {
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
        let mut member = Member::start(1, Role::Leaf).unwrap();
        member.connect(nobody).await;
        let outcome = member.until(|peers| !peers.is_empty()).await;
        let error = outcome.unwrap_err();
        assert!(matches!(error, DemoError::Unreachable { address, .. } if address == nobody));
        assert!(error.to_string().ends_with("is the interface 'lo' up?"), "{error}");
    }
}
