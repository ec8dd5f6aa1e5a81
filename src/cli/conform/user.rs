use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::conform::tcp_subject::User;

/// How the subject is asked to search and to download.
#[derive(Debug, Args)]
pub(super) struct UserArguments {
    /// A command of the shell that has the subject search for the words in $FILBERT_SEARCH: cases about its own
    /// searches need one
    #[arg(long, value_name = "CMD")]
    search: Option<String>,

    /// A command of the shell that has the subject download what the magnet link in $FILBERT_MAGNET names: cases
    /// about downloads need one
    #[arg(long, value_name = "CMD", requires = "downloads")]
    fetch: Option<String>,

    /// The folder where the subject puts what it has downloaded, which is to be empty at first
    #[arg(long, value_name = "DIR", requires = "fetch")]
    downloads: Option<PathBuf>,
}

impl UserArguments {
    pub(super) fn user(&self) -> Arc<User> {
        Arc::new(User {
            search: self.search.clone(),
            fetch: self.fetch.clone(),
            downloads: self.downloads.clone(),
        })
    }
}
