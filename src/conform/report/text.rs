//! A line a case, and what was found below those that did not pass.

use std::fmt::Write;

use super::bytes::dump;
use super::results::{Judged, Results};
use crate::conform::Verdict;

/// Colours, where somebody sees them.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    pub is_on: bool,
}

impl Paint {
    fn verdict(self, verdict: Verdict) -> String {
        let colour = match verdict {
            Verdict::Pass => "32",
            Verdict::NonStrict => "33",
            Verdict::Informational | Verdict::Unimplemented => "36",
            Verdict::Fail => "31",
            Verdict::Unsafe => "1;31",
            Verdict::NotRun => "2",
        };
        self.with(colour, &format!("{verdict:13}"))
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, colour: &str, text: &str) -> String {
        if self.is_on { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// The line of one case; with more lines where it did not pass.
pub fn line(judged: &Judged, paint: Paint, shows_bytes: bool) -> String {
    let Judged { case, outcome, .. } = judged;
    let mut text = format!("{} {:34} {}\n", paint.verdict(outcome.verdict), case.id, case.title);
    let requirements: Vec<_> = case.requirements.iter().map(ToString::to_string).collect();
    if matches!(outcome.verdict, Verdict::Pass) && judged.expected_because.is_none() {
        return text;
    }
    let mut put = |what: &str, said: &str| {
        let _ = writeln!(text, "    {} {said}", paint.dim(&format!("{what:9}")));
    };
    put("cites", &requirements.join(" "));
    if let Some(expected) = &outcome.expected {
        put("expected", expected);
    }
    if let Some(actual) = &outcome.actual {
        put("actual", actual);
    }
    if let Some(because) = &judged.expected_because {
        let word = if judged.is_unexpected_pass() { "passes, though" } else { "expected" };
        put(word, because);
    }
    if shows_bytes {
        for exchange in outcome.transcript.exchanges() {
            let what = format!("{} {}", exchange.probe, exchange.direction.as_str());
            let _ = writeln!(text, "    {:>7} ms  {what}", exchange.at_ms);
            for line in dump(&exchange.bytes).lines() {
                let _ = writeln!(text, "      {}", paint.dim(line));
            }
        }
    }
    text
}

/// How many cases went how.
pub fn summary(results: &Results) -> String {
    let counts = Verdict::ALL.into_iter().map(|verdict| (results.count(verdict), verdict));
    let counts: Vec<_> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    let seconds = results.took.as_secs_f64();
    let (all, seed) = (results.judged.len(), results.seed);
    format!("{all} cases in {seconds:.1} s with seed {seed}: {}\n", counts.join(", "))
}
