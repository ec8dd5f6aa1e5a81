mod hits;

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tokio::time::{Instant, sleep, timeout, timeout_at};

pub(super) use self::hits::{Printer, Shown};
use super::asking::{self, Interrupts, Node};
use super::units::{Span, counted};
use super::{Exit, complain, printable};
use crate::control::client::Client;
use crate::control::model::{Happening, Network, Search, SearchId, StartSearch};

/// What `filbert search` is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Hits are printed as they come; how many there are, and why no more are waited for, is said on standard \
error. The exit code is 1 when nothing was found. 'filbert get' takes what stands below HIT: the node keeps \
hits for half an hour, and 'filbert searches' lists them again. Hits that look like spam are counted and not \
printed unless --all or --json is given.")]
pub struct Arguments {
    /// What names of files must contain; a URN, or a magnet link, asks for its content
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,

    /// Ask one network alone
    #[arg(long, value_name = "NETWORK", value_parser = network())]
    network: Option<Network>,

    #[command(flatten)]
    node: Node,

    #[command(flatten)]
    wanted: Wanted,
}

/// How much is wanted of what is found, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Wait so many seconds for hits
    #[arg(short, long, value_name = "S", default_value_t = 30)]
    wait: u64,

    /// End after so many hits
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    #[command(flatten)]
    shown: Shown,
}

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The network. When all were asked, answers may still be on their way.
    Network,
    /// One host, which has said all that it has to say when it is over.
    Host,
}

/// How long hits are waited for that come after the search has asked everybody.
const LATE_HITS_WAIT: Duration = Duration::from_secs(5);
/// How often such hits are asked for.
const LATE_HITS_EVERY: Duration = Duration::from_millis(500);
/// How long the end of a search may take that nobody looks at any more.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Why no more hits are waited for.
enum End {
    Waited,
    Enough,
    /// The search is over, for this reason.
    Over(String),
    NodeGone,
    Interrupted,
    Unread,
}

/// A network, by its word.
pub(super) fn network() -> impl TypedValueParser<Value = Network> {
    let word_is = |word: &str, network: &Network| network.as_str() == word;
    PossibleValuesParser::new(Network::ALL.map(Network::as_str)).map(move |word| {
        let named = Network::ALL.into_iter().find(|network| word_is(&word, network));
        named.unwrap_or_default()
    })
}

/// Searches, and prints what is found.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let words = arguments.words.join(" ");
    if words.trim().is_empty() {
        return Err(Exit::Usage.because("name the words to look for"));
    }
    let wanted = StartSearch { words, network: arguments.network };
    asking::ask_to_the_end(&arguments.node, async |client, mut interrupts| {
        let started = tokio::select! {
            started = client.start_search(&wanted) => started?,
            () = interrupts.next() => return Ok(Exit::Interrupted),
        };
        show(client, &started, &arguments.wanted, Asked::Network, &mut interrupts).await
    })
}

/// Prints what a search finds that has begun, until nobody wants more, and has it stopped.
pub(super) async fn show(
    client: &Client,
    started: &Search,
    wanted: &Wanted,
    asked: Asked,
    interrupts: &mut Interrupts,
) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(&wanted.shown, wanted.max);
    let wait = Duration::from_secs(wanted.wait);
    let ended = tokio::select! {
        ended = follow(client, (started.id, asked), wait, &mut printer) => ended,
        () = asking::unread() => Ok(End::Unread),
        () = interrupts.next() => Ok(End::Interrupted),
    };
    stop(client, started.id, interrupts).await;
    if started.hits_recalled > 0 {
        let known = counted(started.hits_recalled, "file");
        complain(&format!(
            "{known} known from an earlier search; others seldom answer the same words twice"
        ));
    }
    conclude(&ended?, &printer, wanted.wait, asked)
}

/// Prints what the search finds, until it is over or enough.
async fn follow(
    client: &Client,
    search: (SearchId, Asked),
    wait: Duration,
    printer: &mut Printer,
) -> anyhow::Result<End> {
    let deadline = Instant::now().checked_add(wait);
    let found = find(client, search, printer);
    match deadline {
        None => found.await,
        Some(deadline) => timeout_at(deadline, found).await.unwrap_or(Ok(End::Waited)),
    }
}

async fn find(
    client: &Client,
    (search, asked): (SearchId, Asked),
    printer: &mut Printer,
) -> anyhow::Result<End> {
    let mut watch = client.search_events(search).await?;
    while let Some(seen) = watch.next().await? {
        let hit = match seen.happening() {
            Some(Happening::Hit(hit)) => hit,
            Some(Happening::SearchEnded { why, .. }) if asked == Asked::Host => {
                return Ok(End::Over(why));
            }
            Some(Happening::SearchEnded { why, .. }) => {
                return find_late(client, search, why, printer).await;
            }
            _ => continue,
        };
        if printer.print(&hit)? {
            return Ok(End::Enough);
        }
    }
    Ok(End::NodeGone)
}

/// Everybody was asked; answers may still be on their way.
async fn find_late(
    client: &Client,
    search: SearchId,
    why: String,
    printer: &mut Printer,
) -> anyhow::Result<End> {
    let mut last_hit = Instant::now();
    while last_hit.elapsed() < LATE_HITS_WAIT {
        let hits = client.hits(search, printer.next()).await?;
        if !hits.is_empty() {
            last_hit = Instant::now();
        }
        for hit in hits {
            if printer.print(&hit)? {
                return Ok(End::Enough);
            }
        }
        sleep(LATE_HITS_EVERY).await;
    }
    Ok(End::Over(why))
}

/// Nobody is to be asked any more. If the node does not hear of that, the search ends by itself.
async fn stop(client: &Client, search: SearchId, interrupts: &mut Interrupts) {
    tokio::select! {
        _ = timeout(STOP_TIMEOUT, client.stop_search(search)) => {}
        () = interrupts.next() => {}
    }
}

fn conclude(end: &End, printer: &Printer, wait_s: u64, asked: Asked) -> anyhow::Result<Exit> {
    let count = printer.count();
    let found = printer.summary();
    let why = match end {
        End::Waited => format!("{} are over, --wait gives it more", Span(wait_s)),
        End::Enough => "that is enough".to_owned(),
        End::Over(why) if asked == Asked::Host => printable::text(why),
        End::Over(why) => format!("the search is over: {}", printable::text(why)),
        End::NodeGone => return Err(Exit::Failed.because(format!("{found}; the node has ended"))),
        End::Interrupted => "interrupted".to_owned(),
        End::Unread => return Ok(Exit::Success),
    };
    let next = printer.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
    complain(&format!("{found}; {why}{next}"));
    Ok(match end {
        End::Interrupted => Exit::Interrupted,
        _ if count == 0 => Exit::Failed,
        _ => Exit::Success,
    })
}
