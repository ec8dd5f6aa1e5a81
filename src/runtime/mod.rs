//! The real world around the node: sockets, files, signals and the clock of the machine.

pub mod bootstrap;
pub mod daemon;
pub mod demo;
mod descriptors;
pub mod downloads;
pub mod engine;
mod own_address;
pub mod port_mapping;
pub mod settings;
pub mod sharing;
pub mod state;
pub mod tls;
pub mod uploads;
