//! What bounds an index of files.
