use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::base::time::Time;
use crate::gnutella::link::{Decision, Profile, Role};
use crate::gnutella::wire::{Frame, Guid};
use crate::node::{Command, Input, LinkId, Output};
use crate::simulate::random::Lot;

/// Neighbours that an attacker seeks.
const NEIGHBOURS_WANTED: usize = 8;

/// How often it looks whether it has them.
const SEEK_MS: u64 = 5_000;

/// Messages that wait for one neighbour; more are thrown away.
const WAITING_MAX: usize = 1_000;

/// What an attacker does, beside shaking hands and seeking neighbours.
pub(crate) trait Malice: fmt::Debug {
    /// A neighbour has said something.
    fn heard(&mut self, frame: &Frame, out: &mut Vec<Frame>, lot: &mut Lot);

    /// How long it is until [`act`](Self::act).
    fn pause_ms(&self) -> Option<u64>;

    /// What it sends to each neighbour, unasked.
    fn act(&mut self, out: &mut Vec<Frame>, lot: &mut Lot);
}

/// An ultrapeer that takes everybody in and is up to no good.
#[derive(Debug)]
pub(crate) struct Scripted {
    malice: Box<dyn Malice>,
    profile: Arc<Profile>,
    lot: Lot,
    known: Vec<SocketAddr>,
    links: BTreeMap<LinkId, Victim>,
    /// Connections that are not open yet.
    shaking: usize,
    out: VecDeque<Output>,
    seek_at: Option<Time>,
    act_at: Option<Time>,
}

/// A neighbour, and what waits for it.
#[derive(Debug)]
struct Victim {
    waiting: VecDeque<Frame>,
    is_ultrapeer: bool,
}

impl Scripted {
    pub(crate) fn new(malice: Box<dyn Malice>, listen: SocketAddr, mut lot: Lot) -> Self {
        let guid = Guid(random_guid(&mut lot));
        let profile =
            Profile { guid: Some(guid), listen: Some(listen), ..Profile::new(Role::Ultrapeer) };
        Self {
            malice,
            profile: Arc::new(profile),
            lot,
            known: Vec::new(),
            links: BTreeMap::new(),
            shaking: 0,
            out: VecDeque::new(),
            seek_at: None,
            act_at: None,
        }
    }

    pub(super) fn profile(&self) -> Arc<Profile> {
        self.profile.clone()
    }

    pub(super) fn handle(&mut self, input: Input, now: Time) {
        match input {
            Input::Connected { .. } => self.shaking = self.shaking.saturating_add(1),
            Input::Asked { link, .. } | Input::Answered { link, .. } => {
                let decision = Decision::accept(Role::Ultrapeer);
                self.out.push_back(Output::Decide { link, decision });
            }
            Input::Opened { link, agreement } => {
                self.shaking = self.shaking.saturating_sub(1);
                let is_ultrapeer = agreement.peer_role.is_ultrapeer();
                self.links.insert(link, Victim { waiting: VecDeque::new(), is_ultrapeer });
                let pause = self.malice.pause_ms();
                self.act_at = self.act_at.or_else(|| pause.map(|pause_ms| now.after_ms(pause_ms)));
            }
            Input::Closed { link, .. } | Input::HandedOn { link } => {
                if self.links.remove(&link).is_none() {
                    self.shaking = self.shaking.saturating_sub(1);
                }
            }
            Input::Frame { link, frame } => {
                let mut out = Vec::new();
                self.malice.heard(&frame, &mut out, &mut self.lot);
                self.say(link, &out);
            }
            Input::Command(Command::Know(hosts)) => {
                self.known = hosts;
                self.seek_at = Some(now);
            }
            Input::Timeout => self.time_out(now),
            Input::DialFailed { .. }
            | Input::CallbackEnded { .. }
            | Input::Dropped { .. }
            | Input::Announced { .. }
            | Input::Datagram { .. }
            | Input::FastTrack(_)
            | Input::Observed(_)
            | Input::Command(_) => {}
        }
    }

    pub(super) fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    pub(super) fn transmit(&mut self, link: LinkId) -> Option<Frame> {
        self.links.get_mut(&link)?.waiting.pop_front()
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        [self.seek_at, self.act_at].into_iter().flatten().min()
    }

    fn time_out(&mut self, now: Time) {
        if self.seek_at.is_some_and(|at| at <= now) {
            self.seek(now);
        }
        if self.act_at.is_some_and(|at| at <= now) {
            self.act_at = self.malice.pause_ms().map(|pause_ms| now.after_ms(pause_ms));
            // Leaves pass nothing on.
            let victims = self.links.iter().filter(|(_, victim)| victim.is_ultrapeer);
            let victims: Vec<LinkId> = victims.map(|(link, _)| *link).collect();
            for link in victims {
                let mut out = Vec::new();
                self.malice.act(&mut out, &mut self.lot);
                self.say(link, &out);
            }
        }
    }

    /// Calls somebody while there are too few neighbours.
    fn seek(&mut self, now: Time) {
        self.seek_at = Some(now.after_ms(SEEK_MS));
        let wanted = NEIGHBOURS_WANTED.saturating_sub(self.links.len());
        for _ in 0..wanted.saturating_sub(self.shaking) {
            if let Some(address) = self.lot.choose(&self.known).copied() {
                self.out.push_back(Output::Dial { address });
            }
        }
    }

    fn say(&mut self, link: LinkId, frames: &[Frame]) {
        let Some(victim) = self.links.get_mut(&link).filter(|_| !frames.is_empty()) else {
            return;
        };
        let room = WAITING_MAX.saturating_sub(victim.waiting.len());
        victim.waiting.extend(frames.iter().take(room).cloned());
        self.out.push_back(Output::Ready { link });
    }
}

pub(super) fn random_guid(lot: &mut Lot) -> [u8; 16] {
    (u128::from(lot.next()) << 64 | u128::from(lot.next())).to_le_bytes()
}
