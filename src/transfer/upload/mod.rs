//! Files on their way to others.
