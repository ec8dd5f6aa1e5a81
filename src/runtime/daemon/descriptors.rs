use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that a node makes do with where the system does not say.
const DEFAULT: u64 = 1024;

/// Descriptors that are of use: more connections than that no node has.
const MAX: u64 = 65_536;

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
