//! Supernodes among themselves.

mod explore;
mod net;
mod tables;
