use std::net::IpAddr;

use super::network;
use super::observation::Room;
use super::thresholds::NeedThresholds;
use crate::base::limits::{NEED_VOICES_A_TELLER_MAX, NEED_VOICES_MAX, NEED_WEIGHT_MIN};
use crate::base::time::Time;

/// Whether more supernodes are needed, from what was heard of those there are.
///
/// Each network (/24, /48) has one voice, its newest, and one teller at most a third of all: so a liar
/// neither calls everybody to the colours nor holds them back. What we have met ourselves weighs
/// four times what we were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Need {
    voices: Vec<Voice>,
    /// The last answer, since between the two thresholds it stays what it was.
    is_needed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Voice {
    /// The network of the supernode, and that of whoever told of it: [`network::key`].
    about: u64,
    teller: u64,
    at: Time,
    is_full: bool,
    weight: u8,
    /// It said in a handshake that supernodes are not needed.
    guides: bool,
}

/// How many of the supernodes that were heard of have no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fill {
    /// Thousandths by weight; none where too little was heard.
    pub(super) permille: Option<u16>,
    pub(super) full: u8,
    pub(super) heard: u8,
}

impl Need {
    /// Takes note of what `teller` says about `host`, which may be the same.
    pub(super) fn hear(
        &mut self,
        host: IpAddr,
        teller: IpAddr,
        news: Room,
        thresholds: &NeedThresholds,
        now: Time,
    ) {
        let voice = Voice::new(host, teller, news, now);
        self.forget_old(thresholds, now);
        self.make_room_for(&voice);
        self.voices.push(voice);
        self.is_needed = self.answer(thresholds);
    }

    /// Forgets what is too old, so that the answer is up to date.
    pub(super) fn refresh(&mut self, thresholds: &NeedThresholds, now: Time) {
        self.forget_old(thresholds, now);
        self.is_needed = self.answer(thresholds);
    }

    /// Whether more supernodes are needed, by what was heard.
    pub(super) const fn is_needed(&self) -> bool {
        self.is_needed
    }

    /// Whether there are more supernodes than are needed.
    pub(super) fn is_surplus(&self, thresholds: &NeedThresholds) -> bool {
        thresholds.counts
            && self.fill().permille.is_some_and(|full| full <= thresholds.surplus_permille)
    }

    /// When the oldest of what was heard will be forgotten.
    pub(super) fn next_change(&self, thresholds: &NeedThresholds) -> Option<Time> {
        self.voices.iter().map(|voice| voice.at.after(thresholds.memory)).min()
    }

    /// How many of the supernodes that were heard of have no room.
    pub(super) fn fill(&self) -> Fill {
        let weight = |voices: &mut dyn Iterator<Item = &Voice>| {
            voices.map(|voice| u32::from(voice.weight)).sum::<u32>()
        };
        let all = weight(&mut self.voices.iter());
        let full = weight(&mut self.voices.iter().filter(|voice| voice.is_full));
        let permille = full.saturating_mul(1_000).checked_div(all);
        let count = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        Fill {
            permille: permille
                .filter(|_| all >= NEED_WEIGHT_MIN)
                .and_then(|permille| u16::try_from(permille).ok()),
            full: count(self.voices.iter().filter(|voice| voice.is_full).count()),
            heard: count(self.voices.len()),
        }
    }

    /// How many supernodes said in handshakes that no more are needed.
    pub(super) fn guides(&self) -> usize {
        self.voices.iter().filter(|voice| voice.guides).count()
    }

    fn answer(&self, thresholds: &NeedThresholds) -> bool {
        let least =
            if self.is_needed { thresholds.content_permille } else { thresholds.needed_permille };
        self.fill().permille.is_some_and(|full| full >= least)
    }

    fn forget_old(&mut self, thresholds: &NeedThresholds, now: Time) {
        self.voices.retain(|voice| now < voice.at.after(thresholds.memory));
        if self.voices.is_empty() {
            self.voices = Vec::new();
        }
    }

    /// The same network speaks once, one teller only so often, and the oldest voice goes first.
    fn make_room_for(&mut self, voice: &Voice) {
        self.voices.retain(|other| other.about != voice.about);
        let told = self.voices.iter().filter(|other| other.teller == voice.teller).count();
        if told >= NEED_VOICES_A_TELLER_MAX
            && let Some(at) = self.voices.iter().position(|other| other.teller == voice.teller)
        {
            self.voices.remove(at);
        }
        if self.voices.len() >= NEED_VOICES_MAX {
            self.voices.remove(0);
        }
    }
}

impl Voice {
    fn new(host: IpAddr, teller: IpAddr, news: Room, now: Time) -> Self {
        let (is_full, weight) = match news {
            Room::Refused => (true, 4),
            Room::Accepted => (false, 4),
            // Some programs say that they are needed to everybody who asks.
            Room::Guidance { needed } => (needed, if needed { 1 } else { 2 }),
            Room::Told { free_leaf_slots } => (free_leaf_slots == 0, 1),
        };
        Self {
            about: network::key(host),
            teller: network::key(teller),
            at: now,
            is_full,
            weight,
            guides: news == Room::Guidance { needed: false },
        }
    }
}
