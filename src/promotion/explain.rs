use std::fmt;
use std::time::Duration;

use super::Promotion;
use super::eligibility::{Finding, Note, Test};
use super::need::Fill;
use super::observation::Role;
use super::switch::Cause;
use crate::base::time::Time;

impl Promotion {
    /// Why the node is what it is, and what it waits for, in one sentence: "not promoted: uptime 41
    /// of 60 min".
    pub fn explain(&self, now: Time) -> String {
        if self.switch.since == now && self.switch.cause != Cause::Start {
            return self.explain_change();
        }
        match self.switch.role {
            Role::Leaf => self.explain_leaf(now),
            Role::Supernode => self.explain_supernode(now),
        }
    }

    /// Why the role changed last: "demoted: no leaf for 60 min".
    pub fn explain_change(&self) -> String {
        let cause = self.switch.cause;
        match self.switch.role {
            Role::Leaf if cause == Cause::Start => "has just started".to_owned(),
            Role::Leaf => format!("demoted: {cause}"),
            Role::Supernode => format!("promoted: {cause}"),
        }
    }

    fn explain_leaf(&self, now: Time) -> String {
        if now < self.switch.leaf_until {
            let left = Long(self.switch.leaf_until.since(now));
            return format!("not promoted: a leaf for {left} more ({})", self.explain_change());
        }
        if let Some(failure) = self.first_failure(now) {
            return format!("not promoted: {failure}");
        }
        if self.wanted_by(now).is_none() {
            return format!("not promoted: no supernode is needed, {}", self.need.fill());
        }
        let Some(until) = self.switch.waiting_until.filter(|&until| now < until) else {
            return "to be promoted".to_owned();
        };
        format!("not promoted yet: for {} stronger ones may go first", Long(until.since(now)))
    }

    fn explain_supernode(&self, now: Time) -> String {
        let age = Long(now.since(self.switch.since));
        let (leaves, supernodes) = (self.leaves, self.supernodes);
        let neighbours = format!(
            "{} and {}",
            counted(leaves, "leaf", "leaves"),
            counted(supernodes, "supernode", "supernodes")
        );
        let tail = match self.trouble(now) {
            Some(trouble) => format!("may be demoted: {trouble}"),
            None => self.explain_change(),
        };
        format!("supernode for {age} with {neighbours} ({tail})")
    }
}

/// A phrase that follows "promoted:" or "demoted:".
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Start => f.write_str("has just started"),
            Self::Needed(fill) => write!(f, "supernodes are needed, {fill}"),
            Self::Orphan(alone) => write!(f, "no supernode was found for {}", Long(alone)),
            Self::Capable => f.write_str("capable"),
            Self::Trouble(finding) => finding.fmt(f),
            Self::NoLeaves(empty) => write!(f, "no leaf for {}", Long(empty)),
            Self::Overloaded(busy) => write!(f, "the processors were busy for {}", Long(busy)),
            Self::Surplus { leaves, fill } => {
                write!(f, "only {}, and {fill}", counted(leaves, "leaf", "leaves"))
            }
            Self::Guided => f.write_str("other supernodes said that it is not needed"),
            Self::Appointed(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { permille, full, heard, .. } = *self;
        match permille {
            Some(_) => write!(f, "{full} of {heard} are full"),
            None => write!(f, "too little is known of those there are"),
        }
    }
}

/// A phrase that stands for itself: "uptime 41 of 60 min".
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { have, want, note, passed, .. } = *self;
        match self.test {
            Test::Uptime => write!(f, "uptime {}", OfTime(have, want)),
            Test::AverageUptime => write!(f, "average uptime {}", OfTime(have, want)),
            Test::AddressLife => write!(f, "address kept for {} on average", OfTime(have, want)),
            Test::PublicAddress if note == Note::Never => f.write_str("own address not known"),
            Test::PublicAddress if passed => f.write_str("address is public"),
            Test::PublicAddress => f.write_str("address is not public"),
            Test::Tcp => reached(f, "TCP", self),
            Test::Udp => reached(f, "UDP", self),
            Test::Upload => upload(f, self),
            Test::Stalls if passed => f.write_str("no upload stalled"),
            Test::Stalls => {
                write!(f, "an upload stalled {} ago", Long(Duration::from_micros(have)))
            }
            Test::Descriptors => write!(f, "{have} descriptors, more than {want} needed"),
            Test::Memory => {
                write!(f, "{} MiB of memory, more than {} needed", have >> 20, want >> 20)
            }
            Test::Shortage if passed => f.write_str("memory is not short"),
            Test::Shortage => f.write_str("memory is short"),
            Test::Processor => {
                write!(f, "processors {} % busy, {} % allowed", have / 10, want / 10)
            }
            Test::Idle => write!(f, "no search for {}", OfTime(have, want)),
            Test::IdleLine => write!(f, "{} KB/s in use, {} allowed", Kilo(have), Kilo(want)),
        }
    }
}

fn reached(f: &mut fmt::Formatter<'_>, by: &str, finding: &Finding) -> fmt::Result {
    let ago = Long(Duration::from_micros(finding.have));
    match (finding.passed, finding.note) {
        (_, Note::Never) => write!(f, "never reached by {by}"),
        (true, _) => write!(f, "reached by {by} {ago} ago"),
        (false, _) => write!(f, "not reached by {by} for {ago}"),
    }
}

fn upload(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let (have, want) = (Kilo(finding.have), Kilo(finding.want));
    match finding.note {
        _ if finding.have == u64::MAX => f.write_str("upload without limit"),
        Note::Trial => write!(f, "upload {have} of {want} KB/s promised, on trial"),
        Note::Ceiling => write!(f, "upload {have} of {want} KB/s, and more did not go"),
        _ => write!(f, "upload {have} of {want} KB/s"),
    }
}

/// A time of which people need no more than one number.
struct Long(Duration);

impl fmt::Display for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds @ 0..120 => write!(f, "{seconds} s"),
            seconds @ 120..7_200 => write!(f, "{} min", seconds / 60),
            seconds => write!(f, "{} h", seconds / 3_600),
        }
    }
}

/// One time of another, both in microseconds. The first is rounded down and the second up, so that
/// what fails never looks as if it passed.
struct OfTime(u64, u64);

impl fmt::Display for OfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(have, want) = *self;
        if want < 120_000_000 {
            write!(f, "{} of {} s", have / 1_000_000, want.div_ceil(1_000_000))
        } else {
            write!(f, "{} of {} min", have / 60_000_000, want.div_ceil(60_000_000))
        }
    }
}

/// Thousands, with one digit behind the point.
struct Kilo(u64);

impl fmt::Display for Kilo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1_000, self.0 % 1_000 / 100)
    }
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
