//! Whole nodes before each other, in virtual time: sessions carry frames, datagrams arrive.

mod burdens;
mod hostile;
mod pushing;
mod queues;
mod reaching;
mod roles;
mod searching;
mod seeking;
mod sessions;
mod turns;
mod world;
