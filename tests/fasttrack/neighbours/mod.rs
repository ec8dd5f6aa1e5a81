//! Supernodes among themselves.

mod explore;
mod explore2;
mod explore3;
mod net;
mod tables;
