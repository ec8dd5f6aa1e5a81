//! What `library` prints.

use filbert::control::model::{Happening, LeftOut, LibraryStatus, SharedFile};

use super::scene::Scene;
use crate::support::fake_node::a_shared_file;

fn hashing() -> LibraryStatus {
    LibraryStatus {
        hashing: true,
        folders: 3,
        watched_folders: 3,
        files: 1,
        bytes: 1_234_567,
        found_files: 3,
        found_bytes: 3_703_701,
        waiting_files: 2,
        waiting_bytes: 2_469_134,
        bytes_per_s: Some(209_715_200),
        left_s: Some(62),
        left_out: LeftOut { hidden: 4, links: 1, ..LeftOut::default() },
        ..LibraryStatus::default()
    }
}

#[test]
fn how_far_the_library_is_is_told_in_lines() {
    let scene = Scene::with("library", |state| state.library.status = hashing());
    let expected = "\
shared        1 file, 1.1 MiB
folders       3, watched
state         reading files 200 MiB/s, 1 min 2 s left
to be hashed  2 files, 2.3 MiB
left out      4 hidden, 1 linked
";
    assert_eq!(scene.printed(&["library"]), expected);
    scene.node.change(|state| state.library.status = LibraryStatus::default());
    let expected =
        "shared        0 files, 0 B\nfolders       0, not watched\nstate         up to date\n";
    assert_eq!(scene.printed(&["library"]), expected);
}

#[test]
fn programs_get_what_the_api_says_of_the_library() {
    let scene = Scene::with("library-json", |state| {
        state.library.status = hashing();
        state.library.files.extend((1..=2_500).map(a_shared_file));
    });
    let status: LibraryStatus =
        serde_json::from_str(&scene.printed(&["library", "--json"])).unwrap();
    assert_eq!(status, hashing());
    let list = |arguments: &[&str]| -> Vec<SharedFile> {
        let arguments = [&["library", "list", "--json"], arguments].concat();
        serde_json::from_str(&scene.printed(&arguments)).unwrap()
    };
    assert_eq!(list(&[]), (1..=2_500).map(a_shared_file).collect::<Vec<_>>(), "all pages");
    assert_eq!(list(&["--limit", "1200"]).len(), 1_200);
    assert_eq!(list(&["file", "77."]), [a_shared_file(77)]);
    assert_eq!(list(&["nothing"]), []);
}

#[test]
fn files_are_listed_and_steer_no_terminal() {
    let scene = Scene::with("library-list", |state| {
        let hostile = SharedFile { name: "a\u{1b}[31mb.ogg".to_owned(), ..a_shared_file(12) };
        state.library.files.extend([a_shared_file(1), hostile]);
    });
    let expected = "\
INDEX     SIZE  NAME         SHA-1
    1  1.1 MiB  file 1.ogg   PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB
   12  1.1 MiB  a\u{fffd}[31mb.ogg  PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB
";
    assert_eq!(scene.printed(&["library", "list"]), expected);
    let first = scene.printed(&["library", "list", "--limit", "1"]);
    assert!(first.ends_with("... the first 1 file\n"), "{first}");
    assert_eq!(scene.printed(&["library", "list", "nothing"]), "no files\n");
}

#[test]
fn links_to_all_files_are_printed_for_whoever_hands_them_on() {
    let scene = Scene::with("library-magnet", |state| {
        state.library.files.extend((1..=3).map(a_shared_file));
    });
    let links: String =
        (1..=3).map(|index| format!("{}\n", a_shared_file(index).magnet.unwrap())).collect();
    assert_eq!(scene.printed(&["library", "--magnet"]), links);
    assert_eq!(scene.printed(&["library", "list", "--magnet"]), links);
    let second = format!("{}\n", a_shared_file(2).magnet.unwrap());
    assert_eq!(scene.printed(&["library", "list", "--magnet", "2."]), second);
    assert_eq!(scene.printed(&["library", "list", "--magnet", "nothing"]), "");
}

#[test]
fn folders_are_looked_through_when_somebody_wants_it() {
    let scene = Scene::new("library-rescan");
    assert_eq!(
        scene.printed(&["library", "rescan"]),
        "the node looks through its shared folders\n"
    );
    assert_eq!(scene.printed(&["library", "rescan", "--json"]), "{\"rescanning\":true}\n");
    assert_eq!(scene.node.change(|state| state.rescans), 2);
}

#[test]
fn whoever_follows_hears_until_all_is_hashed() {
    let scene = Scene::with("library-follow", |state| state.library.status = hashing());
    let mut running = scene.start(&["library", "--follow"]);
    let line = running.line();
    assert_eq!(
        line,
        "reading files 200 MiB/s, 1 min 2 s left, 1 file shared, 2 to be hashed, 2.3 MiB"
    );
    let later = LibraryStatus { files: 2, changing_files: 1, ..LibraryStatus::default() };
    scene.node.tell(Happening::Library(later));
    assert_eq!(
        running.line(),
        "waiting for files to stay as they are, 2 files shared, 0 to be hashed, 0 B"
    );
    scene.node.tell(Happening::Library(LibraryStatus { files: 3, ..LibraryStatus::default() }));
    let ran = running.end();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("shared        3 files"), "{}", ran.out);
}
