//! How a probe begins: until its step is done there is nothing else to do.

use serde_json::Value;

use super::probe::{Probe, State};
use super::stage::{Progress, Stage};
use super::{Action, Play, ProbeId};
use crate::conform::probe::{Handshake, Tongue};
use crate::conform::script::{Open, What};
use crate::conform::verdict::Verdict;
use crate::fasttrack::link as session;
use crate::gnutella::link::Deflater;
use crate::gnutella::wire::Guid;

impl Play<'_> {
    pub(super) fn open(&mut self, name: &str, how: &Open) {
        let id = ProbeId(u32::try_from(self.probes.len()).unwrap_or(u32::MAX));
        let (tongue, action) = match how {
            Open::Link { .. } => (Tongue::Heads, Action::Connect { probe: id }),
            Open::Bare | Open::Session => (Tongue::Unknown, Action::Connect { probe: id }),
            Open::Udp => (Tongue::Unknown, Action::Bind { probe: id }),
            Open::Listen => (Tongue::Unknown, Action::Listen { probe: id }),
        };
        let is_udp = matches!(how, Open::Udp);
        let named = (id, name.to_owned());
        self.probes.push(Probe::new(named, self.case.network, tongue, is_udp));
        self.out.push_back(action);
        let until = self.now.after(self.settings.within);
        self.stage = match how {
            Open::Link { .. } => Stage::Greeting { until, handshake: None },
            _ => Stage::Waiting { until },
        };
    }

    pub(super) fn look_at_opening(&mut self, name: &str) -> Progress {
        let Some(probe) = self.probe(name) else { return Progress::Done };
        match (probe.state, &self.stage) {
            (State::Refused, _) => {
                Progress::Failed(Verdict::Fail, "it takes no connection".to_owned())
            }
            (State::Opening, _) => Progress::Waits { fails: true },
            (_, Stage::Greeting { .. }) => self.greet(name),
            (_, Stage::Settling { ping, .. }) => self.settle(name, *ping),
            _ if self.is_session_step() => self.greet_in_session(name),
            _ => Progress::Done,
        }
    }

    fn is_session_step(&self) -> bool {
        matches!(self.step().map(|step| &step.what), Some(What::Open { how: Open::Session, .. }))
    }

    /// Hellos and names go both ways; what the other side calls its network is in `$name.network`.
    fn greet_in_session(&mut self, name: &str) -> Progress {
        let now = self.now;
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        if probe.session.is_none() {
            let mut link = session::Link::connect(&session::Profile::default(), now);
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

    /// The handshake of a probe goes on.
    fn greet(&mut self, name: &str) -> Progress {
        let Some(own) = self.probe(name).and_then(|probe| probe.own) else { return Progress::Done };
        let how = self.step().map(|step| &step.what);
        let Some(What::Open { how: Open::Link { is_ultrapeer, deflates, with, without }, .. }) =
            how
        else {
            return Progress::Done;
        };
        let Stage::Greeting { handshake, .. } = &mut self.stage else { return Progress::Done };
        if handshake.is_none() {
            let begun = Handshake::new(*is_ultrapeer, (with, without), own);
            let request = begun.request();
            *handshake = Some(begun);
            self.send_bytes(name, &request);
        }
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        if probe.unread.is_empty() {
            return match probe.state {
                State::Ended => Progress::Failed(Verdict::Fail, "it ends the handshake".to_owned()),
                _ => Progress::Waits { fails: true },
            };
        }
        let answer = probe.unread.remove(0);
        let agent = answer.get("headers").and_then(|headers| headers.get("user-agent"));
        let agent = agent.and_then(Value::as_str).map(str::to_owned);
        self.agent = self.agent.take().or(agent);
        let Some(probe) = self.probe_mut(name) else { return Progress::Done };
        match Handshake::is_taken(&answer) {
            Ok(is_deflated) => {
                probe.decoder.turn_to(Tongue::Frames);
                if is_deflated {
                    probe.decoder.inflate();
                }
                probe.read();
                self.seen.insert(name.to_owned(), answer);
                self.send_bytes(name, &Handshake::confirmation(*deflates));
                if *deflates && let Some(probe) = self.probe_mut(name) {
                    probe.deflater = Some(Deflater::new());
                }
                self.begin_to_settle(name);
                Progress::Waits { fails: false }
            }
            Err(why) => Progress::Failed(Verdict::Fail, why),
        }
    }

    fn begin_to_settle(&mut self, name: &str) {
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
