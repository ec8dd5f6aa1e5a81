//! Who becomes a supernode, and who stops being one.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
