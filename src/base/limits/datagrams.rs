//! What bounds hits by UDP, queries by UDP, and everything else that strangers could have us send to
//! somebody whose address they forge.

/// Bytes of a datagram that is looked at (UDP-34): a header, and the longest hit that anybody takes.
pub const DATAGRAM_LEN_MAX: usize = 16_407;

/// Datagrams that wait for the node at most. The shortest take four times as much memory as they have
/// bytes.
pub const DATAGRAMS_WAITING_MAX: usize = 4_096;

/// Bytes of datagrams that wait for the node at most: no more than the system keeps for us besides.
pub const DATAGRAMS_WAITING_LEN_MAX: usize = 1_048_576;

/// Bytes that may have gone to one network in pongs beyond those that came from there, before its pings
/// have been paid for (UDP-33). A handful of first answers, each of them once.
pub const DATAGRAM_DEBT_MAX: usize = 512;

/// Milliseconds after which such a debt is forgotten, if no ping came from there. What an attacker gains
/// then is one answer in that time.
pub const DATAGRAM_DEBT_LIFE_MS: u64 = 600_000;

/// Milliseconds for which the secret of tokens for hits by UDP is used. Twice that is more than it takes
/// to ask for them and to get them.
pub const HIT_TOKEN_LIFE_MS: u64 = 240_000;

/// Milliseconds for which indicated hits wait to be asked for (OOB-04). gtk-gnutella waits as long.
pub const OFFER_LIFE_MS: u64 = 80_000;

/// Queries whose hits wait to be asked for. gtk-gnutella has no limit; each of them holds at most
/// [`ANSWERS_MAX`](super::ANSWERS_MAX) records.
pub const OFFERS_MAX: usize = 64;

/// Queries of one host whose hits wait to be asked for, so that no host takes the room of all. More than
/// [`UNCLAIMED_MAX`], or nobody would ever be left alone.
pub const OFFERS_OF_HOST_MAX: u16 = 32;

/// Indications to one host, in [`UNCLAIMED_EVERY_MS`], that nobody answered. Beyond that the host is told
/// of no hits by UDP for a while (OOB-05): as gtk-gnutella does it.
pub const UNCLAIMED_MAX: u16 = 25;

/// Milliseconds in which unanswered indications are counted.
pub const UNCLAIMED_EVERY_MS: u64 = 60_000;

/// Milliseconds for which a host that does not answer is told of no hits by UDP.
pub const UNCLAIMED_BAN_MS: u64 = 600_000;

/// Indications in [`UNCLAIMED_EVERY_MS`] to all hosts together, so that what is remembered of them has an
/// end.
pub const INDICATIONS_MAX: usize = 1_024;

/// Milliseconds between two pings to one host that has to show that it gets what is sent to it (OOB-10).
/// gtk-gnutella answers one in 60 s; the rest is for clocks and ways that differ.
pub const PROOF_PING_EVERY_MS: u64 = 65_000;

/// Such pings that wait for their pongs. Each of them is due to a claim, for which hits have to wait: more
/// than [`OFFERS_MAX`], for hosts whose hits have been dropped since.
pub const PROOF_PINGS_MAX: usize = 128;

/// Milliseconds for which such a host needs not show it again. It must be longer than
/// [`PROOF_PING_EVERY_MS`]; longer than most give an address to somebody else it must not be.
pub const PROOF_LIFE_MS: u64 = 600_000;

/// Hosts that have shown it and are remembered.
pub const PROOFS_MAX: usize = 256;

/// Milliseconds between two messages with hits to one host, at least (OOB-06). With
/// [`DELIVERY_JITTER_MS`] it is what gtk-gnutella keeps.
pub const DELIVERY_EVERY_MS: u64 = 2_500;

/// Milliseconds by which such a message is put off at most, at random.
pub const DELIVERY_JITTER_MS: u64 = 5_000;

/// Milliseconds for which hits that were asked for wait to be sent.
pub const DELIVERY_LIFE_MS: u64 = 180_000;

/// Messages with hits that wait for one host, as in gtk-gnutella.
pub const DELIVERIES_OF_HOST_MAX: usize = 50;

/// Hosts for which messages with hits wait.
pub const DELIVERIES_HOSTS_MAX: usize = 128;

/// Bytes of a message with hits by UDP, header and all, where more than one record is in it: it fits a
/// packet anywhere. gtk-gnutella ends a message with the record that brings it over 645 bytes.
pub const HIT_DATAGRAM_LEN_MAX: usize = 1_200;

/// Hits by UDP that we have asked for and that may come (OOB-08).
pub const CLAIMS_MAX: usize = 256;

/// Claims for one search, in its life: whoever knows its GUID could indicate hits without end.
pub const CLAIMS_OF_SEARCH_MAX: u16 = 128;

/// Milliseconds in which hits that we asked for are taken.
pub const CLAIM_LIFE_MS: u64 = 180_000;

/// Results that we ask one host for. More is of no use to anybody.
pub const CLAIM_RESULTS_MAX: u8 = 64;

/// Milliseconds for which the secret of query keys is used (GUESS-03): as long as LimeWire believes in a
/// key. The key before counts too.
pub const QUERY_KEY_LIFE_MS: u64 = 7_200_000;

/// Queries by UDP of one host that are worked on in [`GUESS_QUERIES_EVERY_MS`].
pub const GUESS_QUERIES_OF_HOST_MAX: u16 = 10;

/// The same of all hosts together. Whoever asks by UDP stands on nobody's account, so that this must not
/// be much.
pub const GUESS_QUERIES_MAX: usize = 200;

/// Milliseconds in which queries by UDP are counted.
pub const GUESS_QUERIES_EVERY_MS: u64 = 10_000;

/// Queries by UDP that were shown to leaves, and whose hits find their way back.
pub const GUESS_ROUTES_MAX: usize = 512;

/// Milliseconds for which the way back of such hits is known: leaves answer at once.
pub const GUESS_ROUTE_LIFE_MS: u64 = 60_000;

/// Messages with hits of leaves that go back for one query by UDP.
pub const GUESS_HITS_MAX: u8 = 32;

/// Bytes of a payload with hits of a leaf that goes on in a datagram: LimeWire reads 2,048 of a datagram
/// (SIZE-17).
pub const DATAGRAM_HIT_PASSED_LEN_MAX: usize = 2_025;

/// Pushes in datagrams for one leaf that want a connection to the same host, in
/// [`DATAGRAM_PUSH_EVERY_MS`] (PUSH-15): the leaf would make no more (PUSH-12).
pub const DATAGRAM_PUSHES_SAME_MAX: u16 = 1;

/// Pushes in datagrams that want a connection to one host, from whichever leaf, in
/// [`DATAGRAM_PUSH_EVERY_MS`].
pub const DATAGRAM_PUSHES_OF_HOST_MAX: u16 = 3;

/// Pushes in datagrams that are passed on in [`DATAGRAM_PUSH_EVERY_MS`] in all.
pub const DATAGRAM_PUSHES_MAX: usize = 256;

/// Milliseconds in which pushes in datagrams are counted.
pub const DATAGRAM_PUSH_EVERY_MS: u64 = 60_000;

/// Calls to one host, because of pushes, that may fail within [`CALLBACK_FAILURES_EVERY_MS`] before it is
/// called no more in that time (PUSH-12).
pub const CALLBACK_FAILURES_MAX: u16 = 3;

/// Milliseconds in which failed calls to one host are counted.
pub const CALLBACK_FAILURES_EVERY_MS: u64 = 3_600_000;
