//! What bounds dynamic queries and the hits that answer them.
