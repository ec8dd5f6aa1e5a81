use super::Guidance;
use crate::base::limits::{
    LEAF_ULTRAPEERS, STATUS_AFTER_RESULTS, STATUS_AFTER_SENT, STATUS_MISSES_MAX,
};

/// What was found for a query: what came by, and what is known to have been kept of it.
#[derive(Debug)]
pub(super) struct Status {
    guidance: Guidance,
    /// The leaf is asked now and then.
    is_guided: bool,
    /// Results that came by.
    counted: u32,
    /// Of those, the ones since the last status.
    since: u32,
    /// What the last status said, as our part of it.
    kept: Option<u32>,
    /// Messages that were sent before it.
    sent_before: u16,
    /// Questions that were not answered.
    misses: u8,
}

impl Status {
    pub(super) fn new(guidance: Guidance) -> Self {
        Self {
            guidance,
            is_guided: guidance != Guidance::None,
            counted: 0,
            since: 0,
            kept: None,
            sent_before: 0,
            misses: 0,
        }
    }

    /// Results came by.
    pub(super) fn hit(&mut self, results: u32) {
        self.counted = self.counted.saturating_add(results);
        self.since = self.since.saturating_add(results);
    }

    /// So many were kept, of what this node brought and of what others did.
    pub(super) fn kept(&mut self, kept: u32, sent: u16) {
        self.kept = Some(kept);
        self.since = 0;
        self.sent_before = sent;
    }

    /// A leaf tells how many it kept.
    pub(super) fn told(&mut self, kept: u16, sent: u16) {
        let ultrapeers = if self.guidance == Guidance::Share { 1 } else { LEAF_ULTRAPEERS };
        self.kept(u32::from(kept).checked_div(ultrapeers).unwrap_or_default(), sent);
        self.is_guided = !self.is_given_up();
    }

    /// A leaf did not tell, although it was asked.
    pub(super) fn missed(&mut self, sent: u16) {
        self.sent_before = sent;
        self.misses = self.misses.saturating_add(1);
        if self.is_given_up() {
            self.is_guided = false;
        }
    }

    /// The leaf is not asked, for it has not answered before.
    pub(super) const fn do_not_ask(&mut self) {
        self.is_guided = false;
    }

    /// The leaf was asked in vain as often as it may be.
    pub(super) const fn is_given_up(&self) -> bool {
        self.misses >= STATUS_MISSES_MAX
    }

    pub(super) const fn is_guided(&self) -> bool {
        self.is_guided
    }

    /// It is worth asking the leaf. Without `hits_pass_here` there is no other way to know.
    pub(super) const fn is_worth_asking(&self, sent: u16, hits_pass_here: bool) -> bool {
        self.is_guided
            && sent.saturating_sub(self.sent_before) >= STATUS_AFTER_SENT
            && (self.since >= STATUS_AFTER_RESULTS || !hits_pass_here)
    }

    /// Results so far: those that came by, or those that were kept and what came by since.
    pub(super) fn results(&self) -> u32 {
        self.kept.map_or(self.counted, |kept| kept.saturating_add(self.since))
    }

    /// Results that came by, whoever kept them.
    pub(super) const fn counted(&self) -> u32 {
        self.counted
    }
}
