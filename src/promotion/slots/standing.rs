use std::fmt;
use std::time::Duration;

use super::{Caller, Direction};
use crate::base::time::Time;
use crate::promotion::{Role, SlotThresholds, network};

/// What has become known of a neighbour since it is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when its queue has been full, or its answers late.
    pub slow_since: Option<Time>,
    /// Since when it wants no queries.
    pub muted_since: Option<Time>,
    pub table: Table,
    /// It said how many files it shares, and that is none.
    pub shares_nothing: bool,
    /// Nobody can reach it: it asked for somebody who passes pushes on.
    pub is_firewalled: bool,
}

/// The query table that a neighbour has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Table {
    #[default]
    Missing,
    Empty,
    Filled,
}

/// What tells against a neighbour, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// It takes what we send too slowly, or answers late.
    Slow,
    /// A supernode that nobody can reach.
    Firewalled,
    /// A supernode that lacks what others demand of one.
    Lacking,
    /// It never sent a query table.
    NoTable,
    /// Its table is empty: it shares nothing, or has no leaves.
    EmptyTable,
    /// It shares nothing.
    SharesNothing,
    /// It wants no queries.
    Muted,
    /// It cannot inflate what we send.
    Uncompressed,
    /// Nothing but that there are too many.
    Surplus,
}

/// A neighbour, as the policy remembers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    pub(super) role: Role,
    pub(super) direction: Direction,
    pub(super) network: u64,
    pub(super) since: Time,
    pub(super) standing: Standing,
    is_chosen: bool,
    lacks: bool,
    inflates: bool,
}

impl Neighbour {
    pub(super) fn new(caller: &Caller, now: Time) -> Self {
        let Caller { address, role, direction, offer, is_chosen } = *caller;
        Self {
            role,
            direction,
            network: network::key(address),
            since: now,
            standing: Standing::default(),
            is_chosen,
            lacks: role == Role::Supernode && !offer.is_good(),
            inflates: offer.inflates,
        }
    }

    /// Whether it may be dropped for another one, or because there are too many.
    pub(super) fn is_settled(&self, slots: &SlotThresholds, now: Time) -> bool {
        !self.is_chosen && now.since(self.since) >= self.grace(slots)
    }

    /// The worst that can be said of it, and for how long. `ours` is what we are: a leaf has no
    /// tables to expect.
    pub(super) fn flaw(
        &self,
        ours: Role,
        slots: &SlotThresholds,
        now: Time,
    ) -> Option<(Flaw, Duration)> {
        let lasting = self.flaws(ours).filter_map(|(flaw, since)| {
            let lasts = now.since(since);
            (lasts >= self.grace(slots)).then_some((flaw, lasts))
        });
        lasting.min_by_key(|&(flaw, _)| flaw)
    }

    /// Whether it has shown to be better than somebody with this flaw, however new it is. Where tables
    /// are sent, one with words has to have come.
    pub(super) fn is_better_than(&self, flaw: Flaw, ours: Role) -> bool {
        let has_shown = ours == Role::Leaf || self.standing.table == Table::Filled;
        self.is_chosen || has_shown && self.flaws(ours).all(|(own, _)| own > flaw)
    }

    /// All that can be said of it, and since when.
    fn flaws(&self, ours: Role) -> impl Iterator<Item = (Flaw, Time)> {
        let Standing { slow_since, muted_since, table, shares_nothing, is_firewalled } =
            self.standing;
        let is_supernode = self.role == Role::Supernode;
        let expects_table = ours == Role::Supernode;
        let always = |is_so: bool| is_so.then_some(self.since);
        let flaws = [
            (Flaw::Slow, slow_since),
            (Flaw::Firewalled, always(is_supernode && is_firewalled)),
            (Flaw::Lacking, always(self.lacks)),
            (Flaw::NoTable, always(expects_table && table == Table::Missing)),
            (Flaw::EmptyTable, always(expects_table && table == Table::Empty)),
            (Flaw::SharesNothing, always(!is_supernode && shares_nothing)),
            (Flaw::Muted, muted_since.filter(|_| !is_supernode)),
            (Flaw::Uncompressed, always(!self.inflates)),
        ];
        flaws.into_iter().filter_map(|(flaw, since)| Some((flaw, since?)))
    }

    const fn grace(&self, slots: &SlotThresholds) -> Duration {
        match self.role {
            Role::Leaf => slots.leaf_grace,
            Role::Supernode => slots.supernode_grace,
        }
    }
}

/// A phrase that follows "dropped:".
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slow => "too slow",
            Self::Firewalled => "nobody can reach it",
            Self::Lacking => "lacks what supernodes need",
            Self::NoTable => "sent no query table",
            Self::EmptyTable => "its query table is empty",
            Self::SharesNothing => "shares nothing",
            Self::Muted => "wants no queries",
            Self::Uncompressed => "cannot inflate",
            Self::Surplus => "one too many",
        })
    }
}
