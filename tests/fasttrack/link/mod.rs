//! One session: hellos, names, messages, deadlines, and conversations of real programs.

mod any_bytes;
mod deadlines;
mod end;
mod faults;
mod floods;
mod hellos;
mod memory;
mod names;
mod pace;
mod pairs;
mod programs;
mod recorded;
