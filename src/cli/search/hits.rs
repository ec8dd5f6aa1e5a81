use std::io::{self, Write};
use std::net::SocketAddr;

use anstyle::Style;
use serde::Serialize;

use crate::cli::columns::{self, fit};
use crate::cli::printable;
use crate::cli::units::Bytes;
use crate::control::model::Hit;

const HEADING: Style = Style::new().bold();

/// Prints hits, each once and as soon as it comes.
pub(super) struct Printer {
    is_json: bool,
    count_max: Option<u64>,
    count: u64,
    /// The number of the next hit that was not printed.
    next: u64,
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
}

impl Printer {
    pub(super) fn new(is_json: bool, count_max: Option<u64>) -> Self {
        Self { is_json, count_max, count: 0, next: 0, columns: columns::of_output() }
    }

    /// Hits that were printed.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// The number of the next hit that was not printed.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Prints a hit, unless it was printed before. True when that is enough.
    pub(super) fn print(&mut self, hit: &Hit) -> anyhow::Result<bool> {
        if hit.number >= self.next {
            let mut out = anstream::stdout().lock();
            match self.is_json {
                true => writeln!(out, "{}", printable::json(&Line::of(hit))?)?,
                false => self.write(&mut out, hit)?,
            }
            out.flush()?;
            self.next = hit.number.saturating_add(1);
            self.count = self.count.saturating_add(1);
        }
        Ok(self.count_max.is_some_and(|max| self.count >= max))
    }

    /// Columns of a fixed width, for nobody knows what comes. The name has the rest.
    fn write(&self, out: &mut impl Write, hit: &Hit) -> io::Result<()> {
        if self.count == 0 {
            let headings = line(["SIZE", "ADDRESS", "VENDOR", "HOPS", "STATE", "NAME"]);
            let headings = fit(&headings, self.columns.unwrap_or(usize::MAX));
            writeln!(out, "{HEADING}{headings}{HEADING:#}")?;
        }
        let state = match (hit.firewalled, hit.busy) {
            (true, true) => "push, busy",
            (true, false) => "push",
            (false, true) => "busy",
            (false, false) => "-",
        };
        let vendor = hit.vendor.as_deref().map_or_else(|| "-".to_owned(), printable::text);
        let shown = line([
            &Bytes(hit.size).to_string(),
            &hit.address.to_string(),
            &fit(&vendor, 6),
            &hit.hops.to_string(),
            state,
            &printable::text(&hit.name),
        ]);
        writeln!(out, "{}", fit(&shown, self.columns.unwrap_or(usize::MAX)))
    }
}

fn line([size, address, vendor, hops, state, name]: [&str; 6]) -> String {
    format!("{size:>8}  {address:<21}  {vendor:<6}  {hops:>4}  {state:<10}  {name}")
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
        }
    }
}
