//! What the user of the subject wants of it.

use std::time::Duration;

use serde_json::Value;

use super::stage::Progress;
use super::{Action, Direction, Play};
use crate::conform::script::{Condition, Expression, What, Wish};
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

    pub(super) fn keep(&mut self, mut file: Value) {
        if let Value::Object(tree) = &mut file {
            tree.insert("type".to_owned(), "file".into());
        }
        let now = self.now;
        let shown = file.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
        self.transcript.note("subject", Direction::Received, shown.as_bytes(), now);
        self.kept.push(file);
    }

    /// Whether it has a file of which this holds.
    pub(super) fn look_at_kept(
        &mut self,
        conditions: &[Condition],
        name: Option<&str>,
    ) -> Progress {
        let fits = |file: &&Value| {
            conditions.iter().all(|condition| condition.holds(file, |value| self.value_of(value)))
        };
        let Some(found) = self.kept.iter().find(fits).cloned() else {
            return Progress::Waits { fails: true };
        };
        if let Some(name) = name {
            self.seen.insert(name.to_owned(), found);
        }
        Progress::Done
    }

    /// The same of one that it must not have.
    pub(super) fn look_for_none_kept(&mut self, conditions: &[Condition]) -> Progress {
        match self.look_at_kept(conditions, None) {
            Progress::Done => {
                Progress::Failed(self.breach(), "it takes what has come for the file".to_owned())
            }
            _ => Progress::Waits { fails: false },
        }
    }
}
