use std::net::IpAddr;

use super::network;
use super::observation::Room;
use super::thresholds::NeedThresholds;
use crate::base::limits::{
    NEED_FULL_MIN, NEED_ROOM_A_VOICE_MAX, NEED_VOICES_A_TELLER_MAX, NEED_VOICES_MAX,
    NEED_WEIGHT_MIN,
};
use crate::base::slots::make_room;
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
    /// Leaf slots that it has free, as far as anybody has said.
    room: u32,
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
    /// Leaf slots that all of them have free, as far as anybody has said.
    pub(super) room: u32,
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
        make_room(&mut self.voices);
        self.voices.push(voice);
    }

    /// Forgets what is too old, and sees whether one more supernode is needed that is so many
    /// doublings stronger than it has to be.
    pub(super) fn refresh(&mut self, doublings: u32, thresholds: &NeedThresholds, now: Time) {
        self.forget_old(thresholds, now);
        let least = lowered(thresholds.needed_permille, thresholds.needed_step, doublings);
        let least = least.max(thresholds.needed_least);
        let least = if self.is_needed { part(least, thresholds.content_percent) } else { least };
        let fill = self.fill();
        self.is_needed =
            fill.full >= NEED_FULL_MIN && fill.permille.is_some_and(|full| full >= least);
    }

    /// What [`refresh`](Self::refresh) saw last.
    pub(super) const fn is_needed(&self) -> bool {
        self.is_needed
    }

    /// Whether there are too many supernodes for one that is so much stronger than it has to be, and
    /// has so many leaves: those that were heard of must have room for all of them twice. None where
    /// too little is known.
    pub(super) fn is_surplus(
        &self,
        doublings: u32,
        leaves: u32,
        thresholds: &NeedThresholds,
    ) -> Option<bool> {
        let most = lowered(thresholds.surplus_permille, thresholds.surplus_step, doublings);
        let fill = self.fill();
        let has_room = fill.room >= leaves.saturating_mul(2);
        fill.permille.map(|full| thresholds.counts && has_room && full <= most)
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
            room: self.voices.iter().map(|voice| voice.room).sum(),
        }
    }

    /// How many supernodes said in handshakes that no more are needed.
    pub(super) fn guides(&self) -> usize {
        self.voices.iter().filter(|voice| voice.guides).count()
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
        let room = match news {
            Room::Told { free_leaf_slots } => free_leaf_slots.min(NEED_ROOM_A_VOICE_MAX),
            _ => 0,
        };
        Self {
            room,
            about: network::key(host),
            teller: network::key(teller),
            at: now,
            is_full,
            weight,
            guides: news == Room::Guidance { needed: false },
        }
    }
}

/// So many thousandths, fewer for each doubling.
fn lowered(permille: u16, step: u16, doublings: u32) -> u16 {
    let less = u32::from(step).saturating_mul(doublings);
    permille.saturating_sub(u16::try_from(less).unwrap_or(u16::MAX))
}

/// So many hundredths of some thousandths.
fn part(permille: u16, percent: u8) -> u16 {
    let part = u32::from(permille).saturating_mul(percent.into()) / 100;
    u16::try_from(part).unwrap_or(permille)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;
    use crate::promotion::Thresholds;

    const THRESHOLDS: NeedThresholds = Thresholds::filbert().need;

    fn host(n: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(80, 1, n, 1))
    }

    /// What is thought of so many supernodes that say so themselves, some of them full.
    fn told(need: &mut Need, full: u8, heard: u8) {
        for n in (0..heard).rev() {
            let news = Room::Told { free_leaf_slots: u32::from(n >= full) };
            need.hear(host(n), host(n), news, &THRESHOLDS, Time::ZERO);
        }
    }

    #[test]
    fn need_begins_at_one_share_and_ends_below_another() {
        let mut need = Need::default();
        for (full, is_needed) in
            [(6, false), (7, true), (6, true), (5, true), (4, false), (6, false)]
        {
            told(&mut need, full, 10);
            need.refresh(0, &THRESHOLDS, Time::ZERO);
            assert_eq!(need.is_needed(), is_needed, "{full} of 10");
        }
        for (full, is_surplus) in [(4, false), (3, true), (0, true)] {
            told(&mut need, full, 10);
            assert_eq!(need.is_surplus(0, 0, &THRESHOLDS), Some(is_surplus), "{full} of 10");
        }
    }

    #[test]
    fn the_strong_come_earlier_and_stay_longer() {
        // Doublings; from how many of 100 on it comes, and down to how many it is too many.
        for (doublings, comes, leaves) in [
            (0, 70, 30),
            (1, 58, 25),
            (2, 46, 20),
            (4, 22, 10),
            (5, 10, 5),
            (6, 10, 0),
            (99, 10, 0),
        ] {
            let full = |full: u32| {
                let mut need = Need::default();
                let voice = |n| Voice {
                    is_full: n < full,
                    weight: 1,
                    ..Voice::new(host(1), host(1), Room::Accepted, Time::ZERO)
                };
                need.voices = (0..100).map(voice).collect();
                need.refresh(doublings, &THRESHOLDS, Time::ZERO);
                (need.is_needed(), need.is_surplus(doublings, 0, &THRESHOLDS).unwrap())
            };
            assert_eq!((full(comes - 1).0, full(comes).0), (false, true), "{doublings}");
            assert_eq!((full(leaves).1, full(leaves + 1).1), (true, false), "{doublings}");
        }
    }

    #[test]
    fn a_few_words_do_not_count_and_what_was_met_counts_more() {
        for (heard, is_needed) in [(4, false), (5, true)] {
            let mut need = Need::default();
            told(&mut need, heard, heard);
            need.refresh(0, &THRESHOLDS, Time::ZERO);
            assert_eq!(need.is_needed(), is_needed);
            assert_eq!(need.fill().permille.is_some(), is_needed);
        }
        // Refusals, and others that say they have room: eight parts of eleven are not enough, as
        // two say it; twelve of fifteen are.
        let mut need = Need::default();
        let mut needed_after = |n, news| {
            need.hear(host(n), host(n), news, &THRESHOLDS, Time::ZERO);
            need.refresh(0, &THRESHOLDS, Time::ZERO);
            need.is_needed()
        };
        let told = Room::Told { free_leaf_slots: 9 };
        let news = [(10, told), (11, told), (12, told), (1, Room::Refused), (2, Room::Refused)];
        assert!(news.into_iter().all(|(n, news)| !needed_after(n, news)));
        assert!(needed_after(3, Room::Refused));
        assert!(needed_after(4, Room::Accepted), "12 of 19, and it was needed before");
        let guidance = Room::Guidance { needed: false };
        assert!(needed_after(5, guidance) && needed_after(6, guidance), "12 of 23");
        assert!(!needed_after(7, guidance), "12 of 25");
        assert_eq!(need.guides(), 3);
    }

    #[test]
    fn what_was_heard_is_forgotten_at_its_limit() {
        let mut need = Need::default();
        told(&mut need, 10, 10);
        let end = Time::ZERO.after(THRESHOLDS.memory);
        assert_eq!(need.next_change(&THRESHOLDS), Some(end));
        need.refresh(0, &THRESHOLDS, Time::from_micros(end.as_micros() - 1));
        assert!(need.is_needed());
        need.refresh(0, &THRESHOLDS, end);
        assert!(!need.is_needed());
        assert_eq!((need.voices.capacity(), need.next_change(&THRESHOLDS)), (0, None));
    }

    #[test]
    fn one_teller_fills_a_third_and_all_together_fill_what_there_is() {
        let mut need = Need::default();
        let hear = |need: &mut Need, about, teller| {
            let news = Room::Told { free_leaf_slots: 0 };
            need.hear(host(about), host(teller), news, &THRESHOLDS, Time::ZERO);
        };
        for about in 0..100 {
            hear(&mut need, about, 200);
            let expected = usize::from(about + 1).min(NEED_VOICES_A_TELLER_MAX);
            assert_eq!(need.voices.len(), expected);
        }
        for about in 100..200 {
            hear(&mut need, about, about);
        }
        assert_eq!(need.voices.len(), NEED_VOICES_MAX);
        // The same network once more takes no further place.
        hear(&mut need, 199, 199);
        assert_eq!(need.voices.len(), NEED_VOICES_MAX);
        let later = Time::ZERO.after(Duration::from_secs(1));
        need.hear(host(199), host(3), Room::Accepted, &THRESHOLDS, later);
        assert_eq!((need.fill().heard, need.fill().full), (16, 15));
    }

    #[test]
    fn there_must_be_room_for_all_leaves_twice_and_nobody_is_believed_to_have_more_than_some() {
        let surplus = |free_leaf_slots, leaves| {
            let mut need = Need::default();
            for n in 0..5 {
                let news = Room::Told { free_leaf_slots };
                need.hear(host(n), host(n), news, &THRESHOLDS, Time::ZERO);
            }
            need.is_surplus(0, leaves, &THRESHOLDS)
        };
        assert_eq!((surplus(20, 50), surplus(20, 51)), (Some(true), Some(false)));
        let most = NEED_ROOM_A_VOICE_MAX;
        for free in [most, most + 1, u32::MAX] {
            let leaves = 5 * most / 2;
            assert_eq!(
                (surplus(free, leaves), surplus(free, leaves + 1)),
                (Some(true), Some(false))
            );
        }
        assert_eq!(Need::default().is_surplus(0, 0, &THRESHOLDS), None, "nothing is known");
    }
}
