//! What a case takes of a subject.

use std::time::Duration;

use super::Case;
use super::script::{Open, What};

/// What a case takes of a subject while it is played: subjects have little of some things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Links on which it plays an ultrapeer.
    pub ultrapeers: u32,
    /// Links on which it plays a leaf.
    pub leaves: u32,
    /// Connections that may ask for files.
    pub uploads: u32,
    /// Calls that the subject is to make by itself.
    pub calls: u32,
}

impl Case {
    /// What it takes of a subject.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for step in &self.steps {
            let What::Open { probe, how, .. } = &step.what else { continue };
            let (count, more) = match how {
                Open::Link(how) if how.is_called => (&mut needs.calls, 1),
                Open::Session(how) if how.is_called => (&mut needs.calls, 1),
                Open::Link(how) if how.is_ultrapeer => (&mut needs.ultrapeers, 1),
                Open::Link(_) => (&mut needs.leaves, 1),
                // Where slots are short, those who say little of themselves are the first to get none.
                Open::Bare if self.greets(probe) => (&mut needs.ultrapeers, 2),
                Open::Bare | Open::Listen if self.needs_files => (&mut needs.uploads, 1),
                Open::Session(_) | Open::Bare | Open::Udp | Open::Listen => continue,
            };
            *count = count.saturating_add(more);
        }
        needs
    }

    /// Whether a probe says all words of a handshake by itself.
    fn greets(&self, name: &str) -> bool {
        let said = self.steps.iter().filter_map(|step| match &step.what {
            What::Send { probe, message, .. } if probe == name => Some(message),
            _ => None,
        });
        let has = |words: &str| {
            said.clone().any(|message| message.texts.iter().any(|text| text.contains(words)))
        };
        let has_heads = said.clone().any(|message| message.kind == "head");
        has("GNUTELLA CONNECT") && (has_heads || has("\r\n\r\n") || has("\n\n"))
    }

    /// How long it takes at least where the clock is a real one, if it passes. Where a line does not say how long
    /// nothing must come, that is `during`.
    pub fn takes(&self, during: Duration) -> Duration {
        let takes = |what: &What| match what {
            What::Never { during: own, .. } | What::StaysOpen { during: own, .. } => {
                own.unwrap_or(during)
            }
            What::Pause(time) => *time,
            // That is the subject's to choose; it seldom does so at once.
            What::Called { within: Some(within), .. } => within.checked_div(4).unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.steps.iter().map(|step| takes(&step.what)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::read;
    use crate::node::Network;
    use crate::specification::Specification;

    const TEXT: &str = r#"
[[case]]
id = "one"
title = "One"
requirements = ["TTL-01"]
files = true
alone = true
script = '''
ultrapeer a
ultrapeer b
leaf l
connect c
connect d
udp u
a never gets query
b stays open for=3s
pause 500ms
a sends ping
d sends text "GNUTELLA CONNECT/0.6\r\n"
d sends text "\r\n\r\n"
'''
"#;

    #[test]
    fn a_case_says_by_its_lines_what_it_takes() {
        let specification = Specification::embedded().unwrap();
        let cases = read(Network::Gnutella, "own", TEXT, &specification).unwrap();
        let case = cases.first().unwrap();
        assert!(case.is_alone);
        assert_eq!(case.needs(), Needs { ultrapeers: 4, leaves: 1, uploads: 1, calls: 0 });
        assert_eq!(case.takes(Duration::from_secs(1)), Duration::from_millis(4_500));
    }
}
