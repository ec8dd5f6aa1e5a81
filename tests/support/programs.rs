//! Other people's programs that look at what we make.

use std::env;
use std::io::{self, Write};
use std::process::Command;
use std::thread;

/// A program that may not be installed.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub name: &'static str,
    /// Where everything has to hold (`CI=true`), a test fails without it.
    pub needed: bool,
}

impl Program {
    /// A call of the program, unless it is not installed: then the test that wants it has to end,
    /// and says so where nobody can overlook it.
    pub fn command(self) -> Option<Command> {
        let Self { name, needed } = self;
        if Command::new(name).arg("-h").output().is_ok() {
            return Some(Command::new(name));
        }
        let is_ci = env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!(needed && is_ci), "{name} has to be installed where CI=true");
        // Not by eprintln, which the test harness keeps to itself.
        let thread = thread::current();
        let test = thread.name().unwrap_or("a test");
        let notice =
            format!("\n*** SKIPPED: {test} was NOT run, for {name} is not installed ***\n");
        io::stderr().write_all(notice.as_bytes()).expect("stderr takes a notice");
        None
    }
}
