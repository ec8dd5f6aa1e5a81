//! What bounds the errands that others send us on, and those that we send others on.

/// Milliseconds between two connections, or two pings, back to one host (VMSG-53).
pub const CONNECT_BACK_EVERY_MS: u64 = 60_000;

/// Hosts to which we connect, or send pings, back within [`CONNECT_BACK_EVERY_MS`]. An ultrapeer
/// with 300 leaves that come and go once an hour has ten.
pub const CONNECT_BACKS_MAX: usize = 128;

/// The lowest port that is called because somebody said so. Below it are services that never speak
/// Gnutella.
pub const CALLED_PORT_MIN: u16 = 1_024;

/// Milliseconds between two answers to crawlers at one address (VMSG-51). gtk-gnutella waits as
/// long.
pub const CRAWLER_EVERY_MS: u64 = 120_000;

/// Answers to crawlers within [`CRAWLER_EVERY_MS`].
pub const CRAWLERS_MAX: usize = 64;

/// Milliseconds between two connections to one host because of pushes (PUSH-12).
pub const CALLBACK_EVERY_MS: u64 = 60_000;

/// Hosts to which we connect because of pushes within [`CALLBACK_EVERY_MS`]. Somebody who shares
/// much uploads to some tens at a time. Each neighbour that brings pushes may use half of what the others
/// leave of it.
pub const CALLBACKS_MAX: usize = 128;

/// Milliseconds for which a host that did not answer, or is no servent, is not connected to because
/// of pushes (PUSH-12). gtk-gnutella waits as long.
pub const CALLBACK_FAILED_MS: u64 = 300_000;

/// Connections because of pushes to one address within [`CALLBACK_EVERY_MS`] where the last one has led to a
/// request (PUSH-29). gtk-gnutella connects as often in half the time, whoever is there.
pub const CALLBACKS_OF_ASKER_MAX: u16 = 5;

/// Milliseconds for which that holds: no longer than a host that fails is left alone, so that nobody who has gone
/// is called often.
pub const CALLBACK_ASKED_MS: u64 = CALLBACK_FAILED_MS;

/// Addresses that have sent requests and are remembered; as many as can be called in that time.
pub const CALLBACKS_ASKED_MAX: usize = 5 * CALLBACKS_MAX;

/// Hosts that failed and are remembered; as many as can be called in that time.
pub const CALLBACKS_FAILED_MAX: usize = 5 * CALLBACKS_MAX;

/// Ultrapeers that we ask to take pushes for us. LimeWire names as many in a hit.
pub const PUSH_PROXIES_MAX: usize = 4;

/// Milliseconds after which an ultrapeer that has not answered may be asked again.
pub const PUSH_PROXY_WAIT_MS: u64 = 60_000;

/// Milliseconds between two answers to one leaf that wants a push proxy.
pub const PUSH_PROXY_ANSWER_EVERY_MS: u64 = 10_000;

/// Ultrapeers that are asked at a time whether they can reach us.
pub const REACH_HELPERS: usize = 2;

/// Milliseconds for which we wait for them: longer than the minute in which gtk-gnutella sends one
/// address no second ping, whatever the first one was for.
pub const REACH_ANSWER_MS: u64 = 65_000;

/// Rounds of asking after which we count as unreachable.
pub const REACH_ROUNDS: u16 = 3;

/// Milliseconds after which we ask again then; it doubles each time. LimeWire asks every ten
/// minutes.
pub const REACH_RETRY_MS: u64 = 600_000;

/// The longest that it becomes.
pub const REACH_RETRY_MS_MAX: u64 = 8 * REACH_RETRY_MS;

/// Milliseconds for which it holds that somebody has reached us, before it is sought anew. LimeWire
/// believes it for half an hour, and so does whoever decides about our role: there has to be time to
/// ask.
pub const REACH_PROVEN_MS: u64 = 1_500_000;
