//! How a probe begins: until its step is done there is nothing else to do.

use serde_json::Value;

use super::probe::{Probe, State};
use super::stage::{Progress, Stage};
use super::{Action, Play, ProbeId};
use crate::conform::probe::Tongue;
use crate::conform::script::{Open, OpenLink, OpenSession};
use crate::conform::verdict::Verdict;
use crate::fasttrack::link as session;
use crate::fasttrack::wire::Side;
use crate::gnutella::wire::Guid;

impl Play<'_> {
    pub(super) fn open(&mut self, name: &str, how: &Open, at: Option<&str>) {
        let id = ProbeId(u32::try_from(self.probes.len()).unwrap_or(u32::MAX));
        let host = at.and_then(|at| self.probe(at)).map_or(id, |probe| probe.host);
        let is_called = self.is_called(how);
        let (tongue, action) = match how {
            Open::Link(_) if is_called => (Tongue::Heads, Action::Await { probe: id }),
            Open::Session(_) if is_called => (Tongue::Unknown, Action::Await { probe: id }),
            Open::Link(_) => (Tongue::Heads, Action::Connect { probe: id, host }),
            Open::Bare | Open::Session(_) => (Tongue::Unknown, Action::Connect { probe: id, host }),
            Open::Udp => (Tongue::Unknown, Action::Bind { probe: id, host }),
            Open::Listen => (Tongue::Unknown, Action::Listen { probe: id, host }),
        };
        let is_udp = matches!(how, Open::Udp);
        let named = (id, name.to_owned());
        let mut probe = Probe::new(named, Some(host), self.case.network, tongue, is_udp);
        probe.is_answering = matches!(how, Open::Link(OpenLink { is_answering: true, .. }));
        probe.is_port = matches!(how, Open::Listen);
        self.probes.push(probe);
        self.out.push_back(action);
        let (within, calls_within) = (self.settings.within, self.settings.calls_within);
        let until = self.now.after(if is_called { calls_within } else { within });
        self.stage = match how {
            Open::Link(_) => Stage::Greeting { until, handshake: None },
            _ => Stage::Waiting { until },
        };
    }

    /// Whether the subject is to call.
    pub(super) const fn is_called(&self, how: &Open) -> bool {
        match how {
            Open::Link(OpenLink { is_called, .. }) => *is_called || self.settings.is_caller,
            // Who is a child calls, and who is a supernode is called: a case is about one of them.
            Open::Session(OpenSession { is_called, .. }) => *is_called,
            Open::Bare | Open::Udp | Open::Listen => false,
        }
    }

    pub(super) fn look_at_opening(&mut self, name: &str, how: &Open) -> Progress {
        let Some(probe) = self.probe(name) else { return Progress::Done };
        match (probe.state, &self.stage, how) {
            (State::Refused, ..) => {
                let (verdict, why) = match self.settings.subject {
                    _ if self.is_called(how) => (Verdict::NotRun, "nobody waits for its call"),
                    None => (Verdict::NotRun, "nobody has said where it takes connections"),
                    Some(_) => (Verdict::Fail, "it takes no connection"),
                };
                Progress::Failed(verdict, why.to_owned())
            }
            (State::Opening, ..) => Progress::Waits { fails: true },
            (_, Stage::Greeting { .. }, Open::Link(how)) => self.greet(name, how),
            (_, Stage::Settling { ping, .. }, _) => self.settle(name, *ping),
            (_, _, Open::Session(how)) => self.greet_in_session(name, how),
            _ => Progress::Done,
        }
    }

    /// Hellos and names go both ways; what the other side calls its network is in `$name.network`.
    fn greet_in_session(&mut self, name: &str, how: &OpenSession) -> Progress {
        let now = self.now;
        let rng = &mut self.rng;
        let Some(probe) = self.probes.iter_mut().find(|probe| probe.name == name) else {
            return Progress::Done;
        };
        if probe.session.is_none() {
            let usual = session::Profile::default();
            let profile = session::Profile {
                network: how.network.clone().map_or(usual.network, Into::into),
                wish: how.wish.unwrap_or(usual.wish),
                ..usual
            };
            let mut link = match how.is_called {
                true => session::Link::accept(&profile, rng, now),
                false => session::Link::connect(&profile, now),
            };
            if how.is_called {
                probe.side = Side::Up;
            }
            let hello: Vec<_> = std::iter::from_fn(|| link.transmit(now)).collect();
            probe.session = Some(Box::new(link));
            self.send_bytes(name, &hello.concat());
            return Progress::Waits { fails: true };
        }
        let is_opened =
            |message: &Value| message.get("type").and_then(Value::as_str) == Some("opened");
        match probe.unread.iter().position(is_opened) {
            Some(place) => {
                let opened = probe.unread.remove(place);
                self.seen.insert(name.to_owned(), opened);
                Progress::Done
            }
            None if probe.is_over() => {
                Progress::Failed(Verdict::Fail, "it ends the hello".to_owned())
            }
            None => Progress::Waits { fails: true },
        }
    }

    pub(super) fn begin_to_settle(&mut self, name: &str) {
        let ping = self.fresh_guid();
        let mut bytes = Vec::from(ping.0);
        bytes.extend([0, 1, 0, 0, 0, 0, 0]);
        self.send_bytes(name, &messages_supported());
        self.send_bytes(name, &bytes);
        self.stage = Stage::Settling { until: self.now.after(self.settings.within), ping };
    }

    /// Whoever does not answer pings is not blamed for that here.
    fn settle(&mut self, name: &str, ping: Guid) -> Progress {
        let ping = data_encoding::HEXLOWER.encode(&ping.0);
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        let is_answer = |message: &Value| {
            let field = |name| message.get(name).and_then(Value::as_str);
            field("type") == Some("pong") && field("guid") == Some(&ping)
        };
        match probe.unread.iter().position(is_answer) {
            Some(place) => {
                probe.unread.remove(place);
                Progress::Done
            }
            None if probe.is_over() => Progress::Done,
            None => Progress::Waits { fails: false },
        }
    }
}

/// Whoever announces vendor messages says which: else gtk-gnutella does not hear its queries (HAND-32).
fn messages_supported() -> Vec<u8> {
    const IDS: [[u8; 8]; 3] = [*b"BEAR\x04\0\x01\0", *b"BEAR\x07\0\x01\0", *b"GTKG\x07\0\x02\0"];
    let payload = [&[0; 8][..], &[3, 0], &IDS.concat()].concat();
    let mut bytes = vec![0; 16];
    bytes.extend([0x31, 1, 0]);
    bytes.extend(u32::try_from(payload.len()).unwrap_or(0).to_le_bytes());
    bytes.extend(payload);
    bytes
}
