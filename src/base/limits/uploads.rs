//! What bounds the files that others fetch from us.

/// Bytes a second that whoever has an upload slot must take on average over [`UPLOAD_WINDOW_MS`]. A modem
/// took three times as much.
pub const UPLOAD_RATE_MIN: u64 = 1_024;

/// Milliseconds over which it is looked how fast somebody takes a file. Lines that stall for a few seconds
/// are usual, and what was sent first still lies in the buffers of the system.
pub const UPLOAD_WINDOW_MS: u64 = 30_000;

/// Milliseconds after which whoever has a slot gets no further answer while others wait: its next request
/// stands at the end of the queue.
pub const UPLOAD_TURN_MS: u64 = 300_000;

/// Milliseconds after which a slot is taken back in the middle of an answer while others wait. A file
/// that was asked for in one piece is fetched on from where it ended.
pub const UPLOAD_TURN_MAX_MS: u64 = 600_000;

/// Milliseconds for which a slot is kept for somebody between two requests.
pub const UPLOAD_REST_MS: u64 = 10_000;

/// Milliseconds for which a host is refused that took files too slowly.
pub const UPLOAD_STALLED_MS: u64 = 60_000;

/// Hosts that took files too slowly and are remembered. Each of them had a slot for half a minute, so that
/// more than this would take more than a hundred slots.
pub const UPLOAD_STALLED_MAX: usize = 256;

/// Entries of the queue at most, whatever the settings say: gtk-gnutella has 4,000.
pub const UPLOAD_QUEUE_MAX: usize = 4_000;

/// Places in the queue that a host may have besides the slots that it may have.
pub const UPLOAD_QUEUED_PER_HOST: usize = 1;

/// Seconds until the first in the queue asks again, and by how many more each further one waits; PARQ
/// proposes 30 and 20. A slot that waits for somebody is of use to nobody.
pub const QUEUE_POLL_S: u32 = 15;

/// Seconds until anybody in the queue asks again, at most.
pub const QUEUE_POLL_MAX_S: u32 = 300;

/// Seconds by which somebody may ask later than it was told. PARQ proposes as many.
pub const QUEUE_LATE_S: u32 = 60;

/// Milliseconds by which somebody may ask sooner: clocks differ, and seconds are rounded.
pub const QUEUE_EARLY_MS: u64 = 2_000;

/// Milliseconds for which a free slot waits for the first in the queue, after which others near them may
/// have it.
pub const QUEUE_RESERVE_MS: u64 = 20_000;

/// Places by which somebody may be further back to get a slot that nobody has taken for
/// [`QUEUE_RESERVE_MS`].
pub const QUEUE_RESERVE_PLACES: usize = 8;

/// QUEUE lines that somebody is sent who does not come back (UPLOAD-09).
pub const QUEUE_CALLS_MAX: u8 = 2;

/// Milliseconds that somebody has to come back after a QUEUE line.
pub const QUEUE_CALL_WAIT_MS: u64 = 60_000;

/// QUEUE lines to one host within a minute, and to all of them.
pub const QUEUE_CALLS_PER_MINUTE: u16 = 1;

/// QUEUE lines to all hosts within a minute. gtk-gnutella has 144 on their way at most.
pub const QUEUE_CALLS_PER_MINUTE_MAX: usize = 60;

/// Bytes of an answer that needs no slot: a cover, a text, the last piece of a file.
pub const QUICK_LEN_MAX: u64 = 64 * 1024;

/// Answers without a slot that are under way to all hosts together.
pub const QUICK_MAX: usize = 32;

/// The same to one host.
pub const QUICK_PER_HOST_MAX: usize = 4;

/// Requests a minute of one host that need no slot: refusals, heads, small answers. Whoever looks for the
/// parts of a partial file asks some tens of times.
pub const QUICK_PER_MINUTE: u16 = 120;

/// Requests a minute of all hosts that need no slot, and that are remembered for it.
pub const QUICK_PER_MINUTE_MAX: usize = 20_000;

/// Lists of all our files that one host gets within [`BROWSE_EVERY_MS`]. gtk-gnutella gives one an hour.
pub const BROWSES_PER_HOST: u16 = 4;

/// Milliseconds for which it is remembered who got a list of all our files.
pub const BROWSE_EVERY_MS: u64 = 600_000;

/// Lists of all our files that all hosts get within [`BROWSE_EVERY_MS`].
pub const BROWSES_MAX: usize = 600;

/// Files in a list of all our files. More than that nobody reads.
pub const BROWSE_FILES_MAX: usize = 20_000;

/// Bytes of a list of all our files that are made ready at once.
pub const BROWSE_CHUNK_LEN: usize = 64 * 1024;
