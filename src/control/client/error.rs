use std::io;

/// Why a node was not asked, or its answer is none. Each is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is there to be asked.
    #[error("{0}")]
    NoNode(String),
    /// The node has understood, and will not.
    #[error("{sentence}")]
    Refused {
        /// The status code of HTTP.
        status: u16,
        sentence: String,
    },
    /// What came is no answer of a node, or it did not come in time.
    #[error("{0}")]
    Broken(String),
    /// Where the node is, or the right to ask it, cannot be read.
    #[error("{0}")]
    Unusable(String),
}

impl Error {
    pub(super) fn unreadable(what: &std::path::Path, error: &io::Error) -> Self {
        Self::Unusable(format!("cannot read {}: {error}", what.display()))
    }
}
