//! A supernode before children that follow a script, in virtual time.

mod details;
mod family;
mod finding;
mod floods;
mod greeting;
mod pushes;
mod reading;
mod searches;
mod shares;
mod sharing_out;
