//! A report in the XML that continuous integration reads as JUnit's.

use std::fmt::Write;

use super::results::{Judged, Results};
use crate::conform::Verdict;

/// The whole report: a suite for each group of cases.
pub fn report(results: &Results, is_strict: bool) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"filbert conform {}\" {} time=\"{:.3}\">",
        escaped(&results.subject),
        counted(&results.judged, is_strict),
        results.took.as_secs_f64(),
    );
    for suite in results.judged.chunk_by(|one, next| one.case.group() == next.case.group()) {
        let Some(first) = suite.first() else { continue };
        let name = escaped(first.case.group());
        let _ = writeln!(text, "  <testsuite name=\"{name}\" {}>", counted(suite, is_strict));
        suite.iter().for_each(|judged| put_case(&mut text, judged, is_strict));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counted(judged: &[Judged], is_strict: bool) -> String {
    let failures = judged.iter().filter(|judged| judged.fails(is_strict)).count();
    let is_skipped = |judged: &&Judged| judged.outcome.verdict == Verdict::NotRun;
    let skipped = judged.iter().filter(is_skipped).count();
    format!("tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\"", judged.len())
}

fn put_case(text: &mut String, judged: &Judged, is_strict: bool) {
    let Judged { case, outcome, .. } = judged;
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(case.group()),
        escaped(&case.id),
        outcome.took.as_secs_f64(),
    );
    let actual = outcome.actual.as_deref().unwrap_or(outcome.verdict.as_str());
    if judged.fails(is_strict) {
        let expected = outcome.expected.as_deref().unwrap_or("it is expected to fail");
        let _ = writeln!(
            text,
            ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
            outcome.verdict,
            escaped(actual),
            escaped(expected),
        );
    } else if outcome.verdict == Verdict::NotRun {
        let why = escaped(actual);
        let _ = writeln!(text, ">\n      <skipped message=\"{why}\"/>\n    </testcase>");
    } else {
        text.push_str("/>\n");
    }
}

/// As it may stand in XML: control characters may not.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            letter => out.push(letter),
        }
    }
    out
}
