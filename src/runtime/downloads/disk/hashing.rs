//! What a part file is, read from its first to its last byte.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha1::{Digest, Sha1};

use super::READ_LEN;
use crate::library::hash::{Digests, FileHasher, Wanted};
use crate::transfer::download::Hashes;

/// Its SHA-1; with `others`, also what other networks know it by.
pub(super) fn hash(path: &Path, others: bool) -> io::Result<Hashes> {
    let file = File::open(path)?;
    if others {
        let mut hasher = FileHasher::of_size(file.metadata()?.len(), Wanted { kzhash: true });
        read_all(file, |bytes| hasher.update(bytes))?;
        let Digests { sha1, tree, kzhash } = hasher.finish();
        return Ok(Hashes { sha1, others: kzhash.map(|kzhash| (kzhash, tree.root())) });
    }
    let mut sha1 = Sha1::new();
    read_all(file, |bytes| sha1.update(bytes))?;
    Ok(Hashes { sha1: sha1.finalize().into(), others: None })
}

fn read_all(mut file: File, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; READ_LEN];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            len => take(buffer.get(..len).unwrap_or_default()),
        }
    }
}
