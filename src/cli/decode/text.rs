use std::io::{self, Write};
use std::net::SocketAddr;

use super::fields;
use super::line;
use super::palette::Palette;
use crate::dissect::{Body, Decoded, Record, Timestamp, Transport};

/// Wide enough for most addresses; a longer one makes the column wider.
const ADDRESS_WIDTH_MIN: usize = 19;
/// A time and the blanks behind it.
const TIME_WIDTH: usize = 14;
const KIND_WIDTH: usize = 11;
const LIFE_WIDTH: usize = 4;
const GUID_WIDTH: usize = 8;

/// Prints records for people: one line each, and all fields below it if asked for.
#[derive(Debug)]
pub(super) struct TextWriter {
    palette: Palette,
    is_verbose: bool,
    address_width: usize,
    day: Option<u64>,
}

impl TextWriter {
    pub(super) const fn new(palette: Palette, is_verbose: bool) -> Self {
        Self { palette, is_verbose, address_width: ADDRESS_WIDTH_MIN, day: None }
    }

    /// Prints one record, and the date where it has changed.
    pub(super) fn write(&mut self, out: &mut impl Write, record: &Record) -> io::Result<()> {
        if let Some(time) = record.time {
            self.write_date(out, time)?;
        }
        writeln!(out, "{}", self.line(record).trim_end())?;
        if self.is_verbose {
            fields::write(out, record, self.palette)?;
        }
        Ok(())
    }

    fn write_date(&mut self, out: &mut impl Write, time: Timestamp) -> io::Result<()> {
        let strong = self.palette.strong();
        if self.day.replace(time.day()) == Some(time.day()) {
            return Ok(());
        }
        writeln!(out, "{strong}{} UTC{strong:#}", time.date())
    }

    fn line(&mut self, record: &Record) -> String {
        let quiet = self.palette.quiet();
        let time = record.time.map(|time| format!("{quiet}{}{quiet:#}  ", time.clock()));
        // Among records with a time, one without keeps its place in the columns.
        let time = time.or(self.day.map(|_| " ".repeat(TIME_WIDTH)));
        let route = record.route.from.zip(record.route.to);
        let route = route.map(|(from, to)| self.route(from, to, record.route.transport));
        let columns = [time.unwrap_or_default(), route.unwrap_or_default(), self.kind(record)];
        format!("{}{}{}", columns.concat(), line::summary(&record.body), self.faults(record))
    }

    /// The sender stands to the right and the receiver to the left, so that they meet at the arrow.
    fn route(&mut self, from: SocketAddr, to: SocketAddr, transport: Transport) -> String {
        let (from, to) = (from.to_string(), to.to_string());
        self.address_width = self.address_width.max(from.len()).max(to.len());
        let width = self.address_width;
        let arrow = match transport {
            Transport::Tcp => "->",
            Transport::Udp => "~>",
        };
        format!("{from:>width$} {arrow} {to:<width$}  ")
    }

    fn kind(&self, record: &Record) -> String {
        let (kind, quiet) = (record.kind(), self.palette.quiet());
        let style = self.palette.kind(kind);
        let (guid, life) = match &record.body {
            Body::Frame(Decoded { header, .. }) => {
                (header.guid.to_string(), format!("{}/{}", header.ttl, header.hops))
            }
            _ => (String::new(), String::new()),
        };
        let kind = format!("{style}{:<KIND_WIDTH$}{style:#}", kind.name());
        format!("{kind}  {quiet}{guid:<GUID_WIDTH$.GUID_WIDTH$}{quiet:#}  {life:<LIFE_WIDTH$}  ")
    }

    /// The requirements that are broken, and in words what is wrong first.
    fn faults(&self, record: &Record) -> String {
        let Some(first) = record.faults.as_slice().first() else {
            return String::new();
        };
        let (broken, ids) = (self.palette.broken(), record.broken_rules().join(", "));
        format!("  {broken}✗ {ids}: {} (byte {}){broken:#}", first.what, first.offset)
    }
}
