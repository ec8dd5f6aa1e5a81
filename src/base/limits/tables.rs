//! What bounds query tables and the matching against them.
