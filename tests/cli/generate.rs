//! `filbert generate`: that what it prints is what the programs take for which it is meant.

mod dockerfile;
mod systemd;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::scratch::{filbert, folder, printed};

#[test]
fn manual_pages_stand_in_a_file_for_each_command() {
    let home = folder("manual_pages");
    printed(&home, &[], &["generate", "man", "--dir", "new/man1"]);
    let entries = fs::read_dir(home.join("new/man1")).unwrap();
    let pages: BTreeSet<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for page in ["filbert.1", "filbert-decode.1", "filbert-config-show.1", "filbert-generate-man.1"]
    {
        assert!(pages.contains(page), "{pages:?}");
    }
    assert!(!pages.iter().any(|page| page.contains("help")), "{pages:?}");
    let config = fs::read_to_string(home.join("new/man1/filbert-config-show.1")).unwrap();
    assert!(config.contains("FILBERT_LISTEN") && config.contains(r"\-\-listen"), "{config}");
    let top = fs::read_to_string(home.join("new/man1/filbert.1")).unwrap();
    assert!(top.contains(".TH filbert 1") && top.contains("filbert\\-decode(1)"), "{top}");
    assert_eq!(printed(&home, &[], &["generate", "man"]).lines().next(), top.lines().next());
}

#[test]
fn pages_that_cannot_be_written_are_one_sentence() {
    let home = folder("pages_that_cannot_be_written");
    fs::write(home.join("file"), "").unwrap();
    let ran = filbert(&home, &[], &["generate", "man", "--dir", "file/man1"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("filbert: cannot write manual pages into file/man1: "),
        "{}",
        ran.err
    );
}

#[test]
fn completions_know_commands_and_flags_in_every_shell() {
    let home = folder("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&home, &[], &["generate", "completions", shell]);
        for word in ["generate", "dockerfile", "allow-private"] {
            assert!(script.contains(word), "{word} is not in that of {shell}");
        }
    }
    assert_eq!(filbert(&home, &[], &["generate", "completions", "tcsh"]).code, 2);
}

/// A shell that reads without running says whether it is a script at all.
#[test]
fn completions_of_bash_are_a_script_of_bash() {
    let script = printed(&folder("completions_of_bash"), &[], &["generate", "completions", "bash"]);
    let shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn();
    let Ok(mut shell) = shell else { return println!("skipped: there is no bash") };
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}

#[test]
fn the_description_of_the_api_is_openapi() {
    let printed = printed(&folder("openapi"), &[], &["generate", "openapi"]);
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert!(document["paths"]["/api/v1/status"]["get"].is_object());
}

#[test]
fn the_example_is_a_configuration_without_faults_that_changes_nothing() {
    let home = folder("the_example");
    let example = printed(&home, &[], &["generate", "config"]);
    fs::write(home.join("example.toml"), &example).unwrap();
    printed(&home, &[], &["config", "check", "example.toml"]);
    let without_sources = |arguments: &[&str]| -> toml::Table {
        printed(&home, &[], &[&["config", "show"], arguments].concat()).parse().unwrap()
    };
    assert_eq!(without_sources(&["--config", "example.toml"]), without_sources(&[]));
}
