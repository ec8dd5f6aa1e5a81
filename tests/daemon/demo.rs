//! `filbert demo`, as somebody sees it who has just installed the program.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use filbert::control::model::Network;
use filbert::runtime::demo::{self, DemoError, Told};
use rustix::process::{Pid, Signal, kill_process};
use sha1::{Digest, Sha1};

use crate::home::{Home, Ran, run};

#[test]
fn the_demonstration_shows_each_act_and_ends_well_in_under_20_s() {
    shows_each_act(
        "demo",
        &["demo"],
        [
            "3 ultrapeers listen",
            "12 leaves have found ultrapeers",
            "the ultrapeers are linked",
            "all 3 are one content, urn:sha1:",
        ],
    );
}

#[test]
fn so_does_that_of_fasttrack() {
    shows_each_act(
        "demo-fasttrack",
        &["demo", "--network", "fasttrack"],
        [
            "3 supernodes listen",
            "12 ordinary nodes have found supernodes",
            "the supernodes are linked",
            "all 3 are one content, UUHash =",
        ],
    );
}

fn shows_each_act(name: &str, arguments: &[&str], [listen, find, link, agree]: [&str; 4]) {
    let since = Instant::now();
    let (home, folder) = with_folder(name);
    let Ran { code, out, err } = run(home.filbert(arguments).env("TMPDIR", &folder));
    let took = since.elapsed();
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(took < Duration::from_secs(20), "{took:?}: {out}");
    let mut lines = out.lines();
    for act in [
        "sample files in ",
        listen,
        find,
        link,
        " looks for \"river recording\"",
        agree,
        "  100 %: ",
        " bytes came from 127.0.0.1",
        " bytes came from 127.0.0.1",
        "fetched 8388608 bytes in ",
        "all have said goodbye",
        "15 nodes, ",
    ] {
        assert!(lines.any(|line| line.contains(act)), "no '{act}', or not in its place: {out}");
    }
    assert_eq!(lines.next(), None, "the summary stands last");
    assert!(!home.state().exists(), "it leaves nothing behind");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nor there");
}

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What was fetched is looked at here, and not what is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_demonstration_has_fetched_is_what_was_shared() {
    let samples = demo::prepare().unwrap();
    let mut said = Vec::new();
    let mut progress = Vec::new();
    let shown = demo::show(&samples, Network::Gnutella, |told| {
        match told {
            Told::Line(line) => said.push(line),
            Told::Fetching(download) => progress.push(download.done_bytes),
        }
        Ok(())
    });
    shown.await.unwrap();
    let files = files_below(samples.folder());
    let in_folder = |name: &str| -> Vec<PathBuf> {
        let is_in = |path: &&PathBuf| {
            let folder = path.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| folder == name) && path.extension().unwrap() == "ogg"
        };
        files.iter().filter(is_in).cloned().collect()
    };
    let [fetched] = &in_folder("fetched")[..] else { panic!("one file was fetched: {files:?}") };
    let bytes = fs::read(fetched).unwrap();
    let sha1 = data_encoding::BASE32_NOPAD.encode(&Sha1::digest(&bytes));
    let same = in_folder("shared").into_iter().filter(|path| fs::read(path).unwrap() == bytes);
    assert_eq!((bytes.len(), same.count()), (8 << 20, 3), "three leaves share it");
    assert!(said.iter().any(|line| line.contains("fetched ") && line.contains(&sha1)), "{said:?}");
    let sent = said.iter().filter_map(|line| line.trim().split_once(" bytes came from "));
    let sent: Vec<usize> = sent.map(|(len, _)| len.parse().unwrap()).collect();
    assert!(sent.len() >= 2 && sent.iter().all(|len| *len > 0), "several have sent it: {said:?}");
    assert!(sent.iter().sum::<usize>() >= bytes.len(), "{said:?}");
    assert!(progress.is_sorted() && progress.last() == Some(&(8 << 20)), "{progress:?}");
}

/// As `filbert demo | head -1` does it.
#[test]
fn that_nobody_reads_on_is_no_error() {
    let home = Home::new("demo-head");
    let mut command = home.filbert(&["demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("sample files"), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let (_, folder) = first.trim_end().split_once(" sample files in ").unwrap();
    assert!(!Path::new(folder).exists(), "{folder} is left behind");
}

/// A home whose folder for temporary files is empty.
fn with_folder(name: &str) -> (Home, PathBuf) {
    let home = Home::new(name);
    let folder = home.path().join("tmp");
    fs::create_dir(&folder).unwrap();
    (home, folder)
}

#[test]
fn whatever_ends_it_its_files_are_removed() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let (home, folder) = with_folder("demo-ended");
        let mut command = home.filbert(&["demo"]);
        let mut child = command.env("TMPDIR", &folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut String::new()).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let _ = io::copy(&mut lines, &mut io::sink());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal:?}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{signal:?}");
    }
}

#[test]
fn with_too_few_descriptors_it_says_so_at_once_and_leaves_nothing() {
    let (home, folder) = with_folder("demo-few-descriptors");
    for descriptors in ["30", "159"] {
        let mut command = home.limited(descriptors, &["demo"]);
        let complaint = run(command.env("TMPDIR", &folder)).complaint(1);
        let expected =
            format!("only {descriptors} files may be open; raise that to 160 with 'ulimit -n'");
        assert_eq!(complaint, expected);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
    let Ran { code, err, .. } = run(home.limited("160", &["demo"]).env("TMPDIR", &folder));
    assert_eq!((code, err.as_str()), (0, ""), "as many as it asks for are enough");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

/// Whoever reads has gone away after the third line, or the disk is full: no further act is played.
#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_ends_where_nobody_hears_of_it() {
    for lines_max in [1, 3] {
        let mut lines = Vec::new();
        let samples = demo::prepare().unwrap();
        let shown = demo::show(&samples, Network::Gnutella, |told| {
            lines.push(told);
            match lines.len() < lines_max {
                true => Ok(()),
                false => Err(io::ErrorKind::BrokenPipe.into()),
            }
        });
        let shown = shown.await;
        assert!(matches!(shown, Err(DemoError::Unsaid(_))), "{shown:?}");
        assert_eq!(lines.len(), lines_max, "{lines:?}");
    }
}
