//! One home, one node.

use std::os::unix::fs::PermissionsExt;

use filbert::runtime::state::{HomeLock, NoHome};

use super::Home;

#[test]
fn a_second_node_is_told_in_one_sentence_that_the_home_is_taken() {
    let home = Home::new();
    let held = HomeLock::take(home.path()).unwrap();
    let refused = HomeLock::take(home.path()).unwrap_err();
    assert!(matches!(refused, NoHome::Taken(_)));
    let sentence = refused.to_string();
    assert!(sentence.contains(&home.path().display().to_string()), "{sentence}");
    assert!(!sentence.contains('\n') && sentence.contains("--home"), "{sentence}");
    assert_eq!(held.home(), home.path());
    drop(held);
    HomeLock::take(home.path()).unwrap();
}

#[test]
fn a_home_is_made_for_its_owner_alone() {
    let home = Home::new();
    let inner = home.path().join("new").join("home");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let held = HomeLock::take(&inner).unwrap();
    assert_eq!((mode(&inner), mode(&inner.join("lock"))), (0o700, 0o600));
    drop(held);
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o755)).unwrap();
    let _held = HomeLock::take(&inner).unwrap();
    assert_eq!(mode(&inner), 0o700);
}

#[test]
fn a_home_that_cannot_be_made_is_named() {
    let home = Home::new();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = HomeLock::take(&file).unwrap_err();
    assert!(matches!(refused, NoHome::Unusable { .. }));
    assert!(refused.to_string().contains(&file.display().to_string()), "{refused}");
}

/// Whoever names the folder of others for a home would lock them out of it.
#[test]
fn a_folder_that_others_use_does_not_become_a_home() {
    let home = Home::new();
    let theirs = home.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(theirs.join("index.html"), "").unwrap();
    assert!(matches!(HomeLock::take(&theirs), Err(NoHome::Unusable { .. })));
    assert_eq!(theirs.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    std::fs::write(theirs.join("config.toml"), "").unwrap();
    assert!(HomeLock::take(&theirs).is_ok(), "somebody has prepared it");
}
