//! Words -> files and words -> neighbours, shared by both networks.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
