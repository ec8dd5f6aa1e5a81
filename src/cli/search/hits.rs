use std::io::{self, Write};
use std::net::SocketAddr;

use anstyle::Style;
use clap::Args;
use serde::Serialize;

use crate::cli::columns::{self, fit};
use crate::cli::printable;
use crate::cli::units::{Bytes, counted};
use crate::control::model::{Hit, Network};

const HEADING: Style = Style::new().bold();

/// How hits are shown, and which.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct Shown {
    /// Print hits that look like spam too
    #[arg(short, long)]
    all: bool,

    /// Print one magnet link a hit, for those whose SHA-1 is known
    #[arg(long, conflicts_with = "json")]
    magnet: bool,

    /// Print one JSON object a hit
    #[arg(short, long)]
    json: bool,
}

impl Shown {
    /// One JSON object a hit.
    pub(in crate::cli) const fn is_json(&self) -> bool {
        self.json
    }
}

/// Prints hits, each once and as soon as it comes.
pub(in crate::cli) struct Printer {
    shown: Shown,
    count_max: Option<u64>,
    count: u64,
    /// The number of the next hit that was not looked at.
    next: u64,
    /// Hits that were not printed for what speaks against them.
    doubted: u64,
    /// Hits that have no link.
    without_link: u64,
    /// The first one that can be fetched, as `filbert get` has it.
    first: Option<String>,
    columns: Option<usize>,
}

/// A hit as programs see it: these fields stand first, in this order, under all versions.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    size: u64,
    sha1: Option<&'a str>,
    address: SocketAddr,
    vendor: Option<&'a str>,
    servent_id: &'a str,
    firewalled: bool,
    busy: bool,
    hops: u8,
    index: u32,
    speed: u32,
    number: u64,
    search: u64,
    doubt: Option<&'a str>,
    magnet: Option<&'a str>,
    push_proxies: &'a [SocketAddr],
    takes_tls: bool,
    network: Network,
    kazaa_hash: Option<&'a str>,
    user: Option<&'a str>,
    supernode: Option<SocketAddr>,
}

impl Printer {
    pub(in crate::cli) fn new(shown: &Shown, count_max: Option<u64>) -> Self {
        Self {
            shown: *shown,
            count_max,
            count: 0,
            next: 0,
            doubted: 0,
            without_link: 0,
            first: None,
            columns: columns::of_output(),
        }
    }

    /// Hits that were printed.
    pub(in crate::cli) const fn count(&self) -> u64 {
        self.count
    }

    /// The number of the next hit that was not looked at.
    pub(in crate::cli) const fn next(&self) -> u64 {
        self.next
    }

    /// How many were found, in words.
    pub(in crate::cli) fn summary(&self) -> String {
        let (found, and) = match self.count {
            0 => ("nothing was found".to_owned(), " but"),
            count => (format!("{} found", counted(count, "file")), ", and"),
        };
        let doubted = match self.doubted {
            0 => String::new(),
            1 => format!("{and} 1 that looks like spam (--all prints it)"),
            count => format!("{and} {count} that look like spam (--all prints them)"),
        };
        let without_link = match self.without_link {
            0 => String::new(),
            count => format!("{and} {count} without a SHA-1, to which no link leads"),
        };
        format!("{found}{doubted}{without_link}")
    }

    /// What people may do now.
    pub(super) fn advice(&self) -> Option<String> {
        let first = self.first.as_ref().filter(|_| !self.shown.json && !self.shown.magnet)?;
        Some(format!("'filbert get {first}' fetches the first"))
    }

    /// Prints a hit, unless it was printed before or is not wanted. True when that is enough.
    pub(in crate::cli) fn print(&mut self, hit: &Hit) -> anyhow::Result<bool> {
        if hit.number >= self.next {
            self.next = hit.number.saturating_add(1);
            let is_shown = hit.doubt.is_none() || self.shown.all || self.shown.json;
            match is_shown {
                true => self.print_new(hit)?,
                false => self.doubted = self.doubted.saturating_add(1),
            }
        }
        Ok(self.count_max.is_some_and(|max| self.count >= max))
    }

    fn print_new(&mut self, hit: &Hit) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        if self.shown.json {
            writeln!(out, "{}", printable::json(&Line::of(hit))?)?;
        } else if !self.shown.magnet {
            self.write(&mut out, hit)?;
        } else if let Some(link) = &hit.magnet {
            writeln!(out, "{}", printable::text(link))?;
        } else {
            self.without_link = self.without_link.saturating_add(1);
            return Ok(());
        }
        out.flush()?;
        self.count = self.count.saturating_add(1);
        if self.first.is_none() && hit.sha1.is_some() {
            self.first = Some(name(hit));
        }
        Ok(())
    }

    /// Columns of a fixed width, for nobody knows what comes. The name has the rest.
    fn write(&self, out: &mut impl Write, hit: &Hit) -> io::Result<()> {
        if self.count == 0 {
            let headings = line(["HIT", "SIZE", "ADDRESS", "VENDOR", "HOPS", "STATE", "NAME"]);
            let headings = fit(&headings, self.columns.unwrap_or(usize::MAX));
            writeln!(out, "{HEADING}{headings}{HEADING:#}")?;
        }
        let vendor = hit.vendor.as_deref().map_or_else(|| "-".to_owned(), printable::text);
        let shown = line([
            &name(hit),
            &Bytes(hit.size).to_string(),
            &hit.address.to_string(),
            &fit(&vendor, 6),
            &hit.hops.to_string(),
            &state(hit),
            &printable::text(&hit.name),
        ]);
        writeln!(out, "{}", fit(&shown, self.columns.unwrap_or(usize::MAX)))
    }
}

/// As `filbert get` has it.
fn name(hit: &Hit) -> String {
    format!("{}:{}", hit.search, hit.number)
}

fn state(hit: &Hit) -> String {
    let words = [(hit.doubt.is_some(), "spam?"), (hit.firewalled, "push"), (hit.busy, "busy")];
    let words: Vec<_> =
        words.into_iter().filter_map(|(is_so, word)| is_so.then_some(word)).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

fn line([hit, size, address, vendor, hops, state, name]: [&str; 7]) -> String {
    format!("{hit:<6}  {size:>8}  {address:<21}  {vendor:<6}  {hops:>4}  {state:<10}  {name}")
}

impl<'a> Line<'a> {
    fn of(hit: &'a Hit) -> Self {
        Self {
            name: &hit.name,
            size: hit.size,
            sha1: hit.sha1.as_deref(),
            address: hit.address,
            vendor: hit.vendor.as_deref(),
            servent_id: &hit.servent_id,
            firewalled: hit.firewalled,
            busy: hit.busy,
            hops: hit.hops,
            index: hit.index,
            speed: hit.speed,
            number: hit.number,
            search: hit.search.0,
            doubt: hit.doubt.as_deref(),
            magnet: hit.magnet.as_deref(),
            push_proxies: &hit.push_proxies,
            takes_tls: hit.takes_tls,
            network: hit.network,
            kazaa_hash: hit.kazaa_hash.as_deref(),
            user: hit.user.as_deref(),
            supernode: hit.supernode,
        }
    }
}
