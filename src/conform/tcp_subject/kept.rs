//! Where a subject puts files that it has downloaded.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

use crate::base::limits::KEPT_FILE_LEN_MAX;
use crate::conform::{Event, shared_file};

/// How often a folder is looked at. A file that has not changed in between is whole.
const LOOKS_EVERY: Duration = Duration::from_millis(300);

/// When a file was written last, and how long it is.
type Age = (u64, Option<SystemTime>);

/// Tells of each file that stands in a folder and does not change any more.
pub(super) async fn watch(folder: PathBuf, sender: &mpsc::UnboundedSender<Event>) {
    let (mut before, mut told) = (BTreeMap::new(), BTreeMap::new());
    loop {
        let now = files_of(&folder);
        for (path, age) in &now {
            if before.get(path) != Some(age) || told.get(path) == Some(age) {
                continue;
            }
            told.insert(path.clone(), *age);
            if let Some(event) = kept(path) {
                let _ = sender.send(event);
            }
        }
        before = now;
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

fn files_of(folder: &Path) -> BTreeMap<PathBuf, Age> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    let fits = |file: &Metadata| file.is_file() && file.len() <= KEPT_FILE_LEN_MAX;
    files
        .filter(|(_, file)| fits(file))
        .map(|(path, file)| (path, (file.len(), file.modified().ok())))
        .collect()
}

fn kept(path: &Path) -> Option<Event> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let bytes = fs::read(path).ok()?;
    Some(Event::Kept { file: shared_file(&name, &bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_of_as_long_as_they_are_not_too_long() {
        let folder = std::env::temp_dir().join(format!("filbert-kept-{}", std::process::id()));
        fs::create_dir_all(folder.join("unfinished")).unwrap();
        fs::write(folder.join("a.bin"), b"a").unwrap();
        for (name, len) in [("fits", KEPT_FILE_LEN_MAX), ("long", KEPT_FILE_LEN_MAX + 1)] {
            fs::File::create(folder.join(name)).unwrap().set_len(len).unwrap();
        }
        let found: Vec<_> = files_of(&folder).into_keys().collect();
        assert_eq!(found, [folder.join("a.bin"), folder.join("fits")]);
        let Some(Event::Kept { file }) = kept(&folder.join("a.bin")) else { panic!("it is there") };
        assert_eq!((&file["name"], &file["size"]), (&"a.bin".into(), &1.into()));
        fs::remove_dir_all(folder).unwrap();
    }
}
