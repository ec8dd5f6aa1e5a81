//! What real programs have said.

use std::fs;
use std::path::Path;

/// All that lies in a folder of what was said over HTTP, by its names.
pub fn recorded(folder: &str) -> Vec<(String, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/http");
    let entries = fs::read_dir(fixtures.join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    };
    paths.iter().map(named).collect()
}
