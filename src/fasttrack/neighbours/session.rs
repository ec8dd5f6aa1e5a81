use std::net::{Ipv4Addr, SocketAddrV4};

use super::credit::Credit;
use super::line::Line;
use crate::base::fair_table::Account;
use crate::base::limits::{
    FASTTRACK_PUSHES_TAKEN_BURST, FASTTRACK_PUSHES_TAKEN_PER_S, FASTTRACK_RECORDS_HEARD_MAX,
    FASTTRACK_RECORDS_MS, FASTTRACK_RECORDS_TOLD_MAX, FASTTRACK_RELAYED_BURST,
    FASTTRACK_RELAYED_PER_S, FASTTRACK_SEARCHES_SENT_BURST, FASTTRACK_SEARCHES_SENT_PER_S,
    FASTTRACK_SEARCHES_TAKEN_BURST, FASTTRACK_SEARCHES_TAKEN_PER_S, FASTTRACK_TABLE_EVERY_MS,
    FASTTRACK_TABLE_GATHER_MS, FASTTRACK_TABLE_WAIT_MS,
};
use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};

/// Records that it is sent (FTPEER-11).
pub(super) const TOLD: Rate = Rate {
    tokens: FASTTRACK_RECORDS_TOLD_MAX,
    every_ms: FASTTRACK_RECORDS_MS,
    burst: FASTTRACK_RECORDS_TOLD_MAX,
};

/// Records that it sends (FTPEER-11).
pub(super) const HEARD: Rate = Rate {
    tokens: FASTTRACK_RECORDS_HEARD_MAX,
    every_ms: FASTTRACK_RECORDS_MS,
    burst: FASTTRACK_RECORDS_HEARD_MAX,
};

/// Searches of ours that it gets.
pub(super) const SENT: Rate =
    Rate::per_second(FASTTRACK_SEARCHES_SENT_PER_S, FASTTRACK_SEARCHES_SENT_BURST);

/// Searches for us that it brings.
pub(super) const TAKEN: Rate =
    Rate::per_second(FASTTRACK_SEARCHES_TAKEN_PER_S, FASTTRACK_SEARCHES_TAKEN_BURST);

/// Messages that are passed on for it.
pub(super) const RELAYED: Rate = Rate::per_second(FASTTRACK_RELAYED_PER_S, FASTTRACK_RELAYED_BURST);

/// Pushes for us that it brings.
pub(super) const PUSHES: Rate =
    Rate::per_second(FASTTRACK_PUSHES_TAKEN_PER_S, FASTTRACK_PUSHES_TAKEN_BURST);

/// A session with another supernode.
#[derive(Debug)]
pub(super) struct Session {
    /// Where it leads, as the connection says.
    pub(super) ip: Ipv4Addr,
    pub(super) we_called: bool,
    /// Until when its table has to be there.
    pub(super) patience: Option<Time>,
    /// When it may give the next list of nodes.
    pub(super) next_list: Time,
    /// Once it is a neighbour.
    pub(super) neighbour: Option<Box<Neighbour>>,
}

/// A supernode that has given its table, and got ours.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) line: Line,
    /// As in its own record, in which it does not change.
    pub(super) address: SocketAddrV4,
    /// When it gets the next table.
    pub(super) due: Option<Time>,
    /// When it got the last one.
    told: Time,
    /// The number of our own record in that.
    pub(super) own_told: Option<u16>,
    /// How far in the order of addresses the last one went.
    pub(super) cursor: Option<SocketAddrV4>,
    /// The first table is not counted.
    pub(super) is_new: bool,
    pub(super) records_told: TokenBucket,
    pub(super) records_heard: TokenBucket,
    pub(super) sent: TokenBucket,
    pub(super) taken: TokenBucket,
    pub(super) relayed: TokenBucket,
    pub(super) pushes: TokenBucket,
    /// Of searches that it brought.
    pub(super) account: Option<Account>,
    pub(super) credit: Credit,
}

impl Session {
    pub(super) const fn new(ip: Ipv4Addr, we_called: bool, now: Time) -> Self {
        let patience = Some(now.after_ms(FASTTRACK_TABLE_WAIT_MS));
        Self { ip, we_called, patience, next_list: now, neighbour: None }
    }

    /// When something has to be done.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.patience.into_iter().chain(self.neighbour.as_ref().and_then(|it| it.due)).min()
    }
}

impl Neighbour {
    pub(super) fn new(line: Line, address: SocketAddrV4, now: Time) -> Self {
        Self {
            line,
            address,
            due: None,
            told: Time::ZERO,
            own_told: None,
            cursor: None,
            is_new: true,
            records_told: TokenBucket::full(TOLD, now),
            records_heard: TokenBucket::full(HEARD, now),
            sent: TokenBucket::full(SENT, now),
            taken: TokenBucket::full(TAKEN, now),
            relayed: TokenBucket::full(RELAYED, now),
            pushes: TokenBucket::full(PUSHES, now),
            account: None,
            credit: Credit::default(),
        }
    }

    /// There is something to tell. What others believe and is not so any more is told soon.
    pub(super) fn wake(&mut self, is_urgent: bool, now: Time) {
        let pause_ms = if is_urgent { FASTTRACK_TABLE_GATHER_MS } else { FASTTRACK_TABLE_EVERY_MS };
        let due = now.after_ms(FASTTRACK_TABLE_GATHER_MS).max(self.told.after_ms(pause_ms));
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// A table goes out now.
    pub(super) const fn note_told(&mut self, own_sequence: u16, now: Time) {
        (self.told, self.due, self.is_new) = (now, None, false);
        self.own_told = Some(own_sequence);
    }
}
