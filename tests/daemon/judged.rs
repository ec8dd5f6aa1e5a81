//! A running node before the judge, over loopback.

use std::fs;

use serde_json::Value;

use crate::home::{Home, wait_until};
use crate::node::Node;

/// Groups of cases that wait for nothing long, and of which our node knows everything.
const GROUPS: [&str; 9] =
    ["handshake", "framing", "ttl", "pings", "queries", "hits", "bye", "trees", "browse"];

#[test]
fn a_running_node_passes_what_it_passes_in_memory() {
    let home = Home::new("judged");
    let share = home.path().join("share");
    fs::create_dir_all(&share).unwrap();
    let file = share.join("walnut conformance.txt");
    fs::write(&file, vec![b'w'; 100_000]).unwrap();
    let (share, file) = (share.to_string_lossy(), file.to_string_lossy());
    let mut node = Node::start(&home, &["--role", "ultrapeer", "--share", &share]);
    wait_until("the file is shared", || {
        node.show("library")["files"].as_array().unwrap().len() == 1
    });
    let (subject, report) = (node.listen.to_string(), home.path().join("report.json"));
    let named = report.to_string_lossy();
    // Machines may be busy.
    let patient = ["--timeout", "20000", "--jobs", "16"];
    let groups = GROUPS.map(|group| format!("{group}/*"));
    let matching = groups.iter().flat_map(|group| ["--match", group.as_str()]);
    let matching: Vec<_> = matching.chain(["--skip", "handshake/tls-*"]).collect();
    let own = ["conform", &subject, "--as", "ultrapeer", "--shares", &file, "--json", &named];
    let ran = home.run(&[&own[..], &patient, &matching].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let report: Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let cases = report["cases"].as_array().unwrap();
    assert!(cases.len() > 150, "{} cases", cases.len());
    assert_eq!(report["summary"]["pass"], cases.len(), "{}", ran.out);
    let (code, _) = node.terminate(rustix::process::Signal::TERM);
    assert_eq!(code, Some(0));
}

#[test]
fn a_subject_that_is_not_there_is_no_subject() {
    let home = Home::new("unjudged");
    let ran = home.run(&["conform", "127.0.0.1:1", "--timeout", "100"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "filbert: the subject at 127.0.0.1:1: it takes no connections; start it first\n"
    );
}

#[test]
fn what_is_expected_to_fail_and_passes_is_a_failure() {
    let home = Home::new("expected");
    let node = Node::start(&home, &["--role", "ultrapeer"]);
    let (subject, expected) = (node.listen.to_string(), home.path().join("expected.toml"));
    let run = |text: &str| {
        fs::write(&expected, text).unwrap();
        let path = expected.to_string_lossy();
        home.run(&["conform", &subject, "--match", "framing/odd-guid", "--expected", &path])
    };
    let ran = run("[[expected]]\ncase = \"framing/odd-guid\"\nreason = \"it is proud\"\n");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("passes, though it is proud"), "{}", ran.out);
    let ran = run("[[expected]]\ncase = \"framing/no-such\"\nreason = \"x\"\n");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("there is no case framing/no-such"), "{}", ran.err);
    assert_eq!(run("").code, 0);
}
