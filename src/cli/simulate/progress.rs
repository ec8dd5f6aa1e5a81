use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::simulate::{Inhabitant, World};

/// How often progress is shown, and how long a run may take before it is.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

/// So many pieces of a run are looked at.
const PIECES: u32 = 1_000;

/// Shows on a terminal how far a long run is.
pub(super) struct Progress {
    seed: u64,
    started: Instant,
    shown: Instant,
    was_shown: bool,
    is_wanted: bool,
}

impl Progress {
    pub(super) fn new(seed: u64) -> Self {
        let now = Instant::now();
        let is_wanted = io::stderr().is_terminal();
        Self { seed, started: now, shown: now, was_shown: false, is_wanted }
    }

    /// Runs a world to its end.
    pub(super) fn watch(mut self, world: &mut World<'_, Inhabitant>) {
        if self.is_wanted {
            let piece = world.duration() / PIECES;
            while world.now() < world.end() {
                world.run_until(world.now().after(piece));
                self.show(world);
            }
            self.clear();
        }
        world.run();
    }

    fn show(&mut self, world: &World<'_, Inhabitant>) {
        if self.shown.elapsed() < SHOWN_EVERY {
            return;
        }
        self.shown = Instant::now();
        self.was_shown = true;
        let virtual_s = world.now().as_micros() / 1_000_000;
        let all_s = world.end().as_micros() / 1_000_000;
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rate = world.events().saturating_mul(1_000).checked_div(elapsed_ms).unwrap_or(0);
        let seed = self.seed;
        let events = world.events();
        // That it cannot be said changes nothing about what comes out.
        let _ = write!(
            io::stderr(),
            "\r\x1b[Kseed {seed}: {virtual_s} of {all_s} s, {events} events, {rate} a second"
        );
    }

    fn clear(&self) {
        if self.was_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
