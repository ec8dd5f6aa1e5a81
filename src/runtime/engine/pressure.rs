use std::collections::BTreeMap;
use std::sync::Arc;

use super::mailbox::Mailbox;
use crate::base::time::Time;
use crate::node::LinkId;

/// Milliseconds for which others wait for somebody whose mailbox is full.
const PATIENCE_MS: u64 = 1_000;

/// Milliseconds for which nobody waits again for somebody who took longer.
const SLOW_MS: u64 = 30_000;

/// One in so many links has to be full before anybody waits: a few that do not read hold up nobody.
const SHARE: usize = 4;

/// Milliseconds after which it is looked again whether those who wait may go on.
pub(super) const LOOK_AGAIN_MS: u64 = 25;

/// Whether more comes in than goes out.
///
/// What a neighbour sends may go to a hundred others, and a queue that is full drops what does not fit. So whoever
/// sends waits for a moment while many mailboxes are full, and nothing is dropped only because it came in
/// one burst. Whoever does not read at all is not waited for.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// Links whose mailboxes are full, since when.
    full: BTreeMap<LinkId, Time>,
    /// Links that are not waited for, until when.
    slow: BTreeMap<LinkId, Time>,
    /// Links that may read on once the pressure is gone.
    pub(super) waiting: Vec<Arc<Mailbox>>,
}

impl Pressure {
    /// The mailbox of a link is full.
    pub(super) fn filled(&mut self, link: LinkId, now: Time) {
        if self.slow.get(&link).is_some_and(|until| *until > now) {
            return;
        }
        self.slow.remove(&link);
        self.full.entry(link).or_insert(now);
    }

    /// The mailbox of a link is empty.
    pub(super) fn emptied(&mut self, link: LinkId) {
        self.full.remove(&link);
    }

    /// A link is gone.
    pub(super) fn gone(&mut self, link: LinkId) {
        self.full.remove(&link);
        self.slow.remove(&link);
    }

    /// Whether those who send have to wait, while there are so many links.
    pub(super) fn is_high(&mut self, links: usize, now: Time) -> bool {
        if !self.is_shared(links) {
            return false;
        }
        let slow = &mut self.slow;
        self.full.retain(|link, since| {
            let is_waited_for = since.after_ms(PATIENCE_MS) > now;
            if !is_waited_for {
                slow.insert(*link, now.after_ms(SLOW_MS));
            }
            is_waited_for
        });
        self.is_shared(links)
    }

    fn is_shared(&self, links: usize) -> bool {
        !self.full.is_empty() && self.full.len().saturating_mul(SHARE) >= links
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_000);

    #[test]
    fn a_few_full_mailboxes_hold_up_nobody_and_a_quarter_does() {
        let mut pressure = Pressure::default();
        pressure.filled(LinkId(1), NOW);
        assert!(!pressure.is_high(8, NOW));
        pressure.filled(LinkId(2), NOW);
        assert!(pressure.is_high(8, NOW));
        pressure.emptied(LinkId(1));
        assert!(!pressure.is_high(8, NOW));
    }

    #[test]
    fn whoever_does_not_read_is_not_waited_for_a_second_time() {
        let mut pressure = Pressure::default();
        pressure.filled(LinkId(1), NOW);
        assert!(pressure.is_high(2, NOW.after_ms(PATIENCE_MS - 1)));
        assert!(!pressure.is_high(2, NOW.after_ms(PATIENCE_MS)));
        pressure.emptied(LinkId(1));
        pressure.filled(LinkId(1), NOW.after_ms(PATIENCE_MS + SLOW_MS - 1));
        assert!(!pressure.is_high(2, NOW.after_ms(PATIENCE_MS + SLOW_MS - 1)));
        pressure.emptied(LinkId(1));
        pressure.filled(LinkId(1), NOW.after_ms(PATIENCE_MS + SLOW_MS));
        assert!(pressure.is_high(2, NOW.after_ms(PATIENCE_MS + SLOW_MS)));
        pressure.gone(LinkId(1));
        assert!(!pressure.is_high(2, NOW.after_ms(PATIENCE_MS + SLOW_MS)));
    }
}
