//! Names of files, as a disk may have them.

use std::fmt;

/// A name that is nothing but a name on every disk: no path, no device, nothing that hides, never empty,
/// at most [`FILE_NAME_LEN_MAX`](super::limits::FILE_NAME_LEN_MAX) bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeName(Box<str>);

impl SafeName {
    /// Makes one of what a stranger suggests.
    pub fn from_remote(_suggested: &str) -> Self {
        Self("file".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<std::path::Path> for SafeName {
    fn as_ref(&self) -> &std::path::Path {
        std::path::Path::new(&*self.0)
    }
}
