//! Files on their way to us.
