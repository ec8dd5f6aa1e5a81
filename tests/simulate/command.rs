//! `filbert simulate` as people and scripts see it.

use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;

fn simulate(arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!();
    let output = command.arg("simulate").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A scenario file that is there as long as the test runs.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("filbert-{}-{name}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

const SMALL: &str = r#"title = "Small"
nodes = 10
duration_s = 20
warm_up_s = 5
topology = { kind = "regular", degree = 4 }
latency = { kind = "constant", ms = 50 }
node = { floods = true, ttl = 7, repeats = false, deflate = false }
files = { titles = 5, copies = 2, popularity = 0, free_riders = 0, givers = 0.1, given = 0.1 }
searches = { per_node_hour = 400, stop_s = 5 }
"#;

#[test]
fn without_a_scenario_all_are_listed() {
    let (code, out, _) = simulate(&[]);
    assert_eq!(code, 0);
    for name in ["flood", "two-tier", "churn", "partition", "election", "ultrapeers-die"] {
        assert!(out.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}\n{out}");
    }
}

#[test]
fn a_run_that_goes_well_says_so_and_repeats_itself() {
    let file = File::new("well", SMALL);
    let (code, out, err) = simulate(&[file.name(), "--seed", "3"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("Small\n10 nodes, seed 3, 20 s, "), "{out}");
    assert!(out.contains("violations    none"), "{out}");
    assert_eq!(simulate(&[file.name(), "--seed", "3"]).1, out);
}

#[test]
fn json_is_one_object_for_each_seed() {
    let file = File::new("json", SMALL);
    let (code, out, _) = simulate(&[file.name(), "--seeds", "1..=3", "--json"]);
    assert_eq!(code, 0);
    let reports: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seeds: Vec<_> = reports.iter().map(|report| report["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds, [1, 2, 3]);
    for key in ["trace_hash", "events", "messages", "coverage", "violations"] {
        assert!(reports.iter().all(|report| report.get(key).is_some()), "{key}");
    }
    assert_ne!(reports[0]["trace_hash"], reports[1]["trace_hash"]);
}

#[test]
fn a_run_that_fails_says_how_to_repeat_it() {
    let file = File::new("fails", &format!("{SMALL}expect = {{ recall_min = 2 }}\n"));
    let (code, out, err) = simulate(&[file.name(), "--seed", "3"]);
    assert_eq!(code, 1);
    assert!(out.contains("a search finds"), "{out}");
    let line = format!("simulate {} --nodes 10 --seed 3", file.name());
    assert!(err.contains(&line), "{err}");
    assert_eq!(err.lines().count(), 1);
}

#[test]
fn expectations_are_meant_for_as_many_nodes_as_the_scenario_has() {
    let file = File::new("meant", &format!("{SMALL}expect = {{ recall_min = 2 }}\n"));
    let (code, _, err) = simulate(&[file.name(), "--nodes", "12"]);
    assert_eq!(code, 1);
    assert!(err.contains("expects is meant for 10 nodes, and may be wrong for 12\n"), "{err}");
    let (code, _, err) = simulate(&[file.name(), "--nodes", "10"]);
    assert_eq!((code, err.lines().count()), (1, 1), "{err}");
}

#[test]
fn what_is_wrong_with_a_scenario_is_said_in_one_line_with_its_number() {
    for (name, line, wrong, what) in [
        ("field", 4, SMALL.replace("warm_up_s", "warmup_s"), "unknown field"),
        ("kind", 5, SMALL.replace("regular", "regulr"), "unknown variant"),
        ("syntax", 2, SMALL.replace("nodes = 10", "nodes = = 10"), "correct it"),
        ("number", 2, SMALL.replace("nodes = 10", "nodes = -1"), "correct it"),
    ] {
        let file = File::new(name, &wrong);
        let (code, out, err) = simulate(&[file.name()]);
        assert_eq!((code, out.as_str()), (2, ""), "{name}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.contains(&format!("line {line}: ")) && err.contains(what), "{err}");
    }
}

#[test]
fn what_cannot_be_run_is_said_in_one_line() {
    for arguments in [&["no-such-scenario"][..], &["flood", "--nodes", "1"], &["/"]] {
        let (code, out, err) = simulate(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
    let (code, _, err) = simulate(&["flood", "--seeds", "4..4"]);
    assert_eq!(code, 2, "{err}");
}
