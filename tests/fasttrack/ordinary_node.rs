//! An ordinary node before supernodes that follow a script, in virtual time.

mod answers;
mod any_events;
mod asking;
mod choosing;
mod flood;
mod greeting;
mod lab;
mod pairs;
mod parting;
mod pushing;
mod recorded;
mod remembering;
mod scene;
mod searching;
mod seeking;
mod sharing;
mod town;
