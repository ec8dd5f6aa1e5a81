//! What bounds whom we call, and whom we have called, for files that others have.

/// Milliseconds between two connections to one host that only others have named as a source, as long as
/// it has not shown that it is a servent (PUSH-16).
pub const SOURCE_CALL_EVERY_MS: u64 = 60_000;

/// Connections to such a host within [`SOURCE_LEFT_ALONE_MS`]: whoever does not answer three times is no
/// source, and may be somebody whom an attacker has named to have it flooded.
pub const SOURCE_CALLS_OF_HOST_MAX: u16 = 3;

/// Milliseconds for which such a host is left alone.
pub const SOURCE_LEFT_ALONE_MS: u64 = 24 * 3_600_000;

/// Hosts that only others have named to which we connect in [`SOURCE_CALL_EVERY_MS`]. As many as a busy
/// downloader needs to try all sources of a few popular files.
pub const SOURCE_CALLS_MAX: usize = 256;

/// Hosts that have shown that they are servents and are remembered; the one that did so first goes.
pub const SOURCE_SERVENTS_MAX: usize = 4_096;

/// Milliseconds between two connections to a host that is known to be a servent: there is no need for
/// more haste.
pub const SOURCE_SERVENT_EVERY_MS: u64 = 1_000;

/// Pushes that one servent is asked for over HTTP in [`REQUESTED_PUSHES_EVERY_MS`], as in gtk-gnutella
/// (PUSH-18).
pub const REQUESTED_PUSHES_OF_SERVENT_MAX: u16 = 4;

/// Pushes that one host asks for over HTTP in [`REQUESTED_PUSHES_EVERY_MS`], as in gtk-gnutella.
pub const REQUESTED_PUSHES_OF_HOST_MAX: u16 = 5;

/// Pushes that are asked for over HTTP in [`REQUESTED_PUSHES_EVERY_MS`] in all.
pub const REQUESTED_PUSHES_MAX: usize = 256;

/// Milliseconds in which such pushes are counted.
pub const REQUESTED_PUSHES_EVERY_MS: u64 = 30_000;

/// Push proxies of one servent to which we send a push: gtk-gnutella names no more (PUSH-17).
pub const OWN_PUSH_PROXIES_MAX: usize = 8;

/// Pushes of ours in datagrams to one host in [`OWN_PUSH_EVERY_MS`]. A hit can name anybody as a push
/// proxy.
pub const OWN_PUSHES_OF_HOST_MAX: u16 = 3;

/// Pushes of ours for one servent in [`OWN_PUSH_EVERY_MS`]: one a file for some files at once.
pub const OWN_PUSHES_OF_SERVENT_MAX: u16 = 5;

/// Pushes of ours in datagrams in [`OWN_PUSH_EVERY_MS`] in all.
pub const OWN_PUSHES_MAX: usize = 512;

/// Milliseconds in which our pushes are counted.
pub const OWN_PUSH_EVERY_MS: u64 = 60_000;

/// Milliseconds until a servent that was pushed is expected to have called us: then its push proxies are
/// asked over HTTP as well (PUSH-22). Pushes in datagrams are lost often, and those by links never.
pub const HTTP_PUSH_AFTER_MS: u64 = 6_000;

/// Push proxies that are asked over HTTP for one call. Each may be anybody whom a hit has named.
pub const HTTP_PUSH_PROXIES_MAX: usize = 3;

/// Milliseconds that a push proxy may take to answer over HTTP.
pub const HTTP_PUSH_TIMEOUT_MS: u64 = 6_000;

/// Milliseconds between the word of a push proxy that a push is on its way and the call. gtk-gnutella calls
/// within half a second.
pub const HTTP_PUSH_CALL_WAIT_MS: u64 = 6_000;

/// Connections by which we call one host at the same time for something else than links. Servents serve no
/// more to one: gtk-gnutella one, LimeWire three. But somebody may have as many called because of pushes, to fetch a
/// file over each ([`CALLBACKS_OF_ASKER_MAX`](super::CALLBACKS_OF_ASKER_MAX)).
pub const CALLS_OF_HOST_MAX: usize = 5;
