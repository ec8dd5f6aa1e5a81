//! What is found in shared folders.

use std::fs;
use std::path::PathBuf;

use filbert::library::scan::scan;

/// A folder of its own, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("filbert-{name}-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn put(&self, path: &str, size: usize) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![0; size]).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_found_with_their_sizes_and_each_once() {
    let folder = Folder::new("found");
    folder.put("b.ogg", 7);
    folder.put("a/deep/er/c d.txt", 0);
    let found = scan(&[folder.0.clone(), folder.0.join("a"), folder.0.clone()]);
    let files: Vec<_> = found.files.iter().map(|file| (file.name.as_str(), file.size)).collect();
    assert_eq!(files, [("c d.txt", 0), ("b.ogg", 7)]);
    assert_eq!((found.unreadable, found.is_cut), (0, false));
}

#[test]
fn hidden_files_and_what_links_lead_to_is_not_shared() {
    let (folder, elsewhere) = (Folder::new("open"), Folder::new("secret"));
    folder.put("open.txt", 1);
    folder.put(".hidden.txt", 1);
    folder.put(".hidden/inside.txt", 1);
    elsewhere.put("secret.txt", 1);
    std::os::unix::fs::symlink(&elsewhere.0, folder.0.join("folder")).unwrap();
    std::os::unix::fs::symlink(elsewhere.0.join("secret.txt"), folder.0.join("file.txt")).unwrap();
    std::os::unix::fs::symlink(&folder.0, folder.0.join("round")).unwrap();
    let names: Vec<_> =
        scan(std::slice::from_ref(&folder.0)).files.into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["open.txt"]);
}

#[test]
fn a_folder_that_is_not_there_is_named_and_does_not_hide_the_others() {
    let folder = Folder::new("there");
    folder.put("here.txt", 3);
    let missing = ["gone", "here.txt"].map(|name| folder.0.join(name));
    let found = scan(&[&missing[..], std::slice::from_ref(&folder.0)].concat());
    assert_eq!((found.files.len(), found.unreadable), (1, 0));
    assert_eq!(found.missing, missing);
}
