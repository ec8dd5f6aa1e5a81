//! A report to look at: one file, with a filter and the bytes of each case.

use std::fmt::Write;

use super::bytes::dump;
use super::junit::escaped;
use super::results::{Judged, Results};
use crate::conform::Verdict;

const HEAD: &str = include_str!("page.html");

/// The whole page.
pub fn report(results: &Results) -> String {
    let mut counts = String::new();
    for verdict in Verdict::ALL {
        let count = results.count(verdict);
        if count > 0 {
            let _ = write!(
                counts,
                "<button class=\"{verdict}\" data-verdict=\"{verdict}\">{count} {verdict}</button>"
            );
        }
    }
    let mut cases = String::new();
    for group in results.judged.chunk_by(|one, next| one.case.group() == next.case.group()) {
        let Some(first) = group.first() else { continue };
        let name = first.case.group();
        let memory = results.memory.iter().find(|memory| memory.group == name);
        let memory = memory.map_or(String::new(), |memory| {
            let (before, after) = (memory.before_kib / 1_024, memory.after_kib / 1_024);
            format!(" <small>memory {before} MiB, then {after} MiB</small>")
        });
        let _ = writeln!(cases, "<section><h2>{}{memory}</h2>", escaped(name));
        group.iter().for_each(|judged| put_case(&mut cases, judged));
        cases.push_str("</section>\n");
    }
    let agent = results.agent.as_deref().unwrap_or("it does not say what it is");
    let took = format!("{:.1} s", results.took.as_secs_f64());
    HEAD.replace("{{subject}}", &escaped(&results.subject))
        .replace("{{agent}}", &escaped(agent))
        .replace("{{took}}", &took)
        .replace("{{seed}}", &results.seed.to_string())
        .replace("{{counts}}", &counts)
        .replace("{{cases}}", &cases)
}

fn put_case(text: &mut String, judged: &Judged) {
    let Judged { case, outcome, expected_because } = judged;
    let verdict = outcome.verdict;
    let requirements: Vec<_> = case.requirements.iter().map(ToString::to_string).collect();
    let (id, title) = (escaped(&case.id), escaped(&case.title));
    let words = format!("{id} {title} {}", requirements.join(" ")).to_lowercase();
    let _ = writeln!(
        text,
        "<details id=\"{id}\" class=\"{verdict}\" data-verdict=\"{verdict}\" data-words=\"{words}\">\
         <summary><b>{verdict}</b><code>{id}</code><span>{title}</span></summary><dl>",
    );
    let mut put = |term: &str, said: &str| {
        let _ = writeln!(text, "<dt>{term}</dt><dd>{}</dd>", escaped(said));
    };
    put("requirements", &requirements.join(", "));
    for (term, said) in [
        ("expected", &outcome.expected),
        ("actual", &outcome.actual),
        ("expected to fail", expected_because),
    ] {
        if let Some(said) = said {
            put(term, said);
        }
    }
    let script: Vec<_> = case.script().map(escaped).collect();
    let _ = writeln!(text, "<dt>script</dt><dd><pre>{}</pre></dd>", script.join("\n"));
    text.push_str("<dt>bytes</dt><dd>");
    for exchange in outcome.transcript.exchanges() {
        let direction = exchange.direction.as_str();
        let _ = writeln!(
            text,
            "<p class=\"{direction}\">{} ms, {} {direction}, {} bytes</p><pre>{}</pre>",
            exchange.at_ms,
            escaped(&exchange.probe),
            exchange.bytes.len(),
            escaped_lines(&dump(&exchange.bytes)),
        );
    }
    text.push_str("</dd></dl></details>\n");
}

fn escaped_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escaped).collect();
    lines.join("\n")
}
