use crate::base::limits::{
    ANSWER_WAIT_MS, PING_WAIT_MS, QUERY_WAIT_MS, SEND_QUEUE_CONTROL_LEN_MAX,
    SEND_QUEUE_TABLE_LEN_MAX,
};
use crate::gnutella::wire::{Frame, Function};

/// What a waiting message is worth, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// About the link itself: signs of life, vendor messages, HSEP, Bye. Never dropped.
    Control,
    /// A piece of a query table. Without one piece the others are worth nothing: never dropped.
    Table,
    Push,
    Hit,
    /// A query of ours, or one that we search for on behalf of a leaf.
    OwnQuery,
    /// A query of somebody else.
    Query,
    Pong,
    Ping,
}

/// How many classes there are.
pub(super) const CLASSES: usize = 8;

impl Class {
    /// The best first.
    pub const ALL: [Self; CLASSES] = [
        Self::Control,
        Self::Table,
        Self::Push,
        Self::Hit,
        Self::OwnQuery,
        Self::Query,
        Self::Pong,
        Self::Ping,
    ];

    /// The class of a message to a neighbour. `is_own` is true where we search, for us or a leaf.
    pub const fn of(frame: &Frame, is_own: bool) -> Self {
        match frame.function {
            Function::PING if frame.hops == 0 && frame.ttl <= 1 => Self::Control,
            Function::PONG if frame.hops == 0 && frame.ttl <= 2 => Self::Control,
            Function::PING => Self::Ping,
            Function::PONG => Self::Pong,
            Function::PUSH => Self::Push,
            Function::QUERY if is_own => Self::OwnQuery,
            Function::QUERY => Self::Query,
            Function::QUERY_HIT => Self::Hit,
            Function::QUERY_TABLE => Self::Table,
            _ => Self::Control,
        }
    }

    /// Milliseconds after which such a message is not worth sending any more (FLOW-04).
    pub const fn wait_ms(self) -> Option<u64> {
        match self {
            Self::Control | Self::Table => None,
            Self::Push | Self::Hit | Self::OwnQuery => Some(ANSWER_WAIT_MS),
            Self::Query => Some(QUERY_WAIT_MS),
            Self::Pong | Self::Ping => Some(PING_WAIT_MS),
        }
    }

    /// True if a message of this class may be lost without harm to others.
    pub(super) const fn is_droppable(self) -> bool {
        !matches!(self, Self::Control | Self::Table)
    }

    /// Bytes that the class may send in one round, in which every class that waits gets its turn
    /// (FLOW-02). As LimeWire counts messages, with their usual lengths: 10 of control, 6 hits and
    /// pushes, 10 queries of our own, 3 others, 1 ping and 1 pong; and a table that comes forward.
    pub(super) const fn round_len(self) -> u32 {
        match self {
            Self::Control | Self::Hit => 4_096,
            Self::Table => 2_048,
            Self::Push | Self::OwnQuery | Self::Query => 1_024,
            Self::Pong => 256,
            Self::Ping => 128,
        }
    }

    /// Bytes that the class keeps when there is no room for all, out of `limit` for all classes
    /// (FLOW-03). What is not droppable has limits of its own, which no shortage changes.
    pub(super) const fn share(self, limit: usize) -> usize {
        let part = limit / 96;
        match self {
            Self::Control => SEND_QUEUE_CONTROL_LEN_MAX,
            Self::Table => SEND_QUEUE_TABLE_LEN_MAX,
            Self::Push => part.saturating_mul(4),
            Self::Hit => part.saturating_mul(24),
            Self::OwnQuery => part.saturating_mul(6),
            Self::Query => part.saturating_mul(10),
            Self::Pong => part.saturating_mul(3),
            Self::Ping => part,
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::SEND_QUEUE_LEN_MAX;

    #[test]
    fn the_shares_of_all_classes_are_the_whole() {
        let shares = Class::ALL.map(|class| class.share(SEND_QUEUE_LEN_MAX));
        assert_eq!(shares.iter().sum::<usize>(), SEND_QUEUE_LEN_MAX);
        let places = Class::ALL.map(Class::index);
        assert!(places.is_sorted() && places[CLASSES - 1] == CLASSES - 1);
    }
}
