use super::owner::{Entry, Owner};
use crate::node::Input;
use crate::promotion::Observation;

/// Seconds between two measurements of the traffic, and of how busy the machine is.
const MEASURE_S: u32 = 5;

/// What was measured last.
#[derive(Debug, Default)]
pub(super) struct Meter {
    seconds: u32,
    sent: u64,
    received: u64,
    processor: Option<ProcessorTime>,
}

/// Time of all processors since the machine was started, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ProcessorTime {
    busy: u64,
    all: u64,
}

impl Owner {
    /// A second has passed.
    pub(super) fn measure(&mut self) {
        self.links.values_mut().for_each(Entry::begin_second);
        self.meter.seconds = self.meter.seconds.saturating_add(1);
        if self.meter.seconds < MEASURE_S {
            return;
        }
        self.meter.seconds = 0;
        let now = self.hall.clock.now();
        self.front.searches.sweep(now);
        let (sent, received) = (self.hall.totals.sent(), self.hall.totals.received());
        let traffic = Observation::Traffic {
            sent: sent.saturating_sub(self.meter.sent),
            received: received.saturating_sub(self.meter.received),
            congested: self.is_congested(),
        };
        (self.meter.sent, self.meter.received) = (sent, received);
        self.handle(Input::Observed(traffic), now);
        if let Some(busy_permille) = self.meter.processor_permille() {
            self.handle(Input::Observed(Observation::Processor { busy_permille }), now);
        }
    }

    /// What does not change while we run: how many descriptors there are, and how many of them are for others than
    /// links.
    pub(super) fn learn_of_machine(&mut self, descriptors: u64, others: u64) {
        let now = self.hall.clock.now();
        let limit = Observation::Descriptors { limit: descriptors, others };
        self.handle(Input::Observed(limit), now);
        if let Some(physical) = memory_of_machine() {
            self.handle(Input::Observed(Observation::Memory { physical }), now);
        }
    }

    /// Half of the neighbours, or more, have to wait for the line.
    fn is_congested(&self) -> bool {
        let waiting = self.links.values().filter(|entry| entry.waits()).count();
        waiting > 0 && waiting.saturating_mul(2) >= self.links.len()
    }
}

impl Meter {
    /// How busy the processors were since the last call, where the system says so.
    fn processor_permille(&mut self) -> Option<u16> {
        let now = ProcessorTime::read()?;
        let before = self.processor.replace(now)?;
        now.permille_since(before)
    }
}

impl ProcessorTime {
    fn read() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// The first line: user, nice, system, idle, waiting for disks, and more.
    fn parse(stat: &str) -> Option<Self> {
        let ticks = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace();
        let ticks: Vec<u64> = ticks.map_while(|tick| tick.parse().ok()).collect();
        let idle = ticks.get(3)?.saturating_add(*ticks.get(4)?);
        // Time of guests stands in that of users too.
        let all = ticks.iter().take(8).fold(0_u64, |sum, tick| sum.saturating_add(*tick));
        Some(Self { busy: all.saturating_sub(idle), all })
    }

    fn permille_since(self, before: Self) -> Option<u16> {
        let busy = self.busy.saturating_sub(before.busy);
        let all = self.all.saturating_sub(before.all);
        let permille = busy.saturating_mul(1000).checked_div(all)?;
        u16::try_from(permille.min(1000)).ok()
    }
}

/// Memory of the machine in bytes, where the system says so.
fn memory_of_machine() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_time_is_half_of_a_thousand() {
        let before = ProcessorTime::parse("cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2\n").unwrap();
        assert_eq!(before, ProcessorTime { busy: 150, all: 1000 });
        let after = ProcessorTime::parse("cpu  150 0 50 840 60 0 0 0 9 0\n").unwrap();
        assert_eq!(after.permille_since(before), Some(500));
        assert_eq!(before.permille_since(before), None);
    }

    #[test]
    fn a_machine_that_says_nothing_is_not_measured() {
        for text in ["", "cpu", "cpu  1 2 3", "intr 1 2 3 4 5 6"] {
            assert_eq!(ProcessorTime::parse(text), None, "{text}");
        }
    }
}
