use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::base::limits::{
    DELIVERIES_HOSTS_MAX, DELIVERIES_OF_HOST_MAX, DELIVERY_EVERY_MS, DELIVERY_JITTER_MS,
    DELIVERY_LIFE_MS,
};
use crate::base::time::Time;
use crate::gnutella::wire::Frame;

/// Hits that others asked for, sent to each of them one after the other, so that nobody is flooded,
/// whatever ports were named (OOB-06).
#[derive(Debug, Default)]
pub struct Deliveries {
    hosts: BTreeMap<IpAddr, Waiting>,
}

/// What one host will get.
#[derive(Debug)]
struct Waiting {
    /// When the next message may go. Nothing may wait any more: then this is when the host is forgotten.
    due: Time,
    /// Each with the moment at which nobody wants it any more.
    messages: VecDeque<(SocketAddr, Frame, Time)>,
}

impl Deliveries {
    /// Sends messages to a host as its turn comes; the first one is due now, if none has just gone there.
    /// Those for which there is no room are left out.
    pub fn send(&mut self, to: SocketAddr, messages: impl IntoIterator<Item = Frame>, now: Time) {
        let host = to.ip().to_canonical();
        if !self.hosts.contains_key(&host) && self.hosts.len() >= DELIVERIES_HOSTS_MAX {
            return;
        }
        let until = now.after_ms(DELIVERY_LIFE_MS);
        let waiting = self
            .hosts
            .entry(host)
            .or_insert_with(|| Waiting { due: now, messages: VecDeque::new() });
        let room = DELIVERIES_OF_HOST_MAX.saturating_sub(waiting.messages.len());
        waiting.messages.extend(messages.into_iter().take(room).map(|frame| (to, frame, until)));
    }

    /// When [`timeout`](Self::timeout) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        self.hosts.values().map(|waiting| waiting.due).min()
    }

    /// What goes out now.
    pub fn timeout(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<(SocketAddr, Frame)>) {
        self.hosts.retain(|_, waiting| {
            if now < waiting.due {
                return true;
            }
            waiting.messages.retain(|(.., until)| now < *until);
            let Some((to, frame, _)) = waiting.messages.pop_front() else { return false };
            out.push((to, frame));
            let jitter_ms = rng.random_range(0..=DELIVERY_JITTER_MS);
            waiting.due = now.after_ms(DELIVERY_EVERY_MS).after_ms(jitter_ms);
            true
        });
    }

    /// How many hosts get something, or have just got it.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Nobody gets anything.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }
}
