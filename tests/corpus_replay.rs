//! What fuzzing once found stays found: every input of `fuzz/corpus`, and every seed that fuzzing
//! starts from, through the body of its target, without a fuzzer.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use filbert::fuzzing::{self, TARGETS};
use support::seeds;

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn paths_in(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    paths.sort();
    paths
}

/// File names without their extensions.
fn names_in(folder: &str) -> BTreeSet<String> {
    let paths = paths_in(&fuzz_folder().join(folder));
    let name = |path: &PathBuf| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    paths.iter().filter_map(name).collect()
}

/// Tells even if the test passes, since a replay of nothing passes too.
fn tell(line: &str) {
    writeln!(io::stdout(), "{line}").expect("somebody reads");
}

/// Runs a target, and says for which input it fails.
fn run(target: &str, name: &str, input: &[u8]) {
    let result = std::panic::catch_unwind(|| fuzzing::run(target, input));
    assert!(result.is_ok(), "{target} fails for {name}");
}

#[test]
fn targets_corpora_and_programs_are_the_same() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len(), "a name is there twice");
    assert_eq!(targets, names_in("corpus"), "fuzz/corpus");
    assert_eq!(targets, names_in("fuzz_targets"), "fuzz/fuzz_targets");
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).expect("it is readable");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    let programs = manifest["bin"].as_array().expect("there are programs");
    let names = programs.iter().map(|program| program["name"].as_str().expect("it has a name"));
    assert_eq!(targets, names.map(str::to_owned).collect(), "fuzz/Cargo.toml");
}

#[test]
fn every_input_of_the_corpus_holds() {
    for target in TARGETS {
        let paths = paths_in(&fuzz_folder().join("corpus").join(target.name));
        assert!(!paths.is_empty(), "{} has no corpus", target.name);
        let mut len = 0;
        for path in &paths {
            let input = fs::read(path).expect("it is readable");
            run(target.name, &path.display().to_string(), &input);
            len += input.len();
        }
        tell(&format!("{}: {} inputs, {len} bytes", target.name, paths.len()));
    }
}

#[test]
fn every_seed_holds() {
    let seeds = seeds::all();
    for target in TARGETS {
        let seeds = seeds.get(target.name).unwrap_or_else(|| panic!("{} has no seed", target.name));
        for seed in seeds {
            run(target.name, &data_encoding::HEXLOWER.encode(seed), seed);
        }
        tell(&format!("{}: {} seeds", target.name, seeds.len()));
    }
}

#[test]
#[ignore = "writes files, into fuzz/target/seeds, which only fuzz/minimise has a use for"]
fn write_the_seeds() {
    for (target, seeds) in seeds::all() {
        let folder = fuzz_folder().join("target/seeds").join(target);
        fs::create_dir_all(&folder).expect("the folder can be made");
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:04}")), seed).expect("it can be written");
        }
    }
}
