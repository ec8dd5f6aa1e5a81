//! What bounds the memory of a router.
