//! The files that tests read.

use std::fs;
use std::path::{Path, PathBuf};

/// Where something in this repository is.
pub fn path(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

/// The files of a folder of this repository that have this extension, in the order of their names.
pub fn with_extension(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = path(folder);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    paths.sort();
    paths
}

/// The name of a file without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().expect("a file has a name").to_str().expect("it is text").to_owned()
}
