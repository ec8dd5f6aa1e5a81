//! How far something is: a bar on a terminal, nothing elsewhere.

use std::fmt;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::columns::{self, width};

/// A bar, and what is said behind it. What it says must not steer the terminal.
pub(super) struct Bar {
    bar: Option<ProgressBar>,
}

/// Of the columns, the part that the bar itself has, as a divisor, and its bounds.
const BAR_SHARE: usize = 5;
const BAR_MIN: usize = 8;
const BAR_MAX: usize = 30;

/// Columns of the percents behind the bar, and of what stands around them.
const PERCENTS: usize = 8;

/// Columns where the terminal does not say how many it has.
const COLUMNS_DEFAULT: usize = 80;

impl Bar {
    /// Standard error has the bar, if it is a terminal and somebody wants one.
    pub(super) fn new(is_wanted: bool) -> Self {
        let is_shown = is_wanted && io::stderr().is_terminal();
        let bar = || ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let bar = Self { bar: is_shown.then(bar) };
        bar.show(0, None, &[]);
        bar
    }

    /// Whether anybody sees it.
    pub(super) const fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    /// So much of all is done, if it is known how much that is. What there is to say stands in the order of its
    /// worth: where there is little room, the last is left out.
    pub(super) fn show(&self, done: u64, all: Option<u64>, says: &[String]) {
        let Some(bar) = &self.bar else { return };
        let columns = columns::of_errors().unwrap_or(COLUMNS_DEFAULT);
        let bar_width = (columns / BAR_SHARE).clamp(BAR_MIN, BAR_MAX);
        let room = columns.saturating_sub(1);
        let (template, room) = match all {
            Some(_) => {
                let room = room.saturating_sub(bar_width).saturating_sub(PERCENTS);
                (format!("{{bar:{bar_width}}} {{percent:>3}} %  {{says}}"), room)
            }
            None => ("{says}".to_owned(), room),
        };
        let said = in_room(says, room);
        let say = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&said);
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.with_key("says", say));
        }
        // All at once: what is drawn in between would be half old.
        bar.update(|state| {
            state.set_len(all.unwrap_or(1).max(1));
            state.set_pos(done);
        });
    }

    /// Says a line that stays, above the bar.
    pub(super) fn say(&self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.println(line);
        }
    }

    /// Writes elsewhere while the bar is out of the way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// It is not needed any more.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    /// Whatever ends it leaves no half of a bar behind.
    fn drop(&mut self) {
        self.end();
    }
}

/// As many of them as there is room for, the first one cut if need be.
fn in_room(says: &[String], room: usize) -> String {
    let Some((first, others)) = says.split_first() else { return String::new() };
    let mut said = columns::fit(first, room);
    for one in others {
        let longer = format!("{said}, {one}");
        if width(&longer) > room {
            break;
        }
        said = longer;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_left_out_first_and_nothing_is_too_wide() {
        let says = ["1.4 MiB/s", "3 min left", "2 of 5 sources"].map(str::to_owned);
        for (room, said) in [
            (100, "1.4 MiB/s, 3 min left, 2 of 5 sources"),
            (37, "1.4 MiB/s, 3 min left, 2 of 5 sources"),
            (36, "1.4 MiB/s, 3 min left"),
            (20, "1.4 MiB/s"),
            (8, "1.4 MiB…"),
            (0, ""),
        ] {
            assert_eq!(in_room(&says, room), said);
        }
        assert_eq!(in_room(&[], 5), "");
    }
}
