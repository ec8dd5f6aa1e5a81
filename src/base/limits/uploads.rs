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

/// Milliseconds after which a slot is taken back in the middle of an answer while others lack one. A file
/// that was asked for in one piece is fetched on from where it ended, but for GnutellaBun, which begins anew.
pub const UPLOAD_TURN_MAX_MS: u64 = 330_000;

/// Milliseconds for which a slot is kept for somebody between two requests.
pub const UPLOAD_REST_MS: u64 = 10_000;

/// Milliseconds for which a host is refused that took files too slowly.
pub const UPLOAD_STALLED_MS: u64 = 60_000;

/// Hosts that took files too slowly and are remembered. Each of them had a slot for half a minute, so that
/// more than this would take more than a hundred slots.
pub const UPLOAD_STALLED_MAX: usize = 256;

/// Entries of the queue at most, whatever the settings say: gtk-gnutella has 4,000.
pub const UPLOAD_QUEUE_MAX: usize = 4_000;

/// Places in the queue that a host may have besides the slots that it may have: gtk-gnutella opens a connection for each
/// file at once, five of them. They cost others nothing, for networks take turns.
pub const UPLOAD_QUEUED_PER_HOST: usize = 4;

/// Seconds until the first in the queue asks again, and by how many more each further one waits; PARQ
/// proposes 30 and 20. A slot that waits for somebody is of use to nobody.
pub const UPLOAD_POLL_S: u32 = 15;

/// Seconds until anybody in the queue asks again, at most.
pub const UPLOAD_POLL_MAX_S: u32 = 300;

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

/// Files for which it is known who else has them.
pub const MESH_FILES_MAX: usize = 4_096;

/// Hosts that are known to have one file besides us, with a hundred bytes each. gtk-gnutella keeps 256.
pub const MESH_HOSTS_PER_FILE_MAX: usize = 32;

/// Milliseconds after which a host of which nothing was heard any more is not named. Half of all servents
/// are gone after an hour.
pub const MESH_LIFE_MS: u64 = 3_600_000;

/// Milliseconds for which the word of others counts: a victim that liars name is named on no longer.
pub const MESH_HEARSAY_LIFE_MS: u64 = 600_000;

/// Milliseconds between two looks at who is not named any more.
pub const MESH_SWEEP_MS: u64 = 60_000;

/// Networks from which a host must have been named that has not named itself; as many have to say that it
/// has a file no longer.
pub const MESH_WITNESSES: usize = 2;

/// Hosts that are named to one who asks. LimeWire names ten, and suspects who names more.
pub const MESH_GIVEN_MAX: usize = 10;

/// Hosts that are taken from one request.
pub const UPLOAD_ALTERNATES_MAX: usize = 16;

/// Milliseconds from the beginning of a request to its last byte. It is one packet.
pub const REQUEST_TIMEOUT_MS: u64 = 15_000;

/// Milliseconds for which a connection stays without a request, where its client does not wait for its turn.
pub const VISIT_IDLE_MS: u64 = 60_000;

/// Milliseconds that an answer may take that needs no slot.
pub const QUICK_TIMEOUT_MS: u64 = 120_000;

/// Bytes of requests that wait for those before them on one connection: gtk-gnutella sends the next one
/// before it has the answer to the last one.
pub const REQUESTS_AHEAD_LEN_MAX: usize = 32 * 1024;

/// Requests on one connection that got nothing, after which it is closed.
pub const REQUESTS_IN_VAIN_MAX: u32 = 16;

/// Positions of the queue up to which a client that has a number stays connected (PARQ). It proposes fifty.
pub const QUEUE_STAYS_MAX: usize = 50;

/// Files of a list that are looked up at once.
pub const BROWSE_FILES_AT_ONCE: usize = 60;

/// Connections at a time over which somebody asks for files, most of which wait for their turn. Each keeps
/// some tens of KiB at most.
pub const VISITS_MAX: usize = 1_024;

/// The same of one host. Programs open one for a file, browsers some more.
pub const VISITS_PER_HOST_MAX: usize = 8;

/// Ranges, with bytes between them that have not gone, of which it is remembered that they have gone to somebody: 4 kB.
/// Others do not count towards the whole file.
pub const UPLOADED_RANGES_MAX: usize = 256;
