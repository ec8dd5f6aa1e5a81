//! How much memory a subject has that was started here.

use std::fs;

use crate::base::limits::MEMORY_GROWTH_MAX_KIB;

/// The resident memory of a process, where the system tells it.
pub(super) fn resident_kib(process: u32) -> Option<u64> {
    read(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

fn read(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The memory of a subject while a group of cases is played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    pub(super) before_kib: u64,
    pub(super) now_kib: u64,
    /// Where it grew most at once: by how much, and at the end of which case.
    most: (u64, usize),
}

impl Meter {
    pub(super) const fn new(kib: u64, first: usize) -> Self {
        Self { before_kib: kib, now_kib: kib, most: (0, first) }
    }

    /// It is so much now that a case is over: one of the group, or another that was played at the same time.
    pub(super) fn read(&mut self, kib: u64, place: Option<usize>) {
        let growth = kib.saturating_sub(self.now_kib);
        if let Some(place) = place.filter(|_| growth > self.most.0) {
            self.most = (growth, place);
        }
        self.now_kib = kib;
    }

    /// What is to be said if it has grown too far, and the case at whose end it grew most.
    pub(super) fn harm(&self, group: &str) -> Option<(usize, String)> {
        let growth = self.now_kib.saturating_sub(self.before_kib);
        let (_, place) = self.most;
        let (before, now) = (self.before_kib / 1_024, self.now_kib / 1_024);
        let why = format!(
            "while {group} was played its memory grew from {before} to {now} MiB, most of it by the end of this case"
        );
        (growth > MEMORY_GROWTH_MAX_KIB).then_some((place, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_how_much_it_is() {
        assert_eq!(read("Name:\tnode\nVmHWM:\t  9 kB\nVmRSS:\t   61244 kB\n"), Some(61_244));
        assert_eq!(read("Name:\tgone\n"), None);
        if cfg!(target_os = "linux") {
            assert!(resident_kib(std::process::id()).unwrap() > 1_024);
        }
    }

    #[test]
    fn so_much_more_is_borne_and_one_kib_beyond_is_unsafe() {
        let mut meter = Meter::new(1_000, 3);
        meter.read(2_000, Some(4));
        meter.read(100_000, Some(5));
        meter.read(1_000 + MEMORY_GROWTH_MAX_KIB, None);
        assert!(meter.harm("udp").is_none());
        meter.read(1_001 + MEMORY_GROWTH_MAX_KIB, Some(6));
        let (place, why) = meter.harm("udp").unwrap();
        assert_eq!(place, 5);
        assert!(why.contains("from 0 to 256 MiB"), "{why}");
    }
}
