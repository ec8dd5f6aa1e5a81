//! What bounds queues, and what one neighbour may ask of us.

/// Bytes that may wait for one neighbour (FLOW-01). gtk-gnutella keeps as many.
pub const SEND_QUEUE_LEN_MAX: usize = 96 * 1024;

/// Bytes that may wait for all neighbours together. Close to it each neighbour's part shrinks, so
/// that 5,000 leaves that stop reading do not take 500 MB.
pub const SEND_QUEUES_LEN_MAX: usize = 32 * 1024 * 1024;

/// Bytes that wait for one neighbour from which its messages are copied. Below that they share
/// memory with all that was received together with them, which nobody may be able to hold on to for
/// long.
pub const SEND_QUEUE_SHARED_LEN_MAX: usize = 8 * 1024;

/// Bytes that may wait for one neighbour however many wait for all together.
pub const SEND_QUEUE_LEN_MIN: usize = 4 * 1024;

/// Bytes of messages about the link itself that may wait for one neighbour (FLOW-06). A healthy
/// link has less than 1 KiB; who makes us answer and does not read ends here.
pub const SEND_QUEUE_CONTROL_LEN_MAX: usize = 16 * 1024;

/// Bytes of query tables that may wait for one neighbour (FLOW-06). Senders that ask whether there
/// is room stop at half of it.
pub const SEND_QUEUE_TABLE_LEN_MAX: usize = 32 * 1024;

/// Milliseconds for which a neighbour may stay congested (FLOW-05). gtk-gnutella waits as long.
pub const CONGESTED_MS: u64 = 180_000;

/// Milliseconds after which a query that was not sent is worth nothing (FLOW-04): its sender has
/// gone on to other neighbours. LimeWire gives 5 s.
pub const QUERY_WAIT_MS: u64 = 10_000;

/// Milliseconds after which a query of ours or our leaves, a hit or a push is worth nothing
/// (FLOW-04). LimeWire gives 10 s; searches live for minutes.
pub const ANSWER_WAIT_MS: u64 = 30_000;

/// Milliseconds after which a ping or a pong is worth nothing (FLOW-04). LimeWire gives as much.
pub const PING_WAIT_MS: u64 = 5_000;

/// Units of work a second that we do for all neighbours; a unit is about a microsecond, so this is
/// a quarter of a core.
pub const WORK_PER_SECOND: u32 = 250_000;

/// Units of work that a neighbour can save up however small its share is (FLOW-07): some 30
/// queries, or a few pieces of a query table.
pub const WORK_BURST_MIN: u32 = 512;

/// Units of work that a neighbour may owe us for its query table and signs of life (FLOW-07). The
/// largest table, in 255 pieces, is 42,000 units.
pub const WORK_DEBT_MAX: u32 = 60_000;
