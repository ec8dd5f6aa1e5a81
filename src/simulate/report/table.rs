use std::fmt;

use super::{Flow, Healing, Joining, Ratio, Report};
use crate::simulate::tally::Load;

/// Where labels end and what they label begins.
const LABEL_WIDTH: usize = 14;

/// Of what must not be, so much is listed.
const VIOLATIONS_SHOWN: usize = 10;

/// Reasons for a role that are listed.
const WHY_SHOWN: usize = 3;

/// For people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.scenario)?;
        writeln!(
            f,
            "{} nodes, seed {}, {} s, {} events, trace {}",
            Grouped(self.nodes.into()),
            self.seed,
            self.virtual_s,
            Grouped(self.events),
            self.trace_hash
        )?;
        self.write_messages(f)?;
        writeln!(f)?;
        self.write_searches(f)?;
        self.write_load(f)?;
        self.write_nodes(f)?;
        self.write_violations(f)
    }
}

impl Report {
    /// One run among many, for people.
    pub fn one_line(&self) -> String {
        let events = Grouped(self.events);
        let found = match self.violations_count {
            0 => "well".to_owned(),
            count => format!("{count} violations"),
        };
        format!("seed {}: {events} events, trace {}, {found}", self.seed, self.trace_hash)
    }

    fn write_messages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<16}{:>14}{:>14}{:>16}", "message", "sent", "delivered", "bytes")?;
        for (name, count) in &self.messages {
            let (sent, delivered) = (Grouped(count.sent), Grouped(count.delivered));
            writeln!(f, "{name:<16}{sent:>14}{delivered:>14}{:>16}", Grouped(count.bytes))?;
        }
        write_flow(f, "dropped", &self.frames)?;
        if self.datagrams.sent > 0 {
            let Flow { sent, delivered, .. } = self.datagrams;
            let (sent, delivered) = (Grouped(sent), Grouped(delivered));
            line(f, "datagrams", format_args!("{sent} sent, {delivered} delivered"))?;
            write_flow(f, "dropped", &self.datagrams)?;
        }
        Ok(())
    }

    fn write_searches(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let searches = &self.searches;
        if searches.count == 0 {
            return Ok(());
        }
        let (answered, answerable) = (searches.answered, searches.answerable);
        line(
            f,
            "searches",
            format_args!("{}, {answered} of {answerable} answered", searches.count),
        )?;
        if let Some(coverage) = self.coverage {
            let walk = self.of_walk.map_or(String::new(), |of_walk| {
                format!(", {} of a walk in breadth", of_walk.percent())
            });
            line(f, "coverage", format_args!("{} of the ultrapeers{walk}", coverage.percent()))?;
        }
        if let Some(recall) = self.recall {
            line(f, "recall", format_args!("{} of the copies", recall.percent()))?;
        }
        if let Some(duplicates) = searches.duplicates {
            let messages = Grouped(searches.messages);
            let percent = duplicates.percent();
            line(f, "queries", format_args!("{messages} copies, {percent} of them seen before"))?;
        }
        if !searches.hops.is_empty() {
            let hops: Vec<_> = searches.hops.iter().map(|part| part.percent()).collect();
            line(f, "hops", format_args!("1: {}", numbered(&hops)))?;
        }
        if let Some(sharing) = &self.sharing {
            let (idle, givers) = (sharing.free_riders.percent(), sharing.givers.percent());
            let given = sharing.given.percent();
            line(f, "sharing", format_args!("{idle} share nothing, {givers} gave {given}"))?;
        }
        if let (Some(p50), Some(p95)) = (searches.first_hit_ms_p50, searches.first_hit_ms_p95) {
            let hops = searches.hit_hops.unwrap_or_default();
            line(f, "first hit", format_args!("{p50} ms (p95 {p95} ms), {hops} hops a hit"))?;
        }
        Ok(())
    }

    fn write_load(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, load) in [("leaf", &self.leaf), ("ultrapeer", &self.ultrapeer)] {
            if load.node_ms > 0 {
                let (received, sent) = (a_second(load, load.received), a_second(load, load.sent));
                let down = a_second(load, load.received_bytes);
                let up = a_second(load, load.sent_bytes);
                line(
                    f,
                    name,
                    format_args!(
                        "{received} messages/s in, {sent} out; {down} bytes/s in, {up} out"
                    ),
                )?;
            }
        }
        Ok(())
    }

    fn write_nodes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles = &self.roles;
        let off = if roles.off > 0 { format!(", {} off", roles.off) } else { String::new() };
        line(
            f,
            "nodes",
            format_args!("{} ultrapeers, {} leaves{off}", roles.ultrapeers, roles.leaves),
        )?;
        if roles.promotions > 0 || roles.demotions > 0 {
            let (up, down, again) = (roles.promotions, roles.demotions, roles.promotions_again);
            line(f, "promotions", format_args!("{up}, {again} of them again; {down} demotions"))?;
            let mut why: Vec<_> = roles.why.iter().collect();
            why.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (why, count) in why.into_iter().take(WHY_SHOWN) {
                line(f, "", format_args!("{count} x {why}"))?;
            }
        }
        write_joining(f, "joined", &self.joins)?;
        write_joining(f, "orphans", &self.orphans)?;
        write_joining(f, "  in silence", &self.orphans_in_silence)?;
        self.healed.iter().try_for_each(|healing| write_healing(f, healing))?;
        if let Some(capacity) = self.capacity {
            let (ultrapeers, all) = (Grouped(capacity.ultrapeers), Grouped(capacity.all));
            let ratio = capacity.ratio;
            line(
                f,
                "capacity",
                format_args!("elected {ultrapeers} bytes/s, all {all}: {ratio} times"),
            )?;
        }
        if let Some(liars) = self.liars {
            let (elected, ratio) = (liars.elected, liars.ratio);
            line(
                f,
                "liars",
                format_args!(
                    "{elected} are ultrapeers at the end, {ratio} times their part of the time"
                ),
            )?;
        }
        if let Some(poison) = self.poison {
            line(f, "poison", format_args!("{} of the known hosts", poison.percent()))?;
        }
        if let Some(grip) = self.grip {
            let of_ultrapeers = self.grip_of_ultrapeers.unwrap_or_default();
            line(
                f,
                "attackers",
                format_args!(
                    "{grip} times their part of all connections, {of_ultrapeers} times that of ultrapeers"
                ),
            )?;
        }
        if !self.strikes.is_empty() {
            let strikes: Vec<_> =
                self.strikes.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
            line(f, "strikes", format_args!("{}; {} bans", strikes.join(", "), self.bans))?;
        }
        Ok(())
    }

    fn write_violations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.violations_count == 0 {
            return line(f, "violations", format_args!("none"));
        }
        line(f, "violations", format_args!("{}", self.violations_count))?;
        for violation in self.violations.iter().take(VIOLATIONS_SHOWN) {
            writeln!(f, "  {violation}")?;
        }
        if self.violations_count > VIOLATIONS_SHOWN as u64 {
            writeln!(f, "  ...")?;
        }
        Ok(())
    }
}

fn write_flow(f: &mut fmt::Formatter<'_>, label: &str, flow: &Flow) -> fmt::Result {
    for (cause, count) in &flow.dropped {
        line(f, label, format_args!("{} {cause}", Grouped(*count)))?;
    }
    Ok(())
}

fn write_healing(f: &mut fmt::Formatter<'_>, healing: &Healing) -> fmt::Result {
    let Healing { pieces, ms, .. } = healing;
    let when = ms.map_or_else(|| "never".to_owned(), |ms| format!("after {ms} ms"));
    line(f, "healed", format_args!("{when}, from {pieces} pieces"))?;
    let percent = |ratio: Option<Ratio>| ratio.map_or_else(|| "-".to_owned(), Ratio::percent);
    let [covered, covers, found, finds] = [
        healing.coverage_before,
        healing.coverage_after,
        healing.recall_before,
        healing.recall_after,
    ]
    .map(percent);
    line(f, "", format_args!("coverage {covered} before, {covers} after; recall {found}, {finds}"))
}

fn write_joining(f: &mut fmt::Formatter<'_>, label: &str, joining: &Joining) -> fmt::Result {
    let Joining { count, ms_p50, ms_p99, longest } = joining;
    let (Some(p50), Some(p99), Some(longest)) = (ms_p50, ms_p99, longest) else {
        return Ok(());
    };
    let (max, host, since) = (longest.ms, longest.host, longest.since_ms / 1_000);
    line(
        f,
        label,
        format_args!("{count}, p50 {p50} ms, p99 {p99} ms, node {host} {max} ms from {since} s on"),
    )
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "{label:<LABEL_WIDTH$}{text}")
}

/// What one node of a role has to do in a second.
fn a_second(load: &Load, count: u64) -> Ratio {
    Ratio::of(count.saturating_mul(1_000), load.node_ms)
}

/// The parts, each but the first with its number in front.
fn numbered(parts: &[String]) -> String {
    let mut numbered = String::new();
    for (hops, part) in (1..).zip(parts) {
        match hops {
            1 => numbered.push_str(part),
            _ => numbered.push_str(&format!(", {hops}: {part}")),
        }
    }
    numbered
}

/// A number with a space between every three digits.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut grouped = String::new();
        for (place, digit) in digits.chars().enumerate() {
            let left = digits.len().saturating_sub(place);
            if place > 0 && left.is_multiple_of(3) {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        f.pad(&grouped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        let shown = [0, 999, 1_000, 12_345_678].map(|number| Grouped(number).to_string());
        assert_eq!(shown, ["0", "999", "1 000", "12 345 678"]);
        assert_eq!(format!("{:>8}|", Grouped(1_000)), "   1 000|");
    }

    #[test]
    fn hops_are_numbered() {
        assert_eq!(numbered(&["a".to_owned(), "b".to_owned()]), "a, 2: b");
    }
}
