//! What bounds the hosts that we know of, and those that we refuse.

/// Hosts that a node knows, as a default. LimeWire keeps 1,400, gtk-gnutella 10,000 and more.
pub const HOSTS_MAX: usize = 1_000;

/// Of them, those to which we have been connected, in percent. Nothing but another such host takes
/// their place.
pub const HOSTS_PROVEN_PERCENT: usize = 40;

/// Of them, those that told us of themselves without our connecting to them, in percent.
pub const HOSTS_MET_PERCENT: usize = 20;

/// Of those that we know, how many may belong to one network (256 addresses of IPv4, a /48 of
/// IPv6), in percent, as a default.
pub const HOSTS_OF_NETWORK_PERCENT: usize = 10;

/// Hosts of one network that are taken however few we know.
pub const HOSTS_OF_NETWORK_MIN: usize = 2;

/// Hosts on different ports of one public address: two people behind one router.
pub const HOSTS_OF_ADDRESS_MAX: usize = 2;

/// Ports of one public address that have not answered, after which no further one is taken by the same
/// word: that of others, or the host's own.
pub const HOST_PORTS_WRONG_MAX: usize = 3;

/// One in so many hosts may be known by the word of one network alone, so that a neighbour who
/// tells a million of them is one voice among thirty.
pub const HOSTS_OF_SOURCE_SHARE: usize = 32;

/// Hosts that are taken by the word of one network however few we may know: what one head names.
pub const HOSTS_OF_SOURCE_MIN: usize = 10;

/// Seconds between two hosts of one source that take the place of older ones of the same source.
pub const HOSTS_OF_SOURCE_REPLACE_S: u32 = 20;

/// Hosts that are taken from one head of a handshake (HAND-75).
pub const HOSTS_OF_HEAD_MAX: usize = 10;

/// Seconds for which a host is believed to be there by the word of others. gtk-gnutella says half
/// an hour; the hosts of a leaf that is asleep for an hour are better than none.
pub const HOST_HEARSAY_LIFE_S: u32 = 7_200;

/// Seconds for which a host is believed to be there by its own word.
pub const HOST_MET_LIFE_S: u32 = 86_400;

/// Seconds for which a host to which we have been connected, or that told us of itself, is remembered
/// from one run to the next without a sign of it: four weeks, as in LimeWire.
pub const HOST_KEPT_LIFE_S: u32 = 2_419_200;

/// Seconds of the same for a host by the word of others: the day before yesterday's are mostly gone.
pub const HOST_KEPT_HEARSAY_LIFE_S: u32 = 86_400;

/// Seconds between two looks for hosts that are too old.
pub const HOST_SWEEP_S: u32 = 60;

/// Seconds in which we must have heard of a host to name it to others.
pub const HOST_FRESH_S: u32 = 1_800;

/// Seconds between two connections of ours to one host (HAND-62), as in gtk-gnutella.
pub const DIAL_INTERVAL_S: u32 = 120;

/// Seconds after the first call to a host in which it is not called again by a node without any
/// ultrapeer, which cannot wait for longer.
pub const CUT_OFF_INTERVAL_S: u32 = 20;

/// Seconds of the same after each further call, so that there are no more than two in a minute
/// (HAND-62).
pub const CUT_OFF_AGAIN_S: u32 = 60;

/// Seconds for which a host that has no room, or has us already, is left alone (HAND-73). Twice as
/// long each time.
pub const DIAL_BUSY_S: u32 = 300;

/// Seconds of a link below which it was hardly one: the host is left alone as if it were busy.
pub const PARTED_SOON_S: u32 = 60;

/// Seconds for which a host is left alone that refused by a code without a better reason (HAND-73).
pub const DIAL_UNKNOWN_CODE_S: u32 = 600;

/// Seconds for which a host is left alone that will not like us later either (HAND-74). Twice as
/// long each time.
pub const DIAL_DISLIKED_S: u32 = 3_600;

/// Seconds for which a host of another network, or one that talks to crawlers only, is not believed
/// to be one of ours (HAND-74). gtk-gnutella remembers such for half a day.
pub const DIAL_FOREIGN_S: u32 = 43_200;

/// Seconds beyond which no wait grows by doubling.
pub const DIAL_WAIT_MAX_S: u32 = 86_400;

/// Failures in a row after which a host to which we have been connected is given up.
pub const DIAL_FAILURES_PROVEN_MAX: u8 = 6;

/// Failures in a row after which any other host is given up: whoever makes us call a third party by
/// naming it gets no more than this (A7 of the attacks), and one call for another port of the same address.
pub const DIAL_FAILURES_MAX: u8 = 2;

/// Seconds after the last sign that we are on the Internet in which a failed call counts against
/// the host that was called, and not against our own line.
pub const DIAL_CONTACT_S: u32 = 300;

/// Hosts that are remembered as not to be called. When it is full, the one goes whose time is next.
pub const HOSTS_SHUNNED_MAX: usize = 1_000;

/// Hosts of one network in a list that we give to others.
pub const TOLD_OF_NETWORK_MAX: usize = 2;

/// Connections that one public address may try in [`ADMIT_PERIOD_S`], as in gtk-gnutella (HAND-62).
pub const ADMIT_TIMES: u32 = 2;

/// Seconds in which tries are forgotten.
pub const ADMIT_PERIOD_S: u32 = 60;

/// Connections for files that one address may open for each attempt at a link that it has: one that fetches
/// many small files opens one for each. Every connection counts as one of these until it is known what it is for, and
/// as so many of them where that never is.
pub const FILE_CALLS_AN_ATTEMPT: u32 = 30;

/// Connections that one network may try in [`ADMIT_PERIOD_S`]: those of a campus behind a few
/// addresses.
pub const ADMIT_NETWORK_TIMES: u32 = 16;

/// Seconds of the first ban for trying too often; twice as long each time.
pub const BAN_HASTE_S: u32 = 300;

/// Seconds of the longest ban for trying too often, as in gtk-gnutella.
pub const BAN_HASTE_MAX_S: u32 = 3_600;

/// Points of blame at which an address is banned.
pub const BAN_AT_POINTS: u32 = 100;

/// Points of a breach that ends a link. Two in three minutes are a ban, and so are three in a
/// quarter of an hour.
pub const BREACH_POINTS: u32 = 60;

/// Points of a message that is dropped. Real programs have such faults now and then.
pub const SLIP_POINTS: u32 = 1;

/// Seconds in which one point is forgiven.
pub const POINT_LIFE_S: u32 = 10;

/// Seconds of the first ban for blame; twice as long each time.
pub const BAN_BLAME_S: u32 = 3_600;

/// Seconds of the longest ban.
pub const BAN_MAX_S: u32 = 86_400;

/// Banned addresses of one network with which the network is banned as a whole.
pub const BANNED_OF_NETWORK: usize = 4;

/// Seconds for which an address is remembered after its ban, so that the next one is longer.
pub const BAN_MEMORY_S: u32 = 86_400;

/// Addresses and networks that are watched or banned. Beyond it those are forgotten that have done
/// least.
pub const BAN_RECORDS_MAX: usize = 4_096;
