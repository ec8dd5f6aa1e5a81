//! A node's part in FastTrack: whom it lets in and calls, what it takes for it, and what both networks share.

mod attacks;
mod hosts;
mod named;
mod networks;
mod off;
mod parting;
mod pushing;
mod roles;
mod scene;
mod signing;
