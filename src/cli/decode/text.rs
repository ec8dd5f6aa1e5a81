use std::io::{self, Write};
use std::net::SocketAddr;

use super::fields;
use super::line;
use super::palette::Palette;
use crate::dissect::{Body, Record, Timestamp, Transport};

/// Wide enough for most addresses; a longer one makes the column wider.
const ADDRESS_WIDTH_MIN: usize = 19;
const KIND_WIDTH: usize = 11;
const LIFE_WIDTH: usize = 4;
const GUID_SHOWN_LEN: usize = 8;

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
        Self {
            palette,
            is_verbose,
            address_width: ADDRESS_WIDTH_MIN,
            day: None,
        }
    }

    /// Prints one record, and the date where it has changed.
    pub(super) fn write(&mut self, out: &mut impl Write, record: &Record) -> io::Result<()> {
        if let Some(time) = record.time {
            self.write_time(out, time)?;
        }
        if let (Some(from), Some(to)) = (record.route.from, record.route.to) {
            self.write_route(out, from, to, record.route.transport)?;
        }
        self.write_kind(out, record)?;
        write!(out, "{}", line::summary(&record.body))?;
        self.write_faults(out, record)?;
        writeln!(out)?;
        if self.is_verbose {
            fields::write(out, record, self.palette)?;
        }
        Ok(())
    }

    fn write_time(&mut self, out: &mut impl Write, time: Timestamp) -> io::Result<()> {
        let (strong, quiet) = (self.palette.strong(), self.palette.quiet());
        if self.day.replace(time.day()) != Some(time.day()) {
            writeln!(out, "{strong}{} UTC{strong:#}", time.date())?;
        }
        write!(out, "{quiet}{}{quiet:#}  ", time.clock())
    }

    /// The sender stands to the right and the receiver to the left, so that they meet at the arrow.
    fn write_route(
        &mut self,
        out: &mut impl Write,
        from: SocketAddr,
        to: SocketAddr,
        transport: Transport,
    ) -> io::Result<()> {
        let (from, to) = (from.to_string(), to.to_string());
        self.address_width = self.address_width.max(from.len()).max(to.len());
        let width = self.address_width;
        let arrow = match transport {
            Transport::Tcp => "->",
            Transport::Udp => "~>",
        };
        write!(out, "{from:>width$} {arrow} {to:<width$}  ")
    }

    fn write_kind(&self, out: &mut impl Write, record: &Record) -> io::Result<()> {
        let (kind, style, quiet) = (
            record.kind(),
            self.palette.kind(record.kind()),
            self.palette.quiet(),
        );
        write!(out, "{style}{:<KIND_WIDTH$}{style:#}  ", kind.name())?;
        match &record.body {
            Body::Frame(decoded) => {
                let guid = decoded.header.guid.to_string();
                let shown = guid.get(..GUID_SHOWN_LEN).unwrap_or_default();
                let life = format!("{}/{}", decoded.header.ttl, decoded.header.hops);
                write!(out, "{quiet}{shown}{quiet:#}  {life:<LIFE_WIDTH$}  ")
            }
            _ => write!(out, "{:GUID_SHOWN_LEN$}  {:LIFE_WIDTH$}  ", "", ""),
        }
    }

    /// The requirements that are broken, and in words what is wrong first.
    fn write_faults(&self, out: &mut impl Write, record: &Record) -> io::Result<()> {
        let Some(first) = record.faults.as_slice().first() else {
            return Ok(());
        };
        let (broken, ids) = (self.palette.broken(), record.broken_rules().join(", "));
        write!(
            out,
            "  {broken}✗ {ids}: {} (byte {}){broken:#}",
            first.what, first.offset
        )
    }
}
