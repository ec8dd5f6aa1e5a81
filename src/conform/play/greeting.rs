//! The handshake of a probe: it calls, or the subject does.

use std::net::SocketAddrV4;

use serde_json::Value;

use super::Play;
use super::probe::State;
use super::stage::{Progress, Stage};
use crate::conform::probe::{Handshake, Tongue};
use crate::conform::script::OpenLink;
use crate::conform::verdict::Verdict;
use crate::gnutella::link::Deflater;

impl Play<'_> {
    /// It goes on as far as it can.
    pub(super) fn greet(&mut self, name: &str, how: &OpenLink) -> Progress {
        let is_called = how.is_called || self.settings.is_caller;
        let has_begun = matches!(&self.stage, Stage::Greeting { handshake: Some(_), .. });
        if !has_begun {
            let begun = match self.handshake(name, how) {
                Ok(begun) => begun,
                Err(why) => return Progress::Failed(Verdict::NotRun, why),
            };
            if !is_called {
                self.send_bytes(name, &begun.request());
            }
            let until = self.now.after(self.settings.within);
            self.stage = Stage::Greeting { until, handshake: Some(begun) };
        }
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        if probe.unread.is_empty() {
            return match probe.state {
                State::Ended => Progress::Failed(Verdict::Fail, "it ends the handshake".to_owned()),
                _ => Progress::Waits { fails: true },
            };
        }
        let head = probe.unread.remove(0);
        self.note_agent(&head);
        if !is_called {
            return self.take_answer(name, how, head);
        }
        match self.seen.contains_key(name) {
            false => self.take_request(name, how, head),
            true => self.take_confirmation(name, how, &head),
        }
    }

    fn handshake(&mut self, name: &str, how: &OpenLink) -> Result<Handshake, String> {
        let own = self.port_of(name).ok_or("it is not known where it is")?;
        let with: Result<Vec<_>, _> = how.with.iter().map(|line| self.filled_in(line)).collect();
        Ok(Handshake::new(how.is_ultrapeer, (&with?, &how.without), own))
    }

    /// Where others can call its host, or where it is.
    fn port_of(&self, name: &str) -> Option<SocketAddrV4> {
        let probe = self.probe(name)?;
        let ports = self.probes.iter().filter(|other| other.host == probe.host && other.is_port);
        ports.filter_map(|port| port.own).next().or(probe.own)
    }

    fn note_agent(&mut self, head: &Value) {
        let agent = head.get("headers").and_then(|headers| headers.get("user-agent"));
        let agent = agent.and_then(Value::as_str).map(str::to_owned);
        self.agent = self.agent.take().or(agent);
    }

    /// What the subject says to our request.
    fn take_answer(&mut self, name: &str, how: &OpenLink, answer: Value) -> Progress {
        let is_deflated = match Handshake::is_taken(&answer) {
            Ok(is_deflated) => is_deflated,
            Err(why) => return Progress::Failed(Verdict::Fail, why),
        };
        if let Some(probe) = self.probe_mut(name) {
            probe.decoder.turn_to(Tongue::Frames);
            if is_deflated {
                probe.decoder.inflate();
            }
        }
        self.seen.insert(name.to_owned(), answer);
        self.send_bytes(name, &Handshake::confirmation(how.deflates));
        self.is_greeted(name, how)
    }

    /// The subject has called, and says who it is.
    fn take_request(&mut self, name: &str, how: &OpenLink, request: Value) -> Progress {
        let start = request.get("start").and_then(Value::as_str).unwrap_or("no head");
        if !start.starts_with("GNUTELLA CONNECT/") {
            return Progress::Failed(Verdict::Fail, format!("it calls with {start:?}"));
        }
        let Stage::Greeting { handshake: Some(handshake), .. } = &self.stage else {
            return Progress::Done;
        };
        let acceptance = handshake.acceptance(how.deflates);
        self.seen.insert(name.to_owned(), request);
        self.send_bytes(name, &acceptance);
        if let Some(probe) = self.probe_mut(name) {
            probe.decoder.turn_to(Tongue::LastHead);
            probe.read();
        }
        self.greet(name, how)
    }

    /// The subject has called, and takes us or does not. What it says in both heads is what it says.
    fn take_confirmation(&mut self, name: &str, how: &OpenLink, head: &Value) -> Progress {
        if let Err(why) = Handshake::is_taken(head) {
            return Progress::Failed(Verdict::Fail, why);
        }
        if let Some(Value::Object(said)) = self.seen.get_mut(name) {
            said.extend(head.get("status").map(|status| ("status".to_owned(), status.clone())));
            let more = head.get("headers").and_then(Value::as_object);
            if let Some(Value::Object(headers)) = said.get_mut("headers") {
                headers.extend(more.cloned().into_iter().flatten());
            }
        }
        self.is_greeted(name, how)
    }

    fn is_greeted(&mut self, name: &str, how: &OpenLink) -> Progress {
        if how.deflates
            && let Some(probe) = self.probe_mut(name)
        {
            probe.deflater = Some(Deflater::new());
        }
        self.begin_to_settle(name);
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        probe.read();
        let answers = probe.answers_since(0);
        answers.iter().for_each(|answer| self.send_bytes(name, answer));
        Progress::Waits { fails: false }
    }
}
