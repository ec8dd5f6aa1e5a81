//! Who is judged: our own node in memory, or any program over sockets.

pub mod memory;
