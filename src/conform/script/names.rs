//! That a line speaks of probes that are there and of messages that may come: a probe that nobody has opened never gets
//! anything, and neither does anybody get what is misspelt.

use std::collections::BTreeSet;

use super::step::{Pattern, What};
use super::{Condition, Expression, NotUnderstood, asking};

/// What messages that come are called, besides those of FastTrack.
const KINDS: [&str; 21] = [
    "anything",
    "ping",
    "pong",
    "bye",
    "query_table",
    "vendor",
    "vendor_standard",
    "push",
    "rudp",
    "dht",
    "query",
    "query_hit",
    "hsep",
    "unknown",
    "head",
    "request",
    "response",
    "line",
    "garbage",
    "reliable",
    "foreign",
];

/// The same of FastTrack: messages, then datagrams.
const KINDS_OF_FASTTRACK: [&str; 30] = [
    "node_list",
    "table",
    "node_info",
    "send_shares",
    "share",
    "unshare",
    "search",
    "results",
    "search_end",
    "forwarded_search",
    "network_stats",
    "push_request",
    "push",
    "udp_test_request",
    "udp_test",
    "udp_reached",
    "udp_missed",
    "own_udp_reached",
    "own_udp_missed",
    "network_name",
    "config_revision",
    "network_config",
    "random_files_request",
    "random_files",
    "greeting_number",
    "version",
    "external_ip",
    "full",
    "full_answer",
    "other",
];

/// The probes that were opened so far.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The step, if it speaks of nothing that is not there.
    pub(super) fn check(&mut self, step: Option<What>) -> Result<Option<What>, NotUnderstood> {
        let Some(what) = &step else { return Ok(step) };
        match what {
            What::Open { probe, at, .. } => {
                if probe == asking::SUBJECT {
                    return Err(NotUnderstood::new("the subject is no probe"));
                }
                if let Some(host) = at {
                    self.is_there(host)?;
                }
                if !self.0.insert(probe.clone()) {
                    return Err(NotUnderstood::new(format!("two probes are called {probe}")));
                }
            }
            What::Send { probe, .. }
            | What::Closed { probe, .. }
            | What::StaysOpen { probe, .. }
            | What::Called { probe, .. }
            | What::Close { probe } => self.is_there(probe)?,
            What::Get { probe, pattern, .. } | What::Never { probe, pattern, .. } => {
                self.is_there(probe)?;
                self.may_come(pattern)?;
            }
            What::Ask { .. }
            | What::Has { .. }
            | What::NeverHas { .. }
            | What::Pause(_)
            | What::Check { .. } => {}
        }
        Ok(step)
    }

    fn is_there(&self, probe: &str) -> Result<(), NotUnderstood> {
        match self.0.contains(probe) {
            true => Ok(()),
            false => Err(NotUnderstood::new(format!("no probe is called {probe}"))),
        }
    }

    fn may_come(&self, pattern: &Pattern) -> Result<(), NotUnderstood> {
        let kind = pattern.kind.as_str();
        if !KINDS.contains(&kind) && !KINDS_OF_FASTTRACK.contains(&kind) {
            return Err(NotUnderstood::new(format!("nothing that comes is called {kind}")));
        }
        let addresses = pattern.conditions.iter().filter_map(Condition::value);
        for value in addresses {
            match value {
                Expression::AddressOf { probe, .. } if probe != "subject" => {
                    self.is_there(probe)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn what_nobody_has_opened_and_what_never_comes_is_found() {
        for (script, why) in [
            ("udp u\nv sends ping", "no probe is called v"),
            ("udp u\nv never gets pong", "no probe is called v"),
            ("udp u\nu never gets pang", "nothing that comes is called pang"),
            ("udp u\nu gets pong address=@v", "no probe is called v"),
            ("udp u\nudp u", "two probes are called u"),
        ] {
            let wrong = read(script).unwrap_err().to_string();
            assert!(wrong.contains(why), "{wrong}");
        }
        assert_eq!(read("udp u\nu never gets pong from=@subject").unwrap().len(), 2);
    }
}
