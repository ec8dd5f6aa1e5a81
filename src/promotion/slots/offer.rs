use std::fmt;

/// Links to supernodes below which a supernode reaches too few with the TTL that is usual.
const DEGREE_MIN: u16 = 16;

/// The highest time to live of new queries with which the usual degrees go together.
const TTL_MAX: u8 = 4;

/// What a caller says that it can do.
///
/// There is no word about bandwidth or uptime in it: nobody gets a slot for a promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Links to supernodes that it keeps.
    pub degree: Option<u16>,
    /// The time to live with which it takes new queries.
    pub max_ttl: Option<u8>,
    pub dynamic_querying: bool,
    /// It exchanges query tables with other supernodes.
    pub table_exchange: bool,
    /// It can inflate what we send.
    pub inflates: bool,
}

/// What others demand of a supernode, and a caller does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    Degree,
    LowTtl,
    DynamicQuerying,
    TableExchange,
    Compression,
}

impl Offer {
    /// True where nothing is missing that others demand of a supernode (UP-02).
    pub fn is_good(&self) -> bool {
        self.lack().is_none()
    }

    /// The first thing that is missing (UP-01, UP-02).
    pub fn lack(&self) -> Option<Lack> {
        let lacks = [
            (self.degree.is_none_or(|degree| degree < DEGREE_MIN), Lack::Degree),
            (self.max_ttl.is_none_or(|ttl| ttl > TTL_MAX), Lack::LowTtl),
            (!self.dynamic_querying, Lack::DynamicQuerying),
            (!self.table_exchange, Lack::TableExchange),
            (!self.inflates, Lack::Compression),
        ];
        lacks.into_iter().find_map(|(is_missing, lack)| is_missing.then_some(lack))
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Degree => "a high degree",
            Self::LowTtl => "a low TTL",
            Self::DynamicQuerying => "dynamic querying",
            Self::TableExchange => "query tables between supernodes",
            Self::Compression => "compression",
        })
    }
}
