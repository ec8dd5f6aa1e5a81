//! What the user of the subject wants of it.

use std::time::Duration;

use super::{Action, Direction, Play};
use crate::conform::script::{Expression, What, Wish};
use crate::conform::verdict::Verdict;

impl Play<'_> {
    /// Hands it to the driver, who knows how this subject is asked.
    pub(super) fn ask(&mut self, wish: Wish, what: &Expression) {
        self.wait(Duration::ZERO);
        let value = self.value_of(what);
        let Some(what) = value.as_ref().and_then(|value| value.as_str()) else {
            return self.cannot_ask("what it is to do is not known");
        };
        let now = self.now;
        self.transcript.note("user", Direction::Sent, what.as_bytes(), now);
        self.out.push_back(Action::Ask { wish, what: what.to_owned() });
    }

    /// That says nothing of the subject.
    pub(super) fn cannot_ask(&mut self, why: &str) {
        let wish = self.case.steps.iter().find(|step| matches!(step.what, What::Ask { .. }));
        let step = wish.map(|step| step.text.clone());
        self.end(Verdict::NotRun, step, Some(why.to_owned()));
    }
}
