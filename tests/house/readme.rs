//! That the README shows what Filbert really prints.

use assert_cmd::cargo::cargo_bin_cmd;

/// In a block of console, `$ filbert ...` is a command, and what follows is its output. A line of
/// three dots stands for lines that are left out.
#[test]
fn every_command_in_the_readme_prints_what_stands_below_it() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```").filter_map(|block| block.strip_prefix("console\n"));
    let mut count = 0;
    for shown in blocks.flat_map(|block| block.split("$ filbert ").skip(1)) {
        let (arguments, expected) = shown.split_once('\n').unwrap();
        let mut command = cargo_bin_cmd!();
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
        let output = command.args(arguments.split(' ')).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(
            agrees(&lines(expected), &lines(&printed)),
            "filbert {arguments} prints\n{printed}"
        );
        count += 1;
    }
    assert!(count >= 3, "the commands were not found");
}

#[test]
fn only_three_dots_stand_for_other_lines() {
    assert!(agrees(&["a", "...", "d"], &["a", "b", "c", "d"]));
    assert!(agrees(&["a", "..."], &["a"]));
    assert!(!agrees(&["a", "...", "d"], &["a", "b", "c"]));
    assert!(!agrees(&["a"], &["a", "b"]));
    assert!(!agrees(&["a", "b"], &["a"]));
}

/// The lines without what an editor strips: spaces at their ends, empty lines at the end.
fn lines(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

fn agrees(expected: &[&str], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=printed.len())
            .filter_map(|skipped| printed.get(skipped..))
            .any(|printed| agrees(rest, printed)),
        ([first, expected @ ..], [line, printed @ ..]) if first == line => {
            agrees(expected, printed)
        }
        _ => false,
    }
}
