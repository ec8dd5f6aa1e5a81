//! What bounds the hosts that we know of, and those that we refuse.
