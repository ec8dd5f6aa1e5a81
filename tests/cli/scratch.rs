//! A folder for one test, and the program in it with nothing around that could change what it does.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;

/// An empty folder of this name, which is the name of the test.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// How a run ended, and what it said.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program with this home of a user, and these variables alone.
pub fn filbert(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = cargo_bin_cmd!();
    command.env_clear().env("HOME", home).current_dir(home);
    let output = command.envs(variables.iter().copied()).args(arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a run printed that went well and had nothing to complain about.
#[track_caller]
pub fn printed(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let Ran { code, out, err } = filbert(home, variables, arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}
