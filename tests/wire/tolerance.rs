//! What real programs send and every node has to bear, as far as bytes can show it: each with the
//! bytes of a real program, or with such bytes changed in one place.
//!
//! What only a node can show is not here: that a query which comes again with a higher TTL is
//! forwarded but not evaluated, and who is answered with what.

mod heads;
mod messages;
mod query_tables;
