//! What `filbert spec`, and the command line around it, print and answer.

use std::io::Read;
use std::process::{Command, Stdio};

use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use serde_json::Value;

/// How a run ended, and what it said.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn filbert(arguments: &[&str]) -> Ran {
    filbert_with(arguments, "NO_COLOR", "1")
}

fn filbert_with(arguments: &[&str], variable: &str, value: &str) -> Ran {
    let mut command = cargo_bin_cmd!();
    let output = command.args(arguments).env(variable, value).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a run printed that went well and had nothing to complain about.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let Ran { code, out, err } = filbert(arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// What a run complained about that ended with `code` and printed nothing.
#[track_caller]
fn complaint(arguments: &[&str], code: i32) -> String {
    let ran = filbert(arguments);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "one sentence: {}", ran.err);
    ran.err.strip_prefix("filbert: ").unwrap().trim_end().to_owned()
}

#[test]
fn without_arguments_every_requirement_has_a_line_below_its_subject() {
    let printed = printed(&["spec"]);
    let (lines, others): (Vec<_>, Vec<_>) =
        printed.lines().partition(|line| line.starts_with("  "));
    let headings = others.iter().filter_map(|line| line.strip_suffix(')')?.split_once(" ("));
    let counted: usize = headings.map(|(_, count)| count.parse::<usize>().unwrap()).sum();
    assert!(lines.len() >= 150);
    assert_eq!(lines.len(), counted, "the headings count their lines");
    assert!(others.last().unwrap().starts_with(&format!("{counted} requirements: ")));
    assert!(lines.contains(&"  PONG-01     must     A pong is fourteen bytes, then GGEP"));
}

#[test]
fn an_id_in_any_case_shows_all_of_its_requirement() {
    let printed = printed(&["spec", "pong-01", "Ping-02"]);
    for expected in [
        "PONG-01  A pong is fourteen bytes, then GGEP\n",
        "\nLevel     must: whoever does otherwise breaks others or is refused\n",
        "\nSubject   ping_pong\n",
        "\nSource    Gnutella 0.6 draft",
        "\nAgrees    gtk-gnutella (capture): every pong of gtkg-plain\n",
        "\nPING-02  ",
        "\nDiffers   gtk-gnutella (source): ",
    ] {
        assert!(printed.contains(expected), "{expected:?} is not in\n{printed}");
    }
    assert!(printed.lines().all(|line| line.chars().count() <= 100), "{printed}");
}

#[test]
fn all_words_must_be_found_and_levels_narrow_the_search() {
    let printed_ids = |arguments: &[&str]| -> Vec<String> {
        let lines = printed(&[&["spec", "--json"], arguments].concat());
        let objects = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        objects.map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    };
    let pongs = printed_ids(&["PONG-"]);
    let narrow = printed_ids(&["pong-", "FOURTEEN bytes"]);
    assert!(narrow.contains(&"PONG-01".to_owned()));
    assert!(narrow.len() < pongs.len() && narrow.iter().all(|id| pongs.contains(id)));
    let must = printed_ids(&["--level", "must", "pong-"]);
    let others = printed_ids(&["--level", "should,may", "--level", "defacto", "pong-"]);
    assert!(must.contains(&"PONG-01".to_owned()));
    assert_eq!(must.len() + others.len(), pongs.len());
}

#[test]
fn json_is_one_whole_requirement_a_line() {
    let printed = printed(&["spec", "--json", "pong-01"]);
    assert_eq!(printed.lines().count(), 1);
    let object: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(object["subject"], "ping_pong");
    assert_eq!(object["level"], "must");
    assert_eq!(object["evidence"][0]["agrees"], true);
    assert!(object["text"].as_str().unwrap().contains("port"));
    assert!(object.get("untested").is_none(), "absent rather than null");
}

#[test]
fn what_is_not_found_is_one_sentence_and_exit_code_1() {
    let said = complaint(&["spec", "no", "such", "platypus"], 1);
    assert_eq!(said, "no requirement mentions \"no such platypus\"; 'filbert spec' lists them all");
    let said = complaint(&["spec", "pong-00"], 1);
    let expected = format!("there is no requirement {};", "pong-00".to_uppercase());
    assert!(said.starts_with(&expected), "{said}");
    let said = complaint(&["spec", "--json", "--level", "may,should", "PONG-01"], 1);
    assert!(said.starts_with("there is no requirement PONG-01 of level may or should;"), "{said}");
    let ran = filbert(&["spec", "PONG-01", "pong-00"]);
    assert!(ran.code == 1 && ran.out.starts_with("PONG-01  "), "what is there is shown");
}

#[test]
fn wrong_arguments_are_one_sentence_and_exit_code_2() {
    let said = complaint(&["spec", "--level", "shall"], 2);
    assert!(said.starts_with("invalid value 'shall' for '--level <LEVEL>'"), "{said}");
    assert!(said.contains("[possible values: must, should, may, defacto]"), "{said}");
    let said = complaint(&["spec", "--jsom"], 2);
    assert!(said.starts_with("unexpected argument '--jsom' found; tip: "), "{said}");
    let said = complaint(&["spce"], 2);
    assert!(said.ends_with("; see 'filbert help'"), "{said}");
}

#[test]
fn help_and_version_go_to_whoever_asks() {
    assert_eq!(printed(&["--version"]), format!("filbert {}\n", env!("CARGO_PKG_VERSION")));
    assert!(printed(&["--help"]).contains("Usage: filbert"));
    assert!(printed(&["spec", "--help"]).contains("Usage: filbert spec"));
    let ran = filbert(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("Usage: filbert"), "{}", ran.err);
}

#[test]
fn only_a_terminal_gets_colours() {
    let coloured =
        |variable| filbert_with(&["spec", "PONG-01"], variable, "1").out.contains('\u{1b}');
    assert!(!coloured("FILBERT_NOTHING"), "a pipe is no terminal");
    assert!(coloured("CLICOLOR_FORCE"));
    assert!(!coloured("NO_COLOR"));
}

/// The output is longer than a pipe holds, so that the reader is gone before all of it is written.
#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut command = Command::new(cargo_bin!());
    command.args(["spec", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
