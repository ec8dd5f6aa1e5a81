//! A supernode before children that follow a script, in virtual time.

mod family;
mod finding;
mod floods;
mod greeting;
mod pushes;
mod searches;
mod shares;
