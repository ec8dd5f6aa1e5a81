use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::node::SharedFile;

/// What files of the demonstration are about, and what they are. Each leaf has one of each kind.
const PLACES: [&str; 12] = [
    "river", "harbour", "forest", "meadow", "station", "river", "market", "garden", "river",
    "bridge", "tower", "island",
];
const KINDS: [(&str, &str); 3] =
    [("field recording", "ogg"), ("morning photograph", "jpg"), ("walking notes", "txt")];

/// Bytes of the smallest file; each further one has some more.
const LEN_MIN: usize = 1_000;

/// Files that were made for the demonstration, and that are removed with this.
#[derive(Debug)]
pub struct Samples {
    folder: PathBuf,
    /// Of each leaf.
    files: Vec<Vec<SharedFile>>,
}

impl Samples {
    /// Makes files for so many leaves.
    pub(super) fn make(leaves: usize) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("filbert-demo-{}", std::process::id()));
        // Whatever somebody else has put there is not ours to write to, nor to remove.
        fs::create_dir(&folder)?;
        let mut samples = Self { folder, files: Vec::new() };
        for (leaf, place) in (0..leaves).zip(PLACES.into_iter().cycle()) {
            let made: io::Result<_> =
                KINDS.iter().map(|kind| samples.make_one(leaf, place, *kind)).collect();
            samples.files.push(made?);
        }
        Ok(samples)
    }

    fn make_one(&self, leaf: usize, place: &str, kind: (&str, &str)) -> io::Result<SharedFile> {
        let (what, ending) = kind;
        let name = format!("{place} {what} {:02}.{ending}", leaf.saturating_add(1));
        let line = format!("{name}: made for a demonstration, and of no other use.\n");
        let len = LEN_MIN.saturating_add(leaf.saturating_mul(137));
        let text: String = line.chars().cycle().take(len).collect();
        fs::write(self.folder.join(&name), &text)?;
        Ok(SharedFile { name, size: text.len() as u64, sha1: None })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn of(&self, leaf: usize) -> Vec<SharedFile> {
        self.files.get(leaf).cloned().unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        self.files.iter().map(Vec::len).sum()
    }

    /// How many files of all but the last leaf have all of these words.
    pub(super) fn matching(&self, words: &str) -> usize {
        let others = self.files.iter().rev().skip(1).flatten();
        let has_all = |file: &&SharedFile| words.split(' ').all(|word| file.name.contains(word));
        others.filter(has_all).count()
    }
}

impl Drop for Samples {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
