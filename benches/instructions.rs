//! How many instructions the codec takes, counted by valgrind, against what it took before.
//!
//! `cargo bench --bench instructions` compares with `benches/instructions.toml` and fails where a
//! case has changed by more than 3 %; with `-- --accept` it writes the new counts there. The counts
//! do not depend on the load of the machine, but on the compiler and, a little, on the processor.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, fs};

use support::cases;

/// The difference of two runs leaves out what starting the program takes.
const FEW: u64 = 1_000;
const MANY: u64 = 3_000;
const CHANGE_MAX: f64 = 0.03;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, name, count] = &arguments[..]
        && flag == "--run"
    {
        run(name, count.parse().expect("the count is a number"));
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("valgrind is not installed: NOTHING WAS COUNTED");
        return ExitCode::SUCCESS;
    }
    let counts: BTreeMap<String, u64> =
        cases().iter().map(|case| (case.name.to_owned(), instructions(case.name))).collect();
    if arguments.iter().any(|argument| argument == "--accept") {
        fs::write(kept(), toml::to_string(&counts).expect("counts fit into TOML"))
            .expect("the file can be written");
    }
    compare(&counts)
}

fn run(name: &str, count: u64) {
    let case = cases().into_iter().find(|case| case.name == name).expect("the case is known");
    (0..count).for_each(|_| (case.run)(&case.bytes));
}

fn instructions(name: &str) -> u64 {
    (counted(name, MANY) - counted(name, FEW)) / (MANY - FEW)
}

/// Instructions of a whole run, as callgrind counts them.
fn counted(name: &str, count: u64) -> u64 {
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--run", name, &count.to_string()])
        .output()
        .expect("valgrind starts");
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"));
    let (_, count) = line.unwrap_or_else(|| panic!("valgrind counted nothing:\n{text}"));
    count.trim().parse().expect("a count is a number")
}

fn compare(counts: &BTreeMap<String, u64>) -> ExitCode {
    let kept = fs::read_to_string(kept()).unwrap_or_default();
    let kept: BTreeMap<String, u64> = toml::from_str(&kept).expect("the kept counts are TOML");
    let mut verdict = ExitCode::SUCCESS;
    println!("{:<46} {:>8} {:>8}", "instructions", "now", "kept");
    for (name, &now) in counts {
        let before = kept.get(name).copied();
        let change = before.map(|before| now as f64 / before as f64 - 1.0);
        let changed = change.is_none_or(|change| change.abs() > CHANGE_MAX);
        let before = before.map_or_else(|| "-".to_owned(), |before| before.to_string());
        println!("{name:<46} {now:>8} {before:>8}{}", if changed { "  CHANGED" } else { "" });
        if changed {
            verdict = ExitCode::FAILURE;
        }
    }
    verdict
}

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.toml")
}
