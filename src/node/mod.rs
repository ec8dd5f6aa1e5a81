//! One node: the wings and the policy that they share.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
