//! The files of cases, as they stand in the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use filbert::conform::{Case, Catalogue, read};
use filbert::node::Network;
use filbert::specification::Specification;

/// All cases, as the files say now, which may be newer than those that were built in.
pub(crate) fn all() -> Vec<Case> {
    let specification = Specification::embedded().unwrap();
    let mut cases = Vec::new();
    for (network, folder) in [(Network::Gnutella, "gnutella"), (Network::FastTrack, "fasttrack")] {
        for path in files(folder) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let group = format!("{folder}/{name}");
            let text = fs::read_to_string(&path).unwrap();
            match read(network, &group, &text, &specification) {
                Ok(read) => cases.extend(read),
                Err(error) => panic!("{}: {error:?}", path.display()),
            }
        }
    }
    cases
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conform/cases").join(folder);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

#[test]
fn every_file_of_cases_is_built_in() {
    let specification = Specification::embedded().unwrap();
    let built_in = Catalogue::embedded(&specification).unwrap();
    let built_in: BTreeSet<_> = built_in.cases().iter().map(|case| case.id.clone()).collect();
    let there: BTreeSet<_> = all().into_iter().map(|case| case.id).collect();
    assert_eq!(built_in, there);
}

#[test]
fn every_case_says_what_it_looks_at_in_one_sentence() {
    for case in all() {
        assert!(
            !case.title.ends_with('.') && case.title.len() <= 100,
            "{}: {}",
            case.id,
            case.title
        );
        assert!(case.script().count() > 0, "{} does nothing", case.id);
        let name = case.id.split_once('/').unwrap().1;
        let is_plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        assert!(name.chars().all(is_plain), "{}", case.id);
    }
}
