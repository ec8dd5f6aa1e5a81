//! A node's part in FastTrack: whom it lets in and calls, what it takes for it, and what both networks share.

mod attacks;
mod haste;
mod hosts;
mod looking;
mod named;
mod networks;
mod off;
mod parting;
mod pushing;
mod roles;
mod scene;
mod signing;
