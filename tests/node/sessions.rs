//! A node's part in FastTrack: whom it lets in and calls, what it takes for it, and what both networks share.

mod attacks;
mod haste;
mod hosts;
mod looking;
mod networks;
mod off;
mod parting;
mod roles;
mod scene;
