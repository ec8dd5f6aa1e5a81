//! A case that is being played, without sockets and clocks.
//!
//! ```text
//! Event ─► handle ─► poll ─► Action, until there is none; then next_timeout
//!                      └──► outcome, once there is one
//! ```

mod alive;
mod asking;
mod greeting;
mod opening;
mod outcome;
mod probe;
mod sending;
mod show;
mod stage;
mod transcript;

use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::Value;

pub use outcome::Outcome;
pub use transcript::{Direction, Exchange, Transcript};

use self::probe::Probe;
use self::stage::Stage;
use super::case::Case;
use super::claims::Claims;
use super::script::{Step, Wish};
use crate::base::time::Time;

/// One of ours in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub u32);

/// What a driver hands in.
#[derive(Clone, Debug)]
pub enum Event {
    /// A connection stands, or a socket or a port is ours, at this address.
    Ready {
        probe: ProbeId,
        own: SocketAddrV4,
    },
    /// The subject does not take the connection.
    Refused {
        probe: ProbeId,
    },
    /// The subject has called a port.
    Called {
        probe: ProbeId,
        from: SocketAddr,
    },
    Received {
        probe: ProbeId,
        bytes: Bytes,
    },
    /// The subject sends no more.
    Ended {
        probe: ProbeId,
    },
    Datagram {
        probe: ProbeId,
        from: SocketAddr,
        bytes: Bytes,
    },
    /// A file is whole, as cases name files ([`shared_file`](super::shared_file)), where the subject puts such.
    Kept {
        file: Value,
    },
    /// What the user wants cannot be asked of the subject, for this reason.
    Unasked {
        why: String,
    },
    /// The moment of [`Play::next_timeout`] has come.
    Timeout,
}

/// What a driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect to the subject, from the address of that host: a probe, or the first of those that share one.
    Connect {
        probe: ProbeId,
        host: ProbeId,
    },
    /// Wait until the subject calls where it expects a servent.
    Await {
        probe: ProbeId,
    },
    /// Open a port that the subject may call; one call is enough. Where the host has a socket for datagrams it has
    /// the same number.
    Listen {
        probe: ProbeId,
        host: ProbeId,
    },
    /// Open a socket for datagrams. Where the host has a port for calls it has the same number.
    Bind {
        probe: ProbeId,
        host: ProbeId,
    },
    Send {
        probe: ProbeId,
        bytes: Bytes,
    },
    /// Send a datagram to the subject.
    Datagram {
        probe: ProbeId,
        bytes: Bytes,
    },
    Close {
        probe: ProbeId,
    },
    /// Have the subject do something, as its user would.
    Ask {
        wish: Wish,
        what: String,
    },
}

/// How a case is played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// From which everything is drawn that is drawn.
    pub seed: u64,
    /// Where the subject takes connections, if it does.
    pub subject: Option<SocketAddrV4>,
    /// How long something may take where its line does not say so.
    pub within: Duration,
    /// How long the subject may take until it calls by itself.
    pub calls_within: Duration,
    /// The subject calls for each link.
    pub is_caller: bool,
    /// How long nothing must come where its line does not say so.
    pub during: Duration,
    /// A file that the subject shares, as cases name it ([`shared_file`](super::shared_file)).
    pub file: Option<Value>,
    /// Which descriptor IDs other cases have drawn.
    pub claims: Claims,
}

/// A case that is being played.
pub struct Play<'a> {
    case: &'a Case,
    settings: &'a Settings,
    /// What tells the case from others.
    number: u64,
    rng: ChaCha8Rng,
    probes: Vec<Probe>,
    /// Files that the subject has downloaded.
    kept: Vec<Value>,
    /// Messages that have names.
    seen: BTreeMap<String, Value>,
    stage: Stage,
    /// The place of the step that is under way.
    at: usize,
    /// What this step awaits has come so often.
    got: u32,
    out: VecDeque<Action>,
    outcome: Option<Outcome>,
    /// What the subject calls itself.
    agent: Option<String>,
    transcript: Transcript,
    now: Time,
}

impl<'a> Play<'a> {
    /// Begins it.
    pub fn new(case: &'a Case, settings: &'a Settings, now: Time) -> Self {
        let mut seen = BTreeMap::new();
        if let Some(file) = &settings.file {
            seen.insert("file".to_owned(), file.clone());
        }
        let number = number_of(&case.id);
        let mut play = Self {
            case,
            settings,
            number,
            rng: ChaCha8Rng::seed_from_u64(settings.seed ^ number),
            probes: Vec::new(),
            kept: Vec::new(),
            seen,
            stage: Stage::Fresh,
            at: 0,
            got: 0,
            out: VecDeque::new(),
            outcome: None,
            agent: None,
            transcript: Transcript::new(now),
            now,
        };
        play.go_on();
        play
    }

    /// Something has happened.
    pub fn handle(&mut self, event: Event, now: Time) {
        self.now = now;
        match event {
            Event::Ready { probe, own } => self.with(probe, |probe, _, _| probe.is_ready(own)),
            Event::Refused { probe } => self.with(probe, |probe, _, _| probe.is_refused()),
            Event::Called { probe, from } => self.with(probe, |probe, _, _| probe.is_called(from)),
            Event::Received { probe, bytes } => self.receive(probe, &bytes),
            Event::Ended { probe } => self.with(probe, |probe, transcript, now| {
                transcript.note(&probe.name, Direction::Ended, b"", now);
                probe.has_ended();
            }),
            Event::Datagram { probe, from, bytes } => {
                let (claims, case) = (&self.settings.claims, self.number);
                self.with(probe, |probe, transcript, now| {
                    transcript.note(&probe.name, Direction::Received, &bytes, now);
                    let before = probe.unread.len();
                    probe.take_datagram(&bytes, from);
                    probe.leave_to_others(before, |message| claims.is_foreign(message, case));
                });
            }
            Event::Kept { file } => self.keep(file),
            Event::Unasked { why } => self.cannot_ask(&why),
            Event::Timeout => {}
        }
        self.go_on();
    }

    fn receive(&mut self, id: ProbeId, bytes: &[u8]) {
        let mut answers = Vec::new();
        let (claims, case) = (&self.settings.claims, self.number);
        self.with(id, |probe, transcript, now| {
            transcript.note(&probe.name, Direction::Received, bytes, now);
            let before = probe.unread.len();
            answers = probe.receive(bytes, now);
            probe.leave_to_others(before, |message| claims.is_foreign(message, case));
        });
        let Some(name) = self.name_of(id) else { return };
        answers.iter().for_each(|answer| self.send_bytes(&name, answer));
    }

    fn name_of(&self, id: ProbeId) -> Option<String> {
        self.probes.iter().find(|probe| probe.id == id).map(|probe| probe.name.clone())
    }

    fn with(&mut self, probe: ProbeId, act: impl FnOnce(&mut Probe, &mut Transcript, Time)) {
        let place = usize::try_from(probe.0).unwrap_or(usize::MAX);
        if let Some(probe) = self.probes.get_mut(place) {
            act(probe, &mut self.transcript, self.now);
        }
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Action> {
        self.out.pop_front()
    }

    /// When [`Event::Timeout`] is due.
    pub fn next_timeout(&self) -> Option<Time> {
        if self.outcome.is_some() { None } else { self.stage.due() }
    }

    /// How it went, once that is known. All connections of the case may then be closed.
    pub fn outcome(&mut self) -> Option<Outcome> {
        let mut outcome = self.outcome.take()?;
        outcome.transcript = std::mem::take(&mut self.transcript);
        Some(outcome)
    }

    /// Whether there is an outcome.
    pub const fn is_over(&self) -> bool {
        self.outcome.is_some()
    }

    fn step(&self) -> Option<&'a Step> {
        self.case.steps.get(self.at)
    }

    fn probe(&self, name: &str) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.name == name)
    }

    fn probe_mut(&mut self, name: &str) -> Option<&mut Probe> {
        self.probes.iter_mut().find(|probe| probe.name == name)
    }
}

/// No two cases draw the same numbers: they may be played at the same time.
fn number_of(id: &str) -> u64 {
    let prime = 0x0100_0000_01b3_u64;
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(prime))
}
