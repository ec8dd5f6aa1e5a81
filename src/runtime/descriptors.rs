use std::io;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that a node makes do with where the system does not say.
const DEFAULT: u64 = 1024;

/// Descriptors that are of use: more connections than that no node has.
const MAX: u64 = 65_536;

/// What to do where the limit is reached.
const ADVICE: &str = "raise the limit of open files with 'ulimit -n'";

/// What to do about an error, if it is that no more files and sockets may be open.
pub(super) fn advice(error: &io::Error) -> Option<&'static str> {
    (Errno::from_io_error(error) == Some(Errno::MFILE)).then_some(ADVICE)
}

/// An error, and what to do about it as far as that is known.
pub(super) fn explain(error: &io::Error) -> String {
    advice(error).map_or_else(|| error.to_string(), |advice| format!("{error}: {advice}"))
}

/// Raises the limit of open files and sockets as far as the system allows it, and says what it is.
pub(super) fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(MAX).min(MAX);
    let limit = current.unwrap_or(DEFAULT);
    if limit >= wanted {
        return limit.min(MAX);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(_) => limit,
    }
}
