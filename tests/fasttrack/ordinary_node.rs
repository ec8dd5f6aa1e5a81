//! An ordinary node before supernodes that follow a script, in virtual time.

mod lab;
mod seeking;
