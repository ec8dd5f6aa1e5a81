//! Subjects that crash, hang, swell or shout before the judge, and a judge that is told to stop.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use crate::home::{Home, Ran, wait_for, wait_until};

/// Somebody who answers every connection, until one says `hang`: from then on nobody gets an answer.
fn somebody() -> SocketAddr {
    counted().0
}

/// The same, and how many connections there were.
fn counted() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap();
    let hangs = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::Relaxed);
            let hangs = Arc::clone(&hangs);
            thread::spawn(move || {
                let mut bytes = [0; 1_024];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    if bytes[..count].starts_with(b"hang") {
                        hangs.store(true, Ordering::Relaxed);
                    }
                    if !hangs.load(Ordering::Relaxed) {
                        let _ = stream.write_all(b"GNUTELLA/0.6 503 Full\r\n\r\n");
                    }
                }
            });
        }
    });
    (own, count)
}

/// Two groups of one case each: the first does this, the second only connects.
fn cases(home: &Home, script: &str) -> [String; 2] {
    [("first", script), ("second", "connect c")].map(|(group, script)| {
        let path = home.path().join(format!("{group}.toml"));
        let case = "[[case]]\nid = \"it\"\ntitle = \"It\"\nrequirements = [\"LINK-01\"]\n";
        fs::write(&path, format!("{case}script = '''\n{script}\n'''\n")).unwrap();
        path.to_string_lossy().into_owned()
    })
}

/// How the judge ran, and for each of the two cases its verdict and what was seen.
fn judged(
    home: &Home,
    subject: SocketAddr,
    script: &str,
    more: &[&str],
) -> (Ran, [[String; 2]; 2]) {
    let ([first, second], subject) = (cases(home, script), subject.to_string());
    let report = home.path().join("report.json");
    let named = report.to_string_lossy();
    let arguments = ["conform", &subject, "--cases", &first, "--cases", &second, "--json", &named];
    let quick = ["--jobs", "1", "--timeout", "1000"];
    let ran = home.run(&[&arguments[..], &quick, more].concat());
    let report: Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let seen = [0, 1].map(|place| {
        let case = &report["cases"][place];
        ["verdict", "actual"].map(|name| case[name].as_str().unwrap_or("").to_owned())
    });
    (ran, seen)
}

#[test]
fn a_subject_that_crashes_is_started_again_and_who_was_under_way_is_unsafe() {
    let home = Home::new("crashes");
    let crashes = "sh -c 'test -e once && exec sleep 60; touch once; sleep 1; kill -SEGV $$'";
    let (ran, [first, second]) =
        judged(&home, somebody(), "connect c\npause 10s", &["--spawn", crashes]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.contains("the subject was started again"), "{}", ran.err);
    assert_eq!(first[0], "unsafe", "{}", ran.out);
    assert!(first[1].contains("ended by itself (signal: 11"), "{}", first[1]);
    assert_eq!(second[0], "pass", "{}", ran.out);
}

#[test]
fn a_subject_that_hangs_is_unsafe_and_nobody_else_is_blamed_for_it() {
    let home = Home::new("hangs");
    let script = "connect c\nc sends text \"hang\"\nc gets anything within=1s";
    let (ran, [first, second]) = judged(&home, somebody(), script, &[]);
    assert_eq!((ran.code, first[0].as_str()), (1, "unsafe"), "{}", ran.out);
    assert!(first[1].contains("answers no greeting within 1 s"), "{}", first[1]);
    assert_eq!(second[0], "not-run", "{}", ran.out);
    assert!(second[1].starts_with("the subject is gone: it hangs"), "{}", second[1]);
}

#[test]
fn a_subject_that_swells_is_unsafe() {
    let home = Home::new("swells");
    // A string that is doubled until it has 256 MiB.
    let swells = "awk 'BEGIN { system(\"sleep 1\"); s = \"x\"; while (length(s) < 2 ^ 28) s = s s; \
        system(\"sleep 9 2> /dev/null >&2\"); print length(s) }'";
    let (ran, [first, second]) =
        judged(&home, somebody(), "connect c\npause 6s", &["--spawn", swells]);
    assert_eq!((ran.code, first[0].as_str()), (1, "unsafe"), "{}", ran.out);
    assert!(first[1].starts_with("while first was played its memory grew from"), "{}", first[1]);
    assert_eq!(second[0], "pass", "{}", ran.out);
}

#[test]
fn a_subject_that_answers_much_to_little_is_unsafe() {
    let home = Home::new("shouts");
    let subject = somebody();
    let socket = UdpSocket::bind(subject).unwrap();
    thread::spawn(move || {
        let mut bytes = [0; 64];
        while let Ok((count, from)) = socket.recv_from(&mut bytes) {
            let times = if count > 30 { 11 } else { 10 };
            let _ = socket.send_to(&vec![b'x'; 64 * times], from);
        }
    });
    let quiet = "udp u\nu sends ping\nu gets foreign";
    let (ran, [first, _]) = judged(&home, subject, quiet, &[]);
    assert_eq!((ran.code, first[0].as_str()), (0, "pass"), "{}", ran.out);
    let loud = "udp u\nu sends ping ggep.SCP=hex:0000000000000000\nu gets foreign";
    let (ran, [first, _]) = judged(&home, subject, loud, &[]);
    assert_eq!((ran.code, first[0].as_str()), (1, "unsafe"), "{}", ran.out);
    assert!(first[1].contains("704 bytes in datagrams"), "{}", first[1]);
}

#[test]
fn a_run_that_is_ended_early_reports_what_it_knows_and_ends_the_subject() {
    let home = Home::new("ended-early");
    let [first, second] = cases(&home, "connect c\npause 60s");
    let (subject, connections) = counted();
    let (subject, report) = (subject.to_string(), home.path().join("report.json"));
    let (named, started) = (report.to_string_lossy(), home.path().join("started"));
    let spawn = ["--spawn", "sh -c 'echo $$ > started; exec sleep 60'", "--jobs", "2"];
    let arguments = ["conform", &subject, "--cases", &first, "--cases", &second, "--json", &named];
    let mut judge = home.filbert(&[&arguments[..], &spawn].concat());
    let judge = judge.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut judge = judge.spawn().unwrap();
    let pid = wait_for("the subject", || fs::read_to_string(&started).ok()?.trim().parse().ok());
    let subject = Pid::from_raw(pid).unwrap();
    // A look, one before each group, a connection of each case, and a look after the second.
    wait_until("the end of the second", || connections.load(Ordering::Relaxed) >= 6);
    kill_process(Pid::from_child(&judge), Signal::INT).unwrap();
    assert_eq!(wait_for("the judge", || judge.try_wait().unwrap()).code(), Some(130));
    let report: Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let verdicts =
        [0, 1].map(|place| report["cases"][place]["verdict"].as_str().unwrap().to_owned());
    assert_eq!(verdicts, ["not-run", "pass"], "{report:#}");
    assert_eq!(report["cases"][0]["actual"], "the run was ended early");
    assert!(test_kill_process(subject).is_err(), "it was ended");
}
