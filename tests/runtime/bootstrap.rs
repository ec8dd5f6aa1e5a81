//! Host caches and web caches on loopback, which a node finds its first hosts by.

mod driver;
mod multicast;
mod scene;
mod web;
