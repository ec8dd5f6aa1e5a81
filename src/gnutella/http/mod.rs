//! The HTTP of Gnutella: what requests and responses of file transfers say.
