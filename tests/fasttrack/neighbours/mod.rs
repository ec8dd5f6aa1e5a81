//! Supernodes among themselves: one alone with scripted neighbours, and hundreds of them wired together.

mod answers;
mod crooks;
mod floods;
mod graphs;
mod joining;
mod liars;
mod lone;
mod memory;
mod net;
mod nets;
mod own_record;
mod pushes;
mod relaying;
mod room;
mod searches;
mod searching;
mod sharing_out;
mod silence;
mod sums;
mod telling;
mod ways;
