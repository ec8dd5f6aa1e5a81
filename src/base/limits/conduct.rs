//! What bounds vendor messages and what follows from them.
