//! What earlier runs have left.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::disk::{Place, READ_LEN, UNFINISHED};
use crate::base::limits::JOURNAL_LEN_MAX;
use crate::transfer::download::journal::{self, Recovered};
use crate::transfer::download::{Leaves, root_of};

/// What earlier runs have left in a folder. A journal that cannot be read is put aside, and its part file
/// with it.
pub(super) fn left_over(folder: &Path) -> Vec<Recovered> {
    let Ok(entries) = fs::read_dir(folder.join(UNFINISHED)) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "journal")).collect();
    // In the order in which they were begun, as far as the disk tells.
    let begun = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.created()).ok();
    paths.sort_by_cached_key(|path| (begun(path), path.clone()));
    let recovered = paths.iter().filter_map(|path| match recover(folder, path) {
        Ok(recovered) => recovered,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a journal of a download cannot be used");
            for ending in ["journal", "part"] {
                let from = path.with_extension(ending);
                let _ = fs::rename(&from, path.with_extension(format!("{ending}.broken")));
            }
            None
        }
    });
    recovered.collect()
}

/// Nothing where nothing is left to be done.
fn recover(folder: &Path, path: &Path) -> io::Result<Option<Recovered>> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    (&file).take(JOURNAL_LEN_MAX).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        // The end came before the first record, and so before the first byte of the file.
        return clear_away(path);
    }
    let invalid = |error| io::Error::new(ErrorKind::InvalidData, error);
    let mut recovered = journal::replay(&bytes).map_err(invalid)?;
    // What lies behind the last sound record must never be taken for one.
    file.set_len(recovered.writer.len())?;
    file.sync_all()?;
    let part = Place::new(folder, recovered.intent.known_by.key()).part();
    if recovered.is_whole && !part.try_exists()? {
        // It has its name: the part file goes when that is safe, and the journal after it.
        return clear_away(path);
    }
    let part_len = fs::metadata(&part).map_or(0, |metadata| metadata.len());
    recovered.keep_only(part_len);
    if recovered.damage.is_some() && part_len > 0 {
        look_again(&mut recovered, &part)?;
    }
    Ok(Some(recovered))
}

fn clear_away(journal: &Path) -> io::Result<Option<Recovered>> {
    for path in [journal.with_extension("part"), journal.to_owned()] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

/// The journal is damaged: pieces may be there of which it does not tell.
fn look_again(recovered: &mut Recovered, part: &Path) -> io::Result<()> {
    let file = File::open(part)?;
    let mut buffer = vec![0; READ_LEN];
    for (range, digest) in recovered.unknown_pieces() {
        let (mut leaves, mut at) = (Leaves::new(), range.start);
        while at < range.end {
            let left = usize::try_from(range.end.saturating_sub(at)).unwrap_or(READ_LEN);
            let Some(room) = buffer.get_mut(..left.min(READ_LEN)) else { break };
            let len = file.read_at(room, at)?;
            if len == 0 {
                break;
            }
            leaves.update(room.get(..len).unwrap_or_default());
            at = at.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        }
        if at == range.end && root_of(&leaves.finish()) == digest {
            recovered.confirm(range);
        }
    }
    Ok(())
}
