//! The wing's face: every Gnutella rule of one node.
