use super::super::Neighbours;
use super::super::written::{Reading, Wrong};
use super::{Effect, Key, number_or_word};

/// The word for what the node would choose.
const AUTO: &str = "auto";

/// Leaves that one process can still serve: each takes a socket.
const LEAVES_MAX: u64 = 50_000;
/// More links between ultrapeers would make every query dear without reaching more.
const ULTRAPEERS_MAX: u64 = 20_000;
/// A leaf in more places than this only costs them slots.
const ULTRAPEERS_OF_LEAF_MAX: u64 = 10;

/// How many neighbours there may be.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "neighbours.leaves_max",
        help: "Leaves of an ultrapeer, if its line and its memory bear so many",
        form: "\"auto\", which is 300, or a number from 1 to 50000",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| set(reading, LEAVES_MAX, &mut settings.neighbours.leaves_max),
        shown: |settings| shown(settings.neighbours, |limits| limits.leaves_max),
    },
    Key {
        name: "neighbours.ultrapeers_max",
        help: "Ultrapeers of an ultrapeer; four fifths of them are sought",
        form: "\"auto\", which is 40, or a number from 1 to 20000",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            set(reading, ULTRAPEERS_MAX, &mut settings.neighbours.ultrapeers_max)
        },
        shown: |settings| shown(settings.neighbours, |limits| limits.ultrapeers_max),
    },
    Key {
        name: "neighbours.ultrapeers_of_leaf_max",
        help: "Ultrapeers of a leaf; three quarters of them are sought",
        form: "\"auto\", which is 4, or a number from 1 to 10",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            let limit = &mut settings.neighbours.ultrapeers_of_leaf_max;
            set(reading, ULTRAPEERS_OF_LEAF_MAX, limit)
        },
        shown: |settings| shown(settings.neighbours, |limits| limits.ultrapeers_of_leaf_max),
    },
    Key {
        name: "neighbours.leaves_per_network",
        help: "Leaves of one network, which is 256 addresses or a /48",
        form: "\"auto\", which is 15, or no limit with allow_private, or a number from 1 to 50000",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            set(reading, LEAVES_MAX, &mut settings.neighbours.leaves_per_network)
        },
        shown: |settings| shown(settings.neighbours, |limits| limits.leaves_per_network),
    },
    Key {
        name: "neighbours.ultrapeers_per_network",
        help: "Ultrapeers of one network",
        form: "\"auto\", which is 2, or no limit with allow_private, or a number from 1 to 20000",
        flag: None,
        effect: Effect::Restart,
        set: |settings, reading| {
            set(reading, ULTRAPEERS_MAX, &mut settings.neighbours.ultrapeers_per_network)
        },
        shown: |settings| shown(settings.neighbours, |limits| limits.ultrapeers_per_network),
    },
];

fn set(reading: &Reading<'_>, most: u64, limit: &mut Option<u32>) -> Result<(), Wrong> {
    let number = reading.number_unless(AUTO, 1..=most)?;
    *limit = number.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    Ok(())
}

fn shown(limits: Neighbours, limit: fn(&Neighbours) -> Option<u32>) -> toml::Value {
    number_or_word(limit(&limits).map(u64::from), AUTO)
}
