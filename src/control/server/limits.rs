use std::time::Duration;

/// Bytes of the body of a request. The longest, a list of hosts, is far shorter.
pub(super) const BODY_LEN_MAX: usize = 64 * 1024;
/// Bytes of the head of a request, and of what waits to be written to a connection.
pub(super) const HEAD_LEN_MAX: usize = 16 * 1024;
/// Headers of a request. Browsers send about twenty.
pub(super) const HEADERS_MAX: usize = 64;
/// Hosts that are handed in at once.
pub(super) const ADDED_HOSTS_MAX: usize = 1_000;
/// Characters of a host to connect to: the longest name of DNS, and a port.
pub(super) const ADDRESS_LEN_MAX: usize = 260;
/// Bytes of words that names of files are to have.
pub(super) const WORDS_LEN_MAX: usize = 1_024;
/// Bytes of what is searched: words, or a magnet link in their stead. The node has limits of its own, which are lower
/// for words.
pub(super) const SOUGHT_LEN_MAX: usize = 16 * 1_024;
/// Bytes of a log filter.
pub(super) const FILTER_LEN_MAX: usize = 4_096;
/// Hits that are handed out at once, unless the client wants fewer or more.
pub(super) const HITS_DEFAULT: usize = 100;
/// Hits that are handed out at once.
pub(super) const HITS_MAX: usize = 1_000;

/// Shared files that are listed at once.
pub(super) const LISTED_FILES_MAX: usize = 1_000;

/// How much a server takes upon itself. Tests have less patience than the default.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time. One more is told to come again later.
    pub connections_max: usize,
    /// Of these, such as watch events.
    pub watchers_max: usize,
    /// For the head of a request, also for the next one of a connection.
    pub head_timeout: Duration,
    /// For the body of a request.
    pub body_timeout: Duration,
    /// For the answer of the node.
    pub answer_timeout: Duration,
    /// For a client that reads nothing of what is sent to it.
    pub write_timeout: Duration,
    /// Between two signs of life on a quiet stream of events.
    pub heartbeat: Duration,
    /// For connections to end once the node ends.
    pub end_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 128,
            watchers_max: 32,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
            end_grace: Duration::from_secs(2),
        }
    }
}
