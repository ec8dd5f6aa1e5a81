//! A disk of which a loss of power leaves what it likes: of what was not synced, any part of any write.

use filbert::library::hash::{self, Digests};
use filbert::transfer::download::{DiskFailure, Done, Hashes, Work};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// Bytes that are written whole or not at all.
const SECTOR: usize = 512;

#[derive(Clone, Default)]
pub struct ModelFile {
    durable: Vec<u8>,
    /// What was written since the last sync, in order.
    pending: Vec<(usize, Vec<u8>)>,
}

impl ModelFile {
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.pending.push((usize::try_from(offset).unwrap(), bytes.to_vec()));
    }

    pub fn sync(&mut self) {
        for (offset, bytes) in std::mem::take(&mut self.pending) {
            put(&mut self.durable, offset, &bytes);
        }
    }

    pub fn content(&self) -> Vec<u8> {
        let mut content = self.durable.clone();
        self.pending.iter().for_each(|(offset, bytes)| put(&mut content, *offset, bytes));
        content
    }

    /// It has so many bytes from now on. A file of gigabytes that nobody has is none.
    fn size_to(&mut self, len: u64) {
        let len = usize::try_from(len).unwrap().min(1 << 24);
        self.sync();
        self.durable.truncate(len);
    }

    pub fn cut(&mut self, len: u64) {
        self.sync();
        self.durable.truncate(usize::try_from(len).unwrap());
    }

    /// The power goes: of what was pending some sectors are there, whichever the order.
    pub fn lose_power(&mut self, rng: &mut ChaCha8Rng) {
        let keep = rng.random_range(0..=100_u32);
        let mut pending = std::mem::take(&mut self.pending);
        while !pending.is_empty() {
            let (offset, bytes) = pending.swap_remove(rng.random_range(0..pending.len()));
            for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                if rng.random_range(0..100) < keep {
                    put(&mut self.durable, offset + number * SECTOR, sector);
                }
            }
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

fn no_room() -> DiskFailure {
    DiskFailure { why: "the disk is full".to_owned(), no_room: true }
}

/// The files of one download.
#[derive(Default)]
pub struct ModelDisk {
    pub part: ModelFile,
    pub journal: ModelFile,
    /// The file under its own name, when it has one.
    pub finished: Option<Vec<u8>>,
    pub is_removed: bool,
    /// Part files that others took the place of.
    pub begun_again: usize,
    /// Writes that still fit.
    pub room: Option<usize>,
    /// Bytes of the largest file for which there is room.
    pub largest: Option<u64>,
    /// Appends to the journal that still succeed.
    pub appends: Option<usize>,
    /// How often another journal took the place of the one before.
    pub rewrites: usize,
    /// Such work fails, and the new one is there all the same, or is not.
    pub rewrites_fail: Option<bool>,
    has_failed: bool,
    /// What the journal said for sure when the power went last.
    pub sworn: Vec<u8>,
}

impl ModelDisk {
    pub fn work(&mut self, work: &Work) -> Result<Done, DiskFailure> {
        let full = || DiskFailure { why: "the disk is full".to_owned(), no_room: false };
        if matches!(work, Work::Prepare { .. }) {
            self.has_failed = false;
        }
        if self.has_failed {
            return Err(full());
        }
        match work {
            Work::Prepare { size: Some(size), .. } if self.is_too_large(*size) => {
                self.has_failed = true;
                return Err(no_room());
            }
            Work::Prepare { size, .. } => {
                if let Some(size) = size {
                    self.part.size_to(*size);
                }
            }
            Work::Write { offset, bytes } => {
                if self.room == Some(0) {
                    self.has_failed = true;
                    return Err(full());
                }
                self.room = self.room.map(|room| room - 1);
                self.part.write(*offset, bytes);
            }
            Work::Sync => self.part.sync(),
            Work::Append { offset, bytes } => {
                if self.appends == Some(0) {
                    self.has_failed = true;
                    return Err(full());
                }
                self.appends = self.appends.map(|appends| appends - 1);
                self.journal.write(*offset, bytes);
                self.journal.sync();
            }
            Work::Rewrite { bytes } => {
                self.rewrites += 1;
                // The disk may fail behind the name of the new one, and before it.
                if self.rewrites_fail != Some(false) {
                    self.journal = ModelFile { durable: bytes.clone(), pending: Vec::new() };
                }
                if self.rewrites_fail.is_some() {
                    self.has_failed = true;
                    return Err(full());
                }
            }
            Work::Hash { others } => {
                let wanted = hash::Wanted { kzhash: *others };
                let Digests { sha1, tree, kzhash } =
                    Digests::wanted_of(&self.part.content(), wanted);
                let others = kzhash.map(|kzhash| (kzhash, tree.root()));
                return Ok(Done::Hashed(Hashes { sha1, others }));
            }
            Work::Finish { name } => {
                self.finished = Some(self.part.content());
                return Ok(Done::Named(name.clone()));
            }
            Work::BeginAgain { size, .. } if self.is_too_large(*size) => {
                self.has_failed = true;
                return Err(no_room());
            }
            Work::BeginAgain { .. } => {
                self.part = ModelFile::default();
                self.begun_again += 1;
            }
            Work::Remove => self.is_removed = true,
        }
        Ok(Done::Fine)
    }

    fn is_too_large(&self, size: u64) -> bool {
        self.largest.is_some_and(|largest| size > largest)
    }

    /// The power goes while this is being done.
    pub fn lose_power(&mut self, during: Option<&Work>, rng: &mut ChaCha8Rng) {
        self.sworn.clone_from(&self.journal.durable);
        match during {
            Some(Work::Write { offset, bytes }) => self.part.write(*offset, bytes),
            Some(Work::Append { offset, bytes }) => self.journal.write(*offset, bytes),
            _ => {}
        }
        self.part.lose_power(rng);
        self.journal.lose_power(rng);
    }
}
