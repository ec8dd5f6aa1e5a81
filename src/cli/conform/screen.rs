//! What people see of a run.

use std::io::{self, Write};

use super::super::bar::Bar;
use crate::conform::report::Judged;
use crate::conform::report::text::{Paint, line};

/// Cases go to the output, how far it is to a terminal.
pub(super) struct Screen<W> {
    pub(super) out: W,
    pub(super) paint: Paint,
    pub(super) shows_bytes: bool,
    pub(super) bar: Bar,
}

impl<W: Write> Screen<W> {
    /// It is known how this one went, and all before it.
    pub(super) fn tell(&mut self, judged: &Judged) -> io::Result<()> {
        let text = line(judged, self.paint, self.shows_bytes);
        let out = &mut self.out;
        self.bar.aside(|| out.write_all(text.as_bytes()))
    }

    /// So many are over, of so many, and so many of them have failed.
    pub(super) fn progress(&self, over: usize, all: usize, failed: usize) {
        if !self.bar.is_shown() {
            return;
        }
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let says = [format!("{over} of {all} cases"), format!("{failed} failed")];
        let says = says.get(..if failed == 0 { 1 } else { 2 }).unwrap_or_default();
        self.bar.show(count(over), Some(count(all)), says);
    }
}
