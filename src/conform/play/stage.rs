//! How far a step is, and what follows.

use std::time::Duration;

use serde_json::Value;

use super::outcome::Outcome;
use super::probe::{Probe, State};
use super::show::{all_shown, shown};
use super::transcript::millis_between;
use super::{Action, Direction, Play, Transcript};
use crate::base::time::Time;
use crate::conform::probe::Handshake;
use crate::conform::script::{Condition, Pattern, What};
use crate::conform::verdict::Verdict;
use crate::gnutella::wire::Guid;

/// How far the step is that is under way.
pub(super) enum Stage {
    /// It has not begun.
    Fresh,
    /// It waits, until then.
    Waiting { until: Time },
    /// A handshake is on its way, or the connection for it; it has begun where there is one.
    Greeting { until: Time, handshake: Option<Handshake> },
    /// The handshake is over on our side. When the answer to this ping has come, it is on the other side too.
    Settling { until: Time, ping: Guid },
}

impl Stage {
    pub(super) const fn due(&self) -> Option<Time> {
        match self {
            Self::Fresh => None,
            Self::Waiting { until }
            | Self::Greeting { until, .. }
            | Self::Settling { until, .. } => Some(*until),
        }
    }
}

/// What came of looking at a step.
pub(super) enum Progress {
    Done,
    /// Not yet. At the end of its time it has failed, or it is done.
    Waits {
        fails: bool,
    },
    Failed(Verdict, String),
}

impl Play<'_> {
    /// Goes from step to step as far as it can.
    pub(super) fn go_on(&mut self) {
        while self.outcome.is_none() {
            if let Some(flooded) = self.probes.iter().find(|probe| probe.is_flooded) {
                let actual = format!("it sends {} more than any case can use", flooded.name);
                let step = self.step().map(|step| step.text.clone());
                return self.end(Verdict::Unsafe, step, Some(actual));
            }
            if let Some(probe) = self.probes.iter().find(|probe| probe.is_amplified()) {
                let (sent, came) = probe.datagrams;
                let actual = format!(
                    "it sends {came} bytes in datagrams to {}, which has sent {sent}: a weapon against whoever's \
                     address is forged",
                    probe.name
                );
                let step = self.step().map(|step| step.text.clone());
                return self.end(Verdict::Unsafe, step, Some(actual));
            }
            let Some(step) = self.step() else {
                return self.end(Verdict::Pass, None, None);
            };
            if matches!(self.stage, Stage::Fresh) {
                self.begin(&step.what);
            }
            if self.outcome.is_some() {
                return;
            }
            if let Some(why) = self.is_beyond_judgement(&step.what) {
                return self.end(Verdict::NotRun, Some(step.text.clone()), Some(why));
            }
            let is_late = self.stage.due().is_none_or(|due| due <= self.now);
            match self.look(&step.what) {
                Progress::Done => self.next_step(),
                Progress::Waits { fails: false } if is_late => self.next_step(),
                Progress::Waits { fails: true } if is_late => {
                    let (verdict, actual) = self.lateness(&step.what);
                    return self.end(verdict, Some(step.text.clone()), Some(actual));
                }
                Progress::Waits { .. } => return,
                Progress::Failed(verdict, actual) => {
                    return self.end(verdict, Some(step.text.clone()), Some(actual));
                }
            }
        }
    }

    fn next_step(&mut self) {
        self.at = self.at.saturating_add(1);
        self.got = 0;
        self.stage = Stage::Fresh;
    }

    pub(super) fn end(
        &mut self,
        verdict: Verdict,
        expected: Option<String>,
        actual: Option<String>,
    ) {
        let took = Duration::from_millis(self.transcript_ms());
        let transcript = Transcript::default();
        let agent = self.agent.take();
        self.outcome = Some(Outcome { verdict, expected, actual, transcript, took, agent });
    }

    fn transcript_ms(&self) -> u64 {
        millis_between(self.transcript.began(), self.now)
    }

    /// What a breach of this case means.
    pub(super) const fn breach(&self) -> Verdict {
        Verdict::of_breach(self.case.level)
    }

    pub(super) fn wait(&mut self, duration: Duration) {
        self.stage = Stage::Waiting { until: self.now.after(duration) };
    }

    fn begin(&mut self, what: &What) {
        let (within, during) = (self.settings.within, self.settings.during);
        match what {
            What::Open { probe, how, at } => self.open(probe, how, at.as_deref()),
            What::Get { within: own, .. }
            | What::Closed { within: own, .. }
            | What::Called { within: own, .. }
            | What::Has { within: own, .. } => self.wait(own.unwrap_or(within)),
            What::Never { during: own, .. }
            | What::StaysOpen { during: own, .. }
            | What::NeverHas { during: own, .. } => {
                self.wait(own.unwrap_or(during));
            }
            What::Pause(time) => self.wait(*time),
            What::Send { probe, message, times, name } => {
                self.wait(Duration::ZERO);
                if let Err(why) = self.send(probe, message, *times, name.as_deref()) {
                    let step = self.step().map(|step| step.text.clone());
                    self.end(Verdict::NotRun, step, Some(why));
                }
            }
            What::Close { probe } => {
                self.wait(Duration::ZERO);
                self.close(probe);
            }
            What::Ask { wish, what } => self.ask(*wish, what),
            What::Check { .. } => self.wait(Duration::ZERO),
        }
    }

    fn close(&mut self, name: &str) {
        let now = self.now;
        let Some(probe) = self.probe(name).map(|probe| probe.id) else { return };
        self.transcript.note(name, Direction::Closed, b"", now);
        self.out.push_back(Action::Close { probe });
    }

    fn look(&mut self, what: &What) -> Progress {
        let waits = Progress::Waits { fails: true };
        match what {
            What::Open { probe, how, .. } => self.look_at_opening(probe, how),
            What::Send { .. } | What::Close { .. } | What::Ask { .. } => Progress::Done,
            What::Pause(_) => Progress::Waits { fails: false },
            What::Get { probe, pattern, times, name, .. } => {
                while self.got < *times
                    && let Some(message) = self.take_matching(probe, pattern)
                {
                    self.got = self.got.saturating_add(1);
                    if let Some(name) = name {
                        self.seen.insert(name.clone(), message);
                    }
                }
                match self.probe(probe).is_some_and(Probe::is_over) {
                    _ if self.got >= *times => Progress::Done,
                    // Nothing will come any more.
                    true => {
                        let (verdict, actual) = self.lateness(what);
                        Progress::Failed(verdict, actual)
                    }
                    false => waits,
                }
            }
            What::Never { probe, pattern, .. } => match self.take_matching(probe, pattern) {
                Some(message) => {
                    Progress::Failed(self.breach(), format!("it sends {}", shown(&message)))
                }
                None => Progress::Waits { fails: false },
            },
            What::Closed { probe, .. } => match self.probe(probe).map(|probe| probe.state) {
                Some(State::Ended | State::Refused) => Progress::Done,
                _ => waits,
            },
            What::StaysOpen { probe, .. } => match self.probe(probe).map(|probe| probe.state) {
                Some(State::Ended | State::Refused) => {
                    Progress::Failed(self.breach(), "it closes the connection".to_owned())
                }
                _ => Progress::Waits { fails: false },
            },
            What::Called { probe, .. } => {
                match self.probe(probe).is_some_and(|probe| probe.caller.is_some()) {
                    true => Progress::Done,
                    false => waits,
                }
            }
            What::Has { conditions, name, .. } => self.look_at_kept(conditions, name.as_deref()),
            What::NeverHas { conditions, .. } => self.look_for_none_kept(conditions),
            What::Check { message, conditions } => self.check(message, conditions),
        }
    }

    /// Why nothing can be said of a step: it compares with something that is not known. What must never come and is
    /// compared so never would.
    fn is_beyond_judgement(&self, what: &What) -> Option<String> {
        let (conditions, is_never) = match what {
            What::Never { pattern, .. } => (&pattern.conditions, true),
            What::Get { pattern, .. } => (&pattern.conditions, false),
            What::Check { conditions, .. } => (conditions, false),
            _ => return None,
        };
        let is_strict = is_never || self.settings.subject.is_none();
        let is_unknown = |value| self.value_of(value).is_none();
        let unknown = conditions.iter().find(|one| one.value().is_some_and(is_unknown));
        unknown.filter(|_| is_strict).map(|one| format!("nothing is known to hold {one} against"))
    }

    fn check(&self, message: &str, conditions: &[Condition]) -> Progress {
        let Some(tree) = self.seen.get(message) else {
            return Progress::Failed(Verdict::NotRun, format!("nothing is called ${message}"));
        };
        let broken = conditions
            .iter()
            .find(|condition| !condition.holds(tree, |value| self.value_of(value)));
        match broken {
            Some(_) => Progress::Failed(self.breach(), format!("it is {}", shown(tree))),
            None => Progress::Done,
        }
    }

    /// The first unread message that matches is read by that.
    fn take_matching(&mut self, probe: &str, pattern: &Pattern) -> Option<Value> {
        let unread = &self.probe(probe)?.unread;
        let place = unread.iter().position(|message| self.matches(message, pattern))?;
        let probe = self.probe_mut(probe)?;
        let message = probe.unread.remove(place);
        probe.read();
        Some(message)
    }

    fn matches(&self, message: &Value, pattern: &Pattern) -> bool {
        let kind = message.get("type").and_then(Value::as_str);
        let is_kind = pattern.kind == "anything" || kind == Some(pattern.kind.as_str());
        is_kind
            && pattern
                .conditions
                .iter()
                .all(|condition| condition.holds(message, |value| self.value_of(value)))
    }

    /// What it means that something did not come in time.
    fn lateness(&self, what: &What) -> (Verdict, String) {
        let (probe, otherwise) = match what {
            What::Get { probe, otherwise, .. }
            | What::Closed { probe, otherwise, .. }
            | What::Called { probe, otherwise, .. } => (probe, *otherwise),
            What::Has { otherwise, .. } => {
                return (otherwise.unwrap_or(self.breach()), "it has no such file".to_owned());
            }
            What::Open { probe, how, .. } => {
                let has_called = self.probe(probe).is_some_and(|probe| probe.own.is_some());
                if self.is_called(how) && !has_called {
                    return (Verdict::NotRun, "it does not call".to_owned());
                }
                (probe, Some(Verdict::Fail))
            }
            _ => return (self.breach(), "it does not come in time".to_owned()),
        };
        let actual = match (self.probe(probe), what) {
            (None, _) => "there is no such connection".to_owned(),
            (Some(_), What::Closed { .. }) => "it leaves the connection open".to_owned(),
            (Some(_), What::Called { .. }) => "it does not call".to_owned(),
            (Some(probe), _) => {
                let all = all_shown(&probe.unread, probe.is_over());
                match self.got {
                    0 => all,
                    got => format!("{got} of them, then {all}"),
                }
            }
        };
        (otherwise.unwrap_or(self.breach()), actual)
    }
}
