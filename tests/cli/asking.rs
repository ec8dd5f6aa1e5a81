//! The commands that ask a running node, against one that only seems to be a node.

mod client;
mod events;
mod finding;
mod get;
mod library;
mod lists;
mod peers;
mod scene;
mod search;
mod stop;
mod terminal;
