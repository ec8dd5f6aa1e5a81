use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::conversation::{Conversation, Surroundings};
use super::packet::TcpSegment;
use crate::base::limits::{CONNECTIONS_MAX, DISSECT_FOOTPRINT_LEN_MAX};

/// All TCP connections of a recording. Where there are too many, or where they hold too much, the
/// one that was silent for longest is given up.
#[derive(Debug, Default)]
pub(super) struct Connections {
    entries: BTreeMap<Ends, Entry>,
    /// Who spoke when, so that the one silent for longest is first.
    by_turn: BTreeMap<u64, Ends>,
    turn: u64,
    footprint_len: usize,
}

/// Both ends, the lower one first, so that both directions share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ends(SocketAddr, SocketAddr);

#[derive(Debug)]
struct Entry {
    conversation: Conversation,
    turn: u64,
    footprint_len: usize,
}

impl Connections {
    /// The next segment of any connection.
    pub(super) fn push(&mut self, segment: &TcpSegment<'_>, around: &mut Surroundings<'_, '_>) {
        let ends = Ends(segment.from.min(segment.to), segment.from.max(segment.to));
        if self.entries.get(&ends).is_some_and(|entry| entry.conversation.is_succeeded_by(segment))
        {
            self.finish(ends, around);
        }
        // Without a payload, a handshake or an end there is nothing to follow yet.
        let is_bare = segment.payload.is_empty() && segment.unrecorded_len == 0 && !segment.syn;
        if is_bare && !self.entries.contains_key(&ends) {
            return;
        }
        self.turn = self.turn.saturating_add(1);
        let entry = self.entries.entry(ends).or_insert_with(|| Entry {
            conversation: Conversation::new(segment),
            turn: self.turn,
            footprint_len: 0,
        });
        entry.conversation.push(segment, around);
        let footprint_len = entry.conversation.footprint_len();
        let before_len = std::mem::replace(&mut entry.footprint_len, footprint_len);
        self.by_turn.remove(&std::mem::replace(&mut entry.turn, self.turn));
        self.by_turn.insert(self.turn, ends);
        self.footprint_len =
            self.footprint_len.saturating_sub(before_len).saturating_add(footprint_len);
        self.shrink(around);
    }

    /// Nothing more is to come: what is left of all connections is told of, in the order in which
    /// they fell silent.
    pub(super) fn end(&mut self, around: &mut Surroundings<'_, '_>) {
        while let Some((_, ends)) = self.by_turn.pop_first() {
            self.finish(ends, around);
        }
    }

    /// Bytes of memory that all connections hold.
    pub(super) const fn footprint_len(&self) -> usize {
        self.footprint_len
    }

    fn shrink(&mut self, around: &mut Surroundings<'_, '_>) {
        while self.entries.len() > CONNECTIONS_MAX || self.footprint_len > DISSECT_FOOTPRINT_LEN_MAX
        {
            let Some((_, oldest)) = self.by_turn.pop_first() else {
                return;
            };
            around.statistics.evicted_connections =
                around.statistics.evicted_connections.saturating_add(1);
            self.finish(oldest, around);
        }
    }

    fn finish(&mut self, ends: Ends, around: &mut Surroundings<'_, '_>) {
        let Some(mut entry) = self.entries.remove(&ends) else {
            return;
        };
        self.by_turn.remove(&entry.turn);
        self.footprint_len = self.footprint_len.saturating_sub(entry.footprint_len);
        entry.conversation.end(around);
    }
}
