use super::Download;
use super::rewriting::note_of;
use crate::base::addresses::is_public;
use crate::base::limits::{JOURNAL_SOURCES_MAX, SOURCE_STRANGER_CALLS_MAX, SOURCES_MAX};
use crate::base::time::Time;
use crate::transfer::download::contract::{Finding, Origin, Path, SourceId};
use crate::transfer::download::source::Source;

impl Download {
    pub(super) fn find(&mut self, finding: Finding, now: Time) {
        let is_named_by_user = finding.origin == Origin::User;
        let id = self.remember(finding, now);
        if let Some(id) = id.filter(|_| is_named_by_user) {
            // Nobody else would find it again after a crash.
            self.note_source(id);
            self.commit();
        }
    }

    /// Somebody is said to have it. Returned is a source that was not known.
    pub(super) fn remember(&mut self, mut finding: Finding, now: Time) -> Option<SourceId> {
        finding.push = finding.push.filter(|_| self.rules.is_reachable);
        let is_allowed = self.rules.allow_private
            || finding.origin == Origin::User
            || is_public(finding.address.ip());
        let is_of_use = if finding.is_firewalled {
            finding.can_be_pushed() && (self.rules.is_reachable || finding.push.is_some())
        } else {
            is_allowed && finding.address.port() != 0
        };
        let is_known = self.sources.values().any(|source| source.finding.is_same(&finding));
        if is_of_use && is_known {
            self.find_again(&finding, now);
            self.hear_name(&finding);
        }
        if !is_of_use || is_known || !self.may_have_it(&finding) || !self.make_room() {
            return None;
        }
        let id = SourceId(self.next_source);
        self.next_source = self.next_source.saturating_add(1);
        self.sources.insert(id, Source::new(id, finding.clone(), now));
        self.hear_name(&finding);
        self.needs_work = true;
        Some(id)
    }

    /// Whether it could be asked for this file: without a SHA-1 no servent can, and another hash is that of another file.
    fn may_have_it(&self, finding: &Finding) -> bool {
        let known_by = self.intent.known_by;
        match finding.kazaa() {
            Some(host) => known_by.kazaa().is_none_or(|kazaa| kazaa.uuhash == host.hash),
            None => finding.path != Path::ByUrn || known_by.sha1().is_some(),
        }
    }

    /// Somebody was not there, and is named once more: perhaps our line was down, or it was (DOWN-15).
    fn find_again(&mut self, finding: &Finding, now: Time) {
        let mut known = self.sources.values_mut();
        let Some(source) = known.find(|source| source.finding.is_same(finding)) else { return };
        if source.is_dropped() && source.again_at.take_if(|at| *at <= now).is_some() {
            source.failures = SOURCE_STRANGER_CALLS_MAX.saturating_sub(1);
            source.wait(0, now);
            self.needs_work = true;
        }
    }

    /// Whether another source may be remembered. One that was of no use goes for it.
    pub(super) fn make_room(&mut self) -> bool {
        if self.sources.len() < SOURCES_MAX {
            return true;
        }
        let is_useless = |source: &&Source| {
            let has_failed = source.failures > 0 || source.is_dropped() || source.has_no_line;
            has_failed && !source.is_busy() && source.useful_len == 0
        };
        let useless = self.sources.values().filter(is_useless);
        let worst = useless
            .max_by_key(|source| (source.failures > 0 || source.is_dropped(), source.failures));
        let Some(worst) = worst.map(|source| source.id) else { return false };
        self.sources.remove(&worst);
        self.sizes.forget(worst);
        self.trees.claims.retain(|(_, by, _)| *by != worst);
        self.gone.retain(|_, said| {
            said.remove(&worst);
            !said.is_empty()
        });
        true
    }

    /// This one is worth another try after a restart, in the same way (DOWN-33).
    pub(super) fn note_source(&mut self, id: SourceId) {
        let Some(source) = self.sources.get(&id) else { return };
        let good = self.sources.values().filter(|source| source.useful_len > 0).count();
        if good <= JOURNAL_SOURCES_MAX {
            self.store.note(note_of(&source.finding));
        }
    }
}
