use std::collections::BTreeMap;
use std::fmt;

use super::line::grouped;
use super::palette::Palette;
use crate::dissect::{Kind, Record, Statistics};
use crate::specification::Specification;

/// What was seen, counted.
#[derive(Debug, Default)]
pub(super) struct Summary {
    by_kind: BTreeMap<Kind, u64>,
    by_rule: BTreeMap<&'static str, u64>,
    malformed: u64,
}

impl Summary {
    pub(super) fn count(&mut self, record: &Record) {
        *self.by_kind.entry(record.kind()).or_default() += 1;
        self.malformed += u64::from(record.is_malformed());
        for rule in record.broken_rules() {
            *self.by_rule.entry(rule).or_default() += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }

    pub(super) const fn has_malformed(&self) -> bool {
        self.malformed > 0
    }

    /// As a small table.
    pub(super) const fn shown(&self, statistics: Statistics, palette: Palette) -> Shown<'_> {
        Shown { summary: self, statistics, palette }
    }
}

pub(super) struct Shown<'a> {
    summary: &'a Summary,
    statistics: Statistics,
    palette: Palette,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        let strong = self.palette.strong();
        let total: u64 = self.summary.by_kind.values().sum();
        writeln!(f, "{strong}{:>10}{strong:#}  records", grouped(total))?;
        for (kind, count) in &self.summary.by_kind {
            let style = self.palette.kind(*kind);
            writeln!(f, "{:>10}  {style}{}{style:#}", grouped(*count), kind.name())?;
        }
        self.malformed(f)?;
        self.gaps(f)?;
        self.left_out(f)
    }
}

impl Shown<'_> {
    /// Which requirements were broken, and what they demand.
    fn malformed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { by_rule, malformed, .. } = self.summary;
        if *malformed == 0 {
            return writeln!(f, "{:>10}  malformed", 0);
        }
        let (broken, quiet) = (self.palette.broken(), self.palette.quiet());
        let specification = Specification::embedded().ok();
        writeln!(f, "{broken}{:>10}  malformed{broken:#}", grouped(*malformed))?;
        for (rule, count) in by_rule {
            let title = specification.as_ref().and_then(|all| title(all, rule)).unwrap_or_default();
            writeln!(
                f,
                "{:>10}    {broken}{rule}{broken:#}  {quiet}{title}{quiet:#}",
                grouped(*count)
            )?;
        }
        Ok(())
    }

    fn gaps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { gaps, gap_bytes, felt_gaps, .. } = self.statistics;
        let noun = if gaps == 1 { "gap" } else { "gaps" };
        write!(f, "{:>10}  {noun}", grouped(gaps))?;
        if gaps > 0 {
            write!(f, " of {} bytes that were not recorded, ", grouped(gap_bytes))?;
            match felt_gaps {
                0 => write!(f, "within files")?,
                _ => write!(f, "{} where messages or heads may be lost", grouped(felt_gaps))?,
            }
        }
        writeln!(f)
    }

    /// Packets that were not looked into and connections that were not followed to their end, if
    /// there were any.
    fn left_out(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { other_packets, evicted_connections, .. } = self.statistics;
        if other_packets > 0 {
            let noun = if other_packets == 1 { "packet" } else { "packets" };
            writeln!(f, "{:>10}  other {noun}, neither TCP nor UDP", grouped(other_packets))?;
        }
        if evicted_connections > 0 {
            let noun = if evicted_connections == 1 { "connection" } else { "connections" };
            let count = grouped(evicted_connections);
            writeln!(f, "{count:>10}  {noun} put aside before the end, to save memory")?;
        }
        Ok(())
    }
}

fn title(specification: &Specification, rule: &str) -> Option<String> {
    let mut all = specification.requirements();
    all.find(|(_, requirement)| requirement.id.to_string() == rule)
        .map(|(_, requirement)| requirement.title.clone())
}
