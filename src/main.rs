//! Parse, dispatch, exit code; everything else is the library's.

use std::process::ExitCode;

fn main() -> ExitCode {
    filbert::cli::run(std::env::args_os()).into()
}
