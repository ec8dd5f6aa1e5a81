use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// What files of the demonstration are about, and what they are. Each leaf has one of each kind.
const PLACES: [&str; 12] = [
    "river", "harbour", "forest", "meadow", "station", "river", "market", "garden", "river",
    "bridge", "tower", "island",
];
const KINDS: [(&str, &str); 3] =
    [(RECORDING, "ogg"), ("morning photograph", "jpg"), ("walking notes", "txt")];

/// What is large enough that several send it: those of one place are one content, under a name of its own with each
/// leaf.
const RECORDING: &str = "field recording";

/// Bytes of a recording of the place that is looked for, and of all others.
const WANTED_LEN: usize = 8 * 1024 * 1024;
const OTHER_LEN: usize = 64 * 1024;

/// Bytes of the smallest of the other files; each further one has some more.
const LEN_MIN: usize = 1_000;

/// How long ago files were written, as they say: those that are new may still change, and are left alone for a
/// while.
const AGE: Duration = Duration::from_secs(3_600);

/// Folders that may be there already: those of runs that were killed, and of others in one process.
const FOLDERS_MAX: u32 = 100;

/// How often files are removed that somebody goes on to make, and how long is waited in between.
const REMOVALS_MAX: usize = 40;
const REMOVAL_WAIT: Duration = Duration::from_millis(50);

/// Files that were made for the demonstration, and that are removed with this.
#[derive(Debug)]
pub struct Samples {
    folder: PathBuf,
    /// Names, of each leaf.
    files: Vec<Vec<String>>,
}

impl Samples {
    /// Makes files for so many leaves. Recordings of this place are large.
    pub(super) fn make(leaves: usize, wanted: &str) -> io::Result<Self> {
        let mut samples = Self { folder: make_folder()?, files: Vec::new() };
        for (leaf, place) in (0..leaves).zip(PLACES.into_iter().cycle()) {
            fs::create_dir_all(samples.shared(leaf))?;
            fs::create_dir_all(samples.home(leaf))?;
            let recording_len = if place == wanted { WANTED_LEN } else { OTHER_LEN };
            let make = |kind| samples.make_one(leaf, place, kind, recording_len);
            let made: io::Result<_> = KINDS.into_iter().map(make).collect();
            samples.files.push(made?);
        }
        Ok(samples)
    }

    fn make_one(
        &self,
        leaf: usize,
        place: &str,
        (what, ending): (&str, &str),
        recording_len: usize,
    ) -> io::Result<String> {
        let name = format!("{place} {what} {:02}.{ending}", leaf.saturating_add(1));
        let bytes = if what == RECORDING {
            noise(place, recording_len)
        } else {
            let line = format!("{name}: made for a demonstration, and of no other use.\n");
            let len = LEN_MIN.saturating_add(leaf.saturating_mul(137));
            line.into_bytes().into_iter().cycle().take(len).collect()
        };
        let path = self.shared(leaf).join(&name);
        fs::write(&path, bytes)?;
        let written = SystemTime::now().checked_sub(AGE).unwrap_or(SystemTime::UNIX_EPOCH);
        File::options().write(true).open(&path)?.set_modified(written)?;
        Ok(name)
    }

    /// Where all of it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a leaf shares.
    pub(super) fn shared(&self, leaf: usize) -> PathBuf {
        self.of(leaf).join("shared")
    }

    /// Where a leaf keeps what it knows.
    pub(super) fn home(&self, leaf: usize) -> PathBuf {
        self.of(leaf).join("home")
    }

    /// Where a leaf puts what it fetches.
    pub(super) fn fetched(&self, leaf: usize) -> PathBuf {
        self.of(leaf).join("fetched")
    }

    fn of(&self, leaf: usize) -> PathBuf {
        self.folder.join(format!("leaf-{:02}", leaf.saturating_add(1)))
    }

    /// How many files a leaf shares.
    pub(super) fn count_of(&self, leaf: usize) -> usize {
        self.files.get(leaf).map_or(0, Vec::len)
    }

    pub(super) fn count(&self) -> usize {
        self.files.iter().map(Vec::len).sum()
    }

    /// How many files of all but the last leaf have all of these words.
    pub(super) fn matching(&self, words: &str) -> usize {
        let others = self.files.iter().rev().skip(1).flatten();
        let has_all = |name: &&String| words.split(' ').all(|word| name.contains(word));
        others.filter(has_all).count()
    }
}

impl Drop for Samples {
    /// A thread that was in the middle of something when all was ended may still make a file.
    fn drop(&mut self) {
        for _ in 0..REMOVALS_MAX {
            match fs::remove_dir_all(&self.folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => sleep(REMOVAL_WAIT),
                _ => return,
            }
        }
    }
}

/// A new one. Whatever somebody else has put there is not ours to write to, nor to remove.
fn make_folder() -> io::Result<PathBuf> {
    let (parent, id) = (std::env::temp_dir(), std::process::id());
    let mut outcome = Err(io::ErrorKind::AlreadyExists.into());
    for number in 0..FOLDERS_MAX {
        let folder = parent.join(format!("filbert-demo-{id}-{number}"));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                outcome = made.map(|()| folder);
                break;
            }
        }
    }
    outcome
}

/// Bytes that are the same in each run and nowhere repeat themselves.
fn noise(place: &str, len: usize) -> Vec<u8> {
    let seed = place.bytes().fold(0_u64, |seed, byte| seed.rotate_left(8) ^ u64::from(byte));
    let mut bytes = vec![0; len];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}
