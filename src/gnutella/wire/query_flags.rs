use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

const MARK: u16 = 0x8000;
const FIREWALLED: u16 = 0x4000;
const XML: u16 = 0x2000;
const LEAF_GUIDED: u16 = 0x1000;
const GGEP_H: u16 = 0x0800;
const OUT_OF_BAND: u16 = 0x0400;
const FIREWALL_TRANSFER: u16 = 0x0200;
const RELIABLE_UDP: u16 = 0x0100;
const MAX_HITS: u16 = 0x00ff;
/// The flags that betray a word written low byte first (QUERY-13).
const SWAPPED: u16 = MARK | LEAF_GUIDED | GGEP_H;

/// Each flag with the name it has in protocol-spec.
const NAMES: [(u16, &str); 7] = [
    (FIREWALLED, "firewalled"),
    (XML, "xml"),
    (LEAF_GUIDED, "leaf_guided"),
    (GGEP_H, "ggep_h"),
    (OUT_OF_BAND, "out_of_band"),
    (FIREWALL_TRANSFER, "firewall_transfer"),
    (RELIABLE_UDP, "reliable_udp"),
];

/// The first two bytes of a query: once a minimum speed, now flags (QUERY-04).
///
/// The bytes are kept as they came, since others must see what we saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryFlags(pub [u8; 2]);

/// How the two bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Flags, high byte first: what everybody sends today.
    Marked,
    /// Flags, low byte first, as Shareaza wrote them for years.
    Swapped,
    /// A minimum speed in kbit/s, low byte first.
    Speed,
    /// All zero: a servent older than the flags.
    Ancient,
}

impl QueryFlags {
    /// Flags with the mark set, as we send them.
    pub const fn marked() -> Self {
        Self(MARK.to_be_bytes())
    }

    /// The querier cannot be connected to.
    #[must_use]
    pub const fn with_firewalled(self) -> Self {
        self.with(FIREWALLED)
    }

    /// The querier tells its ultrapeer how many hits it kept.
    #[must_use]
    pub const fn with_leaf_guidance(self) -> Self {
        self.with(LEAF_GUIDED)
    }

    /// The querier takes hits by UDP; its address stands in the GUID (QUERY-09).
    #[must_use]
    pub const fn with_out_of_band(self) -> Self {
        self.with(OUT_OF_BAND)
    }

    /// The same with a flag, high byte first as we write them.
    const fn with(self, flag: u16) -> Self {
        Self((u16::from_be_bytes(self.0) | flag).to_be_bytes())
    }

    /// How these two bytes are to be read.
    pub const fn dialect(self) -> Dialect {
        let (marked, swapped) = (u16::from_be_bytes(self.0), u16::from_le_bytes(self.0));
        if marked == 0 {
            Dialect::Ancient
        } else if marked & MARK != 0 {
            Dialect::Marked
        } else if swapped & SWAPPED == SWAPPED {
            Dialect::Swapped
        } else {
            Dialect::Speed
        }
    }

    /// The flags as one word, the mark in its highest bit; zero where there are no flags.
    pub const fn word(self) -> u16 {
        match self.dialect() {
            Dialect::Marked => u16::from_be_bytes(self.0),
            Dialect::Swapped => u16::from_le_bytes(self.0),
            Dialect::Speed | Dialect::Ancient => 0,
        }
    }

    /// The querier cannot be connected to.
    pub const fn firewalled(self) -> bool {
        self.word() & FIREWALLED != 0
    }

    /// The querier wants XML in hits.
    pub const fn xml(self) -> bool {
        self.word() & XML != 0
    }

    /// The querier tells its ultrapeer how many hits it kept.
    pub const fn leaf_guided(self) -> bool {
        self.word() & LEAF_GUIDED != 0
    }

    /// The querier reads digests from GGEP `H`.
    pub const fn ggep_h(self) -> bool {
        self.word() & GGEP_H != 0
    }

    /// The querier takes hits by UDP; its address stands in the MUID.
    pub const fn out_of_band(self) -> bool {
        self.word() & OUT_OF_BAND != 0
    }

    /// The querier can transfer between two firewalled servents.
    pub const fn firewall_transfer(self) -> bool {
        self.word() & FIREWALL_TRANSFER != 0
    }

    /// The querier speaks semi-reliable UDP.
    pub const fn reliable_udp(self) -> bool {
        self.word() & RELIABLE_UDP != 0
    }

    /// How many hits the querier wants at most; zero is no limit.
    pub const fn max_hits(self) -> u8 {
        let [_, low] = (self.word() & MAX_HITS).to_be_bytes();
        low
    }
}

impl Serialize for QueryFlags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let dialect = match self.dialect() {
            Dialect::Marked => "marked",
            Dialect::Swapped => "swapped",
            Dialect::Speed => "speed",
            Dialect::Ancient => "ancient",
        };
        map.serialize_entry("dialect", dialect)?;
        match self.dialect() {
            Dialect::Marked | Dialect::Swapped => {
                for (bit, name) in NAMES {
                    map.serialize_entry(name, &(self.word() & bit != 0))?;
                }
                map.serialize_entry("max_hits", &self.max_hits())?;
            }
            Dialect::Speed => map.serialize_entry("speed", &u16::from_le_bytes(self.0))?,
            Dialect::Ancient => {}
        }
        map.end()
    }
}

/// The flags that are set, in words; nothing where there are none.
impl fmt::Display for QueryFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dialect() {
            Dialect::Ancient => return f.write_str("no flags"),
            Dialect::Speed => return write!(f, "speed {}", u16::from_le_bytes(self.0)),
            Dialect::Swapped => f.write_str("swapped")?,
            Dialect::Marked => f.write_str("marked")?,
        }
        for (_, name) in NAMES.iter().filter(|(bit, _)| self.word() & bit != 0) {
            write!(f, " {name}")?;
        }
        match self.max_hits() {
            0 => Ok(()),
            hits => write!(f, " hits<={hits}"),
        }
    }
}
